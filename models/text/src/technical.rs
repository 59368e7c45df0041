//! Technical terms: measures, tolerances, grades, standards and part numbers, kept whole and normalised.

use crate::addresses::address;
use crate::drawings::{bore, diameter, dimensions, limits, roughness, thread, tolerance};
use crate::grades::{is_aluminium, is_aluminium_word, is_stainless, kind_of};
use crate::inches::{inches, pipe_thread};
use crate::numbers::{Number, number, scaled, spelled};
use crate::scan::View;
use crate::series::member;
use crate::standards::standard;
use crate::token::Kind;
use crate::units::measured;

/// What stands at an index: its terms (alternatives, the most specific last) and the index after it.
pub(crate) struct Found {
    pub(crate) terms: Vec<(String, Kind)>,
    pub(crate) end: usize,
}

/// Letters of `ohsas`, the longest body of standards.
const LONGEST_BODY: usize = 5;

/// Letters of `diametre`.
const LONGEST_SIGN: usize = 8;

impl Found {
    /// One term.
    pub(crate) fn one(term: String, kind: Kind, end: usize) -> Option<Self> {
        Some(Self {
            terms: vec![(term, kind)],
            end,
        })
    }
}

/// Reads the technical term that begins at `at`, if one does. `last_word` is the surface just before.
pub(crate) fn technical(view: &View<'_>, at: usize, last_word: Option<&str>) -> Option<Found> {
    match view.at(at)? {
        '±' => tolerance(view, at + 1),
        '+' if view.at(at + 1) == Some('-') => tolerance(view, at + 2),
        '+' if view.text(at + 1, at + 3) == "/-" => tolerance(view, at + 3),
        '+' => limits(view, at + 1),
        'ø' => diameter(view, view.skip_space(at + 1)),
        ch if ch.is_ascii_digit() => numeric(view, at, last_word),
        ch if ch.is_ascii_alphabetic() => lettered(view, at),
        _ => None,
    }
}

fn numeric(view: &View<'_>, at: usize, last_word: Option<&str>) -> Option<Found> {
    if let Some(found) = address(view, at)
        .or_else(|| inches(view, at))
        .or_else(|| bore(view, at))
    {
        return Some(found);
    }
    let number = number(view, at)?;
    let found = metal(view, at, &number, last_word).or_else(|| dimensions(view, &number));
    if found.is_some() {
        return found;
    }
    if let Some(measured) = measured(view, &number) {
        return Found::one(measured.term, Kind::Measure, measured.end);
    }
    if let Some(found) = ordinal(view, at).or_else(|| code(view, at)) {
        return Some(found);
    }
    let digits = if number.digits.contains('.') {
        scaled(&number.digits, 0)
    } else {
        number.digits
    };
    Found::one(digits, Kind::Number, number.end)
}

/// Grades that begin with a number: `6082-T6`, `alu 2017A`, `316 L`, `1.4404`.
fn metal(view: &View<'_>, at: usize, number: &Number, last_word: Option<&str>) -> Option<Found> {
    let digits_end = view.run(at, |ch| ch.is_ascii_digit());
    let digits = view.text(at, digits_end);
    let run_end = view.run(at, |ch| ch.is_ascii_alphanumeric());
    let suffix = view.text(digits_end, run_end);
    if digits.len() == 4
        && (suffix.is_empty() || suffix == "a")
        && (is_aluminium(&digits) || last_word.is_some_and(is_aluminium_word))
        && !view.is(run_end, |ch| ch == ',' || ch == '.')
            | view.is(run_end + 1, |ch| !ch.is_ascii_digit())
    {
        return Found::one(format!("aw{digits}{suffix}"), Kind::Material, run_end);
    }
    if is_stainless(&digits)
        && matches!(suffix.as_str(), "l" | "h" | "n" | "ti" | "ln")
        && !view.is(run_end, char::is_alphanumeric)
    {
        return Found::one(format!("{digits}{suffix}"), Kind::Material, run_end);
    }
    let letter_end = view.letters(digits_end + 1);
    if is_stainless(&digits)
        && view.at(digits_end) == Some(' ')
        && letter_end == digits_end + 2
        && view.is_upper(digits_end + 1, letter_end)
        && view.is(digits_end + 1, |ch| matches!(ch, 'l' | 'h' | 'n'))
        && !view.is(letter_end, |ch| ch.is_alphanumeric() || ch == '\'')
    {
        let term = format!("{digits}{}", view.text(digits_end + 1, letter_end));
        return Found::one(term, Kind::Material, letter_end);
    }
    let is_werkstoff =
        digits == "1" && view.at(digits_end) == Some('.') && number.digits.len() == 6;
    if is_werkstoff && !view.is(number.end, char::is_alphanumeric) {
        return Found::one(number.digits.clone(), Kind::Material, number.end);
    }
    None
}

/// `1er`, `2e`, `3ème`: the number.
fn ordinal(view: &View<'_>, at: usize) -> Option<Found> {
    let digits_end = view.run(at, |ch| ch.is_ascii_digit());
    let end = view.letters(digits_end);
    let is_ordinal = matches!(
        view.text(digits_end, end).as_str(),
        "er" | "ere" | "e" | "eme" | "nd" | "nde"
    );
    if !is_ordinal || view.is(end, |ch| ch.is_ascii_digit()) {
        return None;
    }
    Found::one(view.text(at, digits_end), Kind::Number, end)
}

fn lettered(view: &View<'_>, at: usize) -> Option<Found> {
    let end = view.letters(at);
    // No sign, series or standard begins with so long a word, and no code or address goes on with a space.
    let is_plain = end - at > LONGEST_SIGN
        && !view.is(end, |ch| {
            ch.is_ascii_digit() || matches!(ch, '.' | '-' | '_' | '@' | ':' | '%' | '+')
        });
    if is_plain {
        return None;
    }
    let word = view.text(at, end);
    let after = view.skip_space(end);
    let special = match word.as_str() {
        "diametre" | "diam" | "dia" => {
            let dot = end + usize::from(word != "diametre" && view.at(end) == Some('.'));
            diameter(view, view.skip_space(dot))
        }
        "ra" | "rz" | "rt" => roughness(view, &word, after),
        "hrc" | "hrb" | "hv" | "hb" => number(view, after)
            .filter(|number| !view.is(number.end, char::is_alphanumeric))
            .and_then(|found| {
                Found::one(
                    format!("{}{word}", scaled(&found.digits, 0)),
                    Kind::Measure,
                    found.end,
                )
            }),
        "en" | "aw" | "aisi" => grade_after_prefix(view, at, &word),
        "m" => thread(view, end),
        "g" | "rc" | "rp" => pipe_thread(view, &word, end),
        _ => member(view, &word, end),
    };
    special
        .or_else(|| address(view, at))
        .or_else(|| initials(view, &word, end))
        .or_else(|| spelled_axes(view, &word, end))
        .or_else(|| {
            (word.len() <= LONGEST_BODY)
                .then(|| standard(view, at))
                .flatten()
        })
        .or_else(|| dotted(view, at))
        .or_else(|| code(view, at))
}

/// `EN AW-6082`, `AW 6082`, `AISI 316L`: the grade without its system.
fn grade_after_prefix(view: &View<'_>, at: usize, word: &str) -> Option<Found> {
    let skip = |end: usize| end + usize::from(view.is(end, |ch| ch == ' ' || ch == '-'));
    let mut next = skip(view.letters(at));
    let mut system = word.to_owned();
    if word == "en" {
        let end = view.letters(next);
        system = view.text(next, end);
        next = skip(end);
    }
    let end = view.run(next, |ch| ch.is_ascii_alphanumeric());
    let grade = view.text(next, end);
    let is_grade = grade.len() >= 3 && grade.starts_with(|ch: char| ch.is_ascii_digit());
    match system.as_str() {
        "aw" if is_grade => Found::one(format!("aw{grade}"), Kind::Material, end),
        "aisi" if is_grade => Found::one(grade, Kind::Material, end),
        _ => None,
    }
}

/// `cinq axes`
fn spelled_axes(view: &View<'_>, word: &str, end: usize) -> Option<Found> {
    let digits = spelled(word)?;
    let found = measured(
        view,
        &Number {
            digits: digits.to_owned(),
            end,
        },
    )?;
    (found.unit == "axe").then_some(Found {
        terms: vec![(found.term, Kind::Measure)],
        end: found.end,
    })
}

/// Initials joined by an ampersand: `R&D`, `R & D`.
fn initials(view: &View<'_>, word: &str, end: usize) -> Option<Found> {
    let sign = view.skip_space(end);
    if word.len() != 1 || view.at(sign) != Some('&') {
        return None;
    }
    let next = view.skip_space(sign + 1);
    let next_end = view.letters(next);
    if next_end != next + 1 || view.is(next_end, |ch| ch.is_alphanumeric() || ch == '\'') {
        return None;
    }
    Found::one(
        format!("{word}&{}", view.text(next, next_end)),
        Kind::Acronym,
        next_end,
    )
}

/// Acronyms with points: `C.N.C.`, `U.G.V`.
fn dotted(view: &View<'_>, at: usize) -> Option<Found> {
    let mut acronym = String::new();
    let mut next = at;
    while view.is(next, |ch| ch.is_ascii_alphabetic()) && !view.is(next + 1, char::is_alphanumeric)
    {
        acronym.push(view.at(next)?);
        if view.at(next + 1) != Some('.') {
            next += 1;
            break;
        }
        next += 2;
    }
    if acronym.len() < 2 || view.is(next, char::is_alphanumeric) || view.at(next) == Some('\'') {
        return None;
    }
    let written = crate::acronyms::acronym(&acronym).map_or(acronym, str::to_owned);
    Found::one(written, Kind::Acronym, next)
}

/// A mix of letters and digits: `316L`, `S355J2`, `AB-1234-X`, `17-4PH`; its separators are left out.
fn code(view: &View<'_>, at: usize) -> Option<Found> {
    let segment_end = |from: usize| view.run(from, |ch| ch.is_ascii_alphanumeric());
    let mut end = segment_end(at);
    if view.is(end, char::is_alphanumeric) {
        return None;
    }
    let mut segments = vec![view.text(at, end)];
    while view.is(end, |ch| ch == '-' || ch == '_') {
        let next = segment_end(end + 1);
        if next == end + 1 || view.is(next, char::is_alphanumeric) {
            break;
        }
        segments.push(view.text(end + 1, next));
        end = next;
    }
    if segments.len() > 1 && !is_joined_code(&segments) {
        end = segment_end(at);
        segments.truncate(1);
    }
    let code = segments.concat();
    let has_digit = code.contains(|ch: char| ch.is_ascii_digit());
    let has_letter = code.contains(|ch: char| ch.is_ascii_alphabetic());
    if !has_digit || !has_letter {
        return None;
    }
    let kind = kind_of(&code);
    Found::one(code, kind, end)
}

/// Hyphens join a code (`AB-1234-X`, `17-4PH`, `PA-66`), not words and numbers (`lot-2`, `2019-2020`).
fn is_joined_code(segments: &[String]) -> bool {
    let is_word = |segment: &String| segment.chars().all(|ch| ch.is_ascii_alphabetic());
    let digits: usize = segments
        .iter()
        .map(|s| s.chars().filter(char::is_ascii_digit).count())
        .sum();
    let longest_word = segments
        .iter()
        .filter(|s| is_word(s))
        .map(String::len)
        .max()
        .unwrap_or(0);
    let has_letter = segments
        .iter()
        .any(|s| s.contains(|ch: char| ch.is_ascii_alphabetic()));
    digits > 0 && has_letter && (longest_word <= 2 || (longest_word <= 3 && digits >= 3))
}
