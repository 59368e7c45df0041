-- Grain: one row per tenant and bid: what was known of it when bidding closed, and how it ended.
-- Readers: gold.project_bids, analysts.
--
-- Bidding closes when the project says so; while it is open, the latest bid is the latest moment
-- that is known. A bid that came after the close took no part in the auction: it has neither rank
-- nor neighbours. When a bid was withdrawn is not recorded, so a withdrawn one still counts as a
-- neighbour of the others: leaving it out would tell them what came later. A win is known from the
-- day that its own project closed, not from the day of the bid.
WITH
told AS (
  SELECT
    bid.*,
    project.category,
    project.region AS project_region,
    project.budget_cents,
    project.deadline,
    project.status AS project_status,
    coalesce(
      project.closed_at,
      max(bid.submitted_at) OVER (PARTITION BY bid.tenant, bid.project_id)
    ) AS known_at
  FROM silver.bids AS bid
  INNER JOIN silver.projects AS project
    ON project.tenant = bid.tenant AND project.project_id = bid.project_id
),
auction AS (
  SELECT
    tenant,
    project_id,
    count(*) AS bids,
    median(CAST(price_cents AS DOUBLE)) AS median_cents
  FROM told
  WHERE submitted_at <= known_at
  GROUP BY tenant, project_id
),
ranked AS (
  SELECT
    tenant,
    bid_id,
    rank() OVER (PARTITION BY tenant, project_id ORDER BY price_cents) AS price_rank
  FROM told
  WHERE submitted_at <= known_at
),
-- What each provider had done by each moment: bids when sent, wins when their project closed.
happened AS (
  SELECT tenant, provider_id, submitted_at AS at, 1 AS bids, 0 AS wins FROM told
  UNION ALL
  SELECT tenant, provider_id, known_at, 0, 1
  FROM told
  WHERE status = 'won' AND project_status <> 'open'
),
moments AS (
  SELECT tenant, provider_id, at, sum(bids) AS bids, sum(wins) AS wins
  FROM happened
  GROUP BY tenant, provider_id, at
),
past AS (
  SELECT
    tenant,
    provider_id,
    at,
    sum(bids) OVER before AS earlier_bids,
    sum(wins) OVER before AS earlier_wins
  FROM moments
  WINDOW before AS (
    PARTITION BY tenant, provider_id
    ORDER BY at
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  )
),
claimed AS (
  SELECT tenant, company_id, concept_id, min(claimed_at) AS claimed_at
  FROM silver.activations
  WHERE claimed_at IS NOT NULL
  GROUP BY tenant, company_id, concept_id
)
SELECT
  told.tenant,
  told.project_id,
  told.bid_id,
  told.provider_id,
  told.price_cents,
  told.budget_cents,
  told.price_cents / CASE WHEN ranked.price_rank IS NOT NULL THEN auction.median_cents END
    AS price_over_median,
  CAST(ranked.price_rank AS BIGINT) AS price_rank,
  told.delay_days,
  CAST(CAST(told.deadline AS INT) - CAST(CAST(told.known_at AS DATE) AS INT) AS BIGINT)
    AS deadline_days,
  told.quality,
  provider.rating AS latest_rating,
  provider.reviews AS latest_reviews,
  provider.region = told.project_region AS is_same_region,
  coalesce(claimed.claimed_at <= told.known_at, FALSE) AS has_activation,
  CAST(coalesce(past.earlier_bids, 0) AS BIGINT) AS earlier_bids,
  CAST(coalesce(past.earlier_wins, 0) AS BIGINT) AS earlier_wins,
  coalesce(auction.bids, 0) AS bids,
  ranked.price_rank IS NULL AS is_late,
  told.status = 'won' AS is_won,
  told.status = 'withdrawn' AS is_withdrawn,
  told.project_status,
  told.submitted_at
FROM told
INNER JOIN silver.providers AS provider
  ON provider.tenant = told.tenant AND provider.provider_id = told.provider_id
LEFT JOIN auction ON auction.tenant = told.tenant AND auction.project_id = told.project_id
LEFT JOIN ranked ON ranked.tenant = told.tenant AND ranked.bid_id = told.bid_id
LEFT JOIN past
  ON
    past.tenant = told.tenant
    AND past.provider_id = told.provider_id
    AND past.at = told.submitted_at
LEFT JOIN claimed
  ON
    claimed.tenant = told.tenant
    AND claimed.company_id = provider.company_id
    AND claimed.concept_id = told.category
