//! Who comes first.

/// Returns the places of what was scored, the best first. Equal scores stand by id, the lowest first, so the order is that of the scores and ids
/// alone, whoever asks and however the candidates came. A score that is no number comes last.
#[must_use]
pub fn order<I: Ord>(scored: &[(I, f64)]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..scored.len()).collect();
    let key = |at: usize| {
        let score = scored[at].1;
        // -0 is 0, and no number is below all.
        if score.is_nan() {
            f64::NEG_INFINITY
        } else {
            score + 0.0
        }
    };
    places.sort_by(|a, b| {
        let by_score = key(*b).total_cmp(&key(*a));
        by_score.then_with(|| scored[*a].0.cmp(&scored[*b].0))
    });
    places
}
