-- Grain: one row per proposal that nobody has decided: what the vocabulary may lack.
-- Readers: `pipeline curation`, analysts.
--
-- An identifier is a digest of what the proposal is about, so that the same proposal has the same
-- one every night, and a decision on it holds.
WITH
names AS (
  SELECT concept_id, label AS name FROM silver.concepts
  UNION ALL SELECT concept_id, unnest(synonyms) FROM silver.concepts
),
named AS (
  SELECT phrase_key(name) AS key, min(concept_id) AS concept_id FROM names GROUP BY phrase_key(name)
),
-- Searches that reached no concept.
missing AS (
  SELECT
    concat('missing-', left(md5(concat(asked.tenant, '|', asked.key)), 12)) AS proposal_id,
    'missing_concept' AS kind,
    asked.tenant,
    asked.text AS label,
    asked.queries AS weight,
    concat(
      'Demandé ', asked.queries, ' fois par au moins ', asked.callers, ' personnes, du ',
      asked.first_day, ' au ', asked.last_day, ', sans qu''aucun concept réponde'
    ) AS evidence
  FROM gold.asked_texts AS asked
  -- A concept may have been named since.
  LEFT JOIN named ON named.key = phrase_key(asked.text)
  WHERE asked.kind = 'unmet' AND named.key IS NULL
),
-- Near-duplicates by MinHash (Broder 1997) over the analysed words of a concept's names: 12 buckets
-- of 3 hashes find a pair of resemblance 0.7 with a chance of 0.99, then words are compared. Ten
-- synonyms say enough, vocabularies give some concepts a hundred.
live AS (
  SELECT
    concept_id,
    label,
    phrases(concat_ws('. ', label, array_to_string(array_slice(synonyms, 1, 10), '. ')), 1)
      AS words,
    trim(regexp_replace(label, '[^0-9]+', ' ', 'g')) AS numbers
  FROM silver.concepts
  WHERE coalesce(status, 'active') != 'deprecated'
),
-- What more than 50 concepts share tells no two of them apart; it keeps pairs bounded, too.
buckets AS (
  SELECT bucket, array_agg(concept_id) AS members
  FROM (SELECT concept_id, unnest(minhash_buckets(words, 12, 3)) AS bucket FROM live)
  GROUP BY bucket
  HAVING count(*) BETWEEN 2 AND 50
),
candidates AS (
  SELECT DISTINCT concept_id, other_concept_id
  FROM (
    SELECT concept_id, unnest(members) AS other_concept_id
    FROM (SELECT unnest(members) AS concept_id, members FROM buckets)
  )
  WHERE concept_id < other_concept_id
),
compared AS (
  SELECT
    pair.concept_id,
    pair.other_concept_id,
    CAST(cardinality(array_intersect(mine.words, theirs.words)) AS BIGINT) AS common,
    CAST(cardinality(array_union(mine.words, theirs.words)) AS BIGINT) AS united
  FROM candidates AS pair
  JOIN live AS mine ON mine.concept_id = pair.concept_id
  JOIN live AS theirs ON theirs.concept_id = pair.other_concept_id
),
-- By words, by the encoder's vectors, or by both.
resemblances AS (
  SELECT
    concept_id,
    other_concept_id,
    common,
    united,
    1000 * common / united AS words,
    CAST(NULL AS DOUBLE) AS cosine
  FROM compared
  WHERE united > 0 AND 1000 * common / united >= 700
  UNION ALL
  SELECT
    concept_id,
    other_concept_id,
    CAST(NULL AS BIGINT),
    CAST(NULL AS BIGINT),
    CAST(NULL AS BIGINT),
    cosine
  FROM gold.concept_neighbours
),
alike AS (
  SELECT
    concept_id,
    other_concept_id,
    max(common) AS common,
    max(united) AS united,
    max(words) AS words,
    max(cosine) AS cosine,
    concat('duplicate-', left(md5(concat(concept_id, '|', other_concept_id)), 12)) AS proposal_id
  FROM resemblances
  GROUP BY concept_id, other_concept_id
),
-- The five hundred most alike by each rule that are left to decide: more than a person looks at.
duplicates AS (
  SELECT *
  FROM (
    SELECT
      alike.*,
      mine.label,
      theirs.label AS other_label,
      row_number() OVER (
        PARTITION BY alike.words IS NULL
        ORDER BY
          alike.words DESC,
          alike.united DESC,
          alike.cosine DESC NULLS LAST,
          alike.concept_id,
          alike.other_concept_id
      ) AS place
    FROM alike
    JOIN live AS mine ON mine.concept_id = alike.concept_id
    JOIN live AS theirs ON theirs.concept_id = alike.other_concept_id
    LEFT JOIN silver.curation_decisions AS decided ON decided.proposal_id = alike.proposal_id
    WHERE
      decided.proposal_id IS NULL
      -- A number tells one of a series from the next (HN1, HN2), which a vector hardly sees.
      AND (alike.words IS NOT NULL OR mine.numbers = theirs.numbers)
  )
  WHERE place <= 500
),
proposals AS (
  SELECT
    proposal_id,
    kind,
    tenant,
    label,
    CAST(NULL AS VARCHAR) AS concept_id,
    CAST(NULL AS VARCHAR) AS other_concept_id,
    CAST(NULL AS VARCHAR) AS node_id,
    CAST(NULL AS VARCHAR) AS definition,
    weight,
    evidence
  FROM missing
  UNION ALL
  SELECT
    pair.proposal_id,
    'near_duplicate',
    'tenant_public',
    pair.label,
    pair.concept_id,
    pair.other_concept_id,
    NULL,
    NULL,
    coalesce(pair.words, CAST(round(1000 * pair.cosine) AS BIGINT)),
    concat(
      '« ',
      pair.label,
      ' » et « ',
      pair.other_label,
      ' » ',
      concat_ws(
        ' et ',
        CASE
          WHEN pair.words IS NOT NULL
            THEN concat('partagent ', pair.common, ' mots sur ', pair.united)
        END,
        CASE
          WHEN pair.cosine IS NOT NULL
            THEN concat(
              'ont presque le même vecteur (cosinus ',
              replace(CAST(pair.cosine AS VARCHAR), '.', ','),
              ')'
            )
        END
      )
    )
  FROM duplicates AS pair
  UNION ALL
  SELECT
    concat('draft-', left(md5(node.node_id), 12)),
    'draft_concept',
    'tenant_public',
    node.label,
    NULL,
    NULL,
    node.node_id,
    node.description,
    node.level,
    concat(
      'Aucun concept ne dépend du nœud ', array_to_string(node.path, ' › ')
    )
  FROM gold.glossary AS node
  LEFT JOIN named ON named.key = phrase_key(node.label)
  WHERE node.concepts = 0 AND named.key IS NULL
)
SELECT proposals.*
FROM proposals
LEFT JOIN silver.curation_decisions AS decided ON decided.proposal_id = proposals.proposal_id
WHERE decided.proposal_id IS NULL
