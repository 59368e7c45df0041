-- Grain: one row per tenant, kind and key: what enough people searched for in the same words.
-- Readers: gold.suggestions, gold.curation_proposals.
--
-- The one place where what callers typed becomes something that others may see: nothing that may
-- name a person, and nothing that fewer than five asked (k-anonymity, k = 5), for they might be
-- told apart by it.
WITH asked AS (
  SELECT
    tenant,
    coalesce(endpoint, '/api/match') AS endpoint,
    coalesce(caller_scope, '') AS scope,
    ip_hash,
    text,
    query_key AS key,
    CAST(asked_at AS DATE) AS day,
    coalesce(cardinality(results), 0) AS results,
    coalesce(cardinality(matched_concepts), 0) AS concepts
  FROM silver.queries
  WHERE ip_hash IS NOT NULL AND is_shareable(text) AND character_length(query_key) >= 3
),
typed AS (
  SELECT 'answered' AS kind, tenant, scope, ip_hash, text, key, day
  FROM asked
  WHERE endpoint = '/api/match' AND results > 0
  UNION ALL
  SELECT 'unmet', tenant, scope, ip_hash, text, key, day
  FROM asked
  WHERE endpoint IN ('/api/match', '/api/match/text') AND concepts = 0
),
-- An address hash can be compared only within its scope (a process's salt), so that one person
-- with five processes is not five: the most callers of one scope are the least there can be.
callers AS (
  SELECT tenant, kind, key, max(callers) AS callers
  FROM (
    SELECT tenant, kind, key, scope, count(DISTINCT ip_hash) AS callers
    FROM typed
    GROUP BY tenant, kind, key, scope
  )
  GROUP BY tenant, kind, key
),
counted AS (
  SELECT tenant, kind, key, count(*) AS queries, min(day) AS first_day, max(day) AS last_day
  FROM typed
  GROUP BY tenant, kind, key
),
-- The spelling that most callers used.
spelled AS (
  SELECT
    tenant,
    kind,
    key,
    text,
    row_number() OVER (
      PARTITION BY tenant, kind, key
      ORDER BY count(DISTINCT concat(scope, ':', ip_hash)) DESC, text
    ) AS place
  FROM typed
  GROUP BY tenant, kind, key, text
)
SELECT
  callers.tenant,
  callers.kind,
  callers.key,
  spelled.text,
  callers.callers,
  counted.queries,
  counted.first_day,
  counted.last_day
FROM callers
JOIN counted
  ON counted.tenant = callers.tenant
  AND counted.kind = callers.kind
  AND counted.key = callers.key
JOIN spelled
  ON spelled.tenant = callers.tenant
  AND spelled.kind = callers.kind
  AND spelled.key = callers.key
  AND spelled.place = 1
WHERE callers.callers >= 5
