-- Grain: one row per tenant and ISO week in which anything happened: how the marketplace does.
-- Readers: the snapshot's section of KPIs (`GET /admin/metrics`), analysts.
--
-- Everything is counted in integers (cents, thousandths; halves go up), so that no figure depends on
-- the order of rows. What is concluded counts in the week in which it was, whatever began it.
WITH
published AS (
  SELECT
    tenant,
    CAST(date_trunc('week', published_at) AS DATE) AS week,
    count(*) AS projects
  FROM silver.projects
  GROUP BY tenant, CAST(date_trunc('week', published_at) AS DATE)
),
auctions AS (
  SELECT
    tenant,
    project_id,
    CAST(date_trunc('week', closed_at) AS DATE) AS week,
    status IN ('awarded', 'done') AS is_awarded
  FROM silver.projects
  WHERE status <> 'open' AND closed_at IS NOT NULL
),
prices AS (
  SELECT
    tenant,
    project_id,
    price_cents,
    count(*) OVER (PARTITION BY tenant, project_id) AS bids,
    sum(price_cents) OVER (PARTITION BY tenant, project_id) AS total_cents
  FROM silver.bids
  WHERE status <> 'withdrawn'
),
-- Each price in millionths of the mean of its auction.
scaled AS (
  SELECT
    tenant,
    project_id,
    CAST(
      round(1000000 * CAST(price_cents AS DOUBLE) * bids / CAST(total_cents AS DOUBLE)) AS BIGINT
    ) AS price
  FROM prices
),
-- Coefficient of variation in thousandths: standard deviation of all bids over their mean.
bidding AS (
  SELECT
    tenant,
    project_id,
    count(*) AS bids,
    CASE
      WHEN count(*) > 1
        THEN
          CAST(
            round(
              sqrt(CAST(sum((price - 1000000) * (price - 1000000)) AS DOUBLE) / count(*)) / 1000
            ) AS BIGINT
          )
    END AS dispersion
  FROM scaled
  GROUP BY tenant, project_id
),
closed AS (
  SELECT
    auctions.tenant,
    auctions.week,
    count(*) AS projects,
    count(*) FILTER (WHERE auctions.is_awarded) AS awarded,
    coalesce(sum(bidding.bids), 0) AS bids,
    count(bidding.dispersion) AS compared,
    sum(bidding.dispersion) AS dispersion
  FROM auctions
  LEFT JOIN bidding
    ON bidding.tenant = auctions.tenant AND bidding.project_id = auctions.project_id
  GROUP BY auctions.tenant, auctions.week
),
booked AS (
  SELECT
    tenant,
    CAST(date_trunc('week', booked_at) AS DATE) AS week,
    count(*) AS bookings
  FROM silver.bookings
  GROUP BY tenant, CAST(date_trunc('week', booked_at) AS DATE)
),
-- A cancelled booking is concluded when it is cancelled, any other when its slot starts.
conclusions AS (
  SELECT
    bookings.tenant,
    bookings.status,
    CAST(
      date_trunc(
        'week',
        CASE
          WHEN bookings.status = 'cancelled' THEN coalesce(bookings.cancelled_at, slots.starts_at)
          ELSE slots.starts_at
        END
      ) AS DATE
    ) AS week
  FROM silver.bookings AS bookings
  JOIN silver.slots AS slots
    ON slots.tenant = bookings.tenant AND slots.slot_id = bookings.slot_id
  WHERE bookings.status <> 'pending'
),
concluded AS (
  SELECT
    tenant,
    week,
    count(*) AS bookings,
    count(*) FILTER (WHERE status = 'held') AS held,
    count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
    count(*) FILTER (WHERE status = 'no_show') AS no_show
  FROM conclusions
  GROUP BY tenant, week
),
introduced AS (
  SELECT
    tenant,
    CAST(date_trunc('week', requested_at) AS DATE) AS week,
    count(*) AS requested,
    count(*) FILTER (WHERE status = 'accepted') AS accepted
  FROM silver.intros
  GROUP BY tenant, CAST(date_trunc('week', requested_at) AS DATE)
),
paid AS (
  SELECT
    tenant,
    CAST(date_trunc('week', paid_at) AS DATE) AS week,
    count(*) AS payments,
    sum(amount_cents) AS amount_cents
  FROM silver.payments
  WHERE status = 'paid' AND paid_at IS NOT NULL
  GROUP BY tenant, CAST(date_trunc('week', paid_at) AS DATE)
),
searched AS (
  SELECT
    tenant,
    CAST(date_trunc('week', day) AS DATE) AS week,
    sum(queries) AS requests,
    sum(clicked_queries) AS clicked,
    sum(CASE WHEN ndcg_5 IS NOT NULL THEN judged_queries END) AS judged,
    sum(CAST(round(1000000 * ndcg_5) AS BIGINT) * judged_queries) AS ndcg_5
  FROM gold.search_quality
  GROUP BY tenant, CAST(date_trunc('week', day) AS DATE)
),
-- A click says that somebody looked, not that he was pleased.
said AS (
  SELECT
    tenant,
    CAST(date_trunc('week', given_at) AS DATE) AS week,
    count(*) AS opinions,
    count(*) FILTER (WHERE kind <> 'irrelevant') AS pleased
  FROM silver.feedback
  WHERE kind IN ('relevant', 'contacted', 'irrelevant')
  GROUP BY tenant, CAST(date_trunc('week', given_at) AS DATE)
),
-- What the models say of the deals that began in the week, of past ones as they said it unseen.
likely AS (
  SELECT
    tenant,
    CAST(date_trunc('week', day) AS DATE) AS week,
    count(*) FILTER (WHERE kind = 'project') AS projects,
    sum(CAST(round(1000000 * probability) AS BIGINT)) FILTER (WHERE kind = 'project') AS project_loc,
    count(*) FILTER (WHERE kind = 'booking') AS bookings,
    sum(CAST(round(1000000 * probability) AS BIGINT)) FILTER (WHERE kind = 'booking') AS booking_loc,
    count(*) FILTER (WHERE kind = 'intro') AS intros,
    sum(CAST(round(1000000 * probability) AS BIGINT)) FILTER (WHERE kind = 'intro') AS intro_loc
  FROM gold.likelihoods
  GROUP BY tenant, CAST(date_trunc('week', day) AS DATE)
),
-- Who is flagged, in the week of the latest act that it is for: accounts and rings, not each bid of theirs.
flagged AS (
  SELECT
    tenant,
    CAST(date_trunc('week', day) AS DATE) AS week,
    count(*) AS flags
  FROM gold.abuse_cases
  WHERE
    is_flagged
    AND day IS NOT NULL
    AND entity_kind IN ('provider', 'client', 'person', 'submission', 'ring')
  GROUP BY tenant, CAST(date_trunc('week', day) AS DATE)
),
weeks AS (
  SELECT tenant, week FROM published
  UNION
  SELECT tenant, week FROM closed
  UNION
  SELECT tenant, week FROM booked
  UNION
  SELECT tenant, week FROM concluded
  UNION
  SELECT tenant, week FROM introduced
  UNION
  SELECT tenant, week FROM paid
  UNION
  SELECT tenant, week FROM searched
  UNION
  SELECT tenant, week FROM said
  UNION
  SELECT tenant, week FROM likely
  UNION
  SELECT tenant, week FROM flagged
)
SELECT
  weeks.tenant,
  weeks.week,
  coalesce(published.projects, 0) AS projects_published,
  coalesce(closed.projects, 0) AS projects_closed,
  coalesce(closed.awarded, 0) AS projects_awarded,
  (2000 * closed.awarded + closed.projects) / (2 * closed.projects) AS award_rate_thousandths,
  (2000 * closed.bids + closed.projects) / (2 * closed.projects) AS bids_per_project_thousandths,
  (2 * closed.dispersion + closed.compared) / nullif(2 * closed.compared, 0)
    AS price_dispersion_thousandths,
  coalesce(booked.bookings, 0) AS bookings_booked,
  coalesce(concluded.held, 0) AS bookings_held,
  coalesce(concluded.cancelled, 0) AS bookings_cancelled,
  coalesce(concluded.no_show, 0) AS bookings_no_show,
  (2000 * concluded.held + concluded.bookings) / (2 * concluded.bookings) AS held_rate_thousandths,
  (2000 * concluded.cancelled + concluded.bookings) / (2 * concluded.bookings)
    AS cancelled_rate_thousandths,
  (2000 * concluded.no_show + concluded.bookings) / (2 * concluded.bookings)
    AS no_show_rate_thousandths,
  coalesce(introduced.requested, 0) AS intros_requested,
  coalesce(introduced.accepted, 0) AS intros_accepted,
  (2000 * introduced.accepted + introduced.requested) / (2 * introduced.requested)
    AS intro_conversion_thousandths,
  coalesce(paid.payments, 0) AS payments_paid,
  coalesce(paid.amount_cents, 0) AS payments_cents,
  coalesce(searched.requests, 0) AS requests,
  (2000 * searched.clicked + searched.requests) / (2 * searched.requests)
    AS click_through_thousandths,
  (searched.ndcg_5 + 500 * searched.judged) / nullif(1000 * searched.judged, 0)
    AS ndcg_5_thousandths,
  coalesce(said.opinions, 0) AS opinions,
  (2000 * said.pleased + said.opinions) / (2 * said.opinions) AS satisfaction_thousandths,
  (likely.project_loc + 500 * likely.projects) / nullif(1000 * likely.projects, 0)
    AS loc_projects_thousandths,
  (likely.booking_loc + 500 * likely.bookings) / nullif(1000 * likely.bookings, 0)
    AS loc_bookings_thousandths,
  (likely.intro_loc + 500 * likely.intros) / nullif(1000 * likely.intros, 0)
    AS loc_intros_thousandths,
  coalesce(flagged.flags, 0) AS abuse_flags
FROM weeks
LEFT JOIN published ON published.tenant = weeks.tenant AND published.week = weeks.week
LEFT JOIN closed ON closed.tenant = weeks.tenant AND closed.week = weeks.week
LEFT JOIN booked ON booked.tenant = weeks.tenant AND booked.week = weeks.week
LEFT JOIN concluded ON concluded.tenant = weeks.tenant AND concluded.week = weeks.week
LEFT JOIN introduced ON introduced.tenant = weeks.tenant AND introduced.week = weeks.week
LEFT JOIN paid ON paid.tenant = weeks.tenant AND paid.week = weeks.week
LEFT JOIN searched ON searched.tenant = weeks.tenant AND searched.week = weeks.week
LEFT JOIN likely ON likely.tenant = weeks.tenant AND likely.week = weeks.week
LEFT JOIN said ON said.tenant = weeks.tenant AND said.week = weeks.week
LEFT JOIN flagged ON flagged.tenant = weeks.tenant AND flagged.week = weeks.week
