-- Grain: one row per bronze profile row, cleaned; the contract then refuses and keeps the latest.
-- Readers: gold.company_concepts, gold.match_corpus, gold.training_pairs.
SELECT
  tenant,
  nullif(trim(profile_id), '') AS profile_id,
  lower(trim(kind)) AS kind,
  nullif(trim(company_id), '') AS company_id,
  nullif(trim(person_id), '') AS person_id,
  clean_text(title) AS title,
  clean_text(text) AS text,
  skills,
  coalesce(clean_text(region), region_of(department_of(trim(postal_code)))) AS region,
  nullif(trim(postal_code), '') AS postal_code,
  upper(nullif(trim(rome_code), '')) AS rome_code,
  updated_at,
  _file,
  _line,
  _file_digest
FROM bronze.profiles
