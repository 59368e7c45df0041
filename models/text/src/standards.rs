//! Standards: `NF EN ISO 9001:2015`, `ISO 2768-mK`, `EN 1090-2`, `NF C 15-100`.

use crate::scan::View;
use crate::technical::Found;
use crate::token::Kind;

const BODIES: &[&str] = &[
    "aci", "ansi", "as", "asme", "astm", "bs", "cei", "din", "en", "iatf", "iec", "ipc", "iso",
    "jis", "nf", "ohsas", "vda",
];

/// European standards that lower-case writers mean by `en` too.
const EUROPEAN: &[&str] = &[
    "1090", "1092", "9100", "9110", "9120", "10204", "15085", "50126", "50128", "60601",
];

/// Reads the standard at `at`: the bodies, then the number with its parts. A year of edition is left out.
pub(crate) fn standard(view: &View<'_>, at: usize) -> Option<Found> {
    let (body, mut number_at) = bodies(view, at)?;
    let mut series = String::new();
    if body == "nf" || body == "ipc" {
        let series_end = view.letters(number_at);
        if series_end == number_at + 1 {
            series = view.text(number_at, series_end);
            number_at = series_end + usize::from(view.is(series_end, |ch| ch == ' ' || ch == '-'));
        }
    }
    let number_end = view.run(number_at, |ch| ch.is_ascii_digit());
    let number = view.text(number_at, number_end);
    if !(2..=6).contains(&number.len()) || !is_standard(view, &body, &number, at, &series) {
        return None;
    }
    let (parts, end) = parts(view, &number, number_end);
    if view.is(end, char::is_alphanumeric) {
        return None;
    }
    let base = format!("{body}{series}{number}");
    let mut terms = vec![(base.clone(), Kind::Standard)];
    if !parts.is_empty() {
        terms.push((format!("{base}-{}", parts.join("-")), Kind::Standard));
    }
    Some(Found {
        terms,
        end: edition(view, end),
    })
}

/// The last of a chain of bodies, which names the standard best, and where its number begins.
fn bodies(view: &View<'_>, at: usize) -> Option<(String, usize)> {
    let mut found = None;
    let mut next = at;
    loop {
        let end = view.letters(next);
        let word = view.text(next, end);
        if word.len() == 3 && word.starts_with("nf") {
            return Some(("nf".to_owned(), end - 1));
        }
        // `ISO/TS 16949`: the kind of publication does not name the standard.
        let is_kind = found.is_some() && matches!(word.as_str(), "ts" | "tr");
        if !BODIES.contains(&word.as_str()) && !is_kind {
            return found;
        }
        next = end + usize::from(view.is(end, |ch| matches!(ch, ' ' | '-' | '/')));
        match &mut found {
            Some((_, number_at)) if is_kind => *number_at = next,
            _ => found = Some((word, next)),
        }
    }
}

/// `en` is a preposition and `as` a verb: they need capitals or a number that only a standard has.
fn is_standard(view: &View<'_>, body: &str, number: &str, at: usize, series: &str) -> bool {
    let is_year = number.len() == 4 && (number.starts_with("19") || number.starts_with("20"));
    let body_end = view.letters(at);
    match body {
        "en" | "as" if view.text(at, body_end) == body => {
            EUROPEAN.contains(&number)
                || (view.is_upper(at, body_end) && !is_year && number.len() >= 3)
        }
        "ipc" => !series.is_empty(),
        "nf" => !series.is_empty() || number.len() >= 3,
        _ => !(is_year && body == "bs"),
    }
}

/// Parts after hyphens, and the tolerance classes of ISO 2768 after a space too.
fn parts(view: &View<'_>, number: &str, number_end: usize) -> (Vec<String>, usize) {
    let mut parts = Vec::new();
    let mut end = number_end;
    loop {
        let mut part_end = view.run(end + 1, |ch| ch.is_ascii_alphanumeric());
        // The certificates of EN 10204: `3.1`, `3.2`.
        let is_certificate = number == "10204"
            && view.is(part_end, |ch| ch == '.' || ch == ',')
            && view.is(part_end + 1, |ch| ch.is_ascii_digit());
        if is_certificate {
            part_end = view.run(part_end + 1, |ch| ch.is_ascii_digit());
        }
        let part = view.text(end + 1, part_end).replace(',', ".");
        let is_part = match view.at(end) {
            Some(' ' | '-') if is_certificate => true,
            Some('-') => (1..=4).contains(&part.len()),
            Some(' ') => number == "2768" && is_general_tolerance(&part),
            _ => false,
        };
        if !is_part {
            return (parts, end);
        }
        let is_year = part.len() == 4 && (part.starts_with("19") || part.starts_with("20"));
        if !is_year {
            parts.push(part);
        }
        end = part_end;
    }
}

fn is_general_tolerance(part: &str) -> bool {
    let mut chars = part.chars();
    let is_linear = chars.next().is_some_and(|ch| "fmcv".contains(ch));
    is_linear && chars.next().is_none_or(|ch| "hkl".contains(ch)) && chars.next().is_none()
}

/// Index after a year of edition (`:2015`, ` v2015`), which does not part two standards.
fn edition(view: &View<'_>, end: usize) -> usize {
    let mut at = view.skip_space(end);
    if view.is(at, |ch| ch == ':' || ch == 'v') {
        at = view.skip_space(at + 1);
        let year_end = view.run(at, |ch| ch.is_ascii_digit());
        if year_end == at + 4 && !view.is(year_end, char::is_alphanumeric) {
            return year_end;
        }
    }
    end
}
