-- Grain: one row per bronze booking row, cleaned; the contract then refuses and keeps the latest.
-- Readers: prices and chances, to come.
SELECT
  tenant,
  nullif(trim(booking_id), '') AS booking_id,
  nullif(trim(slot_id), '') AS slot_id,
  nullif(trim(person_id), '') AS person_id,
  nullif(trim(client_id), '') AS client_id,
  price_cents,
  lower(trim(status)) AS status,
  booked_at,
  cancelled_at,
  _file,
  _line,
  _file_digest
FROM bronze.bookings
