-- Grain: one row per day, tenant, endpoint, snapshot, experiment and arm: how good the answers were.
-- Readers: gold.arm_conversion, gold.marketplace_kpis, analysts.
--
-- Relevance is pooled, as gold.judgements says: what is known of a company (or offer) for a query
-- is known for every request of the tenant with the same words and region. Everything is counted
-- in thousandths and millionths, as integers, so that no figure depends on the order of rows.
WITH
-- place, discount in millionths: 1 / log2(place + 1) (Järvelin and Kekäläinen 2002).
places AS (
  SELECT column1 AS place, column2 AS discount
  FROM (
    VALUES
    (1, 1000000), (2, 630930), (3, 500000), (4, 430677), (5, 386853), (6, 356207), (7, 333333),
    (8, 315465), (9, 301030), (10, 289065), (11, 278943), (12, 270238), (13, 262650),
    (14, 255958), (15, 250000), (16, 244651), (17, 239812), (18, 235409), (19, 231378),
    (20, 227670)
  )
),
asked AS (
  SELECT
    tenant,
    request_id,
    coalesce(endpoint, 'unknown') AS endpoint,
    coalesce(snapshot_id, 'unknown') AS snapshot_id,
    coalesce(experiment, 'none') AS experiment,
    -- Who takes no part is served what is in place.
    CASE WHEN experiment IS NULL THEN 'A' ELSE coalesce(arm, 'A') END AS arm,
    CAST(asked_at AS DATE) AS day,
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
known AS (
  SELECT tenant, topic, id, max(gain) AS gain
  FROM gold.judgements
  GROUP BY tenant, topic, id
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
  SELECT tenant, request_id FROM silver.feedback WHERE kind = 'clicked'
  UNION
  SELECT tenant, request_id
  FROM silver.interactions
  WHERE request_id IS NOT NULL AND coalesce(offer_id, company_id) IS NOT NULL
),
measured AS (
  SELECT
    asked.day,
    asked.tenant,
    asked.endpoint,
    asked.snapshot_id,
    asked.experiment,
    asked.arm,
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
    experiment,
    arm,
    count(*) AS queries,
    count(*) FILTER (WHERE is_judged) AS judged_queries,
    count(*) FILTER (WHERE is_clicked) AS clicked_queries,
    count(*) FILTER (WHERE is_empty) AS empty_answers,
    sum(ndcg_5) FILTER (WHERE is_judged) AS ndcg_5,
    sum(ndcg_10) FILTER (WHERE is_judged) AS ndcg_10,
    sum(reciprocal_rank) FILTER (WHERE is_judged) AS reciprocal_rank,
    sum(recall_20) FILTER (WHERE is_judged) AS recall_20
  FROM measured
  GROUP BY day, tenant, endpoint, snapshot_id, experiment, arm
)
SELECT
  day,
  tenant,
  endpoint,
  snapshot_id,
  experiment,
  arm,
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
