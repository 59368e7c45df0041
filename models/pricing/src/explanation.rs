//! A price as a sum, in its own unit.

use serde::{Deserialize, Serialize};
use tabular::{TabularError, require};

/// The scale on which a model is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scale {
    /// Prices as they are.
    Identity,
    /// Natural logarithms of prices, which are above 0: effects are shares of the price.
    Logarithm,
}

impl Scale {
    /// Returns prices on the model's scale.
    ///
    /// # Errors
    /// `Invalid` where a price has no logarithm.
    pub fn fitted(self, prices: &[f64]) -> Result<Vec<f64>, TabularError> {
        match self {
            Self::Identity => Ok(prices.to_vec()),
            Self::Logarithm => {
                let positive = prices.iter().all(|price| *price > 0.0);
                require(positive, "targets", "a price is not above 0")?;
                Ok(prices.iter().map(|price| price.ln()).collect())
            }
        }
    }

    /// Returns the price of a value on the model's scale.
    #[must_use]
    pub fn price(self, fitted: f64) -> f64 {
        match self {
            Self::Identity => fitted,
            Self::Logarithm => fitted.exp(),
        }
    }
}

/// What adds to a price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Part {
    /// A feature, by its name.
    Feature(String),
    /// What calibration moved.
    Calibration,
    /// A rule that was applied after, by its name.
    Rule(String),
}

/// A predicted price with what makes it: `base` and all parts sum to `price`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The level that it is the price of.
    pub level: f64,
    /// The price where nothing is known.
    pub base: f64,
    /// What is added to it, in the price's unit.
    pub parts: Vec<(Part, f64)>,
    /// The price.
    pub price: f64,
}

impl Explanation {
    /// Turns a sum on the model's scale into one in the price's unit. A logarithm's parts are shared out by the logarithmic mean (Ang, *The LMDI
    /// Approach to Decomposition Analysis*, 2005), the one way that leaves no remainder and knows no order.
    pub(crate) fn new(scale: Scale, level: f64, base: f64, parts: Vec<(Part, f64)>) -> Self {
        let sum = parts.iter().fold(base, |sum, (_, part)| sum + part);
        let (start, price) = (scale.price(base), scale.price(sum));
        let rate = match scale {
            Scale::Identity => 1.0,
            Scale::Logarithm => logarithmic_mean(start, price),
        };
        Self {
            level,
            base: start,
            parts: parts
                .into_iter()
                .map(|(of, part)| (of, part * rate))
                .collect(),
            price,
        }
    }
}

fn logarithmic_mean(a: f64, b: f64) -> f64 {
    let apart = (b / a).ln();
    // Close together, the quotient would be rounding over rounding; the mean of both is then as good.
    if apart.abs() < 1e-6 {
        (a + b) / 2.0
    } else {
        (b - a) / apart
    }
}
