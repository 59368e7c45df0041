-- Grain: one row per bronze provider row, cleaned; the contract then refuses and keeps the
-- latest.
-- Readers: gold.match_corpus, silver.bids (reference), gold.bid_ranking,
-- gold.known_providers.
SELECT
  tenant,
  nullif(trim(provider_id), '') AS provider_id,
  nullif(trim(company_id), '') AS company_id,
  clean_text(name) AS name,
  clean_text(region) AS region,
  rating,
  reviews,
  nullif(trim(bank_hash), '') AS bank_hash,
  nullif(trim(phone_hash), '') AS phone_hash,
  nullif(trim(address_hash), '') AS address_hash,
  nullif(trim(device_hash), '') AS device_hash,
  hourly_cost_cents,
  created_at,
  _file,
  _line,
  _file_digest
FROM bronze.providers
