-- Grain: one row per tenant, kind, id and region: the companies of that tenant that have a concept,
-- or one of the concepts at or under a glossary node; `all` counts every company.
-- Readers: gold.suggestions, the snapshot's market section (concept, glossary and market answers),
-- analysts.
--
-- A company has one region or none (`unknown`), so that regions sum to the whole. A tenant sees
-- its own companies and those of `tenant_public`: add the two.
WITH placed AS (
  SELECT tenant, company_id, coalesce(region, 'unknown') AS region FROM silver.companies
),
had AS (
  SELECT placed.tenant, placed.company_id, placed.region, activation.concept_id
  FROM gold.company_concepts AS activation
  JOIN placed
    ON placed.tenant = activation.tenant AND placed.company_id = activation.company_id
),
above AS (
  SELECT node_id AS below_id, unnest(path_ids) AS node_id FROM gold.glossary
),
counted AS (
  SELECT tenant, 'concept' AS kind, concept_id AS id, region, count(*) AS companies
  FROM had
  GROUP BY tenant, concept_id, region
  UNION ALL
  SELECT had.tenant, 'node', above.node_id, had.region, count(DISTINCT had.company_id)
  FROM had
  JOIN silver.concepts AS concept ON concept.concept_id = had.concept_id
  JOIN above ON above.below_id = concept.node_id
  GROUP BY had.tenant, above.node_id, had.region
  UNION ALL
  SELECT tenant, 'all', 'all', region, count(*) FROM placed GROUP BY tenant, region
)
SELECT tenant, kind, id, region, companies FROM counted
