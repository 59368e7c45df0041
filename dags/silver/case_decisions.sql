-- Grain: one row per bronze decision row, cleaned; the contract then refuses and keeps the latest.
-- Readers: the jobs of collusion_signals and abuse_cases, `pipeline cases`.
SELECT
  tenant,
  lower(nullif(trim(entity_kind), '')) AS entity_kind,
  nullif(trim(entity_id), '') AS entity_id,
  lower(trim(verdict)) AS verdict,
  evidence,
  decided_at,
  clean_text(decided_by) AS decided_by,
  clean_text(note) AS note,
  _file,
  _line,
  _file_digest
FROM bronze.case_decisions
