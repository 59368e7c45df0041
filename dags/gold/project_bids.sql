-- Grain: one row per tenant and bid: what a node says of it, ranks it by and holds its price against.
-- Readers: fit_ranking, the snapshot's deals section, analysts.
--
-- The reference price is what was said of the project unseen, before it was learnt from. A bidder's
-- own history is of the bids that it had sent strictly before, whatever became of them.
WITH
held AS (
  SELECT
    bid.*,
    reference.p10_cents,
    reference.p50_cents,
    reference.p90_cents,
    CAST(bid.price_cents AS DOUBLE) / nullif(reference.p50_cents, 0) AS price_to_reference
  FROM gold.bid_ranking AS bid
  LEFT JOIN gold.price_reference AS reference
    ON
      reference.tenant = bid.tenant
      AND reference.kind = 'project'
      AND reference.deal_id = bid.project_id
),
moments AS (
  SELECT
    tenant,
    provider_id,
    submitted_at,
    count(price_to_reference) AS bids,
    sum(ln(price_to_reference)) AS logs
  FROM held
  GROUP BY tenant, provider_id, submitted_at
),
past AS (
  SELECT
    tenant,
    provider_id,
    submitted_at,
    sum(bids) OVER before AS bids,
    sum(logs) OVER before AS logs
  FROM moments
  WINDOW before AS (
    PARTITION BY tenant, provider_id
    ORDER BY submitted_at
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  )
)
SELECT
  held.tenant,
  held.project_id,
  held.bid_id,
  held.provider_id,
  provider.name AS provider_name,
  CAST(provider.created_at AS DATE) AS provider_created_day,
  provider.hourly_cost_cents,
  held.price_cents,
  held.budget_cents,
  held.p10_cents,
  held.p50_cents,
  held.p90_cents,
  held.price_to_reference,
  CAST(coalesce(past.bids, 0) AS BIGINT) AS own_bids,
  exp(past.logs / nullif(past.bids, 0)) AS own_price_to_reference,
  held.delay_days,
  held.deadline_days,
  held.quality,
  held.latest_rating,
  held.latest_reviews,
  held.is_same_region,
  held.has_activation,
  held.earlier_bids,
  held.earlier_wins,
  held.is_late,
  held.is_withdrawn,
  held.is_won,
  held.project_status,
  held.submitted_at
FROM held
INNER JOIN silver.providers AS provider
  ON provider.tenant = held.tenant AND provider.provider_id = held.provider_id
LEFT JOIN past
  ON
    past.tenant = held.tenant
    AND past.provider_id = held.provider_id
    AND past.submitted_at = held.submitted_at
