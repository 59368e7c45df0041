-- Grain: one row per bronze match request row, cleaned; the contract then refuses and keeps the
-- latest.
-- Readers: gold.arm_conversion, gold.curation_proposals, gold.judgements, gold.market_demand, gold.market_signals,
-- gold.search_quality, gold.suggestions, gold.training_pairs, silver.feedback (reference).
SELECT
  tenant,
  nullif(trim(request_id), '') AS request_id,
  nullif(trim(endpoint), '') AS endpoint,
  clean_text(text) AS text,
  query_key(clean_text(text)) AS query_key,
  clean_text(region) AS region,
  matched_concepts,
  results,
  scores,
  nullif(trim(snapshot_id), '') AS snapshot_id,
  nullif(trim(reranker), '') AS reranker,
  nullif(trim(experiment), '') AS experiment,
  nullif(trim(arm), '') AS arm,
  nullif(trim(user_hash), '') AS user_hash,
  latency_us,
  nullif(trim(ip_hash), '') AS ip_hash,
  nullif(trim(caller_scope), '') AS caller_scope,
  clean_text(user_agent) AS user_agent,
  asked_at,
  slot,
  _file,
  _line,
  _file_digest
FROM bronze.queries
