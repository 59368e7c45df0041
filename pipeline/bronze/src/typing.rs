//! Typing: from a cell to the value that the contract's column asks for.

use std::borrow::Cow;

use chrono::NaiveDate;
use schemas::ColumnKind;

use crate::record::{Cell, Fault};

/// A value of a column, ready to be stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Typed<'a> {
    /// No value.
    Null,
    /// Text, or JSON kept as text.
    Text(Cow<'a, str>),
    /// An integer, or cents.
    Int(i64),
    /// A finite float.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// Days since 1970-01-01.
    Day(i32),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Instant(i64),
    /// A list of texts.
    Texts(Vec<Cow<'a, str>>),
    /// A list of finite floats.
    Floats(Vec<f64>),
    /// Raw bytes: only quarantine has them.
    Bytes(&'a [u8]),
}

/// Types a cell; texts are kept as sent, everything else is trimmed first, and blank is null.
pub(crate) fn parse<'a>(kind: ColumnKind, cell: Cell<'a>) -> Result<Typed<'a>, Fault> {
    match (kind, cell) {
        (_, Cell::Null) => Ok(Typed::Null),
        (ColumnKind::String, Cell::Text(text)) if text.is_empty() => Ok(Typed::Null),
        (ColumnKind::String, Cell::Text(text)) => Ok(Typed::Text(text)),
        (_, Cell::Text(text)) if text.trim().is_empty() => Ok(Typed::Null),
        (ColumnKind::Json, Cell::Json(text)) => Ok(Typed::Text(text.into())),
        (ColumnKind::Json, Cell::Text(text)) => json(text),
        (ColumnKind::Strings, Cell::List(items)) => Ok(Typed::Texts(items)),
        (ColumnKind::Strings, Cell::Text(text)) => Ok(Typed::Texts(vec![text])),
        (ColumnKind::Floats, Cell::List(items)) => floats(&items),
        (ColumnKind::Floats, Cell::Text(text)) => floats(&[text]),
        (_, Cell::Text(text)) => scalar(kind, text.trim())
            .ok_or_else(|| Fault::new(&*text, format!("{text:?} is not {}", expected(kind)))),
        (_, Cell::List(items)) => Err(Fault::new(
            items.join("|"),
            format!("a list is not {}", expected(kind)),
        )),
        (_, Cell::Json(text)) => {
            let reason = format!("a JSON object or array is not {}", expected(kind));
            Err(Fault::new(text, reason))
        }
    }
}

fn scalar(kind: ColumnKind, text: &str) -> Option<Typed<'static>> {
    match kind {
        ColumnKind::Int | ColumnKind::Cents => text.parse().ok().map(Typed::Int),
        ColumnKind::Float => float(text).map(Typed::Float),
        ColumnKind::Bool => boolean(text).map(Typed::Bool),
        ColumnKind::Date => day(text).map(|day| Typed::Day(days_since_epoch(day))),
        ColumnKind::Timestamp => instant(text).map(Typed::Instant),
        ColumnKind::String | ColumnKind::Strings | ColumnKind::Floats | ColumnKind::Json => None,
    }
}

const fn expected(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::String => "one text",
        ColumnKind::Int => "an integer",
        ColumnKind::Float => "a finite decimal number with a point",
        ColumnKind::Bool => "true, false, 1, 0, oui or non",
        ColumnKind::Date => "a day written YYYY-MM-DD",
        ColumnKind::Timestamp => "an instant (RFC 3339, YYYY-MM-DD HH:MM:SS in UTC, or a day)",
        ColumnKind::Cents => "an integer number of cents",
        ColumnKind::Strings => "a list of texts",
        ColumnKind::Floats => "a list of finite decimal numbers",
        ColumnKind::Json => "JSON",
    }
}

fn json(text: Cow<'_, str>) -> Result<Typed<'_>, Fault> {
    match serde_json::from_str::<serde::de::IgnoredAny>(&text) {
        Ok(_) => Ok(Typed::Text(text)),
        Err(error) => Err(Fault::new(&*text, format!("not JSON: {error}"))),
    }
}

fn floats<'a>(items: &[Cow<'_, str>]) -> Result<Typed<'a>, Fault> {
    let parsed: Option<Vec<f64>> = items.iter().map(|item| float(item.trim())).collect();
    parsed.map(Typed::Floats).ok_or_else(|| {
        let reason = format!("not {}", expected(ColumnKind::Floats));
        Fault::new(items.join("|"), reason)
    })
}

fn float(text: &str) -> Option<f64> {
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "oui" => Some(true),
        "false" | "0" | "non" => Some(false),
        _ => None,
    }
}

/// Reads `YYYY-MM-DD`, all ten characters of it and nothing else.
pub(crate) fn day(text: &str) -> Option<NaiveDate> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let number = |range| digits(&bytes[range]);
    NaiveDate::from_ymd_opt(
        i32::try_from(number(0..4)?).ok()?,
        number(5..7)?,
        number(8..10)?,
    )
}

fn days_since_epoch(day: NaiveDate) -> i32 {
    schemas::Slot::new(day).days_since_epoch()
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0_u32, |number, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + u32::from(byte - b'0'))
    })
}

/// Reads an instant as microseconds since the epoch; without an offset it is UTC, without a time it is midnight.
pub(crate) fn instant(text: &str) -> Option<i64> {
    let date = day(text.get(..10)?)?;
    let midnight = i64::from(days_since_epoch(date)) * 86_400;
    let rest = &text[10..];
    if rest.is_empty() {
        return Some(midnight * 1_000_000);
    }
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let zone = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (seconds, micros) = time_of_day(rest[..zone].trim_end())?;
    let offset = offset_seconds(&rest[zone..])?;
    Some((midnight + seconds - offset) * 1_000_000 + micros)
}

/// Reads `HH:MM[:SS[.fraction]]` as seconds and microseconds.
fn time_of_day(text: &str) -> Option<(i64, i64)> {
    let (clock, fraction) = text
        .split_once('.')
        .map_or((text, None), |(c, f)| (c, Some(f)));
    let bytes = clock.as_bytes();
    let is_shaped = match bytes.len() {
        5 => bytes[2] == b':' && fraction.is_none(),
        8 => bytes[2] == b':' && bytes[5] == b':',
        _ => false,
    };
    if !is_shaped {
        return None;
    }
    let (hours, minutes) = (digits(&bytes[..2])?, digits(&bytes[3..5])?);
    let seconds = bytes.get(6..8).map_or(Some(0), digits)?;
    if hours > 23 || minutes > 59 || seconds > 60 {
        return None;
    }
    let micros = match fraction.map(str::as_bytes) {
        None => 0,
        Some(f) if f.is_empty() || f.len() > 9 || digits(f).is_none() => return None,
        Some(f) => (0..6).fold(0, |n, i| {
            n * 10 + f.get(i).map_or(0, |b| i64::from(b - b'0'))
        }),
    };
    let whole = hours * 3_600 + minutes * 60 + seconds;
    Some((i64::from(whole), micros))
}

/// Reads `Z`, `+01:00`, `+0100` or `+01`, or nothing, as seconds east of UTC.
fn offset_seconds(text: &str) -> Option<i64> {
    let (sign, clock) = match text.as_bytes() {
        [] | b"Z" | b"z" => return Some(0),
        [b'+', clock @ ..] => (1, clock),
        [b'-', clock @ ..] => (-1, clock),
        _ => return None,
    };
    let (hours, minutes) = match clock {
        [_, _] => (digits(clock)?, 0),
        [_, _, b':', minutes @ ..] | [_, _, minutes @ ..] if minutes.len() == 2 => {
            (digits(&clock[..2])?, digits(minutes)?)
        }
        _ => return None,
    };
    (hours < 24 && minutes < 60).then(|| sign * i64::from(hours * 3_600 + minutes * 60))
}
