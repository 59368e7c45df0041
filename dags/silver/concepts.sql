-- Grain: one row per bronze concept row, cleaned; the contract then refuses and keeps the latest.
-- Readers: gold.concepts, gold.company_concepts, gold.curation_proposals; silver.activations,
-- silver.activity_priors and silver.projects (references).
-- ROME doubles its apostrophes (`d''usinage`), as SQL dumps do.
SELECT
  nullif(trim(concept_id), '') AS concept_id,
  nullif(trim(node_id), '') AS node_id,
  replace(clean_text(label), '''''', '''') AS label,
  string_to_array(replace(array_to_string(synonyms, chr(31)), '''''', ''''), chr(31)) AS synonyms,
  replace(clean_text(definition), '''''', '''') AS definition,
  clean_text(label_en) AS label_en,
  clean_text(label_de) AS label_de,
  lower(clean_text(status)) AS status,
  updated_at,
  _file,
  _line,
  _file_digest
FROM bronze.concepts
