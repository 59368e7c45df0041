-- Grain: one row per glossary node, with its way down from the Métier.
-- Readers: gold.concepts, gold.concept_supply, gold.curation_proposals, gold.suggestions, the
-- snapshot's glossary section (`GET /api/glossary`), analysts.
WITH placed AS (
  SELECT
    node.node_id,
    node.parent_id,
    node.level,
    node.label,
    node.description,
    node.synonyms,
    node.language,
    -- The tree is three deep by contract, so two steps up reach its root from anywhere.
    CASE
      WHEN root.node_id IS NOT NULL THEN make_array(root.label, parent.label, node.label)
      WHEN parent.node_id IS NOT NULL THEN make_array(parent.label, node.label)
      ELSE make_array(node.label)
    END AS path,
    CASE
      WHEN root.node_id IS NOT NULL THEN make_array(root.node_id, parent.node_id, node.node_id)
      WHEN parent.node_id IS NOT NULL THEN make_array(parent.node_id, node.node_id)
      ELSE make_array(node.node_id)
    END AS path_ids
  FROM silver.glossary_nodes AS node
  LEFT JOIN silver.glossary_nodes AS parent ON parent.node_id = node.parent_id
  LEFT JOIN silver.glossary_nodes AS root ON root.node_id = parent.parent_id
),
above AS (
  SELECT node_id AS below_id, unnest(path_ids) AS node_id FROM placed
),
counted AS (
  SELECT above.node_id, count(*) AS concepts
  FROM silver.concepts AS concept
  JOIN above ON above.below_id = concept.node_id
  GROUP BY above.node_id
)
SELECT
  placed.node_id,
  placed.parent_id,
  placed.level,
  placed.label,
  placed.path,
  placed.path_ids,
  placed.description,
  placed.synonyms,
  placed.language,
  coalesce(counted.concepts, 0) AS concepts
FROM placed
LEFT JOIN counted ON counted.node_id = placed.node_id
