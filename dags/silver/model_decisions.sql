-- Grain: one row per bronze decision row, cleaned; the contract then refuses and keeps the latest of each sort.
-- Readers: the jobs fit_prices and fit_likelihoods, the snapshot, `pipeline models`.
WITH
said AS (
  SELECT
    *,
    lower(trim(decision)) AS sort_of,
    lower(nullif(trim(version), '')) AS of_version
  FROM bronze.model_decisions
)
SELECT
  nullif(trim(name), '') AS name,
  CASE WHEN sort_of <> 'unpin' THEN of_version END AS version,
  -- What is to be promoted or pinned must be named: without a version this is no decision.
  CASE WHEN sort_of = 'unpin' OR of_version IS NOT NULL THEN sort_of END AS decision,
  decided_at,
  clean_text(note) AS note,
  _file,
  _line,
  _file_digest
FROM said
