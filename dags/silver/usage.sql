-- Grain: one row per bronze count of requests, cleaned; the contract then refuses and keeps the
-- latest.
-- Readers: gold.api_usage.
SELECT
  tenant,
  nullif(trim(usage_id), '') AS usage_id,
  nullif(trim(node), '') AS node,
  nullif(trim(key_id), '') AS key_id,
  nullif(trim(endpoint), '') AS endpoint,
  day,
  requests,
  errors,
  cost,
  bytes,
  counted_at,
  _file,
  _line,
  _file_digest
FROM bronze.usage
