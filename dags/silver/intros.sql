-- Grain: one row per bronze introduction row, cleaned; the contract then refuses and keeps the
-- latest.
-- Readers: prices and chances, to come.
SELECT
  tenant,
  nullif(trim(intro_id), '') AS intro_id,
  nullif(trim(client_id), '') AS client_id,
  nullif(trim(person_id), '') AS person_id,
  nullif(trim(introducer_id), '') AS introducer_id,
  price_cents,
  lower(trim(status)) AS status,
  clean_text(message) AS message,
  requested_at,
  answered_at,
  _file,
  _line,
  _file_digest
FROM bronze.intros
