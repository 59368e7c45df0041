//! Answers about one deal: what it should cost, how likely it is, and what would change that.

use likelihood::{Answer, LikelihoodModel, Question};
use pricing::{PriceModel, apply_rules};
use tabular::{TabularError, Value};

use crate::{
    DealModels, Kind,
    card::ModelCard,
    columns::row,
    features::{PRICE_TO_REFERENCE, Values, feature},
    fit::Previous,
};

/// What a deal should cost, level by level, each price with what makes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Price<'m> {
    /// The model's card.
    pub card: &'m ModelCard,
    /// One explanation per level (10 %, 50 %, 90 %), in cents; prices rise with the level.
    pub levels: Vec<pricing::Explanation>,
}

/// How likely a deal is to come to its end, with what makes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Likelihood<'m> {
    /// The model's card.
    pub card: &'m ModelCard,
    /// The reference price that the deal's price was held against, in cents.
    pub reference_cents: Option<f64>,
    /// The likelihood as a sum.
    pub explanation: likelihood::Explanation,
}

/// Asks which value of one thing reaches a likelihood, all others as they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WhatIf<'a> {
    /// `price` in cents, or a feature whose effect has one direction.
    pub of: &'a str,
    /// The values that can be had, from the first to the last.
    pub within: (f64, f64),
    /// The likelihood that is wanted, in (0, 1).
    pub wanted: f64,
}

impl WhatIf<'_> {
    /// The name by which the price is asked for.
    pub const PRICE: &'static str = "price";
}

impl Previous<PriceModel> {
    /// Returns the price in cents at each level, before any rule.
    #[must_use]
    pub fn prices(&self, values: &Values<'_>) -> Vec<f64> {
        self.model
            .predict(&row(self.card.kind, self.model.schema(), values))
    }
}

impl DealModels {
    /// Returns what a deal should cost, within the rules; none where no model of its kind could be learnt.
    #[must_use]
    pub fn price(
        &self,
        kind: Kind,
        values: &Values<'_>,
        budget_cents: Option<i64>,
    ) -> Option<Price<'_>> {
        let one = self.prices.get(&kind)?;
        let mut levels = one.model.explain(&row(kind, one.model.schema(), values));
        apply_rules(&mut levels, &self.rules.of(kind, values, budget_cents));
        Some(Price {
            card: &one.card,
            levels,
        })
    }

    /// Returns the median price in cents before any rule: what prices are held against.
    #[must_use]
    pub fn reference_cents(&self, kind: Kind, values: &Values<'_>) -> Option<f64> {
        let prices = self.prices.get(&kind)?.prices(values);
        prices.get(prices.len() / 2).copied()
    }

    /// Returns the prices of [`Self::price`] without what makes them: for many deals at once.
    #[must_use]
    pub fn prices(&self, kind: Kind, values: &Values<'_>) -> Option<Vec<f64>> {
        let one = self.prices.get(&kind)?;
        let bare = |(price, level): (f64, &f64)| pricing::Explanation {
            level: *level,
            base: price,
            parts: Vec::new(),
            price,
        };
        let levels = one.model.levels();
        let mut said: Vec<_> = one
            .prices(values)
            .into_iter()
            .zip(levels)
            .map(bare)
            .collect();
        apply_rules(&mut said, &self.rules.of(kind, values, None));
        Some(said.into_iter().map(|level| level.price).collect())
    }

    /// Returns the likelihood of [`Self::likelihood`], but for rounding, without what makes it: for many deals at once.
    #[must_use]
    pub fn probability(
        &self,
        kind: Kind,
        values: &Values<'_>,
        price_cents: Option<f64>,
    ) -> Option<f64> {
        let one = self.likelihoods.get(&kind)?;
        let known = with_ratio(values, price_cents, self.reference_cents(kind, values));
        Some(one.model.predict(&row(kind, one.model.schema(), &known)))
    }

    /// Returns how likely a deal at a price (of projects: with a budget) in cents is to come to its end; none where no model of its kind could be
    /// learnt.
    #[must_use]
    pub fn likelihood(
        &self,
        kind: Kind,
        values: &Values<'_>,
        price_cents: Option<f64>,
    ) -> Option<Likelihood<'_>> {
        let one = self.likelihoods.get(&kind)?;
        let reference_cents = self.reference_cents(kind, values);
        let known = with_ratio(values, price_cents, reference_cents);
        Some(Likelihood {
            card: &one.card,
            reference_cents,
            explanation: one.model.explain(&row(kind, one.model.schema(), &known)),
        })
    }

    /// Answers a what-if question about a deal; none where no model of its kind could be learnt, or no reference price is there to hold a price against.
    ///
    /// # Errors
    /// `UnknownFeature` or `Invalid`: the model looks at no such thing, its effect has no one direction, or the bounds make no sense.
    pub fn what_if(
        &self,
        kind: Kind,
        values: &Values<'_>,
        price_cents: Option<f64>,
        question: WhatIf<'_>,
    ) -> Result<Option<Answer>, TabularError> {
        let Some(one) = self.likelihoods.get(&kind) else {
            return Ok(None);
        };
        let reference = self.reference_cents(kind, values);
        let known = with_ratio(values, price_cents, reference);
        let row = row(kind, one.model.schema(), &known);
        if question.of != WhatIf::PRICE {
            return answer(&one.model, kind, &row, question).map(Some);
        }
        let Some(reference) = reference else {
            return Ok(None);
        };
        let ratio = WhatIf {
            of: PRICE_TO_REFERENCE,
            within: (question.within.0 / reference, question.within.1 / reference),
            wanted: question.wanted,
        };
        let answer = answer(&one.model, kind, &row, ratio)?;
        Ok(Some(with_value(answer, |ratio| ratio * reference)))
    }
}

/// Asks the model in the values that it sees, and answers in those that people do.
fn answer(
    model: &LikelihoodModel,
    kind: Kind,
    row: &[f64],
    question: WhatIf<'_>,
) -> Result<Answer, TabularError> {
    let feature = feature(kind, question.of).ok_or_else(|| TabularError::UnknownFeature {
        feature: question.of.to_owned(),
        known: model.schema().names(),
    })?;
    let (low, high) = question.within;
    let asked = Question {
        feature: feature.name,
        within: (feature.seen(low), feature.seen(high)),
        wanted: question.wanted,
    };
    Ok(with_value(model.what_if(row, asked)?, |seen| {
        feature.told(seen)
    }))
}

fn with_value(answer: Answer, told: impl Fn(f64) -> f64) -> Answer {
    match answer {
        Answer::Reached { value, probability } => Answer::Reached {
            value: told(value),
            probability,
        },
        Answer::OutOfReach { value, probability } => Answer::OutOfReach {
            value: told(value),
            probability,
        },
    }
}

/// Adds the price over the reference price, where both are known.
pub(crate) fn with_ratio<'a>(
    values: &Values<'a>,
    price_cents: Option<f64>,
    reference: Option<f64>,
) -> Values<'a> {
    let mut known = values.clone();
    if let (Some(price), Some(reference)) = (price_cents, reference) {
        known.insert(PRICE_TO_REFERENCE, Value::Number(price / reference));
    }
    known
}
