-- Grain: one row per bronze submission row, cleaned; the contract then refuses and keeps the
-- latest.
-- Readers: curation of companies, to come.
SELECT
  tenant,
  nullif(trim(submission_id), '') AS submission_id,
  clean_text(name) AS name,
  nullif(regexp_replace(siren, '[[:space:].]', '', 'g'), '') AS siren,
  clean_text(website) AS website,
  clean_text(description) AS description,
  lower(clean_text(contact_email)) AS contact_email,
  clean_text(region) AS region,
  submitted_at,
  _file,
  _line,
  _file_digest
FROM bronze.submissions
