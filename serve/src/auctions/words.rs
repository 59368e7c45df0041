//! Why a bid ranks where it does, in sentences made from its parts.

use deals::bids::BidFacts;
use serde::Serialize;

use super::{BidRow, Difference, LowAnswer, Part, Room, Scored};
use crate::{
    deals::{capital, euros, percent},
    language::Language,
};

/// Parts that are told for and against a bid.
const TOLD: usize = 2;

/// Something about a bid that is no reason for its rank.
#[derive(Debug, Serialize)]
pub(crate) struct Notice {
    code: &'static str,
    text: String,
}

/// What is to be known of a bid besides its score.
pub(crate) fn notices(row: &BidRow, language: Language) -> Vec<Notice> {
    let mut found = Vec::new();
    let mut notice = |code, french: &str, english: &str| {
        let text = language.pick(french, english).to_owned();
        found.push(Notice { code, text });
    };
    if row.is_withdrawn {
        notice(
            "withdrawn",
            "Offre retirée : elle n'est pas classée.",
            "Withdrawn: it is not ranked.",
        );
    }
    if row.is_late {
        notice(
            "late",
            "Offre arrivée après la clôture : elle n'est pas classée.",
            "Came after the close: it is not ranked.",
        );
    }
    if row.is_won {
        notice(
            "won",
            "Offre retenue par le client.",
            "The client chose this bid.",
        );
    }
    found
}

/// Explains a bid's score: the rank, what speaks for it, what costs it, and what makes it look abnormally low.
pub(crate) fn reasons(
    room: &Room<'_>,
    (facts, scored): (&BidFacts, &Scored),
    place: Option<(usize, usize)>,
    low: &LowAnswer,
    language: Language,
) -> Vec<String> {
    let mut told = Vec::new();
    if let Some((rank, of)) = place {
        told.push(language.pick(
            format!("Classée {} sur {of} offres en lice.", place_of(rank)),
            format!("Ranked {rank} of {of} standing bids."),
        ));
    }
    let lacking = |part: &Part| {
        part.weight
            .map_or(-part.contribution, |weight| weight - part.contribution)
    };
    // A term speaks for the bid or against it, by what is the larger part of its weight.
    let (mut best, mut worst): (Vec<&Part>, Vec<&Part>) = scored
        .breakdown
        .iter()
        .filter(|part| part.contribution != 0.0 || lacking(part) != 0.0)
        .partition(|part| part.contribution >= lacking(part));
    best.sort_by(|a, b| b.contribution.total_cmp(&a.contribution));
    worst.sort_by(|a, b| lacking(b).total_cmp(&lacking(a)));
    for part in best.into_iter().take(TOLD) {
        let (label, known, points) = (
            capital(&part.label),
            known(room, facts, &part.term, language),
            points(part.contribution, language),
        );
        told.push(language.pick(
            format!("{label}{known} apporte {points} points."),
            format!("{label}{known} brings {points} points."),
        ));
    }
    for part in worst.into_iter().take(TOLD) {
        let (label, known, points) = (
            capital(&part.label),
            known(room, facts, &part.term, language),
            points(lacking(part), language),
        );
        told.push(language.pick(
            format!("{label}{known} coûte {points} points."),
            format!("{label}{known} costs {points} points."),
        ));
    }
    if low.is_flagged {
        told.extend(low.raised().map(str::to_owned));
    }
    told
}

/// Says which terms make the difference between two bids.
pub(crate) fn difference_reason(
    other: &str,
    total: f64,
    found: &[Difference],
    language: Language,
) -> String {
    let sign = |difference: f64| if difference < 0.0 { "−" } else { "+" };
    let telling = found.iter().filter(|one| one.difference != 0.0).take(3);
    let each: Vec<String> = telling
        .map(|one| {
            format!(
                "{} ({}{})",
                one.label,
                sign(one.difference),
                points(one.difference.abs(), language)
            )
        })
        .collect();
    let (each, total_points) = (
        each.join(", "),
        format!("{}{}", sign(total), points(total.abs(), language)),
    );
    if each.is_empty() {
        return language.pick(
            format!("Face à {other} : aucun terme ne diffère."),
            format!("Against {other}: no term differs."),
        );
    }
    language.pick(
        format!("Face à {other} : {total_points} points ; ce qui fait la différence : {each}."),
        format!("Against {other}: {total_points} points; what makes the difference: {each}."),
    )
}

/// A hundred points are a score of 1.
fn points(score: f64, language: Language) -> String {
    let points = format!("{:.1}", score * 100.0);
    language.pick(points.replace('.', ","), points)
}

/// A place as it is written: `1re`, `2e`.
fn place_of(rank: usize) -> String {
    format!("{rank}{}", if rank == 1 { "re" } else { "e" })
}

/// What a term was read from, in brackets; nothing where its name says it all.
fn known(room: &Room<'_>, facts: &BidFacts, term: &str, language: Language) -> String {
    let price = || euros(facts.price_cents, language);
    let told = match term {
        "price" | "price_to_reference" => match &room.reference {
            Some(of) => {
                let usual = euros(of.p50_cents, language);
                language.pick(
                    format!("{} pour une référence de {usual}", price()),
                    format!("{} for a reference of {usual}", price()),
                )
            }
            None => price(),
        },
        "price_to_budget" | "price_to_lowest" | "price_to_median" => price(),
        "quality" => match facts.quality {
            Some(quality) => percent(quality, language),
            None => return String::new(),
        },
        "delay" | "delay_share" => match (facts.delay_days, room.auction.deadline_days) {
            (Some(delay), Some(left)) => language.pick(
                format!("{delay} j pour une échéance à {left} j"),
                format!("{delay} days with {left} left"),
            ),
            _ => return String::new(),
        },
        "fit" | "has_activation" => match facts.has_activation {
            Some(true) => language.pick("oui", "yes").to_owned(),
            Some(false) => language.pick("non", "no").to_owned(),
            None => return String::new(),
        },
        "loc" => match room.auction.loc {
            Some(loc) => percent(loc, language),
            None => return String::new(),
        },
        _ => return String::new(),
    };
    format!(" ({told})")
}
