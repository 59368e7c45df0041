-- Grain: one row per bronze NAF activity and concept row, cleaned; the contract then refuses and
-- keeps the latest.
-- Readers: gold.company_concepts, gold.match_corpus.
SELECT
  clean_naf(naf) AS naf,
  nullif(trim(concept_id), '') AS concept_id,
  clean_text(naf_label) AS naf_label,
  hirings,
  _file,
  _line,
  _file_digest
FROM bronze.activity_priors
