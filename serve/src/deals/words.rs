//! Why a price or a likelihood is what it is, in sentences made from its contributions.

use deals::{Facts, PRICE_TO_REFERENCE};

use super::{LikelihoodAnswer, PriceAnswer};
use crate::language::Language;

/// Contributions that are told.
const TOLD: usize = 3;
/// Share of the price from which a contribution is told.
const WORTH_CENTS: f64 = 0.01;
/// Points of likelihood from which a contribution is told.
const WORTH_POINTS: f64 = 0.01;
/// Deals below which a model is said to know little.
const FEW: usize = 200;

/// Returns an amount of whole euros, as it is written in the language.
pub(crate) fn euros(cents: i64, language: Language) -> String {
    let whole = (cents as f64 / 100.0).round() as i64;
    let digits = whole.unsigned_abs().to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push_str(language.pick("\u{202f}", ","));
        }
        grouped.push(digit);
    }
    let sign = if whole < 0 { "-" } else { "" };
    language.pick(format!("{sign}{grouped} €"), format!("{sign}€{grouped}"))
}

/// Returns a share as whole percents.
pub(crate) fn percent(share: f64, language: Language) -> String {
    let points = (share * 100.0).round();
    language.pick(format!("{points} %"), format!("{points}%"))
}

/// Explains a price.
pub(crate) fn price_reasons(price: &PriceAnswer, facts: &Facts, language: Language) -> Vec<String> {
    let amount = |cents: i64| euros(cents, language);
    let (low, middle, high) = (
        amount(price.p10_cents),
        amount(price.p50_cents),
        amount(price.p90_cents),
    );
    let mut reasons = vec![language.pick(
        format!(
            "Prix de référence : {middle} ; huit prix sur dix se situent entre {low} et {high}."
        ),
        format!("Reference price: {middle}; eight prices in ten are between {low} and {high}."),
    )];
    let mut parts: Vec<_> = price
        .contributions
        .iter()
        .filter(|part| {
            part.is_rule || part.cents.abs() as f64 >= WORTH_CENTS * price.p50_cents.abs() as f64
        })
        .collect();
    parts.sort_by_key(|part| (!part.is_rule, -part.cents.abs()));
    for part in parts.into_iter().take(TOLD) {
        let known = known(facts, &part.name, language);
        let change = amount(part.cents.abs());
        let label = capital(&part.label);
        reasons.push(if part.cents >= 0 {
            language.pick(
                format!("{label}{known} ajoute {change}."),
                format!("{label}{known} adds {change}."),
            )
        } else {
            language.pick(
                format!("{label}{known} retire {change}."),
                format!("{label}{known} takes off {change}."),
            )
        });
    }
    if price.measured.deals < FEW {
        let deals = price.measured.deals;
        reasons.push(language.pick(
            format!("Peu de recul : le modèle a appris de {deals} affaires."),
            format!("Little to go by: the model learnt from {deals} deals."),
        ));
    }
    reasons
}

/// Explains a likelihood.
pub(crate) fn likelihood_reasons(
    said: &LikelihoodAnswer,
    facts: &Facts,
    price_cents: Option<f64>,
    language: Language,
) -> Vec<String> {
    let likely = percent(said.probability, language);
    let mut reasons = vec![language.pick(
        format!("Probabilité d'aboutissement : {likely}."),
        format!("Likelihood of completion: {likely}."),
    )];
    let mut parts: Vec<_> = said
        .contributions
        .iter()
        .filter(|part| part.value.abs() >= WORTH_POINTS && part.name != "calibration")
        .collect();
    parts.sort_by(|a, b| b.value.abs().total_cmp(&a.value.abs()));
    for part in parts.into_iter().take(TOLD) {
        let known = match (part.name.as_str(), price_cents, said.reference_cents) {
            (PRICE_TO_REFERENCE, Some(price), Some(reference)) if reference > 0 => {
                let (price, share) = (
                    euros(price.round() as i64, language),
                    percent(price / reference as f64, language),
                );
                let reference = euros(reference, language);
                language.pick(
                    format!(" ({price}, soit {share} de {reference})"),
                    format!(" ({price}, {share} of {reference})"),
                )
            }
            _ => known(facts, &part.name, language),
        };
        let points = (part.value.abs() * 100.0).round();
        let label = capital(&part.label);
        reasons.push(if part.value >= 0.0 {
            language.pick(
                format!("{label}{known} fait gagner {points} points."),
                format!("{label}{known} adds {points} points."),
            )
        } else {
            language.pick(
                format!("{label}{known} fait perdre {points} points."),
                format!("{label}{known} costs {points} points."),
            )
        });
    }
    reasons
}

/// What is known of a feature, in brackets; nothing where it is not known.
fn known(facts: &Facts, name: &str, language: Language) -> String {
    told(facts, name, language).map_or_else(String::new, |value| format!(" ({value})"))
}

fn told(facts: &Facts, name: &str, language: Language) -> Option<String> {
    match (name, facts.label(name)) {
        // Its id says less than "the know-how asked for".
        ("category", _) => return None,
        (_, Some(label)) => return Some(label.to_owned()),
        _ => {}
    }
    let number = facts.number(name)?;
    Some(match name {
        "has_introducer" | "is_same_region" => {
            let [yes, no] = language.pick(["oui", "non"], ["yes", "no"]);
            if number > 0.0 { yes } else { no }.to_owned()
        }
        "rating" => language.pick(
            format!("{number}/5").replace('.', ","),
            format!("{number}/5"),
        ),
        "size" => format!("{number} {}", facts.label("unit").unwrap_or_default())
            .trim_end()
            .to_owned(),
        "lead_days" | "notice_days" => format!("{number} j"),
        "hours" => format!("{number} h"),
        "client_completion" | "person_held" | "client_held" | "person_accepted"
        | "client_accepted" => {
            format!("{} %", (number * 100.0).round())
        }
        "day_rate_cents" => format!("{} €", (number / 100.0).round()),
        _ => format!("{number}"),
    })
}

/// The text with a capital letter.
pub(crate) fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(rest).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_in_the_language() {
        assert_eq!(
            euros(123_456_789, Language::French),
            "1\u{202f}234\u{202f}568 €"
        );
        assert_eq!(euros(-99_900, Language::English), "-€999");
        assert_eq!(euros(4, Language::French), "0 €");
        assert_eq!(percent(0.345, Language::French), "35 %");
        assert_eq!(capital("élan"), "Élan");
    }
}
