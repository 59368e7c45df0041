//! What is known of one deal.

use serde_json::{Map, Value as Json};
use tabular::Value;

use crate::{
    Kind,
    features::{Form, Values, features},
};

/// What is known of one deal, by the names of the features.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    numbers: Vec<(&'static str, f64)>,
    labels: Vec<(&'static str, String)>,
}

impl Facts {
    /// Takes what a row tells of the features of a kind: `number` and `label` look a name up.
    #[must_use]
    pub fn of(
        kind: Kind,
        number: impl Fn(&str) -> Option<f64>,
        label: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let mut facts = Self::default();
        for feature in features(kind) {
            match feature.form {
                Form::Label => facts
                    .labels
                    .extend(label(feature.name).map(|label| (feature.name, label))),
                Form::Number(..) | Form::Positive(_) => {
                    facts
                        .numbers
                        .extend(number(feature.name).map(|number| (feature.name, number)));
                }
            }
        }
        facts
    }

    /// Takes what a JSON object tells.
    #[must_use]
    pub fn of_json(kind: Kind, object: &Map<String, Json>) -> Self {
        let number = |name: &str| object.get(name).and_then(Json::as_f64);
        let label = |name: &str| object.get(name).and_then(Json::as_str).map(str::to_owned);
        Self::of(kind, number, label)
    }

    /// Returns a number.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<f64> {
        self.numbers
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, number)| *number)
    }

    /// Returns a label.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, label)| label.as_str())
    }

    /// Says that a number is so; a later word replaces an earlier one.
    pub fn set_number(&mut self, name: &'static str, number: f64) {
        self.numbers.retain(|(known, _)| *known != name);
        self.numbers.push((name, number));
    }

    /// Says that a label is so; a later word replaces an earlier one.
    pub fn set_label(&mut self, name: &'static str, label: String) {
        self.labels.retain(|(known, _)| *known != name);
        self.labels.push((name, label));
    }

    /// Returns the values as models take them.
    #[must_use]
    pub fn values(&self) -> Values<'_> {
        let numbers = self
            .numbers
            .iter()
            .map(|(name, number)| (*name, Value::Number(*number)));
        let labels = self
            .labels
            .iter()
            .map(|(name, label)| (*name, Value::Text(label.as_str())));
        numbers.chain(labels).collect()
    }

    /// Returns how unlike another deal is, as far as prices go: 0 where all that is known of both is the same.
    ///
    /// A label that differs counts 1 (a family of trades or a unit 3: their prices cannot be compared), a number that models see as a
    /// logarithm its ratio's logarithm, any other number its difference as a share of its range, half at most.
    /// What one of them lacks counts nothing: nobody knows that it differs.
    #[must_use]
    pub fn distance(&self, kind: Kind, other: &Self) -> f64 {
        let seen = features(kind).iter().filter(|feature| feature.is_in_price);
        let one = |feature: &crate::Feature| match feature.form {
            Form::Label => match (self.label(feature.name), other.label(feature.name)) {
                (Some(a), Some(b)) if a == b => 0.0,
                (Some(_), Some(_)) if matches!(feature.name, "family" | "unit") => 3.0,
                (Some(_), Some(_)) => 1.0,
                _ => 0.0,
            },
            Form::Number(..) | Form::Positive(_) => {
                let of = |facts: &Self| {
                    facts
                        .number(feature.name)
                        .map(|number| feature.seen(number))
                };
                match (of(self), of(other), feature.form) {
                    (Some(a), Some(b), Form::Number(low, high)) if (a - b).is_finite() => {
                        ((a - b).abs() / (high - low)).min(0.5)
                    }
                    (Some(a), Some(b), Form::Positive(_)) if (a - b).is_finite() => (a - b).abs(),
                    _ => 0.0,
                }
            }
        };
        seen.map(one).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(family: &str, size: f64) -> Facts {
        let mut facts = Facts::default();
        facts.set_label("family", family.to_owned());
        facts.set_number("size", size);
        facts
    }

    #[test]
    fn what_is_like_is_near_and_a_later_word_replaces_an_earlier_one() {
        let mut asked = project("peinture", 1.0);
        asked.set_number("size", 100.0);
        let to = |other: &Facts| asked.distance(Kind::Project, other);
        assert_eq!(to(&project("peinture", 100.0)), 0.0);
        assert!(to(&project("peinture", 120.0)) < to(&project("peinture", 300.0)));
        assert!(to(&project("peinture", 300.0)) < to(&project("soudure", 100.0)));
        assert_eq!(to(&Facts::default()), 0.0);
    }
}
