-- Grain: one row per tenant and slot that can be booked, with what a booking made today would be known by.
-- Readers: the snapshot's deals section (`POST /api/bookings/quote`), gold.known_people, analysts.
--
-- Today is the latest booking in the data, as in gold.booking_features.
WITH
today AS (
  SELECT max(booked_at) AS at FROM silver.bookings
),
past AS (
  SELECT tenant, person_id, count(*) AS bookings, sum(outcome) AS held
  FROM gold.booking_features
  WHERE outcome IS NOT NULL
  GROUP BY tenant, person_id
)
SELECT
  slot.tenant,
  slot.slot_id,
  slot.person_id,
  slot.price_cents,
  person.region,
  person.rating,
  person.reviews,
  person.day_rate_cents,
  (date_part('epoch', slot.ends_at) - date_part('epoch', slot.starts_at)) / 3600.0 AS hours,
  CAST(1 + (date_part('dow', slot.starts_at) + 6) % 7 AS BIGINT) AS weekday,
  CAST(date_part('hour', slot.starts_at) AS BIGINT) AS hour,
  CAST(
    CAST(CAST(slot.starts_at AS DATE) AS INT) - CAST(CAST(today.at AS DATE) AS INT) AS BIGINT
  ) AS notice_days,
  coalesce(past.bookings, 0) AS person_bookings,
  CAST(past.held AS DOUBLE) / past.bookings AS person_held,
  slot.starts_at
FROM silver.slots AS slot
CROSS JOIN today
INNER JOIN silver.people AS person
  ON person.tenant = slot.tenant AND person.person_id = slot.person_id
LEFT JOIN past ON past.tenant = slot.tenant AND past.person_id = slot.person_id
WHERE slot.status = 'open' AND slot.starts_at > today.at
