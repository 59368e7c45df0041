-- Grain: one row per bronze claim row, cleaned; the contract then refuses and keeps the latest.
-- Readers: gold.company_concepts, gold.bid_ranking.
SELECT
  tenant,
  nullif(trim(company_id), '') AS company_id,
  nullif(trim(concept_id), '') AS concept_id,
  clean_text(evidence) AS evidence,
  strength,
  lower(clean_text(source)) AS source,
  claimed_at,
  _file,
  _line,
  _file_digest
FROM bronze.activations
