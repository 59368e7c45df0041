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
-- What past searches asked for, and by how many. An address hash can be compared only within its
-- scope (a process's salt), so that one person with five processes is not five: the most callers
-- of one scope are the least there can be. Texts that may name a person are left out.
typed AS (
  SELECT
    tenant,
    coalesce(caller_scope, '') AS scope,
    ip_hash,
    text,
    trim(regexp_replace(fold(text), '[^a-z0-9]+', ' ', 'g')) AS key
  FROM silver.queries
  WHERE
    coalesce(endpoint, '/api/match') = '/api/match'
    AND ip_hash IS NOT NULL
    AND coalesce(cardinality(results), 0) > 0
    AND character_length(text) BETWEEN 3 AND 80
    AND NOT regexp_like(text, '@|://|[0-9]([ .-]?[0-9]){7}')
),
callers AS (
  SELECT tenant, key, max(callers) AS callers
  FROM (
    SELECT tenant, key, scope, count(DISTINCT ip_hash) AS callers
    FROM typed
    GROUP BY tenant, key, scope
  )
  GROUP BY tenant, key
),
-- k-anonymity, k = 5: fewer callers might be told apart by what they ask.
popular AS (
  SELECT tenant, key, callers FROM callers WHERE callers >= 5 AND character_length(key) >= 3
),
spelled AS (
  SELECT
    tenant,
    key,
    text,
    row_number() OVER (
      PARTITION BY tenant, key
      ORDER BY count(DISTINCT concat(scope, ':', ip_hash)) DESC, text
    ) AS place
  FROM typed
  GROUP BY tenant, key, text
),
-- What a concept or node says already need not be said again as a query.
told AS (
  SELECT DISTINCT trim(regexp_replace(fold(text), '[^a-z0-9]+', ' ', 'g')) AS key
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
    spelled.text AS text,
    spelled.text AS label,
    NULL,
    1500 + CAST(least(2000, round(100 * sqrt(CAST(popular.callers AS DOUBLE)))) AS BIGINT)
  FROM popular
  JOIN spelled
    ON spelled.tenant = popular.tenant AND spelled.key = popular.key AND spelled.place = 1
  LEFT JOIN told ON told.key = popular.key
  WHERE told.key IS NULL
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
