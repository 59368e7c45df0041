//! The documents that any weights may rank high, with what each leg says of them: what weights are fitted on.

use std::collections::BTreeMap;

use crate::collection::Collection;
use crate::evidence::{Evidence, LEGS};
use crate::query::Query;
use crate::ranking::{Candidate, best, candidates};

/// A document that a query finds, leg by leg.
#[derive(Debug, Clone, PartialEq)]
pub struct Pooled {
    /// Identifier.
    pub id: String,
    /// Owner: the tenant that asked, or the shared one.
    pub tenant: String,
    /// Calibrated value of each leg, in the order of the contributions; 0 where the leg says nothing.
    pub legs: [f64; LEGS],
}

impl Collection {
    /// Finds the documents that match `query` and are among the best `limit` by its weights or by one leg alone, in the order in which
    /// equal scores are shown. Their values are those that [`search`](Self::search) has, so that a search with other weights, all above
    /// 0, ranks them by the sum of weight × value.
    ///
    /// Give every leg a weight above 0: one that is off says nothing.
    pub fn pool(&self, query: &Query<'_>) -> Vec<Pooled> {
        let mut terms: BTreeMap<String, u32> = BTreeMap::new();
        for token in text::analyze(query.text) {
            *terms.entry(token.term).or_insert(0) += 1;
        }
        let evidence = Evidence::gather(self, query, &terms);
        let mut candidates = candidates(&evidence);
        let mut pooled = best(&evidence, &candidates, query.limit);
        // Quality alone is no reason to be found.
        for leg in (0..LEGS - 1).filter(|leg| evidence.weights[*leg] > 0.0) {
            for candidate in &mut candidates {
                candidate.score = evidence.calibrated(candidate.part, candidate.row, leg);
            }
            pooled.extend(best(&evidence, &candidates, query.limit));
        }
        let mut pooled: Vec<Pooled> = pooled
            .iter()
            .map(|candidate| document(&evidence, candidate))
            .collect();
        let key = |a: &Pooled, b: &Pooled| (&a.id, &a.tenant).cmp(&(&b.id, &b.tenant));
        pooled.sort_by(key);
        pooled.dedup_by(|a, b| key(a, b).is_eq());
        pooled
    }
}

fn document(evidence: &Evidence<'_>, candidate: &Candidate) -> Pooled {
    let part = evidence.parts[candidate.part].part;
    let value = |leg: usize| match evidence.weights[leg] > 0.0 {
        true => evidence.calibrated(candidate.part, candidate.row, leg),
        false => 0.0,
    };
    Pooled {
        id: part.ids.get(candidate.document as usize).to_owned(),
        tenant: part.tenant.clone(),
        legs: std::array::from_fn(value),
    }
}
