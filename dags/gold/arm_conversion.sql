-- Grain: one row per tenant, experiment, arm and ISO week: what users did with the answers of their
-- arm.
-- Readers: `pipeline models arms`, analysts.
--
-- A user counts once a week, however often he asks: his requests are not independent of each other,
-- and intervals that took them to be so would be too narrow. What he did counts in the week of the
-- request that it answers, whenever it was done.
WITH
asked AS (
  SELECT
    tenant,
    request_id,
    experiment,
    arm,
    user_hash,
    CAST(date_trunc('week', asked_at) AS DATE) AS week
  FROM silver.queries
  WHERE experiment IS NOT NULL AND arm IS NOT NULL AND user_hash IS NOT NULL
),
said AS (
  SELECT
    tenant,
    request_id,
    kind IN ('clicked', 'contacted') AS is_clicked,
    kind = 'contacted' AS is_converted
  FROM silver.feedback
  UNION ALL
  SELECT
    tenant,
    request_id,
    TRUE AS is_clicked,
    kind IN ('applied', 'interview', 'hired') AS is_converted
  FROM silver.interactions
  WHERE request_id IS NOT NULL AND coalesce(offer_id, company_id) IS NOT NULL
),
acts AS (
  SELECT
    tenant,
    request_id,
    max(CASE WHEN is_clicked THEN 1 ELSE 0 END) AS clicked,
    max(CASE WHEN is_converted THEN 1 ELSE 0 END) AS converted
  FROM said
  GROUP BY tenant, request_id
),
users AS (
  SELECT
    asked.tenant,
    asked.experiment,
    asked.arm,
    asked.week,
    asked.user_hash,
    count(*) AS requests,
    max(coalesce(acts.clicked, 0)) AS clicked,
    max(coalesce(acts.converted, 0)) AS converted
  FROM asked
  LEFT JOIN acts ON acts.tenant = asked.tenant AND acts.request_id = asked.request_id
  GROUP BY asked.tenant, asked.experiment, asked.arm, asked.week, asked.user_hash
),
counted AS (
  SELECT
    tenant,
    experiment,
    arm,
    week,
    sum(requests) AS requests,
    count(*) AS users,
    sum(clicked) AS clicked_users,
    sum(converted) AS converted_users
  FROM users
  GROUP BY tenant, experiment, arm, week
),
-- In millionths, so that no figure depends on the order of rows.
quality AS (
  SELECT
    tenant,
    experiment,
    arm,
    CAST(date_trunc('week', day) AS DATE) AS week,
    sum(CASE WHEN ndcg_10 IS NOT NULL THEN judged_queries ELSE 0 END) AS judged,
    sum(CAST(round(1000000 * ndcg_10) AS BIGINT) * judged_queries) AS ndcg_10
  FROM gold.search_quality
  GROUP BY tenant, experiment, arm, CAST(date_trunc('week', day) AS DATE)
),
shares AS (
  SELECT
    *,
    CAST(clicked_users AS DOUBLE) / users AS click_rate,
    CAST(converted_users AS DOUBLE) / users AS conversion_rate,
    -- Of the 95 % interval (Wilson 1927): z² and z over the number of users; 0.960365 is z² / 4.
    3.841459 / users AS spread,
    1.959964 / users AS half
  FROM counted
),
intervals AS (
  SELECT
    *,
    (click_rate + spread / 2) / (1 + spread) AS click_middle,
    half * sqrt(clicked_users * (1 - click_rate) + 0.960365) / (1 + spread) AS click_reach,
    (conversion_rate + spread / 2) / (1 + spread) AS conversion_middle,
    half * sqrt(converted_users * (1 - conversion_rate) + 0.960365) / (1 + spread)
      AS conversion_reach
  FROM shares
)
SELECT
  intervals.tenant,
  intervals.experiment,
  intervals.arm,
  intervals.week,
  intervals.requests,
  intervals.users,
  intervals.clicked_users,
  intervals.converted_users,
  round(intervals.click_rate, 6) AS click_rate,
  round(greatest(intervals.click_middle - intervals.click_reach, 0), 6) AS click_rate_low,
  round(least(intervals.click_middle + intervals.click_reach, 1), 6) AS click_rate_high,
  round(intervals.conversion_rate, 6) AS conversion_rate,
  round(greatest(intervals.conversion_middle - intervals.conversion_reach, 0), 6)
    AS conversion_rate_low,
  round(least(intervals.conversion_middle + intervals.conversion_reach, 1), 6)
    AS conversion_rate_high,
  coalesce(quality.judged, 0) AS judged_queries,
  round(CAST(quality.ndcg_10 AS DOUBLE) / (nullif(quality.judged, 0) * 1000000), 6) AS ndcg_10
FROM intervals
LEFT JOIN quality
  ON quality.tenant = intervals.tenant
  AND quality.experiment = intervals.experiment
  AND quality.arm = intervals.arm
  AND quality.week = intervals.week
