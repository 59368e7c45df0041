-- Grain: one row per tenant and company, with all that a search document of it needs.
-- Readers: the snapshot's companies collection, analysts.
--
-- The `concept_…` lists are parallel: item n of each speaks of the same concept. They are
-- sorted by strength, strongest first, then by concept_id, and hold at most 60 concepts.
WITH ranked AS (
  SELECT
    activation.*,
    concept.label,
    concept.synonyms,
    concept.path,
    row_number() OVER (
      PARTITION BY activation.tenant, activation.company_id
      ORDER BY activation.strength DESC, activation.concept_id
    ) AS place
  FROM gold.company_concepts AS activation
  JOIN gold.concepts AS concept ON concept.concept_id = activation.concept_id
),
known AS (
  SELECT
    tenant,
    company_id,
    array_agg(concept_id ORDER BY place) AS concept_ids,
    array_agg(label ORDER BY place) AS concept_labels,
    -- Vocabularies give some concepts a hundred synonyms: a document needs the first few of its
    -- strongest concepts, the concepts collection knows them all.
    array_agg(
      CASE
        WHEN place <= 20 THEN coalesce(array_to_string(array_slice(synonyms, 1, 10), ' · '), '')
        ELSE ''
      END
      ORDER BY place
    ) AS concept_synonyms,
    array_agg(coalesce(array_to_string(path, ' › '), '') ORDER BY place) AS concept_paths,
    array_agg(strength ORDER BY place) AS concept_strengths,
    array_agg(source ORDER BY place) AS concept_sources,
    array_agg(evidence ORDER BY place) AS concept_evidence
  FROM ranked
  WHERE place <= 60
  GROUP BY tenant, company_id
),
claimed AS (
  SELECT tenant, company_id, count(*) AS claims
  FROM gold.company_concepts
  WHERE is_claimed
  GROUP BY tenant, company_id
),
presented AS (
  SELECT
    tenant,
    company_id,
    string_agg(concat_ws(' — ', title, text), ' ' ORDER BY profile_id) AS profile_text,
    array_distinct(
      flatten(array_agg(skills ORDER BY profile_id) FILTER (WHERE skills IS NOT NULL))
    ) AS skills
  FROM silver.profiles
  WHERE kind = 'company' AND company_id IS NOT NULL
  GROUP BY tenant, company_id
),
rated AS (
  SELECT
    tenant,
    company_id,
    sum(reviews) AS reviews,
    sum(CAST(round(rating * 100) AS BIGINT) * reviews) AS hundredths
  FROM silver.providers
  WHERE rating IS NOT NULL AND reviews > 0
  GROUP BY tenant, company_id
),
activities AS (
  SELECT naf, min(naf_label) AS naf_label FROM silver.activity_priors GROUP BY naf
),
scored AS (
  SELECT
    company.*,
    activities.naf_label,
    presented.profile_text,
    presented.skills,
    coalesce(rated.reviews, 0) AS reviews,
    -- Ten imagined reviews of 3.5 keep two real ones from beating two hundred (Bayesian mean).
    ((coalesce(rated.hundredths, 0) + 3500) * 1000)
    / ((coalesce(rated.reviews, 0) + 10) * 500) AS reputation,
    (
      CASE WHEN company.siren IS NULL THEN 0 ELSE 1 END
      + CASE WHEN company.naf IS NULL THEN 0 ELSE 1 END
      + CASE WHEN company.region IS NULL THEN 0 ELSE 1 END
      + CASE WHEN company.website IS NULL THEN 0 ELSE 1 END
      + CASE WHEN company.capacity IS NULL THEN 0 ELSE 1 END
      + CASE WHEN company.description IS NULL THEN 0 ELSE 1 END
      + CASE WHEN presented.profile_text IS NULL THEN 0 ELSE 1 END
      + CASE WHEN coalesce(cardinality(company.certifications), 0) = 0 THEN 0 ELSE 1 END
    ) * 125 AS completeness,
    least(coalesce(claimed.claims, 0), 5) * 200 AS commitment
  FROM silver.companies AS company
  LEFT JOIN activities ON activities.naf = company.naf
  LEFT JOIN presented
    ON presented.tenant = company.tenant AND presented.company_id = company.company_id
  LEFT JOIN rated ON rated.tenant = company.tenant AND rated.company_id = company.company_id
  LEFT JOIN claimed
    ON claimed.tenant = company.tenant AND claimed.company_id = company.company_id
)
SELECT
  scored.tenant,
  scored.company_id,
  scored.name,
  scored.trade_name,
  scored.siren,
  scored.naf,
  scored.naf_label,
  scored.staff_band,
  scored.region,
  scored.department,
  scored.postal_code,
  scored.city,
  scored.latitude,
  scored.longitude,
  scored.website,
  scored.capacity,
  scored.certifications,
  scored.description,
  scored.profile_text,
  scored.skills,
  known.concept_ids,
  known.concept_labels,
  known.concept_synonyms,
  known.concept_paths,
  known.concept_strengths,
  known.concept_sources,
  known.concept_evidence,
  -- Half reputation, three tenths how complete the record is, two tenths claims made.
  (5 * scored.reputation + 3 * scored.completeness + 2 * scored.commitment) / 10000.0 AS quality,
  scored.reviews,
  scored.updated_at
FROM scored
LEFT JOIN known ON known.tenant = scored.tenant AND known.company_id = scored.company_id
