-- Grain: one row per bronze bid row, cleaned; the contract then refuses and keeps the latest.
-- Readers: gold.project_features, gold.price_observations, gold.marketplace_kpis, gold.bid_ranking;
-- collusion screens, to come.
SELECT
  tenant,
  nullif(trim(bid_id), '') AS bid_id,
  nullif(trim(project_id), '') AS project_id,
  nullif(trim(provider_id), '') AS provider_id,
  price_cents,
  delay_days,
  quality,
  lower(trim(status)) AS status,
  submitted_at,
  _file,
  _line,
  _file_digest
FROM bronze.bids
