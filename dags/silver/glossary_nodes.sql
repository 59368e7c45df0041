-- Grain: one row per bronze node row, cleaned; the contract then refuses and keeps the latest.
-- Readers: gold.glossary, silver.concepts (reference), silver.glossary_nodes (its own parents).
-- ROME doubles its apostrophes (`d''usinage`), as SQL dumps do.
SELECT
  nullif(trim(node_id), '') AS node_id,
  nullif(trim(parent_id), '') AS parent_id,
  level,
  replace(clean_text(label), '''''', '''') AS label,
  replace(clean_text(description), '''''', '''') AS description,
  string_to_array(replace(array_to_string(synonyms, chr(31)), '''''', ''''), chr(31)) AS synonyms,
  coalesce(lower(clean_text(language)), 'fr') AS language,
  _file,
  _line,
  _file_digest
FROM bronze.glossary_nodes
