-- Grain: one row per tenant and booking: what was known of it when it was made, and whether it was held.
-- Readers: fit_prices, fit_likelihoods, gold.known_people, gold.known_clients, analysts.
--
-- A booking is settled when its slot begins: a cancellation is known earlier than a meeting held, and
-- counting it earlier would make the young ones look worse. Today is the latest thing that happened.
WITH
today AS (
  SELECT max(booked_at) AS at FROM silver.bookings
),
told AS (
  SELECT
    booking.*,
    slot.starts_at,
    slot.ends_at,
    CASE
      WHEN slot.starts_at > today.at OR booking.status = 'pending' THEN NULL
      WHEN booking.status = 'held' THEN 1
      ELSE 0
    END AS outcome
  FROM silver.bookings AS booking
  INNER JOIN silver.slots AS slot
    ON slot.tenant = booking.tenant AND slot.slot_id = booking.slot_id
  CROSS JOIN today
),
past_of_person AS (
  SELECT this.tenant, this.booking_id, count(*) AS bookings, sum(before.outcome) AS held
  FROM told AS this
  INNER JOIN told AS before
    ON
      before.tenant = this.tenant
      AND before.person_id = this.person_id
      AND before.starts_at < this.booked_at
  WHERE before.outcome IS NOT NULL
  GROUP BY this.tenant, this.booking_id
),
past_of_client AS (
  SELECT this.tenant, this.booking_id, count(*) AS bookings, sum(before.outcome) AS held
  FROM told AS this
  INNER JOIN told AS before
    ON
      before.tenant = this.tenant
      AND before.client_id = this.client_id
      AND before.starts_at < this.booked_at
  WHERE before.outcome IS NOT NULL
  GROUP BY this.tenant, this.booking_id
)
SELECT
  booking.tenant,
  booking.booking_id,
  booking.slot_id,
  booking.person_id,
  booking.client_id,
  booking.status,
  booking.price_cents,
  person.region,
  person.rating,
  person.reviews,
  person.day_rate_cents,
  (date_part('epoch', booking.ends_at) - date_part('epoch', booking.starts_at)) / 3600.0 AS hours,
  CAST(1 + (date_part('dow', booking.starts_at) + 6) % 7 AS BIGINT) AS weekday,
  CAST(date_part('hour', booking.starts_at) AS BIGINT) AS hour,
  CAST(
    CAST(CAST(booking.starts_at AS DATE) AS INT) - CAST(CAST(booking.booked_at AS DATE) AS INT)
    AS BIGINT
  ) AS notice_days,
  coalesce(past_of_person.bookings, 0) AS person_bookings,
  CAST(past_of_person.held AS DOUBLE) / past_of_person.bookings AS person_held,
  coalesce(past_of_client.bookings, 0) AS client_bookings,
  CAST(past_of_client.held AS DOUBLE) / past_of_client.bookings AS client_held,
  CAST(booking.booked_at AS DATE) AS booked_day,
  CAST(booking.starts_at AS DATE) AS day,
  booking.outcome
FROM told AS booking
INNER JOIN silver.people AS person
  ON person.tenant = booking.tenant AND person.person_id = booking.person_id
LEFT JOIN past_of_person
  ON
    past_of_person.tenant = booking.tenant
    AND past_of_person.booking_id = booking.booking_id
LEFT JOIN past_of_client
  ON
    past_of_client.tenant = booking.tenant
    AND past_of_client.booking_id = booking.booking_id
