-- Grain: one row per day, tenant, endpoint and snapshot: how good the answers were.
-- Readers: weight tuning and its gate, analysts.
--
-- Relevance is pooled: what is known of a company (or offer) for a query is known for every
-- request of the tenant with the same words and region. Opinions speak first; without one, clicks
-- do, corrected for position. Everything is counted in thousandths and millionths, as integers,
-- so that no figure depends on the order of rows.
WITH
-- place, chance in thousandths that a person looks at it: 1 / place ^ 0.7 (position-based model;
-- inverse propensity: Joachims, Swaminathan and Schnabel 2017), discount in millionths:
-- 1 / log2(place + 1) (Järvelin and Kekäläinen 2002).
places AS (
  SELECT column1 AS place, column2 AS propensity, column3 AS discount
  FROM (
    VALUES
    (1, 1000, 1000000), (2, 616, 630930), (3, 463, 500000), (4, 379, 430677),
    (5, 324, 386853), (6, 285, 356207), (7, 256, 333333), (8, 233, 315465),
    (9, 215, 301030), (10, 200, 289065), (11, 187, 278943), (12, 176, 270238),
    (13, 166, 262650), (14, 158, 255958), (15, 150, 250000), (16, 144, 244651),
    (17, 138, 239812), (18, 132, 235409), (19, 127, 231378), (20, 123, 227670)
  )
),
asked AS (
  SELECT
    tenant,
    request_id,
    coalesce(endpoint, 'unknown') AS endpoint,
    coalesce(snapshot_id, 'unknown') AS snapshot_id,
    CAST(asked_at AS DATE) AS day,
    concat(query_key(text), ' | ', coalesce(region, '')) AS topic,
    coalesce(results, make_array()) AS results
  FROM silver.queries
),
places_shown AS (
  SELECT
    tenant,
    request_id,
    topic,
    unnest(results) AS id,
    unnest(range(CAST(1 AS BIGINT), CAST(cardinality(results) AS BIGINT) + 1)) AS place
  FROM asked
  WHERE cardinality(results) > 0
),
-- What an answer names twice counts where it stands first.
shown AS (
  SELECT tenant, request_id, topic, id, min(place) AS place
  FROM places_shown
  GROUP BY tenant, request_id, topic, id
),
looked_at AS (
  SELECT
    shown.tenant,
    shown.topic,
    shown.id,
    -- Below the table's end: its last chance, so that one deep click does not weigh too much.
    sum(coalesce(places.propensity, 123)) AS looks
  FROM shown
  LEFT JOIN places ON places.place = shown.place
  GROUP BY shown.tenant, shown.topic, shown.id
),
said AS (
  SELECT tenant, request_id, company_id AS id, kind FROM silver.feedback
  UNION ALL
  SELECT tenant, request_id, coalesce(offer_id, company_id), 'clicked'
  FROM silver.interactions
  WHERE request_id IS NOT NULL AND coalesce(offer_id, company_id) IS NOT NULL
),
-- One click a request and thing, from whichever source tells it.
opinions AS (
  SELECT
    said.tenant,
    said.request_id,
    asked.topic,
    said.id,
    max(CASE WHEN said.kind = 'clicked' THEN 1 ELSE 0 END) AS clicks,
    max(
      CASE said.kind
        WHEN 'contacted' THEN 3000 WHEN 'relevant' THEN 2000 WHEN 'irrelevant' THEN 0
      END
    ) AS opinion
  FROM said
  JOIN asked ON asked.tenant = said.tenant AND asked.request_id = said.request_id
  GROUP BY said.tenant, said.request_id, asked.topic, said.id
),
known AS (
  SELECT
    opinions.tenant,
    opinions.topic,
    opinions.id,
    coalesce(
      sum(opinions.opinion) / nullif(count(opinions.opinion), 0),
      least(1000, 1000 * 1000 * sum(opinions.clicks) / nullif(max(looked_at.looks), 0)),
      0
    ) AS gain
  FROM opinions
  LEFT JOIN looked_at
    ON looked_at.tenant = opinions.tenant
    AND looked_at.topic = opinions.topic
    AND looked_at.id = opinions.id
  GROUP BY opinions.tenant, opinions.topic, opinions.id
),
-- The best order that what is known allows.
ideal_places AS (
  SELECT
    tenant,
    topic,
    gain,
    row_number() OVER (PARTITION BY tenant, topic ORDER BY gain DESC, id) AS place
  FROM known
  WHERE gain > 0
),
topics AS (
  SELECT
    ideal.tenant,
    ideal.topic,
    sum(CASE WHEN ideal.place <= 5 THEN ideal.gain * places.discount ELSE 0 END) AS ideal_5,
    sum(CASE WHEN ideal.place <= 10 THEN ideal.gain * places.discount ELSE 0 END) AS ideal_10,
    count(*) FILTER (WHERE ideal.gain >= 500) AS relevant
  FROM ideal_places AS ideal
  LEFT JOIN places ON places.place = ideal.place
  GROUP BY ideal.tenant, ideal.topic
),
answers AS (
  SELECT
    shown.tenant,
    shown.request_id,
    sum(CASE WHEN shown.place <= 5 THEN known.gain * places.discount ELSE 0 END) AS gained_5,
    sum(CASE WHEN shown.place <= 10 THEN known.gain * places.discount ELSE 0 END) AS gained_10,
    min(CASE WHEN known.gain >= 500 THEN shown.place END) AS first_relevant,
    count(*) FILTER (WHERE known.gain >= 500 AND shown.place <= 20) AS found
  FROM shown
  JOIN known
    ON known.tenant = shown.tenant AND known.topic = shown.topic AND known.id = shown.id
  LEFT JOIN places ON places.place = shown.place
  GROUP BY shown.tenant, shown.request_id
),
clicked AS (
  SELECT DISTINCT tenant, request_id FROM opinions WHERE clicks = 1
),
measured AS (
  SELECT
    asked.day,
    asked.tenant,
    asked.endpoint,
    asked.snapshot_id,
    cardinality(asked.results) = 0 AS is_empty,
    clicked.request_id IS NOT NULL AS is_clicked,
    coalesce(topics.relevant, 0) > 0 AS is_judged,
    -- In millionths; halves go up.
    (2000000 * coalesce(answers.gained_5, 0) + topics.ideal_5) / (2 * topics.ideal_5) AS ndcg_5,
    (2000000 * coalesce(answers.gained_10, 0) + topics.ideal_10) / (2 * topics.ideal_10)
      AS ndcg_10,
    coalesce((2000000 / answers.first_relevant + 1) / 2, 0) AS reciprocal_rank,
    (2000000 * coalesce(answers.found, 0) + least(topics.relevant, 20))
      / nullif(2 * least(topics.relevant, 20), 0) AS recall_20
  FROM asked
  LEFT JOIN topics ON topics.tenant = asked.tenant AND topics.topic = asked.topic
  LEFT JOIN answers ON answers.tenant = asked.tenant AND answers.request_id = asked.request_id
  LEFT JOIN clicked ON clicked.tenant = asked.tenant AND clicked.request_id = asked.request_id
),
summed AS (
  SELECT
    day,
    tenant,
    endpoint,
    snapshot_id,
    count(*) AS queries,
    count(*) FILTER (WHERE is_judged) AS judged_queries,
    count(*) FILTER (WHERE is_clicked) AS clicked_queries,
    count(*) FILTER (WHERE is_empty) AS empty_answers,
    sum(ndcg_5) FILTER (WHERE is_judged) AS ndcg_5,
    sum(ndcg_10) FILTER (WHERE is_judged) AS ndcg_10,
    sum(reciprocal_rank) FILTER (WHERE is_judged) AS reciprocal_rank,
    sum(recall_20) FILTER (WHERE is_judged) AS recall_20
  FROM measured
  GROUP BY day, tenant, endpoint, snapshot_id
)
SELECT
  day,
  tenant,
  endpoint,
  snapshot_id,
  queries,
  judged_queries,
  clicked_queries,
  empty_answers,
  round(CAST(ndcg_5 AS DOUBLE) / (judged_queries * 1000000), 6) AS ndcg_5,
  round(CAST(ndcg_10 AS DOUBLE) / (judged_queries * 1000000), 6) AS ndcg_10,
  round(CAST(reciprocal_rank AS DOUBLE) / (judged_queries * 1000000), 6) AS mrr,
  round(CAST(recall_20 AS DOUBLE) / (judged_queries * 1000000), 6) AS recall_20,
  round(CAST(clicked_queries AS DOUBLE) / queries, 6) AS click_through_rate,
  round(CAST(empty_answers AS DOUBLE) / queries, 6) AS zero_result_rate
FROM summed
