-- Grain: one row per bronze judgement row, cleaned; the contract then refuses and keeps the
-- latest.
-- Readers: gold.arm_conversion, gold.judgements, gold.market_demand, gold.search_quality,
-- gold.training_pairs.
SELECT
  tenant,
  nullif(trim(feedback_id), '') AS feedback_id,
  nullif(trim(request_id), '') AS request_id,
  nullif(trim(company_id), '') AS company_id,
  lower(trim(kind)) AS kind,
  rank,
  given_at,
  _file,
  _line,
  _file_digest
FROM bronze.feedback
