-- Grain: one row per bronze event row, cleaned; the contract then refuses and keeps the latest.
-- Readers: gold.arm_conversion, gold.judgements, gold.search_quality, gold.training_pairs.
SELECT
  tenant,
  nullif(trim(interaction_id), '') AS interaction_id,
  nullif(trim(user_id), '') AS user_id,
  lower(trim(kind)) AS kind,
  nullif(trim(profile_id), '') AS profile_id,
  nullif(trim(offer_id), '') AS offer_id,
  nullif(trim(company_id), '') AS company_id,
  nullif(trim(request_id), '') AS request_id,
  rank,
  occurred_at,
  _file,
  _line,
  _file_digest
FROM bronze.interactions
