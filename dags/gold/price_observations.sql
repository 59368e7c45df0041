-- Grain: one row per tenant, kind of deal and price that was really asked or agreed.
-- Readers: fit_prices, the snapshot's deals section (comparables), analysts.
--
-- Projects: every bid that stood when bidding closed, told apart where it is no price (a ring's, a spam
-- account's). Bookings: what was agreed, unless it was
-- cancelled. Introductions: what was accepted; an offer that was turned down says little of the price.
SELECT
  project.tenant,
  'project' AS kind,
  project.project_id AS deal_id,
  bid.bid_id AS observation_id,
  bid.price_cents,
  coalesce(project.awarded_bid_id = bid.bid_id, FALSE) AS is_agreed,
  tainted.bid_id IS NOT NULL AS is_tainted,
  CAST(bid.submitted_at AS DATE) AS day
FROM silver.bids AS bid
INNER JOIN silver.projects AS project
  ON project.tenant = bid.tenant AND project.project_id = bid.project_id
LEFT JOIN gold.tainted_bids AS tainted
  ON tainted.tenant = bid.tenant AND tainted.bid_id = bid.bid_id
WHERE bid.status <> 'withdrawn' AND project.status <> 'open'
UNION ALL
SELECT
  tenant,
  'booking' AS kind,
  booking_id AS deal_id,
  booking_id AS observation_id,
  price_cents,
  TRUE AS is_agreed,
  FALSE AS is_tainted,
  CAST(booked_at AS DATE) AS day
FROM silver.bookings
WHERE status <> 'cancelled' AND price_cents > 0
UNION ALL
SELECT
  tenant,
  'intro' AS kind,
  intro_id AS deal_id,
  intro_id AS observation_id,
  price_cents,
  TRUE AS is_agreed,
  FALSE AS is_tainted,
  CAST(requested_at AS DATE) AS day
FROM silver.intros
WHERE status = 'accepted' AND price_cents > 0
