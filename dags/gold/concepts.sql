-- Grain: one row per concept, with its glossary path.
-- Readers: gold.match_corpus, the snapshot's concepts collection, analysts.
WITH supplied AS (
  -- Only open data is counted: concepts are shared, and a count must not tell one tenant
  -- about another tenant's companies.
  SELECT concept_id, count(*) AS public_companies
  FROM gold.company_concepts
  WHERE tenant = 'tenant_public'
  GROUP BY concept_id
)
SELECT
  concept.concept_id,
  concept.node_id,
  concept.label,
  concept.synonyms,
  concept.definition,
  concept.label_en,
  concept.label_de,
  concept.status,
  glossary.path,
  glossary.path_ids,
  coalesce(supplied.public_companies, 0) AS public_companies,
  concept.updated_at
FROM silver.concepts AS concept
LEFT JOIN gold.glossary AS glossary ON glossary.node_id = concept.node_id
LEFT JOIN supplied ON supplied.concept_id = concept.concept_id
