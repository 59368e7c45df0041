-- Grain: one row per tenant, kind and deal whose price was agreed, with what the price depends on.
-- Readers: the snapshot's deals section (comparables of a price reference), analysts.
SELECT
  price.tenant,
  price.kind,
  price.deal_id,
  price.price_cents,
  price.day,
  project.category,
  project.category_label,
  project.family,
  coalesce(project.region, booking.region, intro.region) AS region,
  project.unit,
  project.size,
  project.lead_days,
  project.certifications,
  intro.sector,
  coalesce(booking.rating, intro.rating) AS rating,
  coalesce(booking.day_rate_cents, intro.day_rate_cents) AS day_rate_cents,
  booking.hours,
  booking.weekday,
  booking.notice_days,
  intro.is_same_region
FROM gold.price_observations AS price
LEFT JOIN gold.project_features AS project
  ON
    price.kind = 'project'
    AND project.tenant = price.tenant
    AND project.project_id = price.deal_id
LEFT JOIN gold.booking_features AS booking
  ON
    price.kind = 'booking'
    AND booking.tenant = price.tenant
    AND booking.booking_id = price.deal_id
LEFT JOIN gold.intro_features AS intro
  ON
    price.kind = 'intro'
    AND intro.tenant = price.tenant
    AND intro.intro_id = price.deal_id
WHERE price.is_agreed AND NOT price.is_tainted
