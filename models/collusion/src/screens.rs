//! Screens: what the prices of one auction look like. Each is one-sided, and says nothing where it is not defined.

use serde::{Deserialize, Serialize};

/// A screen of an auction's prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Screen {
    /// Standard deviation (n − 1) over mean: concerted prices sit close together, so **low** is suspicious. Two prices or more.
    /// Imhof, Karagök and Rutz, *Screening for Bid Rigging – Does It Work?*, J. Competition Law & Economics 14(2), 2018.
    VariationCoefficient,
    /// (max − min) / min: **low** is suspicious. Two prices or more. Huber and Imhof, *Machine Learning with Screens for Detecting
    /// Bid-Rigging Cartels*, Int. J. Industrial Organization 65, 2019 (their SPD).
    Spread,
    /// (second lowest − lowest) / lowest: cover prices keep away from the chosen one, so **high** is suspicious. Two prices or more.
    /// Huber and Imhof 2019 (DIFFP).
    Difference,
    /// (second lowest − lowest) / standard deviation (n − 1) of all but the lowest: **high** is suspicious. Three prices or more, those
    /// above the lowest not all equal. Imhof, Karagök and Rutz 2018 (RD).
    RelativeDistance,
    /// (second lowest − lowest) / mean difference of all neighbouring prices: **high** is suspicious. Two prices or more (1 for two), not
    /// all equal. Huber and Imhof 2019; Imhof and Wallimann, *Detecting Bid-Rigging Coalitions in Different Countries and Auction Formats*,
    /// Int. Review of Law and Economics 68, 2021 (RDNOR).
    NormalisedDistance,
    /// (second lowest − lowest) / mean difference of neighbouring prices above the lowest: **high** is suspicious. Three prices or
    /// more, those above the lowest not all equal. Imhof and Wallimann 2021 (RDALT).
    AlternativeDistance,
    /// Bias-corrected skewness √(n(n − 1)) / (n − 2) · m₃ / m₂^1.5: cover prices crowd above the chosen one, so **low** is suspicious.
    /// Three prices or more, not all equal. Joanes and Gill, *Comparing Measures of Sample Skewness and Kurtosis*, The Statistician 47, 1998 (G₁).
    Skewness,
    /// Bias-corrected excess kurtosis: **high** is suspicious. Four prices or more, not all equal. Joanes and Gill 1998 (G₂).
    Kurtosis,
    /// Kolmogorov–Smirnov distance of (price − min) / (max − min) from the uniform distribution on [0, 1]: **high** is suspicious. Two prices or
    /// more, not all equal. Huber and Imhof 2019 (KSTEST).
    Uniformity,
}

impl Screen {
    /// All of them, in the order of [`Screens`].
    pub const ALL: [Self; 9] = [
        Self::VariationCoefficient,
        Self::Spread,
        Self::Difference,
        Self::RelativeDistance,
        Self::NormalisedDistance,
        Self::AlternativeDistance,
        Self::Skewness,
        Self::Kurtosis,
        Self::Uniformity,
    ];

    /// Returns its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::VariationCoefficient => "variation_coefficient",
            Self::Spread => "spread_share",
            Self::Difference => "difference_share",
            Self::RelativeDistance => "relative_distance",
            Self::NormalisedDistance => "normalised_distance",
            Self::AlternativeDistance => "alternative_distance",
            Self::Skewness => "skewness",
            Self::Kurtosis => "kurtosis",
            Self::Uniformity => "uniformity",
        }
    }

    /// Returns whether low values are the suspicious ones.
    #[must_use]
    pub fn is_low_suspicious(self) -> bool {
        matches!(
            self,
            Self::VariationCoefficient | Self::Spread | Self::Skewness
        )
    }
}

/// The screens of an auction; none where a screen is not defined.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Screens {
    /// Prices that were looked at.
    pub prices: u32,
    values: [Option<f64>; 9],
}

impl Screens {
    /// Returns the value of a screen.
    #[must_use]
    pub fn get(&self, screen: Screen) -> Option<f64> {
        self.values[screen as usize]
    }

    /// Returns each screen with its value.
    pub fn iter(&self) -> impl Iterator<Item = (Screen, Option<f64>)> {
        Screen::ALL.into_iter().zip(self.values)
    }
}

/// Computes the screens of `prices`: finite, above 0, in any order.
#[must_use]
pub fn screens(prices: &[f64]) -> Screens {
    let mut sorted = prices.to_vec();
    sorted.sort_by(f64::total_cmp);
    let mut found = Screens {
        prices: sorted.len() as u32,
        ..Screens::default()
    };
    let (Some(low), Some(high)) = (sorted.first().copied(), sorted.last().copied()) else {
        return found;
    };
    if sorted.len() < 2 {
        return found;
    }
    // Distances from the lowest are exact for whole prices, so that narrow auctions of large prices lose no digits.
    let above: Vec<f64> = sorted.iter().map(|price| price - low).collect();
    let (first, range) = (above[1], high - low);
    let losing = &above[1..];
    let losing_range = range - first;
    let ratio = |over: f64, under: f64| (under > 0.0).then(|| over / under);
    let n = sorted.len() as f64;
    found.values = [
        ratio(deviation(&above), low + mean(&above)),
        ratio(range, low),
        ratio(first, low),
        (losing_range > 0.0)
            .then(|| ratio(first, deviation(losing)))
            .flatten(),
        ratio(first * (n - 1.0), range),
        ratio(first * (n - 2.0), losing_range),
        skewness(&above),
        kurtosis(&above),
        uniformity(&above),
    ];
    found
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The mean of the `power`th powers of distances from the mean.
fn moment(values: &[f64], power: i32) -> f64 {
    let middle = mean(values);
    let powers = values.iter().map(|value| (value - middle).powi(power));
    powers.sum::<f64>() / values.len() as f64
}

fn deviation(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    (moment(values, 2) * n / (n - 1.0)).sqrt()
}

fn skewness(values: &[f64]) -> Option<f64> {
    let (n, spread) = (values.len() as f64, moment(values, 2));
    (n >= 3.0 && spread > 0.0)
        .then(|| (n * (n - 1.0)).sqrt() / (n - 2.0) * moment(values, 3) / spread.powf(1.5))
}

fn kurtosis(values: &[f64]) -> Option<f64> {
    let (n, spread) = (values.len() as f64, moment(values, 2));
    (n >= 4.0 && spread > 0.0).then(|| {
        let raw = (n * n - 1.0) * moment(values, 4) / (spread * spread);
        (raw - 3.0 * (n - 1.0).powi(2)) / ((n - 2.0) * (n - 3.0))
    })
}

/// The largest distance of the steps of the empirical distribution from the diagonal; `above` is sorted and starts at 0.
fn uniformity(above: &[f64]) -> Option<f64> {
    let range = above.last().copied().filter(|range| *range > 0.0)?;
    let n = above.len() as f64;
    let steps = above.iter().enumerate().map(|(place, value)| {
        let at = value / range;
        ((place + 1) as f64 / n - at).max(at - place as f64 / n)
    });
    Some(steps.fold(0.0, f64::max))
}
