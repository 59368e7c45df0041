-- Grain: one row per bronze company row, cleaned; the contract then refuses and keeps the latest.
-- Readers: gold.company_concepts, gold.match_corpus, gold.training_pairs; references of
-- activations, profiles, providers, feedback.
WITH trimmed AS (
  SELECT
    *,
    nullif(regexp_replace(siren, '[[:space:].]', '', 'g'), '') AS siren_digits,
    nullif(regexp_replace(siret, '[[:space:].]', '', 'g'), '') AS siret_digits,
    -- Spreadsheets drop the leading zero of 01000 and of department 01.
    lpad(nullif(trim(postal_code), ''), 5, '0') AS postal_code_5,
    upper(
      lpad(nullif(trim(department), ''), greatest(length(trim(department)), 2), '0')
    ) AS department_code
  FROM bronze.companies
)
SELECT
  tenant,
  nullif(trim(company_id), '') AS company_id,
  coalesce(
    siren_digits,
    -- Only a well-formed SIRET gives a SIREN, so that a bad one is refused as what it is.
    CASE WHEN regexp_like(siret_digits, '^[0-9]{14}$') THEN substr(siret_digits, 1, 9) END
  ) AS siren,
  siret_digits AS siret,
  clean_text(name) AS name,
  clean_text(trade_name) AS trade_name,
  clean_naf(naf) AS naf,
  nullif(trim(staff_band), '') AS staff_band,
  clean_text(description) AS description,
  certifications,
  coalesce(
    clean_text(region),
    region_of(coalesce(department_code, department_of(postal_code_5)))
  ) AS region,
  coalesce(department_code, department_of(postal_code_5)) AS department,
  postal_code_5 AS postal_code,
  clean_text(city) AS city,
  latitude,
  longitude,
  clean_text(website) AS website,
  capacity,
  updated_at,
  _file,
  _line,
  _file_digest
FROM trimmed
