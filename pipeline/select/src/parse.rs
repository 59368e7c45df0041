//! The grammar: unions of intersections of selectors, each `[@ | [depth]+][method:]value[+[depth]]`.

use crate::{
    atom::{Atom, Reach},
    error::SelectError,
    method::{METHODS, Method, nearest},
};

/// A union of intersections.
pub(crate) type Union = Vec<Vec<Atom>>;

/// Parses one text of selectors.
pub(crate) fn parse(text: &str) -> Result<Union, SelectError> {
    let mut union = Vec::new();
    let mut position = 1;
    for word in text.split(' ') {
        if !word.trim().is_empty() {
            union.push(intersection(text, word, position)?);
        }
        position += word.chars().count() + 1;
    }
    if union.is_empty() {
        return Err(malformed(text, 1, "it is empty: expected a selector"));
    }
    Ok(union)
}

fn intersection(text: &str, word: &str, mut position: usize) -> Result<Vec<Atom>, SelectError> {
    let mut atoms = Vec::new();
    for part in word.split(',') {
        if part.is_empty() {
            let problem =
                "expected a selector beside the comma, which stands between two without spaces";
            return Err(malformed(text, position, problem));
        }
        atoms.push(atom(text, part, position)?);
        position += part.chars().count() + 1;
    }
    Ok(atoms)
}

fn atom(text: &str, part: &str, start: usize) -> Result<Atom, SelectError> {
    let at = |rest: &str| start + part.chars().count() - rest.chars().count();
    let (is_whole, mut rest) = match part.strip_prefix('@') {
        Some(rest) => (true, rest),
        None => (false, part),
    };
    let mut up = 0;
    if let Some((steps, after)) = prefix(rest) {
        if is_whole {
            let problem = "@ reaches up and down already: leave out the +";
            return Err(malformed(text, at(rest), problem));
        }
        up = depth(text, steps, at(rest))?;
        rest = after;
    }
    let (body, suffix) = suffix(rest);
    let mut down = 0;
    if let Some(steps) = suffix {
        let place = at(rest) + body.chars().count();
        if is_whole {
            let problem = "@ reaches up and down already: leave out the +";
            return Err(malformed(text, place, problem));
        }
        down = depth(text, steps, place + 1)?;
    }
    if body.is_empty() {
        let problem = "expected a name, or a method such as tag: with its value";
        return Err(malformed(text, at(rest), problem));
    }
    let (method, value) = match body.split_once(':') {
        Some((method, value)) => (Some(method), value),
        None => (None, body),
    };
    if let Some(method) = method.filter(|method| !METHODS.contains(method)) {
        return Err(malformed(text, at(rest), &no_method(method)));
    }
    let value_at = at(rest) + body.chars().count() - value.chars().count();
    if value.is_empty() {
        let problem = format!("expected a value after `{body}`");
        return Err(malformed(text, value_at, &problem));
    }
    if let Some(place) = value.find(['+', '@']) {
        let place = value_at + value[..place].chars().count();
        let problem = "expected + or @ only before or after a name";
        return Err(malformed(text, place, problem));
    }
    let method = Method::new(method, value).map_err(|p| malformed(text, value_at, &p))?;
    let reach = match is_whole {
        true => Reach::Whole,
        false => Reach::Steps { up, down },
    };
    Ok(Atom {
        text: part.to_owned(),
        method,
        reach,
    })
}

/// Parts `2+rest` into its number and the rest; none where it does not begin so.
fn prefix(text: &str) -> Option<(&str, &str)> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let rest = text[digits..].strip_prefix('+')?;
    Some((&text[..digits], rest))
}

/// Parts `body+3` into its body and the number.
fn suffix(text: &str) -> (&str, Option<&str>) {
    let body = text.trim_end_matches(|c: char| c.is_ascii_digit());
    match body.strip_suffix('+') {
        Some(before) => (before, Some(&text[body.len()..])),
        None => (text, None),
    }
}

fn depth(text: &str, digits: &str, position: usize) -> Result<usize, SelectError> {
    if digits.is_empty() {
        return Ok(usize::MAX);
    }
    let read = digits.parse();
    read.map_err(|_| malformed(text, position, "expected a smaller number of steps"))
}

fn no_method(method: &str) -> String {
    let near = nearest(method, METHODS.into_iter());
    match near.first() {
        Some(near) => format!("there is no method `{method}:`; did you mean `{near}:`?"),
        None => format!(
            "there is no method `{method}:`; there is {}",
            METHODS.join(", ")
        ),
    }
}

fn malformed(text: &str, position: usize, problem: &str) -> SelectError {
    SelectError::Malformed {
        text: text.to_owned(),
        position,
        problem: problem.to_owned(),
    }
}
