//! Series that a word names and a number completes: `IP 67`, `DN 50`, `RAL 9005`, `PA 6.6`, `S235 JR`.

use crate::scan::View;
use crate::technical::Found;
use crate::token::Kind;

/// Words of a series, with how many digits follow.
const SERIES: &[(&str, usize, usize)] = &[
    ("awg", 1, 2),
    ("dn", 1, 4),
    ("gf", 2, 2),
    ("ik", 2, 2),
    ("ip", 2, 2),
    ("pn", 1, 3),
    ("ral", 4, 4),
];

const POLYAMIDES: &[&str] = &["6", "11", "12", "46", "66", "610", "612"];

/// Qualities of structural steels.
const QUALITIES: &[&str] = &[
    "j0", "j2", "j2g3", "jr", "jrg2", "k2", "k2g3", "m", "mc", "ml", "n", "nl", "w",
];

/// Reads the member of a series that `word`, ending at `end`, begins.
pub(crate) fn member(view: &View<'_>, word: &str, end: usize) -> Option<Found> {
    match word {
        "pa" => polyamide(view, end),
        "s" => steel(view, end),
        _ => {
            let (_, low, high) = SERIES.iter().find(|(name, _, _)| *name == word)?;
            let at = end + usize::from(view.is(end, is_gap));
            let number_end = view.run(at, |ch| ch.is_ascii_digit());
            let is_member = (*low..=*high).contains(&(number_end - at))
                && !view.is(number_end, char::is_alphanumeric);
            let term = || format!("{word}{}", view.text(at, number_end));
            is_member.then(|| Found {
                terms: vec![(term(), Kind::Code)],
                end: number_end,
            })
        }
    }
}

/// `PA 6.6`, `PA66-GF30`: the polymer, then with its filler.
fn polyamide(view: &View<'_>, end: usize) -> Option<Found> {
    let at = end + usize::from(view.is(end, is_gap));
    let number_end = view.run(at, |ch| {
        ch.is_ascii_digit() || matches!(ch, '.' | ',' | '/')
    });
    let number_end = number_end
        - usize::from(!view.is(number_end - 1, |ch| ch.is_ascii_digit()) && number_end > at);
    let number: String = view
        .text(at, number_end)
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    if !POLYAMIDES.contains(&number.as_str()) {
        return None;
    }
    alternatives(view, format!("pa{number}"), number_end, |filler| {
        filler.len() == 4 && (filler.starts_with("gf") || filler.starts_with("cf"))
    })
}

/// `S235 JR`, `S355-J2`: the steel, then with its quality.
fn steel(view: &View<'_>, end: usize) -> Option<Found> {
    let number_end = view.run(end, |ch| ch.is_ascii_digit());
    if number_end - end != 3 {
        return None;
    }
    alternatives(
        view,
        format!("s{}", view.text(end, number_end)),
        number_end,
        |quality| QUALITIES.contains(&quality),
    )
}

/// `base` alone, or `base` and what `is_suffix` accepts after it.
fn alternatives(
    view: &View<'_>,
    base: String,
    end: usize,
    is_suffix: impl Fn(&str) -> bool,
) -> Option<Found> {
    let at = end + usize::from(view.is(end, is_gap));
    let suffix_end = view.run(at, |ch| ch.is_ascii_alphanumeric());
    let suffix = view.text(at, suffix_end);
    let is_whole = !view.is(suffix_end, |ch| ch.is_alphanumeric() || ch == '\'');
    // A lone letter after a space may be a word.
    let is_word = suffix.len() == 1 && view.at(end) == Some(' ');
    if is_suffix(&suffix) && is_whole && !is_word {
        let whole = format!("{base}{suffix}");
        let terms = vec![(base, Kind::Material), (whole, Kind::Material)];
        return Some(Found {
            terms,
            end: suffix_end,
        });
    }
    if view.is(end, char::is_alphanumeric) {
        return None;
    }
    Found::one(base, Kind::Material, end)
}

fn is_gap(ch: char) -> bool {
    ch == ' ' || ch == '-'
}
