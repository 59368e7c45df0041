-- Grain: one row per tenant, account and act.
-- Readers: gold.conduct_signals, analysts.
--
-- A booking does not say who cancelled it, so that it counts for the person and for the client: who
-- is in many of them stands out. Prices are held against the median of the same auction, and against
-- what was asked for the slot.
WITH
auction AS (
  SELECT tenant, project_id, median(CAST(price_cents AS DOUBLE)) AS median_cents
  FROM silver.bids
  WHERE status <> 'withdrawn'
  GROUP BY tenant, project_id
),
booking AS (
  SELECT
    booking.*,
    booking.status IN ('held', 'no_show', 'cancelled') AS is_settled,
    booking.price_cents / nullif(CAST(slot.price_cents AS DOUBLE), 0) AS price_ratio
  FROM silver.bookings AS booking
  LEFT JOIN silver.slots AS slot
    ON slot.tenant = booking.tenant AND slot.slot_id = booking.slot_id
)
SELECT
  bid.tenant,
  'provider' AS entity_kind,
  bid.provider_id AS entity_id,
  'bid' AS event,
  bid.bid_id AS event_id,
  bid.submitted_at AS at,
  project.status <> 'open' AS is_settled,
  CASE WHEN bid.status = 'withdrawn' THEN 'withdrawal' END AS failure,
  CAST(NULL AS VARCHAR) AS text,
  bid.price_cents / nullif(auction.median_cents, 0) AS price_ratio
FROM silver.bids AS bid
INNER JOIN silver.projects AS project
  ON project.tenant = bid.tenant AND project.project_id = bid.project_id
LEFT JOIN auction ON auction.tenant = bid.tenant AND auction.project_id = bid.project_id
UNION ALL
SELECT
  tenant,
  'client',
  client_id,
  'project',
  project_id,
  published_at,
  status <> 'open',
  CASE WHEN status = 'cancelled' THEN 'cancellation' END,
  description,
  NULL
FROM silver.projects
UNION ALL
SELECT tenant, 'client', client_id, 'intro', intro_id, requested_at, FALSE, NULL, message, NULL
FROM silver.intros
UNION ALL
SELECT
  tenant,
  'client',
  client_id,
  'booking',
  booking_id,
  booked_at,
  is_settled,
  CASE WHEN status = 'cancelled' THEN 'cancellation' END,
  NULL,
  price_ratio
FROM booking
UNION ALL
SELECT
  tenant,
  'person',
  person_id,
  'booking',
  booking_id,
  booked_at,
  is_settled,
  CASE status WHEN 'no_show' THEN 'absence' WHEN 'cancelled' THEN 'cancellation' END,
  NULL,
  price_ratio
FROM booking
UNION ALL
SELECT
  tenant,
  'submission',
  submission_id AS entity_id,
  'submission' AS event,
  submission_id AS event_id,
  submitted_at,
  FALSE,
  NULL,
  description,
  NULL
FROM silver.submissions
