-- Grain: one row per tenant, topic and company or offer: how good it is for what was asked, by what
-- people then did and said.
-- Readers: gold.search_quality, the tuning of the fusion's weights (publish_snapshot).
--
-- A topic is what requests of one tenant with the same words and region have in common: what is
-- known for one is known for all. Opinions speak first; without one, clicks do, corrected for
-- position. Everything is counted in thousandths, as integers, so that no figure depends on the
-- order of rows.
WITH
-- place, chance in thousandths that a person looks at it: 1 / place ^ 0.7 (position-based model;
-- inverse propensity: Joachims, Swaminathan and Schnabel 2017).
places AS (
  SELECT column1 AS place, column2 AS propensity
  FROM (
    VALUES
    (1, 1000), (2, 616), (3, 463), (4, 379), (5, 324), (6, 285), (7, 256), (8, 233), (9, 215),
    (10, 200), (11, 187), (12, 176), (13, 166), (14, 158), (15, 150), (16, 144), (17, 138),
    (18, 132), (19, 127), (20, 123)
  )
),
asked AS (
  SELECT
    tenant,
    request_id,
    text,
    region,
    -- gold.search_quality joins on it: the same words there.
    concat(query_key, ' | ', coalesce(region, '')) AS topic,
    coalesce(results, make_array()) AS results,
    -- Lists that name something twice, which are rare.
    CASE
      WHEN cardinality(array_distinct(results)) < cardinality(results) THEN results
    END AS repeating
  FROM silver.queries
),
places_shown AS (
  SELECT
    tenant,
    request_id,
    topic,
    repeating,
    unnest(results) AS id,
    unnest(range(CAST(1 AS BIGINT), CAST(cardinality(results) AS BIGINT) + 1)) AS place
  FROM asked
  WHERE cardinality(results) > 0
),
-- What an answer names twice counts where it stands first.
shown AS (
  SELECT tenant, request_id, topic, id, place
  FROM places_shown
  WHERE repeating IS NULL OR array_position(repeating, id) = place
),
said AS (
  SELECT tenant, request_id, 'company' AS kind, company_id AS id, kind AS act
  FROM silver.feedback
  UNION ALL
  SELECT
    tenant,
    request_id,
    CASE WHEN offer_id IS NULL THEN 'company' ELSE 'offer' END,
    coalesce(offer_id, company_id),
    'clicked'
  FROM silver.interactions
  WHERE request_id IS NOT NULL AND coalesce(offer_id, company_id) IS NOT NULL
),
-- One click a request and thing, from whichever source tells it.
opinions AS (
  SELECT
    said.tenant,
    said.request_id,
    asked.topic,
    said.kind,
    said.id,
    max(CASE WHEN said.act = 'clicked' THEN 1 ELSE 0 END) AS clicks,
    max(
      CASE said.act
        WHEN 'contacted' THEN 3000 WHEN 'relevant' THEN 2000 WHEN 'irrelevant' THEN 0
      END
    ) AS opinion
  FROM said
  JOIN asked ON asked.tenant = said.tenant AND asked.request_id = said.request_id
  GROUP BY said.tenant, said.request_id, asked.topic, said.kind, said.id
),
looked_at AS (
  SELECT
    shown.tenant,
    shown.topic,
    shown.id,
    -- Below the table's end: its last chance, so that one deep click does not weigh too much.
    sum(coalesce(places.propensity, 123)) AS looks
  FROM shown
  -- Only what somebody has an opinion of is counted.
  LEFT SEMI JOIN opinions
    ON opinions.tenant = shown.tenant AND opinions.topic = shown.topic AND opinions.id = shown.id
  LEFT JOIN places ON places.place = shown.place
  GROUP BY shown.tenant, shown.topic, shown.id
),
topics AS (
  SELECT tenant, topic, min(text) AS text, min(region) AS region
  FROM asked
  GROUP BY tenant, topic
)
SELECT
  opinions.tenant,
  opinions.topic,
  opinions.kind,
  opinions.id,
  max(topics.text) AS text,
  max(topics.region) AS region,
  coalesce(
    sum(opinions.opinion) / nullif(count(opinions.opinion), 0),
    least(1000, 1000 * 1000 * sum(opinions.clicks) / nullif(max(looked_at.looks), 0)),
    0
  ) AS gain,
  count(opinions.opinion) AS opinions,
  sum(opinions.clicks) AS clicks,
  coalesce(max(looked_at.looks), 0) AS looks
FROM opinions
JOIN topics ON topics.tenant = opinions.tenant AND topics.topic = opinions.topic
LEFT JOIN looked_at
  ON looked_at.tenant = opinions.tenant
  AND looked_at.topic = opinions.topic
  AND looked_at.id = opinions.id
GROUP BY opinions.tenant, opinions.topic, opinions.kind, opinions.id
