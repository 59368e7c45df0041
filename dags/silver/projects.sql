-- Grain: one row per bronze project row, cleaned; the contract then refuses and keeps the latest.
-- Readers: silver.bids (reference), gold.project_features, gold.price_observations,
-- gold.marketplace_kpis, gold.bid_ranking.
SELECT
  tenant,
  nullif(trim(project_id), '') AS project_id,
  nullif(trim(client_id), '') AS client_id,
  nullif(trim(category), '') AS category,
  clean_text(title) AS title,
  clean_text(description) AS description,
  clean_text(region) AS region,
  size,
  lower(clean_text(unit)) AS unit,
  budget_cents,
  deadline,
  certifications,
  invited,
  lower(trim(status)) AS status,
  nullif(trim(awarded_bid_id), '') AS awarded_bid_id,
  published_at,
  closed_at,
  _file,
  _line,
  _file_digest
FROM bronze.projects
