-- Grain: one row per bronze client row, cleaned; the contract then refuses and keeps the latest.
-- Readers: silver.projects, silver.bookings and silver.intros (references),
-- gold.known_clients.
SELECT
  tenant,
  nullif(trim(client_id), '') AS client_id,
  clean_text(name) AS name,
  nullif(regexp_replace(siren, '[[:space:].]', '', 'g'), '') AS siren,
  clean_text(sector) AS sector,
  clean_text(region) AS region,
  budget_cents,
  created_at,
  _file,
  _line,
  _file_digest
FROM bronze.clients
