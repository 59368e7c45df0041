//! Search: every candidate scored by every leg.

use std::collections::{BTreeMap, HashMap};

use crate::admission::Admission;
use crate::collection::Collection;
use crate::evidence::Evidence;
use crate::query::Query;
use crate::ranking::{Candidate, best, candidates, contributions, matches};
use crate::result::{Hit, SearchResult};

impl Collection {
    /// Finds the documents that match `query`, best first.
    ///
    /// A document matches when it passes the tenant and the filters and a word, part of a word, concept or vector links it to
    /// the query. The best k are the first k of the best k + 1. Fused as a weighted sum, a score depends on the document, the
    /// query and what the tenant sees, never on the other candidates or the filters; [`Fusion`](crate::Fusion) says what
    /// changes with ranks.
    pub fn search(&self, query: &Query<'_>) -> SearchResult {
        let tokens = text::analyze(query.text);
        let mut terms: BTreeMap<String, u32> = BTreeMap::new();
        let mut written: HashMap<&str, &str> = HashMap::new();
        for token in &tokens {
            *terms.entry(token.term.clone()).or_insert(0) += 1;
            let surface = query
                .text
                .get(token.start..token.end)
                .unwrap_or(&token.surface);
            written.entry(&token.term).or_insert(surface);
        }
        let evidence = Evidence::gather(self, query, &terms);
        let candidates = candidates(&evidence);
        let best = best(&evidence, &candidates, query.limit);
        let mut matched = matched_terms(&evidence, &best);
        let contributions = contributions(&evidence, &candidates, &best);
        let hits = best.iter().zip(contributions).map(|(hit, contributions)| {
            let part = evidence.parts[hit.part].part;
            let at = hit.document as usize;
            let terms = matched
                .remove(&(hit.part, hit.document))
                .unwrap_or_default();
            Hit {
                id: part.ids.get(at).to_owned(),
                tenant: part.tenant.clone(),
                title: part.shown.titles.get(at).to_owned(),
                score: contributions
                    .iter()
                    .map(|contribution| contribution.value)
                    .sum(),
                contributions: contributions.into(),
                matched_terms: in_query_order(&tokens, &terms, &written),
                concepts: part
                    .concepts
                    .matching(hit.document, query.concept_relevance),
                payload: part.shown.payloads.get(at).to_owned(),
            }
        });
        SearchResult {
            hits: hits.collect(),
            matches: matches(&evidence, &candidates),
            eligible: evidence.parts.iter().map(|part| part.admitted.count).sum(),
            admission: Admission::new(query.filters, &evidence.parts),
            fusion: evidence.fusion,
            is_lexical_only: evidence.weights[2] == 0.0,
            is_weak: evidence.is_weak,
        }
    }
}

/// Terms of the query that each of `best` has.
fn matched_terms(
    evidence: &Evidence<'_>,
    best: &[Candidate],
) -> HashMap<(usize, u32), Vec<String>> {
    let mut matched: HashMap<(usize, u32), Vec<String>> = HashMap::new();
    for part in 0..evidence.parts.len() {
        let documents: Vec<u32> = best
            .iter()
            .filter(|hit| hit.part == part)
            .map(|hit| hit.document)
            .collect();
        for (document, term) in evidence.words.matched(part, &documents) {
            matched
                .entry((part, document))
                .or_default()
                .push(term.to_owned());
        }
    }
    matched
}

/// `terms` as the query writes them, in its order, each once.
fn in_query_order(
    tokens: &[text::Token],
    terms: &[String],
    written: &HashMap<&str, &str>,
) -> Vec<String> {
    let mut ordered: Vec<String> = Vec::new();
    for token in tokens.iter().filter(|token| terms.contains(&token.term)) {
        let Some(surface) = written.get(token.term.as_str()) else {
            continue;
        };
        if !ordered.iter().any(|seen| seen == surface) {
            ordered.push((*surface).to_owned());
        }
    }
    ordered
}
