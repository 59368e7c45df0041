//! Ranking: the score of every candidate, the best of them and their rank by each leg.

use crate::evidence::{Evidence, LEG_NAMES, LEGS};
use crate::facets::DocumentSet;
use crate::fusion::{Fusion, share_of_rank};
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

/// All candidates, in no order, scored.
pub(crate) fn candidates(evidence: &Evidence<'_>) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for (part, content) in evidence.parts.iter().enumerate() {
        for (row, document) in content.documents.iter().enumerate() {
            if evidence.is_candidate(part, row) {
                candidates.push(Candidate {
                    part,
                    row,
                    document: *document,
                    score: 0.0,
                });
            }
        }
    }
    match evidence.fusion {
        Fusion::WeightedSum => score_by_value(evidence, &mut candidates),
        Fusion::ReciprocalRank => score_by_rank(evidence, &mut candidates),
    }
    candidates
}

fn score_by_value(evidence: &Evidence<'_>, candidates: &mut [Candidate]) {
    for candidate in candidates {
        let values = (0..LEGS).map(|leg| value(evidence, candidate, leg, None));
        candidate.score = values.sum();
    }
}

/// Each leg ranks all candidates, which costs a sort of them by leg.
fn score_by_rank(evidence: &Evidence<'_>, candidates: &mut [Candidate]) {
    for leg in (0..LEGS).filter(|leg| evidence.weights[*leg] > 0.0) {
        let ranks = ranks(evidence, candidates, candidates, leg);
        for (candidate, rank) in candidates.iter_mut().zip(ranks) {
            candidate.score += value(evidence, candidate, leg, Some(rank));
        }
    }
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

/// What a leg adds to the score of a candidate; `rank` matters to reciprocal rank fusion only.
fn value(evidence: &Evidence<'_>, of: &Candidate, leg: usize, rank: Option<u32>) -> f64 {
    let weight = evidence.weights[leg];
    if weight == 0.0 {
        return 0.0;
    }
    let calibrated = evidence.calibrated(of.part, of.row, leg);
    match (evidence.fusion, rank) {
        (Fusion::WeightedSum, _) => weight * calibrated,
        (Fusion::ReciprocalRank, Some(rank)) if calibrated > 0.0 => weight * share_of_rank(rank),
        (Fusion::ReciprocalRank, _) => 0.0,
    }
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
        std::array::from_fn(|leg| {
            let weight = evidence.weights[leg];
            let (raw, calibrated) = if weight > 0.0 {
                (
                    evidence.raw(hit.part, hit.row, leg),
                    evidence.calibrated(hit.part, hit.row, leg),
                )
            } else {
                (0.0, 0.0)
            };
            let rank = (calibrated > 0.0).then_some(ranks[leg][at]);
            Contribution {
                name: LEG_NAMES[leg],
                rank,
                raw,
                calibrated,
                weight,
                value: value(evidence, hit, leg, rank),
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
    // `above[n]`: candidates greater than exactly the n lowest of the best, then than at least those.
    let mut above = vec![0_u32; sorted.len() + 1];
    for candidate in candidates {
        let value = raw(candidate);
        above[sorted.partition_point(|lower| lower.total_cmp(&value).is_lt())] += 1;
    }
    for n in (0..sorted.len()).rev() {
        above[n] += above[n + 1];
    }
    best.iter()
        .map(|hit| {
            let value = raw(hit);
            let at = sorted.partition_point(|lower| lower.total_cmp(&value).is_le());
            1 + above[at]
        })
        .collect()
}
