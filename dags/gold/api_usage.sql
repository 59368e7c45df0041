-- Grain: one row per day, tenant, key and endpoint: what was asked of the API.
-- Readers: billing, analysts.
SELECT
  day,
  tenant,
  key_id,
  endpoint,
  sum(requests) AS requests,
  sum(errors) AS errors,
  sum(cost) AS cost,
  sum(bytes) AS bytes
FROM silver.usage
GROUP BY day, tenant, key_id, endpoint
