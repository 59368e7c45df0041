//! The terms of the two formulas, and what was read for each.

use serde::{Deserialize, Serialize};
use tabular::TabularError;

/// A score made of weighted terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Formula {
    /// GlobalScore: which bid is best.
    Global,
    /// PeopleScore: whom to book or to be introduced to.
    People,
}

/// A term; each is in [0, 1] and better where it is higher, risk too: 1 is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    /// The bid against what such work costs.
    Price,
    /// The offer's quality.
    Quality,
    /// How well the know-how matches.
    Fit,
    /// The promised delay against the deadline.
    Delay,
    /// Freedom from flags and gaps.
    Risk,
    /// Likelihood of completion.
    Loc,
    /// Shrunk ratings.
    Reputation,
    /// The asked price against what is usual and what can be spent.
    PriceAlignment,
    /// Open slots soon.
    Availability,
}

impl Formula {
    /// Returns its terms, in the order of every breakdown.
    #[must_use]
    pub fn terms(self) -> [Term; 6] {
        use Term::{
            Availability, Delay, Fit, Loc, Price, PriceAlignment, Quality, Reputation, Risk,
        };
        match self {
            Self::Global => [Price, Quality, Fit, Delay, Risk, Loc],
            Self::People => [Fit, Reputation, PriceAlignment, Availability, Loc, Risk],
        }
    }

    /// Returns the term of a name.
    ///
    /// # Errors
    /// `UnknownFeature`, with the terms there are.
    pub fn term(self, name: &str) -> Result<Term, TabularError> {
        let found = self.terms().into_iter().find(|term| term.name() == name);
        found.ok_or_else(|| TabularError::UnknownFeature {
            feature: name.to_owned(),
            known: self.terms().map(|term| term.name().to_owned()).to_vec(),
        })
    }
}

impl Term {
    /// Returns the term's name, as in requests and answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Quality => "quality",
            Self::Fit => "fit",
            Self::Delay => "delay",
            Self::Risk => "risk",
            Self::Loc => "loc",
            Self::Reputation => "reputation",
            Self::PriceAlignment => "price_alignment",
            Self::Availability => "availability",
        }
    }
}

/// Something that a term was read from; its name says the unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Input {
    /// Cents, days or a count.
    Whole(i64),
    /// A share of 1.
    Share(f64),
}

/// The value of a term, and what a reason can be written from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reading {
    /// In [0, 1].
    pub value: f64,
    /// What it was read from, by name, in a fixed order; what is unknown is left out.
    pub inputs: Vec<(&'static str, Input)>,
}

impl Reading {
    pub(crate) fn new(value: f64, inputs: &[(&'static str, Option<Input>)]) -> Self {
        let known = inputs
            .iter()
            .filter_map(|(name, input)| Some((*name, (*input)?)));
        Self {
            value,
            inputs: known.collect(),
        }
    }

    /// A term that is known as a share.
    pub(crate) fn of_share(name: &'static str, share: Option<f64>) -> Option<Self> {
        let share = share.filter(|share| share.is_finite())?.clamp(0.0, 1.0);
        Some(Self::new(share, &[(name, Some(Input::Share(share)))]))
    }
}

/// A reading per term of a formula, in its order; none where the inputs are unknown.
#[derive(Debug, Clone, PartialEq)]
pub struct Readings {
    pub(crate) formula: Formula,
    pub(crate) terms: [Option<Reading>; 6],
}

impl Readings {
    /// Returns readings of a formula's terms, in its order; values are held to [0, 1], and one that is no number is unknown.
    #[must_use]
    pub fn new(formula: Formula, terms: [Option<Reading>; 6]) -> Self {
        let sound = |reading: Reading| {
            let value = reading.value.clamp(0.0, 1.0);
            (!value.is_nan()).then_some(Reading { value, ..reading })
        };
        Self {
            formula,
            terms: terms.map(|reading| reading.and_then(sound)),
        }
    }

    /// Returns each term with its reading.
    pub fn iter(&self) -> impl Iterator<Item = (Term, Option<&Reading>)> {
        self.formula
            .terms()
            .into_iter()
            .zip(self.terms.iter().map(Option::as_ref))
    }
}
