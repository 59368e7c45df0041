-- Grain: one row per tenant, thing and sign that was looked for, raised or not.
-- Readers: gold.abuse_cases, the snapshot's abuse section, analysts.
SELECT * FROM gold.conduct_signals
UNION ALL
SELECT * FROM gold.price_signals
UNION ALL
SELECT * FROM gold.collusion_signals
