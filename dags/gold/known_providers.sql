-- Grain: one row per tenant and provider: its company's know-how, what it asks, how busy it is and how its work ended.
-- Readers: the snapshot's deals section (candidates of a project), analysts.
--
-- Its price is told from closed auctions only: what is asked in an open one stays sealed. A win is
-- settled with its project (gold.project_features). `concepts` and `strengths` are parallel, the
-- strongest first, sixty at most.
WITH
told AS (
  SELECT
    bid.tenant,
    bid.provider_id,
    bid.project_id,
    bid.bid_id,
    bid.price_cents,
    bid.status,
    project.status AS project_status,
    project.awarded_bid_id,
    project.outcome
  FROM silver.bids AS bid
  INNER JOIN gold.project_features AS project
    ON project.tenant = bid.tenant AND project.project_id = bid.project_id
),
counted AS (
  SELECT
    tenant,
    provider_id,
    count(*) AS bids,
    sum(CASE WHEN status = 'won' AND project_status <> 'open' THEN 1 ELSE 0 END) AS wins,
    sum(CASE WHEN status = 'withdrawn' THEN 1 ELSE 0 END) AS withdrawn,
    sum(CASE WHEN status = 'submitted' AND project_status = 'open' THEN 1 ELSE 0 END)
      AS bids_in_flight,
    sum(CASE WHEN awarded_bid_id = bid_id AND outcome IS NOT NULL THEN 1 ELSE 0 END) AS deliveries,
    sum(CASE WHEN awarded_bid_id = bid_id THEN outcome END) AS delivered
  FROM told
  GROUP BY tenant, provider_id
),
bidding AS (
  SELECT tenant, provider_id, array_agg(project_id ORDER BY project_id) AS bid_on
  FROM (SELECT DISTINCT tenant, provider_id, project_id FROM told WHERE status <> 'withdrawn')
  GROUP BY tenant, provider_id
),
priced AS (
  SELECT
    told.tenant,
    told.provider_id,
    count(*) AS priced_bids,
    median(CAST(told.price_cents AS DOUBLE) / reference.p50_cents) AS price_to_reference
  FROM told
  INNER JOIN gold.price_reference AS reference
    ON
      reference.tenant = told.tenant
      AND reference.kind = 'project'
      AND reference.deal_id = told.project_id
  WHERE told.project_status <> 'open' AND reference.p50_cents > 0
  GROUP BY told.tenant, told.provider_id
),
-- Marks that tell one owner from another; honest accounts share none.
marked AS (
  SELECT tenant, 'bank' AS mark, bank_hash AS hash, provider_id FROM silver.providers
  UNION ALL
  SELECT tenant, 'phone', phone_hash, provider_id FROM silver.providers
  UNION ALL
  SELECT tenant, 'device', device_hash, provider_id FROM silver.providers
),
shared AS (
  SELECT
    tenant,
    provider_id,
    sum(CASE WHEN accounts > 1 THEN 1 ELSE 0 END) AS shared_marks,
    count(*) AS marks
  FROM (
    SELECT *, count(*) OVER (PARTITION BY tenant, mark, hash) AS accounts
    FROM marked
    WHERE hash IS NOT NULL
  )
  GROUP BY tenant, provider_id
),
know_how AS (
  SELECT
    tenant,
    company_id,
    array_agg(concept_id ORDER BY place) AS concepts,
    array_agg(strength ORDER BY place) AS strengths
  FROM (
    SELECT
      *,
      row_number() OVER (
        PARTITION BY tenant, company_id
        ORDER BY strength DESC, concept_id
      ) AS place
    FROM gold.company_concepts
  )
  WHERE place <= 60
  GROUP BY tenant, company_id
)
SELECT
  provider.tenant,
  provider.provider_id,
  provider.company_id,
  provider.name,
  provider.region,
  provider.rating,
  provider.reviews,
  provider.hourly_cost_cents,
  coalesce(counted.bids, 0) AS bids,
  coalesce(counted.wins, 0) AS wins,
  coalesce(counted.withdrawn, 0) AS withdrawn,
  coalesce(counted.bids_in_flight, 0) AS bids_in_flight,
  coalesce(counted.deliveries, 0) AS deliveries,
  CAST(counted.delivered AS DOUBLE) / nullif(counted.deliveries, 0) AS delivered_share,
  coalesce(priced.priced_bids, 0) AS priced_bids,
  priced.price_to_reference,
  coalesce(shared.shared_marks, 0) AS shared_marks,
  coalesce(shared.marks, 0) AS marks,
  bidding.bid_on,
  know_how.concepts,
  know_how.strengths
FROM silver.providers AS provider
LEFT JOIN counted
  ON counted.tenant = provider.tenant AND counted.provider_id = provider.provider_id
LEFT JOIN bidding
  ON bidding.tenant = provider.tenant AND bidding.provider_id = provider.provider_id
LEFT JOIN priced
  ON priced.tenant = provider.tenant AND priced.provider_id = provider.provider_id
LEFT JOIN shared
  ON shared.tenant = provider.tenant AND shared.provider_id = provider.provider_id
LEFT JOIN know_how
  ON know_how.tenant = provider.tenant AND know_how.company_id = provider.company_id
