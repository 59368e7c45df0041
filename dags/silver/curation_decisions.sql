-- Grain: one row per bronze decision row, cleaned; the contract then refuses and keeps the latest.
-- Readers: gold.curation_proposals.
SELECT
  nullif(trim(proposal_id), '') AS proposal_id,
  lower(trim(kind)) AS kind,
  lower(trim(decision)) AS decision,
  nullif(trim(concept_id), '') AS concept_id,
  clean_text(note) AS note,
  decided_at,
  _file,
  _line,
  _file_digest
FROM bronze.curation_decisions
