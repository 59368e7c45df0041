-- Grain: one row per tenant, kind, id and text: what may be suggested while somebody types.
-- Readers: the snapshot's autocomplete section.
--
-- A row is seen by its tenant, and by all where that is `tenant_public`. Nothing in a row comes
-- from another tenant: concepts and nodes are weighed by open data only.
WITH supplied AS (
  SELECT kind, id, sum(companies) AS companies
  FROM gold.concept_supply
  WHERE tenant = 'tenant_public'
  GROUP BY kind, id
),
asked AS (
  SELECT concept_id, sum(queries) AS queries
  FROM gold.market_signals
  WHERE tenant = 'tenant_public'
  GROUP BY concept_id
),
-- A label before a node before a synonym before a past query before a company, each raised by how
-- often it is asked for and how many can: square roots, since ten times as many is not ten times
-- as good a guess. Integers, so that no machine ranks them otherwise.
concept_weights AS (
  SELECT
    concept.concept_id,
    CAST(
      least(2000, round(100 * sqrt(CAST(coalesce(asked.queries, 0) AS DOUBLE))))
      + least(1000, round(10 * sqrt(CAST(coalesce(supplied.companies, 0) AS DOUBLE))))
      AS BIGINT
    ) AS weight
  FROM silver.concepts AS concept
  LEFT JOIN asked ON asked.concept_id = concept.concept_id
  LEFT JOIN supplied ON supplied.kind = 'concept' AND supplied.id = concept.concept_id
),
concept_names AS (
  SELECT concept_id, node_id, label, label AS text, 3000 AS base FROM silver.concepts
  UNION ALL
  SELECT concept_id, node_id, label, unnest(synonyms), 2000 FROM silver.concepts
),
-- What a concept or node says already need not be said again as a query.
told AS (
  SELECT DISTINCT query_key(text) AS key
  FROM (SELECT text FROM concept_names UNION ALL SELECT label FROM silver.glossary_nodes)
),
company_names AS (
  SELECT tenant, company_id, name, name AS text, quality FROM gold.match_corpus
  UNION ALL
  SELECT tenant, company_id, name, trade_name, quality FROM gold.match_corpus
),
entries AS (
  SELECT
    'tenant_public' AS tenant,
    'concept' AS kind,
    names.concept_id AS id,
    names.text,
    names.label,
    names.node_id,
    names.base + weights.weight AS weight
  FROM concept_names AS names
  JOIN concept_weights AS weights ON weights.concept_id = names.concept_id
  UNION ALL
  SELECT
    'tenant_public',
    'node',
    node.node_id AS id,
    node.label AS text,
    node.label AS label,
    node.node_id AS node_id,
    2500
    + CAST(least(1000, round(10 * sqrt(CAST(coalesce(supplied.companies, 0) AS DOUBLE)))) AS BIGINT)
  FROM silver.glossary_nodes AS node
  LEFT JOIN supplied ON supplied.kind = 'node' AND supplied.id = node.node_id
  UNION ALL
  SELECT
    popular.tenant,
    'query',
    popular.key,
    popular.text,
    popular.text AS label,
    NULL,
    1500 + CAST(least(2000, round(100 * sqrt(CAST(popular.callers AS DOUBLE)))) AS BIGINT)
  FROM gold.asked_texts AS popular
  LEFT JOIN told ON told.key = popular.key
  WHERE popular.kind = 'answered' AND told.key IS NULL
  UNION ALL
  SELECT
    tenant, 'company', company_id, text, name, NULL, CAST(round(1000 * quality) AS BIGINT)
  FROM company_names
),
best AS (
  SELECT tenant, kind, id, text, label, node_id, max(weight) AS weight
  FROM entries
  WHERE character_length(trim(text)) > 0
  GROUP BY tenant, kind, id, text, label, node_id
)
SELECT
  best.tenant,
  best.kind,
  best.id,
  best.text,
  best.label,
  glossary.path,
  best.weight
FROM best
LEFT JOIN gold.glossary AS glossary ON glossary.node_id = best.node_id
