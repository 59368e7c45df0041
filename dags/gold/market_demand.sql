-- Grain: one row per tenant, concept, region and ISO week: what was asked for, and answered.
-- Readers: the snapshot's market section, analysts.
--
-- A request that matched three concepts counts once for each of them. `none` stands for a
-- request that matched no concept, `any` for one that named no region: neither is lost.
WITH judged AS (
  SELECT
    tenant,
    request_id,
    count(*) FILTER (WHERE kind = 'clicked') AS clicks,
    count(*) FILTER (WHERE kind = 'contacted') AS contacts
  FROM silver.feedback
  GROUP BY tenant, request_id
),
told AS (
  SELECT
    tenant,
    request_id,
    CASE
      WHEN coalesce(cardinality(matched_concepts), 0) = 0 THEN make_array('none')
      ELSE array_distinct(matched_concepts)
    END AS concept_ids,
    coalesce(region, 'any') AS asked_region,
    CAST(date_trunc('week', asked_at) AS DATE) AS week,
    ip_hash,
    CASE WHEN coalesce(cardinality(results), 0) = 0 THEN 1 ELSE 0 END AS is_empty
  FROM silver.queries
),
asked AS (
  SELECT
    tenant,
    request_id,
    unnest(concept_ids) AS concept_id,
    asked_region,
    week,
    ip_hash,
    is_empty
  FROM told
),
-- First by caller: sets of callers for each group would cost more than all the rest.
by_caller AS (
  SELECT
    asked.tenant,
    asked.concept_id,
    asked.asked_region,
    asked.week,
    asked.ip_hash,
    count(*) AS queries,
    sum(asked.is_empty) AS empty_answers,
    sum(judged.clicks) AS clicks,
    sum(judged.contacts) AS contacts
  FROM asked
  LEFT JOIN judged ON judged.tenant = asked.tenant AND judged.request_id = asked.request_id
  GROUP BY asked.tenant, asked.concept_id, asked.asked_region, asked.week, asked.ip_hash
)
SELECT
  tenant,
  concept_id,
  asked_region AS region,
  week,
  sum(queries) AS queries,
  sum(empty_answers) AS empty_answers,
  coalesce(sum(clicks), 0) AS clicks,
  coalesce(sum(contacts), 0) AS contacts,
  count(ip_hash) AS users
FROM by_caller
GROUP BY tenant, concept_id, asked_region, week
