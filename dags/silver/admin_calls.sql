-- Grain: one row per bronze call of the administration, cleaned; the contract then refuses and
-- keeps the latest.
-- Readers: auditors.
SELECT
  nullif(trim(request_id), '') AS request_id,
  nullif(trim(tenant), '') AS tenant,
  nullif(trim(key_id), '') AS key_id,
  nullif(trim(endpoint), '') AS endpoint,
  clean_text(address) AS address,
  status,
  nullif(trim(ip_hash), '') AS ip_hash,
  nullif(trim(caller_scope), '') AS caller_scope,
  clean_text(user_agent) AS user_agent,
  called_at,
  _file,
  _line,
  _file_digest
FROM bronze.admin_calls
