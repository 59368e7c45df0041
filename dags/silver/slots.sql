-- Grain: one row per bronze slot row, cleaned; the contract then refuses and keeps the latest.
-- Readers: silver.bookings (reference); prices, to come.
SELECT
  tenant,
  nullif(trim(slot_id), '') AS slot_id,
  nullif(trim(person_id), '') AS person_id,
  starts_at,
  ends_at,
  price_cents,
  lower(trim(status)) AS status,
  _file,
  _line,
  _file_digest
FROM bronze.slots
