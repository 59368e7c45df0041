-- Grain: one row per tenant, anchor and positive: what was asked, or who, and what was chosen.
-- Readers: whoever trains an encoder, a reranker or weights; analysts.
--
-- An anchor is a query (requests of one tenant with the same words) or a profile. A hard negative
-- was shown higher in the list of an answer and passed over for the positive (Joachims 2002:
-- "click > skip above"); for a profile, it was opened before the positive and left there.
WITH
known AS (
  SELECT tenant, 'company' AS kind, company_id AS id FROM silver.companies
  UNION ALL
  SELECT tenant, 'offer', offer_id FROM silver.offers
),
asked AS (
  SELECT
    tenant,
    request_id,
    text,
    query_key AS anchor_id,
    results
  FROM silver.queries
),
-- How far people went, on one scale: viewed 1, saved 2, applied 3, interview 4, hired 5. A click
-- is a view, a company found relevant is as good as saved, one contacted as good as applied to.
acts AS (
  SELECT
    tenant,
    request_id,
    CAST(NULL AS VARCHAR) AS profile_id,
    'company' AS kind,
    company_id AS id,
    CASE kind WHEN 'contacted' THEN 3 WHEN 'relevant' THEN 2 WHEN 'clicked' THEN 1 ELSE 0 END
      AS strength,
    1 AS is_feedback,
    given_at AS done_at
  FROM silver.feedback
  UNION ALL
  SELECT
    tenant,
    request_id,
    profile_id,
    CASE WHEN offer_id IS NULL THEN 'company' ELSE 'offer' END,
    coalesce(offer_id, company_id),
    CASE kind
      WHEN 'hired' THEN 5
      WHEN 'interview' THEN 4
      WHEN 'applied' THEN 3
      WHEN 'saved' THEN 2
      ELSE 1
    END,
    0,
    occurred_at
  FROM silver.interactions
  WHERE coalesce(offer_id, company_id) IS NOT NULL
),
-- Found irrelevant in an answer: then opening it there was no choice.
refused AS (
  SELECT DISTINCT tenant, request_id, kind, id FROM acts WHERE strength = 0
),
chosen_in_answers AS (
  SELECT acts.*, asked.anchor_id
  FROM acts
  JOIN asked ON asked.tenant = acts.tenant AND asked.request_id = acts.request_id
  LEFT JOIN refused
    ON refused.tenant = acts.tenant
    AND refused.request_id = acts.request_id
    AND refused.kind = acts.kind
    AND refused.id = acts.id
  WHERE acts.strength > 0 AND refused.id IS NULL AND length(asked.anchor_id) > 0
),
events AS (
  SELECT tenant, 'query' AS anchor_kind, anchor_id, kind, id, strength, is_feedback, done_at
  FROM chosen_in_answers
  UNION ALL
  SELECT tenant, 'profile', profile_id, kind, id, strength, is_feedback, done_at
  FROM acts
  WHERE profile_id IS NOT NULL AND strength > 0
),
pairs AS (
  SELECT
    tenant,
    anchor_kind,
    anchor_id,
    kind,
    id,
    max(strength) AS strength,
    count(*) AS events,
    sum(is_feedback) AS opinions,
    min(done_at) AS first_at,
    max(done_at) AS last_at
  FROM events
  GROUP BY tenant, anchor_kind, anchor_id, kind, id
),
-- Every place of the answers in which something was chosen.
shown AS (
  SELECT
    tenant,
    request_id,
    anchor_id,
    unnest(results) AS id,
    unnest(range(CAST(1 AS BIGINT), CAST(cardinality(results) AS BIGINT) + 1)) AS place
  FROM asked
  WHERE cardinality(results) > 0
),
chosen_places AS (
  SELECT DISTINCT
    chosen.tenant, chosen.request_id, chosen.anchor_id, chosen.kind, chosen.id, shown.place
  FROM chosen_in_answers AS chosen
  JOIN shown
    ON shown.tenant = chosen.tenant
    AND shown.request_id = chosen.request_id
    AND shown.id = chosen.id
),
refused_by_anchor AS (
  SELECT DISTINCT asked.tenant, asked.anchor_id, refused.kind, refused.id
  FROM refused
  JOIN asked ON asked.tenant = refused.tenant AND asked.request_id = refused.request_id
),
skipped AS (
  SELECT
    chosen.tenant,
    chosen.anchor_id,
    chosen.kind,
    chosen.id,
    above.id AS negative_id,
    count(*) AS times
  FROM chosen_places AS chosen
  JOIN shown AS above
    ON above.tenant = chosen.tenant
    AND above.request_id = chosen.request_id
    AND above.place < chosen.place
  -- What somebody chose for the same words is no negative.
  LEFT JOIN pairs AS wanted
    ON wanted.tenant = chosen.tenant
    AND wanted.anchor_kind = 'query'
    AND wanted.anchor_id = chosen.anchor_id
    AND wanted.kind = chosen.kind
    AND wanted.id = above.id
  WHERE wanted.id IS NULL
  GROUP BY chosen.tenant, chosen.anchor_id, chosen.kind, chosen.id, above.id
),
negatives AS (
  -- Found irrelevant before passed over, passed over often before seldom.
  SELECT
    skipped.tenant,
    'query' AS anchor_kind,
    skipped.anchor_id,
    skipped.kind,
    skipped.id,
    skipped.negative_id,
    row_number() OVER (
      PARTITION BY skipped.tenant, skipped.anchor_id, skipped.kind, skipped.id
      ORDER BY
        CASE WHEN refused.id IS NULL THEN 1 ELSE 0 END, skipped.times DESC, skipped.negative_id
    ) AS place
  FROM skipped
  JOIN known
    ON known.kind = skipped.kind
    AND known.id = skipped.negative_id
    AND (known.tenant = skipped.tenant OR known.tenant = 'tenant_public')
  LEFT JOIN refused_by_anchor AS refused
    ON refused.tenant = skipped.tenant
    AND refused.anchor_id = skipped.anchor_id
    AND refused.kind = skipped.kind
    AND refused.id = skipped.negative_id
  UNION ALL
  -- The one that was left last before the positive was opened.
  SELECT
    pair.tenant,
    'profile',
    pair.anchor_id,
    pair.kind,
    pair.id,
    earlier.id,
    row_number() OVER (
      PARTITION BY pair.tenant, pair.anchor_id, pair.kind, pair.id
      ORDER BY earlier.last_at DESC, earlier.id
    )
  FROM pairs AS pair
  JOIN pairs AS earlier
    ON earlier.tenant = pair.tenant
    AND earlier.anchor_kind = 'profile'
    AND earlier.anchor_id = pair.anchor_id
    AND earlier.kind = pair.kind
    AND earlier.strength = 1
    AND earlier.last_at < pair.first_at
  JOIN known
    ON known.kind = earlier.kind
    AND known.id = earlier.id
    AND (known.tenant = earlier.tenant OR known.tenant = 'tenant_public')
  WHERE pair.anchor_kind = 'profile' AND pair.strength > 1
),
anchors AS (
  SELECT tenant, 'query' AS anchor_kind, anchor_id, min(text) AS anchor_text
  FROM asked
  GROUP BY tenant, anchor_id
  UNION ALL
  SELECT
    tenant,
    'profile',
    profile_id,
    concat_ws(' — ', title, text, array_to_string(skills, ', '))
  FROM silver.profiles
)
SELECT
  pair.tenant,
  pair.anchor_kind,
  pair.anchor_id,
  anchor.anchor_text,
  pair.kind AS positive_kind,
  pair.id AS positive_id,
  coalesce(own.tenant, shared.tenant) AS positive_tenant,
  negative.negative_id AS hard_negative_id,
  CASE
    WHEN negative.negative_id IS NULL THEN NULL
    ELSE coalesce(own_negative.tenant, 'tenant_public')
  END AS hard_negative_tenant,
  pair.strength,
  CASE pair.strength
    WHEN 5 THEN 'hired'
    WHEN 4 THEN 'interview'
    WHEN 3 THEN 'applied'
    WHEN 2 THEN 'saved'
    ELSE 'viewed'
  END AS reached,
  CASE
    WHEN pair.opinions = 0 THEN 'interactions'
    WHEN pair.opinions = pair.events THEN 'feedback'
    ELSE 'both'
  END AS source,
  pair.events,
  CAST(pair.last_at AS DATE) AS slot
FROM pairs AS pair
JOIN anchors AS anchor
  ON anchor.tenant = pair.tenant
  AND anchor.anchor_kind = pair.anchor_kind
  AND anchor.anchor_id = pair.anchor_id
LEFT JOIN known AS own
  ON own.tenant = pair.tenant AND own.kind = pair.kind AND own.id = pair.id
LEFT JOIN known AS shared
  ON shared.tenant = 'tenant_public' AND shared.kind = pair.kind AND shared.id = pair.id
LEFT JOIN negatives AS negative
  ON negative.tenant = pair.tenant
  AND negative.anchor_kind = pair.anchor_kind
  AND negative.anchor_id = pair.anchor_id
  AND negative.kind = pair.kind
  AND negative.id = pair.id
  AND negative.place = 1
LEFT JOIN known AS own_negative
  ON own_negative.tenant = pair.tenant
  AND own_negative.kind = pair.kind
  AND own_negative.id = negative.negative_id
WHERE coalesce(own.tenant, shared.tenant) IS NOT NULL
