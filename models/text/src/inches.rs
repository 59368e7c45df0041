//! Inches: `1/2"`, `1 1/2"`, `½ pouce`, `2 pouces`, and the pipe threads counted in them (`G 1/2`).

use crate::scan::View;
use crate::technical::Found;
use crate::token::Kind;

/// Reads a size in inches at `at`.
pub(crate) fn inches(view: &View<'_>, at: usize) -> Option<Found> {
    let (size, end) = size(view, at)?;
    let end = mark(view, end)?;
    Found::one(format!("{size}in"), Kind::Measure, end)
}

/// Reads the size of a pipe thread whose letters are `word`, after them.
pub(crate) fn pipe_thread(view: &View<'_>, word: &str, at: usize) -> Option<Found> {
    let (size, end) = size(view, view.skip_space(at))?;
    let end = mark(view, end).unwrap_or(end);
    if !size.contains('/') || view.is(end, char::is_alphanumeric) {
        return None;
    }
    Found::one(format!("{word}{size}"), Kind::Code, end)
}

/// `1/2`, `2`, `1 1/2`, `1"1/2`.
fn size(view: &View<'_>, at: usize) -> Option<(String, usize)> {
    if let Some((fraction, end)) = fraction(view, at) {
        return Some((fraction, end));
    }
    let end = view.run(at, |ch| ch.is_ascii_digit());
    if end == at || end - at > 2 {
        return None;
    }
    let whole = view.text(at, end);
    let next = end + usize::from(view.is(end, |ch| matches!(ch, ' ' | '-' | '"')));
    match fraction(view, next).filter(|_| next > end) {
        Some((fraction, end)) => Some((format!("{whole}+{fraction}"), end)),
        None => Some((whole, end)),
    }
}

fn fraction(view: &View<'_>, at: usize) -> Option<(String, usize)> {
    let slash = view.run(at, |ch| ch.is_ascii_digit());
    if slash == at || slash - at > 2 || view.at(slash) != Some('/') {
        return None;
    }
    let end = view.run(slash + 1, |ch| ch.is_ascii_digit());
    let is_inch = matches!(
        view.text(slash + 1, end).as_str(),
        "2" | "4" | "8" | "16" | "32" | "64"
    );
    is_inch.then(|| (view.text(at, end), end))
}

/// Index after the mark of an inch at `at`; a `"` that closes a quotation is none.
fn mark(view: &View<'_>, at: usize) -> Option<usize> {
    if view.at(at) == Some('"') && !is_quoted(view, at) {
        return Some(at + 1);
    }
    if view.at(at) == Some('\'') && view.at(at + 1) == Some('\'') {
        return Some(at + 2);
    }
    let at = at + usize::from(view.is(at, |ch| ch == ' ' || ch == '-'));
    let end = view.letters(at);
    matches!(
        view.text(at, end).as_str(),
        "pouce" | "pouces" | "inch" | "inches"
    )
    .then_some(end)
}

/// Whether a quotation opened within a few words before `at`: a `"` before a letter or a digit, after none.
fn is_quoted(view: &View<'_>, at: usize) -> bool {
    let opens = |quote: usize| {
        view.at(quote) == Some('"')
            && view.is(quote + 1, char::is_alphanumeric)
            && !(quote > 0 && view.is(quote - 1, |ch| ch.is_alphanumeric()))
    };
    (at.saturating_sub(60)..at)
        .rev()
        .find(|before| view.at(*before) == Some('"'))
        .is_some_and(opens)
}
