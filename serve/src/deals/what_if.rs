//! Which price, time or number of invitations would bring a deal to a likelihood.

use deals::{Feature, Kind, PRICE_TO_REFERENCE, WhatIf, features};
use likelihood::Answer;
use serde::Serialize;
use tabular::Direction;

use super::{DealBook, Question};
use crate::{ApiError, body::invalid};

/// Points of the curve.
const POINTS: usize = 11;

/// A what-if question, checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// `price`, or a feature of one direction.
    pub(crate) of: &'a str,
    /// The values that can be had.
    pub(crate) within: (f64, f64),
    /// The likelihood that is wanted.
    pub(crate) wanted: f64,
}

/// The answer, with the likelihood at evenly spread values.
#[derive(Debug, Serialize)]
pub(crate) struct Reached {
    pub(crate) of: String,
    pub(crate) wanted: f64,
    /// Whether a value within the bounds is likely enough.
    pub(crate) is_reached: bool,
    /// The value that asks least of the caller, in cents, days or invitations; where none is likely enough, the best.
    pub(crate) value: f64,
    pub(crate) probability: f64,
    pub(crate) curve: Vec<Point>,
}

/// The likelihood at a value.
#[derive(Debug, Serialize)]
pub(crate) struct Point {
    pub(crate) value: f64,
    pub(crate) probability: f64,
}

/// The features that can be asked about: those whose effect has one direction, and the price.
pub(crate) fn askable(kind: Kind) -> impl Iterator<Item = &'static str> {
    let held = features(kind)
        .iter()
        .filter(|feature| feature.direction.is_some() && !is_ratio(feature));
    std::iter::once(WhatIf::PRICE).chain(held.map(|feature| feature.name))
}

fn is_ratio(feature: &Feature) -> bool {
    feature.name == PRICE_TO_REFERENCE
}

/// The bounds of a thing where the caller gives none.
pub(crate) fn usual(of: &str, reference_cents: f64) -> (f64, f64) {
    match of {
        WhatIf::PRICE => (
            (reference_cents * 0.2).round().max(1.0),
            (reference_cents * 3.0).round().max(2.0),
        ),
        "lead_days" => (1.0, 365.0),
        "notice_days" => (0.0, 60.0),
        _ => (1.0, 50.0),
    }
}

/// Answers a what-if question; none where there is no model to ask.
pub(crate) fn what_if(
    book: &DealBook,
    question: &Question,
    asked: Asked<'_>,
) -> Result<Option<Reached>, ApiError> {
    let values = question.facts.values();
    let models = book.models();
    let likely = |value: f64| {
        let mut values = values.clone();
        let mut price = question.price_cents;
        if asked.of == WhatIf::PRICE {
            price = Some(value);
        } else {
            values.insert(asked.of, tabular::Value::Number(value));
        }
        models.probability(question.kind, &values, price)
    };
    let (low, high) = asked.within;
    let found = models.what_if(
        question.kind,
        &values,
        question.price_cents,
        WhatIf {
            of: asked.of,
            within: asked.within,
            wanted: asked.wanted,
        },
    );
    let found = found.map_err(|_| {
        let all = askable(question.kind).collect::<Vec<_>>().join(", ");
        invalid(
            "of",
            format!(
                "On peut demander : {all}. Le modèle servi ne regarde pas « {} ».",
                asked.of
            ),
            format!(
                "One can ask of: {all}. The model served does not look at \"{}\".",
                asked.of
            ),
        )
    })?;
    let Some(found) = found else { return Ok(None) };
    let (is_reached, value) = match found {
        Answer::Reached { value, .. } => (true, value),
        Answer::OutOfReach { value, .. } => (false, value),
    };
    // Cents, days and invitations are whole: towards the likelier side, so that what is reached stays reached.
    let value = match direction(question.kind, asked.of) {
        Direction::Rising => value.ceil().min(high.floor()),
        Direction::Falling => value.floor().max(low.ceil()),
    };
    let step = (high - low) / (POINTS - 1) as f64;
    let curve = (0..POINTS).filter_map(|place| {
        let value = (low + step * place as f64).round();
        Some(Point {
            value,
            probability: likely(value)?,
        })
    });
    Ok(Some(Reached {
        of: asked.of.to_owned(),
        wanted: asked.wanted,
        is_reached,
        value,
        probability: likely(value).unwrap_or(f64::NAN),
        curve: curve.collect(),
    }))
}

fn direction(kind: Kind, of: &str) -> Direction {
    let name = if of == WhatIf::PRICE {
        PRICE_TO_REFERENCE
    } else {
        of
    };
    deals::feature(kind, name)
        .and_then(|feature| feature.direction)
        .unwrap_or(Direction::Rising)
}
