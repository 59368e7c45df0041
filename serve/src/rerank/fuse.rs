//! One more contribution to every score.

use encoder::Relevance;
use retrieval::{Contribution, Hit};

use super::LEG;

/// Adds what the cross-encoder says of the first hits, and orders those anew; the others follow in their order.
///
/// `weight` is what it counts where all legs together count 1: weights stay shares of the score, and scores in [0, 1]. A
/// contribution is never negative, so that no hit behind the first passes one of them, and its own is 0.
pub(super) fn fuse(hits: &mut [Hit], relevances: &[Relevance], weight: f64) {
    let (own, others) = (weight / (1.0 + weight), 1.0 / (1.0 + weight));
    for (number, hit) in hits.iter_mut().enumerate() {
        for leg in &mut hit.contributions {
            leg.weight *= others;
            leg.value *= others;
        }
        let relevance = relevances.get(number);
        let calibrated = relevance.map_or(0.0, |relevance| f64::from(relevance.probability));
        hit.contributions.push(Contribution {
            name: LEG,
            rank: relevance.map(|relevance| rank(relevances, relevance)),
            raw: relevance.map_or(0.0, |relevance| f64::from(relevance.logit)),
            calibrated,
            weight: own,
            value: own * calibrated,
        });
        hit.score = hit.contributions.iter().map(|leg| leg.value).sum();
    }
    let read = relevances.len().min(hits.len());
    hits[..read].sort_by(|a, b| {
        let by_score = b.score.total_cmp(&a.score);
        by_score.then_with(|| (&a.id, &a.tenant).cmp(&(&b.id, &b.tenant)))
    });
}

/// Returns 1 + how many have a greater logit: equal ones share a rank.
fn rank(relevances: &[Relevance], of: &Relevance) -> u32 {
    let above = relevances.iter().filter(|other| other.logit > of.logit);
    u32::try_from(above.count() + 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(count: usize) -> Vec<Hit> {
        let leg = |name, weight, calibrated| Contribution {
            name,
            rank: Some(1),
            raw: calibrated,
            calibrated,
            weight,
            value: weight * calibrated,
        };
        let hit = |number: usize| {
            let share = 1.0 - number as f64 / count as f64;
            let contributions = vec![leg("lexical", 0.7, share), leg("vector", 0.3, share / 3.0)];
            Hit {
                id: format!("e{number:03}"),
                tenant: "tenant_public".to_owned(),
                title: String::new(),
                score: contributions.iter().map(|leg| leg.value).sum(),
                contributions,
                matched_terms: Vec::new(),
                concepts: Vec::new(),
                payload: String::new(),
            }
        };
        (0..count).map(hit).collect()
    }

    fn relevances(count: usize, seed: u32) -> Vec<Relevance> {
        let relevance = |number: usize| {
            let logit = (number as u32 * 7919 + seed * 104_729) % 1000;
            let logit = logit as f32 / 50.0 - 10.0;
            let probability = 1.0 / (1.0 + (-logit).exp());
            Relevance { logit, probability }
        };
        (0..count).map(relevance).collect()
    }

    fn ids(hits: &[Hit]) -> Vec<&str> {
        hits.iter().map(|hit| hit.id.as_str()).collect()
    }

    #[test]
    fn scores_are_sums_in_order_and_none_passes_those_that_were_read() {
        for (seed, (count, read, weight)) in
            [(80, 50, 1.0), (50, 50, 0.2), (10, 10, 4.0), (51, 50, 9.0)]
                .into_iter()
                .enumerate()
        {
            let before = found(count);
            let mut after = before.clone();
            fuse(&mut after, &relevances(read, seed as u32), weight);
            for hit in &after {
                let sum: f64 = hit.contributions.iter().map(|leg| leg.value).sum();
                assert_eq!(hit.score.to_bits(), sum.to_bits());
                assert!((0.0..=1.0).contains(&hit.score));
                let weights: f64 = hit.contributions.iter().map(|leg| leg.weight).sum();
                assert!((weights - 1.0).abs() < 1e-12);
            }
            assert!(
                after
                    .windows(2)
                    .all(|pair| pair[0].score >= pair[1].score - 1e-12)
            );
            assert_eq!(ids(&after[read..]), ids(&before[read..]));
            let mut first = ids(&after[..read]);
            assert_ne!(first, ids(&before[..read]), "nothing was ordered anew");
            first.sort_unstable();
            assert_eq!(first, ids(&before[..read]));
        }
    }

    #[test]
    fn the_contribution_shows_logit_sigmoid_and_rank() {
        let mut hits = found(3);
        let read = [(0.0, 0.5), (2.0, 0.75), (0.0, 0.5)];
        let read = read.map(|(logit, probability)| Relevance { logit, probability });
        fuse(&mut hits, &read[..2], 1.0);
        let leg = |id: &str| {
            let hit = hits.iter().find(|hit| hit.id == id).unwrap();
            let leg = hit.contributions.last().unwrap();
            assert_eq!((leg.name, leg.weight), ("rerank", 0.5));
            (leg.rank, leg.raw, leg.calibrated, leg.value)
        };
        assert_eq!(leg("e000"), (Some(2), 0.0, 0.5, 0.25));
        assert_eq!(leg("e001"), (Some(1), 2.0, 0.75, 0.375));
        assert_eq!(leg("e002"), (None, 0.0, 0.0, 0.0));
        let ranks = read.iter().map(|relevance| rank(&read, relevance));
        assert_eq!(ranks.collect::<Vec<_>>(), [2, 1, 2]);
    }
}
