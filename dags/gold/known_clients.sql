-- Grain: one row per tenant and client: what it asks for, what it usually pays, and how its bookings and introductions end.
-- Readers: the snapshot's deals section (recommendations), analysts.
--
-- The lists of categories, and of families, are parallel to their counts: most asked for first, then
-- by id. Bookings and introductions count once settled.
WITH
asked AS (
  SELECT
    tenant,
    client_id,
    count(*) AS projects,
    sum(CASE WHEN status = 'open' THEN 1 ELSE 0 END) AS open_projects,
    sum(CASE WHEN outcome IS NOT NULL THEN 1 ELSE 0 END) AS settled_projects,
    sum(outcome) AS done_projects
  FROM gold.project_features
  GROUP BY tenant, client_id
),
categories AS (
  SELECT
    tenant,
    client_id,
    array_agg(category ORDER BY projects DESC, category) AS categories,
    array_agg(CAST(projects AS DOUBLE) ORDER BY projects DESC, category) AS category_projects
  FROM (
    SELECT tenant, client_id, category, count(*) AS projects
    FROM gold.project_features
    GROUP BY tenant, client_id, category
  )
  GROUP BY tenant, client_id
),
families AS (
  SELECT
    tenant,
    client_id,
    array_agg(family ORDER BY projects DESC, family) AS families,
    array_agg(CAST(projects AS DOUBLE) ORDER BY projects DESC, family) AS family_projects
  FROM (
    SELECT tenant, client_id, family, count(*) AS projects
    FROM gold.project_features
    WHERE family IS NOT NULL
    GROUP BY tenant, client_id, family
  )
  GROUP BY tenant, client_id
),
budgets AS (
  SELECT
    tenant,
    client_id,
    CAST(round(median(CAST(budget_cents AS DOUBLE))) AS BIGINT) AS usual_budget_cents
  FROM gold.project_features
  WHERE budget_cents > 0
  GROUP BY tenant, client_id
),
-- What an hour of somebody's time cost the client: the usual one, and what nine in ten are not above.
hours AS (
  SELECT
    tenant,
    client_id,
    array_agg(price_cents / hours ORDER BY price_cents / hours) AS prices,
    CAST(count(*) AS BIGINT) AS priced
  FROM gold.booking_features
  WHERE price_cents > 0 AND hours > 0
  GROUP BY tenant, client_id
),
booked AS (
  SELECT tenant, client_id, count(*) AS bookings, sum(outcome) AS held
  FROM gold.booking_features
  WHERE outcome IS NOT NULL
  GROUP BY tenant, client_id
),
met AS (
  SELECT tenant, client_id, count(*) AS intros, sum(outcome) AS accepted
  FROM gold.intro_features
  WHERE outcome IS NOT NULL
  GROUP BY tenant, client_id
)
SELECT
  client.tenant,
  client.client_id,
  client.sector,
  client.region,
  categories.categories,
  categories.category_projects,
  families.families,
  families.family_projects,
  coalesce(asked.projects, 0) AS projects,
  coalesce(asked.open_projects, 0) AS open_projects,
  coalesce(asked.settled_projects, 0) AS settled_projects,
  CAST(asked.done_projects AS DOUBLE) / nullif(asked.settled_projects, 0) AS done_share,
  budgets.usual_budget_cents,
  CAST(round(hours.prices[(hours.priced + 1) / 2]) AS BIGINT) AS usual_hour_cents,
  -- Three bookings at least: one says little of what the next may cost.
  CASE
    WHEN hours.priced >= 3
      THEN CAST(round(hours.prices[(9 * hours.priced + 9) / 10]) AS BIGINT)
  END AS most_hour_cents,
  coalesce(booked.bookings, 0) AS bookings,
  CAST(booked.held AS DOUBLE) / booked.bookings AS held_share,
  coalesce(met.intros, 0) AS intros,
  CAST(met.accepted AS DOUBLE) / met.intros AS accepted_share,
  CAST(client.created_at AS DATE) AS created_day
FROM silver.clients AS client
LEFT JOIN asked ON asked.tenant = client.tenant AND asked.client_id = client.client_id
LEFT JOIN categories
  ON categories.tenant = client.tenant AND categories.client_id = client.client_id
LEFT JOIN families ON families.tenant = client.tenant AND families.client_id = client.client_id
LEFT JOIN budgets ON budgets.tenant = client.tenant AND budgets.client_id = client.client_id
LEFT JOIN hours ON hours.tenant = client.tenant AND hours.client_id = client.client_id
LEFT JOIN booked ON booked.tenant = client.tenant AND booked.client_id = client.client_id
LEFT JOIN met ON met.tenant = client.tenant AND met.client_id = client.client_id
