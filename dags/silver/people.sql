-- Grain: one row per bronze person row, cleaned; the contract then refuses and keeps the latest.
-- Readers: silver.slots, silver.bookings and silver.intros (references),
-- gold.known_people.
SELECT
  tenant,
  nullif(trim(person_id), '') AS person_id,
  clean_text(name) AS name,
  lower(clean_text(email)) AS email,
  clean_text(phone) AS phone,
  clean_text(headline) AS headline,
  skills,
  clean_text(region) AS region,
  day_rate_cents,
  rating,
  reviews,
  created_at,
  _file,
  _line,
  _file_digest
FROM bronze.people
