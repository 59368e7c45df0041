-- Grain: one row per tenant, concept, region and calendar month: searches for companies.
-- Readers: the snapshot's market section (`GET /api/market/signals`), analysts.
--
-- Weeks straddle months, so this counts requests anew and not gold.market_demand. A request that
-- matched three concepts counts once for each; searches for offers are no demand for companies.
WITH asked AS (
  SELECT
    tenant,
    coalesce(region, 'any') AS asked_region,
    left(CAST(CAST(asked_at AS DATE) AS VARCHAR), 7) AS month,
    concat(coalesce(caller_scope, ''), ':', ip_hash) AS caller,
    unnest(array_distinct(matched_concepts)) AS concept_id
  FROM silver.queries
  WHERE
    coalesce(endpoint, '/api/match') = '/api/match'
    AND coalesce(cardinality(matched_concepts), 0) > 0
)
SELECT
  tenant,
  concept_id,
  asked_region AS region,
  month,
  count(*) AS queries,
  count(DISTINCT caller) AS callers
FROM asked
GROUP BY tenant, concept_id, asked_region, month
