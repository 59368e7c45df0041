-- Grain: one row per tenant, kind and account.
-- Readers: gold.conduct_signals, analysts.
SELECT
  provider.tenant,
  'provider' AS entity_kind,
  provider.provider_id AS entity_id,
  provider.name,
  CAST(provider.created_at AS TIMESTAMP) AS created_at,
  provider.reviews,
  company.description AS text,
  company.website AS site,
  provider.bank_hash,
  provider.phone_hash,
  provider.address_hash,
  provider.device_hash
FROM silver.providers AS provider
LEFT JOIN silver.companies AS company
  ON company.tenant = provider.tenant AND company.company_id = provider.company_id
UNION ALL
SELECT tenant, 'client', client_id, name, created_at, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM silver.clients
UNION ALL
SELECT tenant, 'person', person_id, name, created_at, reviews, NULL, NULL, NULL, NULL, NULL, NULL
FROM silver.people
UNION ALL
SELECT
  tenant,
  'submission',
  submission_id,
  name,
  submitted_at,
  NULL,
  description,
  website,
  NULL,
  NULL,
  NULL,
  NULL
FROM silver.submissions
