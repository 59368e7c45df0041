-- Grain: one row per tenant, company and concept: the activation index.
-- Readers: gold.concepts, gold.match_corpus, gold.known_providers, the snapshot's companies collection, analysts.
--
-- Evidence comes from three sources, the first that speaks gives the words: what the company
-- claims, what its own texts say, what companies of its activity do. Strengths are counted in
-- thousandths, as integers, so that no sum depends on the order of rows.
WITH
named AS (
  SELECT concept_id, label AS name, 1 AS is_preferred FROM silver.concepts
  UNION ALL SELECT concept_id, unnest(synonyms), 0 FROM silver.concepts
  UNION ALL SELECT concept_id, label_en, 0 FROM silver.concepts
  UNION ALL SELECT concept_id, label_de, 0 FROM silver.concepts
),
-- Vocabularies write both genders into one label: `Soudeur / Soudeuse TIG` (ROME) stands for
-- `Soudeur TIG` and `Soudeuse TIG`; `fraiseur/fraiseuse` (ESCO) for each of its halves, which
-- are as long as each other: `banque/finance` inside a longer label is no such pair.
forms AS (
  SELECT concept_id, name, name AS form, is_preferred FROM named
  UNION ALL
  SELECT concept_id, name, regexp_replace(name, ' / [^ ]+', '', 'g'), is_preferred
  FROM named WHERE name LIKE '% / %'
  UNION ALL
  SELECT concept_id, name, regexp_replace(name, '[^ ]+ / ', '', 'g'), is_preferred
  FROM named WHERE name LIKE '% / %'
  UNION ALL
  -- `Chaudronnerie - tôlerie` stands for each of its sides.
  SELECT concept_id, name, unnest(string_to_array(name, ' - ')), is_preferred
  FROM named WHERE name LIKE '% - %'
  UNION ALL
  SELECT concept_id, name, unnest(string_to_array(name, '/')), is_preferred
  FROM named
  WHERE
    name LIKE '%/%'
    AND name NOT LIKE '% / %'
    AND name NOT LIKE '%/%/%'
    AND regexp_count(split_part(name, '/', 1), ' ') = regexp_count(split_part(name, '/', 2), ' ')
),
keyed AS (
  SELECT concept_id, trim(form) AS form, is_preferred, phrase_key(form) AS key FROM forms
),
spoken AS (
  SELECT
    concept_id,
    key,
    max(is_preferred) AS is_preferred,
    first_value(form ORDER BY is_preferred DESC, form) AS form,
    length(key) - length(replace(key, ' ', '')) + 1 AS words
  FROM keyed
  WHERE length(key) >= 2
  GROUP BY concept_id, key
),
-- A phrase that more than five concepts share says nothing about any of them.
telling AS (
  SELECT
    concept_id,
    key,
    is_preferred,
    form,
    words,
    folded_form,
    concat(
      ' ',
      regexp_replace(
        regexp_replace(replace(folded_form, '-', ''), '[^a-z0-9]+', ' ', 'g'),
        '[sx]$',
        ''
      )
    ) AS letters
  FROM (
    SELECT *, fold(form) AS folded_form, count(*) OVER (PARTITION BY key) AS sharers FROM spoken
  )
  WHERE sharers <= 5
),
written AS (
  SELECT
    tenant,
    company_id,
    concat('1:', profile_id) AS text_id,
    1 AS origin,
    concat_ws(' — ', title, text, array_to_string(skills, ', ')) AS text
  FROM silver.profiles
  WHERE kind = 'company' AND company_id IS NOT NULL
  UNION ALL
  SELECT tenant, company_id, '2:description', 2, description
  FROM silver.companies WHERE description IS NOT NULL
  UNION ALL
  SELECT tenant, company_id, '3:name', 3, concat_ws(' — ', name, trade_name)
  FROM silver.companies
),
-- Folded once per text here, not once per mention below.
texts AS (
  SELECT
    *,
    concat(' ', regexp_replace(replace(folded, '-', ''), '[^a-z0-9]+', ' ', 'g')) AS letters
  FROM (SELECT *, fold(text) AS folded FROM written)
),
-- Phrases travel without their text: a text has hundreds of them.
said AS (
  SELECT tenant, company_id, text_id, origin, unnest(phrases(text, 6)) AS key FROM written
),
mentions AS (
  SELECT
    said.tenant,
    said.company_id,
    telling.concept_id,
    said.text_id,
    said.origin,
    telling.form,
    telling.folded_form,
    -- Longer phrases are less often said by chance. A name says much less than a text: « Image
    -- numérique » prints photographs.
    CASE
      WHEN said.origin = 3 THEN 100 + 50 * least(telling.words, 3)
      ELSE 450 + 100 * least(telling.words, 3) + 50 * telling.is_preferred
    END AS thousandths
  FROM said
  JOIN telling ON telling.key = said.key
  JOIN texts
    ON texts.tenant = said.tenant
    AND texts.company_id = said.company_id
    AND texts.text_id = said.text_id
  -- Stems of single words meet by chance (`france` and `français`, `conseils` and `conseiller`):
  -- one word must stand in the text as it is, but for its ending.
  WHERE telling.words > 1 OR strpos(texts.letters, telling.letters) > 0
),
best_mentions AS (
  SELECT *
  FROM (
    SELECT
      *,
      row_number() OVER (
        PARTITION BY tenant, company_id, concept_id
        ORDER BY thousandths DESC, text_id, form
      ) AS place
    FROM mentions
  )
  WHERE place = 1
),
-- Where the words stand in the text; a plural or an inflected form is found by its beginning.
quoted AS (
  SELECT
    best.tenant,
    best.company_id,
    best.concept_id,
    best.origin,
    best.form,
    best.thousandths,
    texts.text,
    coalesce(
      nullif(strpos(texts.folded, best.folded_form), 0),
      nullif(strpos(texts.folded, left(best.folded_form, 5)), 0),
      1
    ) AS found_at
  FROM best_mentions AS best
  JOIN texts
    ON texts.tenant = best.tenant
    AND texts.company_id = best.company_id
    AND texts.text_id = best.text_id
),
activities AS (
  SELECT naf, min(naf_label) AS naf_label FROM silver.activity_priors GROUP BY naf
),
-- What the name of the activity says, under the same rule for single words.
activity_said AS (
  SELECT
    naf,
    naf_label,
    concat(
      ' ', regexp_replace(replace(fold(naf_label), '-', ''), '[^a-z0-9]+', ' ', 'g')
    ) AS letters,
    unnest(phrases(naf_label, 6)) AS key
  FROM activities
),
activity_mentions AS (
  SELECT
    said.naf,
    telling.concept_id,
    max(200 + 50 * least(telling.words, 3)) AS thousandths,
    concat(
      '« ', min(telling.form), ' » dans l''activité ', said.naf, ' (', min(said.naf_label), ')'
    ) AS evidence
  FROM activity_said AS said
  JOIN telling ON telling.key = said.key
  WHERE telling.words > 1 OR strpos(said.letters, telling.letters) > 0
  GROUP BY said.naf, telling.concept_id
),
shares AS (
  SELECT
    *,
    sum(hirings) OVER (PARTITION BY naf) AS all_hirings,
    row_number() OVER (PARTITION BY naf ORDER BY hirings DESC, concept_id) AS place
  FROM silver.activity_priors
  WHERE hirings > 0
),
hired AS (
  SELECT
    naf,
    concept_id,
    -- The root keeps a tenth of an activity's hirings visible beside nine tenths. Fifty hirings
    -- of no trade at all are added: twelve of twelve say less than nine hundred of a thousand.
    CAST(round(500 * sqrt(CAST(hirings AS DOUBLE) / (all_hirings + 50))) AS BIGINT) AS thousandths,
    concat(
      'Activité ', naf, coalesce(concat(' (', naf_label, ')'), ''), ' : ',
      hirings, ' recrutements sur ', all_hirings, ' concernent ce métier'
    ) AS evidence
  FROM shares
  WHERE place <= 30
),
evidence AS (
  SELECT
    tenant,
    company_id,
    concept_id,
    1 AS source,
    CAST(round(1000 * coalesce(strength, 0.8)) AS BIGINT) AS thousandths,
    coalesce(evidence, 'Déclaré par l''entreprise') AS evidence
  FROM silver.activations
  UNION ALL
  SELECT
    tenant,
    company_id,
    concept_id,
    2,
    thousandths,
    CASE
      WHEN origin = 3 THEN concat('« ', form, ' » dans le nom « ', text, ' »')
      ELSE concat(
        '« ', form, ' » : ',
        -- Cut on words, not within them.
        CASE
          WHEN found_at > 41
            THEN concat('… ', regexp_replace(substr(text, found_at - 40, 40), '^[^ ]* ', ''))
          ELSE left(text, found_at - 1)
        END,
        CASE
          WHEN length(text) >= found_at + 100
            THEN concat(regexp_replace(substr(text, found_at, 100), ' [^ ]*$', ''), ' …')
          ELSE substr(text, found_at)
        END
      )
    END
  FROM quoted
  UNION ALL
  SELECT company.tenant, company.company_id, hired.concept_id, 3, hired.thousandths, hired.evidence
  FROM silver.companies AS company
  JOIN hired ON hired.naf = company.naf
  UNION ALL
  SELECT company.tenant, company.company_id, said.concept_id, 3, said.thousandths, said.evidence
  FROM silver.companies AS company
  JOIN activity_mentions AS said ON said.naf = company.naf
),
weighed AS (
  SELECT
    tenant,
    company_id,
    concept_id,
    min(source) AS source,
    max(thousandths) AS thousandths,
    first_value(evidence ORDER BY source, thousandths DESC, evidence) AS evidence
  FROM evidence
  GROUP BY tenant, company_id, concept_id
)
SELECT
  tenant,
  company_id,
  concept_id,
  thousandths / 1000.0 AS strength,
  source = 1 AS is_claimed,
  CASE source WHEN 1 THEN 'claimed' WHEN 2 THEN 'profile' ELSE 'activity' END AS source,
  evidence
FROM weighed
WHERE thousandths > 0
