-- Grain: one row per tenant and person who can be booked or introduced, with nothing that names them.
-- Readers: the snapshot's deals section (recommendations), analysts.
--
-- A skill is a concept where it says one of its names: label, synonym or translation, whatever case,
-- accents and plurals. Bookings and introductions count once settled; slots where they are open and
-- begin within thirty days of the latest booking.
WITH
named AS (
  SELECT concept_id, label AS name FROM silver.concepts
  UNION ALL SELECT concept_id, unnest(synonyms) FROM silver.concepts
  UNION ALL SELECT concept_id, label_en FROM silver.concepts
  UNION ALL SELECT concept_id, label_de FROM silver.concepts
),
keyed AS (
  SELECT DISTINCT concept_id, phrase_key(name) AS key FROM named
),
-- A name that more than five concepts share says nothing about any of them.
telling AS (
  SELECT concept_id, key
  FROM (SELECT *, count(*) OVER (PARTITION BY key) AS sharers FROM keyed WHERE length(key) >= 2)
  WHERE sharers <= 5
),
listed AS (
  SELECT tenant, person_id, phrase_key(skill) AS key
  FROM (SELECT tenant, person_id, unnest(skills) AS skill FROM silver.people)
),
known AS (
  SELECT DISTINCT listed.tenant, listed.person_id, telling.concept_id
  FROM listed
  INNER JOIN telling ON telling.key = listed.key
),
know_how AS (
  SELECT tenant, person_id, array_agg(concept_id ORDER BY concept_id) AS concepts
  FROM known
  GROUP BY tenant, person_id
),
trades AS (
  SELECT tenant, person_id, array_agg(family ORDER BY family) AS families
  FROM (
    SELECT DISTINCT known.tenant, known.person_id, concept.path[1] AS family
    FROM known
    INNER JOIN gold.concepts AS concept ON concept.concept_id = known.concept_id
    WHERE concept.path[1] IS NOT NULL
  )
  GROUP BY tenant, person_id
),
booked AS (
  SELECT
    tenant,
    person_id,
    count(*) AS bookings,
    sum(outcome) AS held,
    sum(CASE WHEN status = 'no_show' THEN 1 ELSE 0 END) AS no_shows
  FROM gold.booking_features
  WHERE outcome IS NOT NULL
  GROUP BY tenant, person_id
),
met AS (
  SELECT tenant, person_id, count(*) AS intros, sum(outcome) AS accepted
  FROM gold.intro_features
  WHERE outcome IS NOT NULL
  GROUP BY tenant, person_id
),
open AS (
  SELECT
    tenant,
    person_id,
    count(*) AS open_slots,
    first_value(slot_id ORDER BY starts_at, slot_id) AS next_slot_id,
    min(starts_at) AS next_slot_at
  FROM gold.open_slots
  WHERE notice_days <= 30
  GROUP BY tenant, person_id
)
SELECT
  person.tenant,
  person.person_id,
  know_how.concepts,
  trades.families,
  person.region,
  person.day_rate_cents,
  person.rating,
  person.reviews,
  coalesce(booked.bookings, 0) AS bookings,
  CAST(booked.held AS DOUBLE) / booked.bookings AS held_share,
  coalesce(booked.no_shows, 0) AS no_shows,
  coalesce(met.intros, 0) AS intros,
  CAST(met.accepted AS DOUBLE) / met.intros AS accepted_share,
  coalesce(open.open_slots, 0) AS open_slots,
  open.next_slot_id,
  open.next_slot_at,
  CAST(person.created_at AS DATE) AS created_day
FROM silver.people AS person
LEFT JOIN know_how
  ON know_how.tenant = person.tenant AND know_how.person_id = person.person_id
LEFT JOIN trades ON trades.tenant = person.tenant AND trades.person_id = person.person_id
LEFT JOIN booked ON booked.tenant = person.tenant AND booked.person_id = person.person_id
LEFT JOIN met ON met.tenant = person.tenant AND met.person_id = person.person_id
LEFT JOIN open ON open.tenant = person.tenant AND open.person_id = person.person_id
