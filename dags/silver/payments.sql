-- Grain: one row per bronze payment row, cleaned; the contract then refuses and keeps the latest.
-- Readers: KPIs, to come.
SELECT
  tenant,
  nullif(trim(payment_id), '') AS payment_id,
  lower(trim(kind)) AS kind,
  nullif(trim(reference_id), '') AS reference_id,
  nullif(trim(payer_id), '') AS payer_id,
  nullif(trim(payee_id), '') AS payee_id,
  amount_cents,
  lower(clean_text(method)) AS method,
  lower(trim(status)) AS status,
  paid_at,
  _file,
  _line,
  _file_digest
FROM bronze.payments
