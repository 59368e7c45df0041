//! The lists' loss: pairs of a list, each as heavy as what exchanging them would do to NDCG.
//!
//! LambdaMART (Burges, *From RankNet to LambdaRank to LambdaMART: An Overview*, 2010), with gains as they are and a discount of 0 beyond
//! the depth. Rows of one score stand with the worse first, so that no order of the table helps, and rows of one score and gain share
//! the mean of their places' discounts, so that none matters. Each list's sum is tempered by `log2(1 + sum) / sum`, as LightGBM's
//! `lambdarank_norm` does, so that long lists do not outweigh all others.

use super::loss::sigmoid;

/// Returns first and second derivatives by the score of each row; those of a list add up to 0. `lists` holds the rows of each list.
pub(super) fn derivatives(
    depth: usize,
    lists: &[Vec<usize>],
    gains: &[f64],
    scores: &[f64],
) -> Vec<(f64, f64)> {
    let mut all = vec![(0.0, 0.0); gains.len()];
    for rows in lists {
        add_list(depth, rows, gains, scores, &mut all);
    }
    all
}

fn add_list(depth: usize, rows: &[usize], gains: &[f64], scores: &[f64], all: &mut [(f64, f64)]) {
    let best = ideal(depth, rows.iter().map(|row| gains[*row]).collect());
    if best <= 0.0 {
        return;
    }
    let mut order = rows.to_vec();
    order.sort_by(|a, b| {
        let by_score = scores[*b].total_cmp(&scores[*a]);
        by_score.then(gains[*a].total_cmp(&gains[*b]))
    });
    let alike = |a: &usize, b: &usize| scores[*a] == scores[*b] && gains[*a] == gains[*b];
    let mut discounts = Vec::with_capacity(order.len());
    for run in order.chunk_by(alike) {
        let start = discounts.len();
        let places = start..start + run.len();
        let mean = places.map(|at| discount(depth, at)).sum::<f64>() / run.len() as f64;
        discounts.resize(start + run.len(), mean);
    }
    let mut sum = 0.0;
    for (first, a) in order.iter().enumerate() {
        for (second, b) in order.iter().enumerate().skip(first + 1) {
            if gains[*a] == gains[*b] {
                continue;
            }
            let moved = (gains[*a] - gains[*b]) * (discounts[first] - discounts[second]);
            let weight = moved.abs() / best;
            let (better, worse) = if gains[*a] > gains[*b] {
                (*a, *b)
            } else {
                (*b, *a)
            };
            let wrong = sigmoid(scores[worse] - scores[better]);
            let (pull, bend) = (weight * wrong, weight * wrong * (1.0 - wrong));
            all[better].0 -= pull;
            all[worse].0 += pull;
            all[better].1 += bend;
            all[worse].1 += bend;
            sum += 2.0 * pull;
        }
    }
    if sum > 0.0 {
        let tempered = (1.0 + sum).log2() / sum;
        for row in rows {
            all[*row].0 *= tempered;
            all[*row].1 *= tempered;
        }
    }
}

fn discount(depth: usize, place: usize) -> f64 {
    if place < depth {
        1.0 / (place as f64 + 2.0).log2()
    } else {
        0.0
    }
}

fn ideal(depth: usize, mut gains: Vec<f64>) -> f64 {
    gains.sort_by(|a, b| b.total_cmp(a));
    let gain = |(place, gain): (usize, &f64)| gain * discount(depth, place);
    gains.iter().enumerate().map(gain).sum()
}

#[cfg(test)]
mod tests {
    use super::derivatives;

    #[test]
    fn a_pair_weighs_what_exchanging_it_does_to_ndcg() {
        // Two rows, the better below: NDCG moves by 1 - 1/log2(3), and the odds are those of the difference.
        let found = derivatives(5, &[vec![0, 1]], &[0.0, 1.0], &[1.0, 0.0]);
        let wrong = 1.0 / (1.0 + (-1.0_f64).exp());
        let weight = 1.0 - 1.0 / 3f64.log2();
        let sum = 2.0 * weight * wrong;
        let tempered = (1.0 + sum).log2() / sum;
        assert!((found[0].0 - tempered * weight * wrong).abs() < 1e-12);
        assert!((found[1].1 - tempered * weight * wrong * (1.0 - wrong)).abs() < 1e-12);
    }

    #[test]
    fn derivatives_of_a_list_add_up_to_nothing_and_know_no_order() {
        let (gains, scores) = ([0.0, 1.0, 0.0, 2.0, 0.0], [0.0, 0.0, 0.0, -1.0, 0.5]);
        let found = derivatives(3, &[(0..5).collect()], &gains, &scores);
        assert!(found.iter().map(|one| one.0).sum::<f64>().abs() < 1e-12);
        assert!(found[1].0 < 0.0 && found[3].0 < 0.0 && found[4].0 > 0.0);
        assert!((found[0].0 - found[2].0).abs() < 1e-12);
        let back = derivatives(3, &[(0..5).rev().collect()], &gains, &scores);
        for (a, b) in found.iter().zip(back) {
            assert!((a.0 - b.0).abs() < 1e-12 && (a.1 - b.1).abs() < 1e-12);
        }
    }

    #[test]
    fn a_list_in_which_all_are_as_good_says_nothing() {
        assert_eq!(
            derivatives(5, &[vec![0, 1]], &[1.0, 1.0], &[0.0, 3.0]),
            [(0.0, 0.0); 2]
        );
        assert_eq!(
            derivatives(5, &[vec![0, 1]], &[0.0, 0.0], &[0.0, 3.0]),
            [(0.0, 0.0); 2]
        );
    }
}
