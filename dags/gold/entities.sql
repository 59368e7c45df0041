-- Grain: one row per tenant and thing that can be asked about.
-- Readers: the snapshot's abuse section.
SELECT tenant, 'project' AS entity_kind, project_id AS entity_id FROM silver.projects
UNION ALL
SELECT tenant, 'bid', bid_id FROM silver.bids
UNION ALL
SELECT tenant, 'provider', provider_id FROM silver.providers
UNION ALL
SELECT tenant, 'client', client_id FROM silver.clients
UNION ALL
SELECT tenant, 'person', person_id FROM silver.people
UNION ALL
SELECT tenant, 'booking', booking_id FROM silver.bookings
UNION ALL
SELECT tenant, 'intro', intro_id FROM silver.intros
UNION ALL
SELECT tenant, 'submission', submission_id FROM silver.submissions
