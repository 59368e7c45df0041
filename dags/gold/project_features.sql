-- Grain: one row per tenant and project: what was known of it when it was published, and how it ended.
-- Readers: fit_prices, fit_likelihoods, the snapshot's deals section, gold.known_clients,
-- gold.known_providers, analysts.
--
-- A project is settled thirty days after its deadline: only then does "not done yet" mean "not done".
-- Today is the latest thing that happened in the data, so that the same rows give the same table.
WITH
happened AS (
  SELECT max(published_at) AS at FROM silver.projects
  UNION ALL
  SELECT max(closed_at) AS at FROM silver.projects
  UNION ALL
  SELECT max(submitted_at) AS at FROM silver.bids
),
today AS (
  SELECT CAST(max(at) AS DATE) AS day FROM happened
),
bid AS (
  SELECT tenant, project_id, count(*) AS bids
  FROM silver.bids
  WHERE status <> 'withdrawn'
  GROUP BY tenant, project_id
),
told AS (
  SELECT
    project.*,
    CAST(project.published_at AS DATE) AS published_day,
    coalesce(project.deadline, CAST(project.published_at AS DATE) + INTERVAL '150 days')
    + INTERVAL '30 days' AS settled_at
  FROM silver.projects AS project
),
settled AS (
  SELECT
    told.*,
    CASE
      WHEN told.settled_at > today.day THEN NULL
      WHEN told.status = 'done' THEN 1
      ELSE 0
    END AS outcome
  FROM told
  CROSS JOIN today
),
-- What the client had published and seen settled before.
past AS (
  SELECT
    this.tenant,
    this.project_id,
    count(*) AS client_projects,
    sum(before.outcome) AS client_done
  FROM settled AS this
  INNER JOIN settled AS before
    ON
      before.tenant = this.tenant
      AND before.client_id = this.client_id
      AND before.settled_at <= this.published_day
  WHERE before.outcome IS NOT NULL
  GROUP BY this.tenant, this.project_id
)
SELECT
  project.tenant,
  project.project_id,
  project.client_id,
  project.title,
  project.status,
  project.category,
  concept.label AS category_label,
  concept.path[1] AS family,
  project.region,
  project.unit,
  project.size,
  CAST(CAST(project.deadline AS INT) - CAST(project.published_day AS INT) AS BIGINT) AS lead_days,
  CAST(coalesce(cardinality(project.certifications), 0) AS BIGINT) AS certifications,
  CAST(date_part('month', project.published_day) AS BIGINT) AS month,
  project.invited,
  project.budget_cents,
  coalesce(past.client_projects, 0) AS client_projects,
  CAST(past.client_done AS DOUBLE) / past.client_projects AS client_completion,
  coalesce(bid.bids, 0) AS bids,
  project.awarded_bid_id,
  project.published_day,
  CAST(project.closed_at AS DATE) AS closed_day,
  project.deadline,
  project.outcome
FROM settled AS project
LEFT JOIN gold.concepts AS concept ON concept.concept_id = project.category
LEFT JOIN past ON past.tenant = project.tenant AND past.project_id = project.project_id
LEFT JOIN bid ON bid.tenant = project.tenant AND bid.project_id = project.project_id
