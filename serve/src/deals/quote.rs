//! What to offer for a deal: the price, the likelihood at it, and what to do.

use deals::{Kind, WhatIf};
use serde::Serialize;

use super::{
    Asked, DealBook, LikelihoodAnswer, PriceAnswer, Question, euros, likelihood_reasons, percent,
    price_reasons, what_if,
};
use crate::{ApiError, Code, language::Language};

/// The likelihood that suggestions and advice aim at, and that what-if questions ask for where the caller names none.
pub(crate) const AIM: f64 = 0.6;

/// What to offer for a deal.
#[derive(Debug, Serialize)]
pub(crate) struct Quote {
    /// The price that was asked about.
    pub(crate) asked_cents: Option<i64>,
    /// The least price from p10 to p90 at which the deal is likely enough (0.6); the reference price where none is, or nothing is known.
    pub(crate) suggested_price_cents: i64,
    /// The likelihood at the suggested price.
    pub(crate) suggested_loc: Option<f64>,
    /// The likelihood at the price that was asked about.
    pub(crate) loc: Option<f64>,
    pub(crate) advice: Vec<String>,
    pub(crate) price: PriceAnswer,
    /// How the likelihood at the price asked about (at the suggested one where none was) is made.
    pub(crate) likelihood: Option<LikelihoodAnswer>,
    pub(crate) reasons: Vec<String>,
}

/// Makes the error for a kind of deal that nothing could be learnt of.
pub(crate) fn no_model(kind: Kind) -> ApiError {
    ApiError::new(
        Code::NoSection,
        format!(
            "L'instantané servi n'a pas de modèle pour « {kind} » : trop peu de données, ou un modèle refusé."
        ),
        format!(
            "The snapshot served has no model of \"{kind}\": too little data, or the gate refused it."
        ),
    )
}

/// Quotes a deal.
pub(crate) fn quote(
    book: &DealBook,
    question: &Question,
    language: Language,
) -> Result<Quote, ApiError> {
    let models = book.models();
    let values = question.facts.values();
    let price = models
        .price(question.kind, &values, None)
        .ok_or_else(|| no_model(question.kind))?;
    let price = PriceAnswer::new(&price, &models.rules, language).ok_or_else(ApiError::internal)?;
    let within = (
        price.p10_cents as f64,
        price.p90_cents.max(price.p10_cents + 1) as f64,
    );
    let aimed = Asked {
        of: WhatIf::PRICE,
        within,
        wanted: AIM,
    };
    let reached = what_if(book, question, aimed)?.filter(|reached| reached.is_reached);
    let suggested_price_cents = reached.map_or(price.p50_cents, |reached| reached.value as i64);
    let likely = |cents: f64| models.likelihood(question.kind, &values, Some(cents));
    let at = question.price_cents.unwrap_or(suggested_price_cents as f64);
    let likelihood = likely(at).map(|said| LikelihoodAnswer::new(&said, language));
    let suggested_loc =
        likely(suggested_price_cents as f64).map(|said| said.explanation.probability);
    let mut quote = Quote {
        asked_cents: question.price_cents.map(|cents| cents.round() as i64),
        suggested_price_cents,
        suggested_loc,
        loc: likelihood
            .as_ref()
            .filter(|_| question.price_cents.is_some())
            .map(|said| said.probability),
        advice: Vec::new(),
        reasons: price_reasons(&price, &question.facts, language),
        price,
        likelihood,
    };
    if let Some(said) = &quote.likelihood {
        quote.reasons.extend(likelihood_reasons(
            said,
            &question.facts,
            Some(at),
            language,
        ));
    }
    quote.advice = advice(&quote, language);
    Ok(quote)
}

fn advice(quote: &Quote, language: Language) -> Vec<String> {
    let mut advice = Vec::new();
    let amount = |cents: i64| euros(cents, language);
    let (suggested, likely) = (
        amount(quote.suggested_price_cents),
        quote.suggested_loc.map(|loc| percent(loc, language)),
    );
    if let Some(asked) = quote.asked_cents {
        let (asked_text, low, high) = (
            amount(asked),
            amount(quote.price.p10_cents),
            amount(quote.price.p90_cents),
        );
        if asked < quote.price.p10_cents {
            advice.push(language.pick(
                format!("{asked_text} est sous la fourchette habituelle ({low} à {high})."),
                format!("{asked_text} is below what is usual ({low} to {high})."),
            ));
        } else if asked > quote.price.p90_cents {
            advice.push(language.pick(
                format!("{asked_text} est au-dessus de la fourchette habituelle ({low} à {high})."),
                format!("{asked_text} is above what is usual ({low} to {high})."),
            ));
        }
    }
    advice.push(match likely {
        Some(likely) => language.pick(
            format!("Proposez {suggested} : la probabilité d'aboutissement y est de {likely}."),
            format!("Offer {suggested}: the likelihood of completion is {likely} there."),
        ),
        None => language.pick(
            format!("Proposez {suggested}."),
            format!("Offer {suggested}."),
        ),
    });
    advice
}
