//! First digits: prices that grow over orders of magnitude start with 1 more often than with 9; invented ones often do not.

use serde::{Deserialize, Serialize};

/// Prices below which first digits say nothing.
const FEWEST: usize = 100;
/// The least largest price over the smallest: two orders of magnitude.
const LEAST_SPAN: f64 = 100.0;

/// First digits against Benford's law; **high** is suspicious. (Benford, *The Law of Anomalous Numbers*, 1938; Nigrini, *Benford's Law*, 2012.)
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Benford {
    /// Prices that were looked at.
    pub prices: usize,
    /// Pearson's χ² on 8 degrees of freedom; above 20.09 once in a hundred by chance.
    pub chi_square: f64,
    /// Mean absolute deviation of the nine shares; Nigrini calls above 0.015 non-conforming.
    pub mean_deviation: f64,
}

/// Compares the first digits of `prices` (finite, above 0) with Benford's law. None below a hundred prices or two orders of magnitude:
/// the law does not hold of one auction, nor of firms that always sell the same.
#[must_use]
pub fn benford(prices: &[f64]) -> Option<Benford> {
    let smallest = prices.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = prices.iter().copied().fold(0.0, f64::max);
    if prices.len() < FEWEST || smallest <= 0.0 || largest / smallest < LEAST_SPAN {
        return None;
    }
    let mut counts = [0.0; 9];
    for price in prices {
        counts[first_digit(*price) - 1] += 1.0;
    }
    let n = prices.len() as f64;
    let expected: Vec<f64> = (1..=9)
        .map(|d| (1.0 + 1.0 / f64::from(d)).log10())
        .collect();
    let pairs = || counts.iter().zip(&expected);
    Some(Benford {
        prices: prices.len(),
        chi_square: pairs().map(|(c, e)| (c - n * e).powi(2) / (n * e)).sum(),
        mean_deviation: pairs().map(|(c, e)| (c / n - e).abs()).sum::<f64>() / 9.0,
    })
}

/// The first digit that is not 0, by the shortest decimal form: logarithms err at powers of ten.
fn first_digit(price: f64) -> usize {
    let text = format!("{price:e}");
    let digit = text.bytes().find(|byte| (b'1'..=b'9').contains(byte));
    digit.map_or(1, |byte| usize::from(byte - b'0'))
}
