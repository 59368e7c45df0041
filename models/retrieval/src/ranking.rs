//! Ranking: the score of every candidate, the best of them and their rank by each leg.

use crate::evidence::{Evidence, LEG_NAMES, LEGS};
use crate::facets::DocumentSet;
use crate::result::Contribution;

/// A document that matches.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    pub(crate) part: usize,
    /// Row in the part's evidence.
    pub(crate) row: usize,
    pub(crate) document: u32,
    pub(crate) score: f64,
}

/// All candidates, in no order.
pub(crate) fn candidates(evidence: &Evidence<'_>) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for (part, content) in evidence.parts.iter().enumerate() {
        for (row, document) in content.documents.iter().enumerate() {
            if evidence.is_candidate(part, row) {
                let score = values(evidence, part, row).iter().sum();
                candidates.push(Candidate {
                    part,
                    row,
                    document: *document,
                    score,
                });
            }
        }
    }
    candidates
}

/// How many documents match: the candidates, and in large parts all others that a word or a concept links to the query.
pub(crate) fn matches(evidence: &Evidence<'_>, candidates: &[Candidate]) -> usize {
    let mut linked: Vec<Option<DocumentSet>> = evidence
        .parts
        .iter()
        .map(|part| part.linked.clone())
        .collect();
    let mut matches = 0;
    for candidate in candidates {
        match &mut linked[candidate.part] {
            Some(linked) => linked.insert(candidate.document),
            None => matches += 1,
        }
    }
    matches + linked.iter().flatten().map(DocumentSet::len).sum::<usize>()
}

/// What each leg adds to the score, in order.
fn values(evidence: &Evidence<'_>, part: usize, row: usize) -> [f64; LEGS] {
    std::array::from_fn(|leg| match evidence.weights[leg] {
        0.0 => 0.0,
        weight => weight * evidence.calibrated(part, row, leg),
    })
}

/// The best `limit` of `candidates`, best first, ties by id, then tenant.
pub(crate) fn best(
    evidence: &Evidence<'_>,
    candidates: &[Candidate],
    limit: usize,
) -> Vec<Candidate> {
    let key = |candidate: &Candidate| {
        let part = evidence.parts[candidate.part].part;
        (
            part.ids.get(candidate.document as usize),
            part.tenant.as_str(),
        )
    };
    let order = |a: &Candidate, b: &Candidate| {
        b.score
            .total_cmp(&a.score)
            .then_with(|| key(a).cmp(&key(b)))
    };
    let mut best = candidates.to_vec();
    if limit > 0 && limit < best.len() {
        best.select_nth_unstable_by(limit - 1, order);
    }
    best.truncate(limit);
    best.sort_unstable_by(order);
    best
}

/// Contributions of each of `best`, with its rank among all `candidates` by each leg.
pub(crate) fn contributions(
    evidence: &Evidence<'_>,
    candidates: &[Candidate],
    best: &[Candidate],
) -> Vec<[Contribution; LEGS]> {
    let ranks: [Vec<u32>; LEGS] = std::array::from_fn(|leg| ranks(evidence, candidates, best, leg));
    let contributions = best.iter().enumerate().map(|(at, hit)| {
        let values = values(evidence, hit.part, hit.row);
        std::array::from_fn(|leg| {
            let weight = evidence.weights[leg];
            let is_on = weight > 0.0;
            let calibrated = if is_on {
                evidence.calibrated(hit.part, hit.row, leg)
            } else {
                0.0
            };
            Contribution {
                name: LEG_NAMES[leg],
                rank: (calibrated > 0.0).then_some(ranks[leg][at]),
                raw: if is_on {
                    evidence.raw(hit.part, hit.row, leg)
                } else {
                    0.0
                },
                calibrated,
                weight,
                value: values[leg],
            }
        })
    });
    contributions.collect()
}

/// 1 + how many candidates have a greater raw value, for each of `best`, in one pass over the candidates.
fn ranks(
    evidence: &Evidence<'_>,
    candidates: &[Candidate],
    best: &[Candidate],
    leg: usize,
) -> Vec<u32> {
    let raw = |candidate: &Candidate| evidence.raw(candidate.part, candidate.row, leg);
    let mut sorted: Vec<f64> = best.iter().map(raw).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    // `above[n]`: candidates greater than exactly the n lowest of the best.
    let mut above = vec![0_u32; sorted.len() + 1];
    for candidate in candidates {
        let value = raw(candidate);
        above[sorted.partition_point(|lower| lower.total_cmp(&value).is_lt())] += 1;
    }
    best.iter()
        .map(|hit| {
            let value = raw(hit);
            let at = sorted.partition_point(|lower| lower.total_cmp(&value).is_le());
            1 + above[at..].iter().sum::<u32>()
        })
        .collect()
}
