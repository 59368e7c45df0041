//! What is known of a deal: one list, which feature tables, fits, requests and reasons all follow.

mod booking;
mod intro;
mod project;

use std::collections::BTreeMap;

use tabular::{Direction, Value};

use crate::Kind;

/// What a feature's values are, and how models see them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Form {
    /// A label; those never seen count as missing.
    Label,
    /// A number from the first to the second value.
    Number(f64, f64),
    /// A number above 0 up to the value, of which models see the logarithm: effects are shares.
    Positive(f64),
}

/// Which model looks at a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The price model.
    Price,
    /// The likelihood.
    Likelihood,
}

/// Something that is known of a deal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Feature {
    /// Its name: a column of the feature tables and a field of requests.
    pub name: &'static str,
    /// What its values are.
    pub form: Form,
    /// Whether the price depends on it.
    pub is_in_price: bool,
    /// Whether the likelihood depends on it.
    pub is_in_likelihood: bool,
    /// The one direction that its effect on the likelihood is held to.
    pub direction: Option<Direction>,
    /// What it is, for reasons, in French.
    pub french: &'static str,
    /// What it is, for reasons, in English.
    pub english: &'static str,
}

/// Values by the name of their feature; what is not named is missing.
pub type Values<'a> = BTreeMap<&'a str, Value<'a>>;

/// The price (of projects: the budget) over the reference price, which is worked out and never asked for.
pub const PRICE_TO_REFERENCE: &str = "price_to_reference";

/// Returns all that is known of deals of a kind, in the order in which models see it.
#[must_use]
pub const fn features(kind: Kind) -> &'static [Feature] {
    match kind {
        Kind::Project => &project::FEATURES,
        Kind::Booking => &booking::FEATURES,
        Kind::Intro => &intro::FEATURES,
    }
}

/// Returns a feature by its name.
#[must_use]
pub fn feature(kind: Kind, name: &str) -> Option<&'static Feature> {
    features(kind).iter().find(|feature| feature.name == name)
}

impl Feature {
    /// A feature that both models look at.
    const fn both(name: &'static str, form: Form, words: [&'static str; 2]) -> Self {
        Self {
            name,
            form,
            is_in_price: true,
            is_in_likelihood: true,
            direction: None,
            french: words[0],
            english: words[1],
        }
    }

    const fn in_price(name: &'static str, form: Form, words: [&'static str; 2]) -> Self {
        let mut feature = Self::both(name, form, words);
        feature.is_in_likelihood = false;
        feature
    }

    const fn in_likelihood(name: &'static str, form: Form, words: [&'static str; 2]) -> Self {
        let mut feature = Self::both(name, form, words);
        feature.is_in_price = false;
        feature
    }

    const fn rising(mut self) -> Self {
        self.direction = Some(Direction::Rising);
        self
    }

    const fn falling(mut self) -> Self {
        self.direction = Some(Direction::Falling);
        self
    }

    /// Says whether a model of this purpose looks at it.
    #[must_use]
    pub const fn serves(&self, purpose: Purpose) -> bool {
        match purpose {
            Purpose::Price => self.is_in_price,
            Purpose::Likelihood => self.is_in_likelihood,
        }
    }

    /// Returns a number as models see it; what is out of the feature's range is missing.
    pub(crate) fn seen(&self, number: f64) -> f64 {
        match self.form {
            Form::Label => f64::NAN,
            Form::Number(low, high) if (low..=high).contains(&number) => number,
            Form::Positive(high) if number > 0.0 && number <= high => number.ln(),
            Form::Number(..) | Form::Positive(_) => f64::NAN,
        }
    }

    /// Returns the number of what models see.
    pub(crate) fn told(&self, seen: f64) -> f64 {
        match self.form {
            Form::Positive(_) => seen.exp(),
            Form::Number(..) | Form::Label => seen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart_and_numbers_come_back() {
        for kind in Kind::ALL {
            let all = features(kind);
            for (place, feature) in all.iter().enumerate() {
                assert!(all[..place].iter().all(|other| other.name != feature.name));
                assert!(feature.is_in_price || feature.is_in_likelihood);
                assert!(feature.direction.is_none() || feature.form != Form::Label);
                let high = match feature.form {
                    Form::Label => continue,
                    Form::Number(_, high) | Form::Positive(high) => high,
                };
                assert!((feature.told(feature.seen(high)) / high - 1.0).abs() < 1e-9);
                assert!(feature.seen(high * 2.0 + 1.0).is_nan());
                assert!(feature.seen(f64::INFINITY).is_nan() && feature.seen(f64::NAN).is_nan());
            }
            let ratio = feature(kind, PRICE_TO_REFERENCE);
            assert_eq!(ratio.and_then(|f| f.direction), Some(Direction::Rising));
        }
    }
}
