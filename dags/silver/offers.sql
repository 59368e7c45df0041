-- Grain: one row per bronze offer row, cleaned; the contract then refuses and keeps the latest.
-- Readers: gold.offers, gold.training_pairs.
WITH placed AS (
  SELECT
    *,
    -- Publishers name the place in four ways; the most direct one wins. `69 - LYON 03` opens
    -- with its department, and so does an INSEE commune code.
    coalesce(
      upper(nullif(trim(department), '')),
      department_of(nullif(trim(postal_code), '')),
      regexp_match(trim(place_label), '^(97[0-9]|98[0-9]|2[AB]|[0-9]{2})( |$)')[1],
      regexp_match(trim(commune), '^(97[0-9]|98[0-9]|2[AB]|[0-9]{2})[0-9]{2,3}$')[1]
    ) AS department_code
  FROM bronze.offers
)
SELECT
  tenant,
  nullif(trim(offer_id), '') AS offer_id,
  clean_text(title) AS title,
  -- The text keeps its line breaks: readers of an offer are shown its paragraphs.
  nullif(trim(description), '') AS description,
  created_at,
  updated_at,
  clean_text(place_label) AS place_label,
  nullif(trim(postal_code), '') AS postal_code,
  nullif(trim(commune), '') AS commune,
  department_code AS department,
  region_of(department_code) AS region,
  latitude,
  longitude,
  upper(nullif(trim(rome_code), '')) AS rome_code,
  clean_text(rome_label) AS rome_label,
  clean_text(appellation) AS appellation,
  clean_text(company_name) AS company_name,
  nullif(trim(company_description), '') AS company_description,
  upper(nullif(trim(contract_type), '')) AS contract_type,
  clean_text(contract_label) AS contract_label,
  upper(nullif(trim(experience_required), '')) AS experience_required,
  clean_text(experience_label) AS experience_label,
  clean_text(salary_label) AS salary_label,
  clean_text(salary_comment) AS salary_comment,
  clean_text(working_time) AS working_time,
  clean_naf(naf) AS naf,
  clean_text(sector_label) AS sector_label,
  skills,
  nullif(trim(competences), '') AS competences,
  _file,
  _line,
  _file_digest
FROM placed
