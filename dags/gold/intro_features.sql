-- Grain: one row per tenant and introduction: what was known of it when it was asked for, and whether it was accepted.
-- Readers: fit_prices, fit_likelihoods, gold.known_people, gold.known_clients, analysts.
--
-- An introduction is settled after a fortnight: an answer is known earlier than silence. Today is the
-- latest request in the data.
WITH
today AS (
  SELECT max(requested_at) AS at FROM silver.intros
),
told AS (
  SELECT
    intro.*,
    intro.requested_at + INTERVAL '14 days' AS settled_at,
    CASE
      WHEN intro.requested_at + INTERVAL '14 days' > today.at THEN NULL
      WHEN intro.status = 'accepted' THEN 1
      ELSE 0
    END AS outcome
  FROM silver.intros AS intro
  CROSS JOIN today
),
past_of_person AS (
  SELECT this.tenant, this.intro_id, count(*) AS intros, sum(before.outcome) AS accepted
  FROM told AS this
  INNER JOIN told AS before
    ON
      before.tenant = this.tenant
      AND before.person_id = this.person_id
      AND before.settled_at <= this.requested_at
  WHERE before.outcome IS NOT NULL
  GROUP BY this.tenant, this.intro_id
),
past_of_client AS (
  SELECT this.tenant, this.intro_id, count(*) AS intros, sum(before.outcome) AS accepted
  FROM told AS this
  INNER JOIN told AS before
    ON
      before.tenant = this.tenant
      AND before.client_id = this.client_id
      AND before.settled_at <= this.requested_at
  WHERE before.outcome IS NOT NULL
  GROUP BY this.tenant, this.intro_id
)
SELECT
  intro.tenant,
  intro.intro_id,
  intro.person_id,
  intro.client_id,
  intro.status,
  intro.price_cents,
  person.region,
  client.sector,
  person.rating,
  person.reviews,
  person.day_rate_cents,
  CAST(coalesce(person.region = client.region, FALSE) AS BIGINT) AS is_same_region,
  CAST(intro.introducer_id IS NOT NULL AS BIGINT) AS has_introducer,
  coalesce(past_of_person.intros, 0) AS person_intros,
  CAST(past_of_person.accepted AS DOUBLE) / past_of_person.intros AS person_accepted,
  coalesce(past_of_client.intros, 0) AS client_intros,
  CAST(past_of_client.accepted AS DOUBLE) / past_of_client.intros AS client_accepted,
  CAST(intro.requested_at AS DATE) AS day,
  intro.outcome
FROM told AS intro
INNER JOIN silver.people AS person
  ON person.tenant = intro.tenant AND person.person_id = intro.person_id
INNER JOIN silver.clients AS client
  ON client.tenant = intro.tenant AND client.client_id = intro.client_id
LEFT JOIN past_of_person
  ON past_of_person.tenant = intro.tenant AND past_of_person.intro_id = intro.intro_id
LEFT JOIN past_of_client
  ON past_of_client.tenant = intro.tenant AND past_of_client.intro_id = intro.intro_id
