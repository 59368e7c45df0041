//! Prices and likelihoods as sums that add up to the cent.

use deals::{Kind, Likelihood, ModelCard, Price, PriceRules, feature};
use serde::Serialize;

use crate::language::Language;

/// What a deal should cost. `base_cents` and all contributions sum to `p50_cents`.
#[derive(Debug, Serialize)]
pub(crate) struct PriceAnswer {
    pub(crate) model_version: String,
    pub(crate) p10_cents: i64,
    pub(crate) p50_cents: i64,
    pub(crate) p90_cents: i64,
    pub(crate) base_cents: i64,
    pub(crate) contributions: Vec<PricePart>,
    pub(crate) measured: Measured,
}

/// What adds to a price.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PricePart {
    /// A feature, `calibration`, or a rule.
    pub(crate) name: String,
    /// The same in words.
    pub(crate) label: String,
    pub(crate) cents: i64,
    /// Whether it is a rule, applied after the model.
    pub(crate) is_rule: bool,
}

/// How the model did on deals that it had not seen.
#[derive(Debug, Serialize)]
pub(crate) struct Measured {
    /// Deals that it was fitted on.
    pub(crate) deals: usize,
    /// Share of prices from p10 to p90; 0.8 is promised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) coverage: Option<f64>,
    /// Mean distance between what is said and what happens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) calibration_error: Option<f64>,
}

/// How likely a deal is to come to its end. `base` and all contributions sum to `probability`.
#[derive(Debug, Serialize)]
pub(crate) struct LikelihoodAnswer {
    pub(crate) model_version: String,
    pub(crate) probability: f64,
    pub(crate) base: f64,
    pub(crate) contributions: Vec<LikelihoodPart>,
    /// What the deal's price was held against.
    pub(crate) reference_cents: Option<i64>,
    pub(crate) measured: Measured,
}

/// What adds to a likelihood.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LikelihoodPart {
    /// A feature, or `calibration`.
    pub(crate) name: String,
    /// The same in words.
    pub(crate) label: String,
    pub(crate) value: f64,
}

impl Measured {
    fn of(card: &ModelCard) -> Self {
        let measured = |name: &str| card.metrics.get(name).copied();
        Self {
            deals: card.deals,
            coverage: measured("coverage"),
            calibration_error: measured("calibration_error"),
        }
    }
}

impl PriceAnswer {
    pub(crate) fn new(price: &Price<'_>, rules: &PriceRules, language: Language) -> Option<Self> {
        let [low, middle, high] = &price.levels[..] else {
            return None;
        };
        let kind = price.card.kind;
        let values: Vec<f64> = std::iter::once(middle.base)
            .chain(middle.parts.iter().map(|(_, part)| *part))
            .collect();
        let p50_cents = middle.price.round() as i64;
        let mut cents = whole(&values, p50_cents).into_iter();
        let base_cents = cents.next().unwrap_or(0);
        let parts = middle.parts.iter().zip(cents).map(|((part, _), cents)| {
            let (name, label, is_rule) = match part {
                pricing::Part::Feature(name) => (name.clone(), label(kind, name, language), false),
                pricing::Part::Calibration => {
                    ("calibration".to_owned(), calibration(language), false)
                }
                pricing::Part::Rule(name) => {
                    let [french, english] = rules.words(name);
                    (
                        name.clone(),
                        language.pick(french, english).to_owned(),
                        true,
                    )
                }
            };
            PricePart {
                name,
                label,
                cents,
                is_rule,
            }
        });
        Some(Self {
            model_version: price.card.version.clone(),
            p10_cents: low.price.round() as i64,
            p50_cents,
            p90_cents: high.price.round() as i64,
            base_cents,
            contributions: parts.collect(),
            measured: Measured::of(price.card),
        })
    }
}

impl LikelihoodAnswer {
    pub(crate) fn new(said: &Likelihood<'_>, language: Language) -> Self {
        let kind = said.card.kind;
        let parts = said.explanation.parts.iter().map(|(part, value)| {
            let (name, label) = match part {
                likelihood::Part::Feature(name) => (name.clone(), label(kind, name, language)),
                likelihood::Part::Calibration => ("calibration".to_owned(), calibration(language)),
            };
            LikelihoodPart {
                name,
                label,
                value: *value,
            }
        });
        Self {
            model_version: said.card.version.clone(),
            probability: said.explanation.probability,
            base: said.explanation.base,
            contributions: parts.collect(),
            reference_cents: said.reference_cents.map(|cents| cents.round() as i64),
            measured: Measured::of(said.card),
        }
    }
}

/// What a feature is, in words.
pub(crate) fn label(kind: Kind, name: &str, language: Language) -> String {
    let words = feature(kind, name).map(|feature| language.pick(feature.french, feature.english));
    words.unwrap_or(name).to_owned()
}

fn calibration(language: Language) -> String {
    language.pick("l'étalonnage", "calibration").to_owned()
}

/// Whole numbers near to `values` whose sum is `total`: each is rounded down, and those cut the most get one more.
fn whole(values: &[f64], total: i64) -> Vec<i64> {
    let mut whole: Vec<i64> = values.iter().map(|value| value.floor() as i64).collect();
    let missing = total - whole.iter().sum::<i64>();
    let mut order: Vec<usize> = (0..values.len()).collect();
    let cut = |place: &usize| values[*place] - values[*place].floor();
    order.sort_by(|a, b| cut(b).total_cmp(&cut(a)).then(a.cmp(b)));
    let step = missing.signum();
    let places = order
        .iter()
        .cycle()
        .take(usize::try_from(missing.abs()).unwrap_or(0));
    places.for_each(|place| whole[*place] += step);
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_parts_sum_to_the_whole_total_and_are_near() {
        for values in [
            vec![100.4, 20.4, -3.4],
            vec![0.5, 0.5],
            vec![-7.3, 2.65, 9.65],
            vec![],
        ] {
            let total = values.iter().sum::<f64>().round() as i64;
            let parts = whole(&values, total);
            assert_eq!(parts.iter().sum::<i64>(), total);
            assert!(
                parts
                    .iter()
                    .zip(&values)
                    .all(|(part, value)| (*part as f64 - value).abs() < 1.0)
            );
        }
    }
}
