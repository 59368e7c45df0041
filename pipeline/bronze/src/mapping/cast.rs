//! Casts: named conversions from what sources write to what contracts read.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A named conversion of one text; a text that it cannot convert is rejected, never dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cast {
    /// Euros with a comma or a point (`1 234,50 €`) to integer cents; half a cent rounds away from zero.
    Euros,
    /// A number with a decimal comma (`1 234,5`) to one with a point.
    DecimalComma,
    /// A whole number as a float writes it (`12.0`) or with spaces (`1 200`).
    WholeNumber,
    /// `31/12/2026`, also with ` HH:MM` or ` HH:MM:SS`.
    FrenchDate,
    /// `20261231`.
    CompactDate,
    /// Seconds since 1970-01-01 UTC.
    UnixSeconds,
    /// Milliseconds since 1970-01-01 UTC.
    UnixMillis,
    /// Text whose apostrophes were doubled for SQL (`l''offre`).
    SqlText,
    /// Without white space at its ends.
    Trim,
    /// In lower case.
    Lower,
    /// In upper case.
    Upper,
    /// Only its digits: `123 456 789 00012` to a SIRET.
    Digits,
    /// The department of a French postal code or INSEE commune code.
    Department,
}

impl Cast {
    /// Converts a text, or says with `None` that it cannot.
    pub(crate) fn apply<'a>(self, text: Cow<'a, str>) -> Option<Cow<'a, str>> {
        let converted = match self {
            Self::Euros => euros(&text)?.to_string(),
            Self::DecimalComma => decimal(&text)?,
            Self::WholeNumber => whole_number(&text)?,
            Self::FrenchDate => french_date(text.trim())?,
            Self::CompactDate => compact_date(text.trim())?,
            Self::UnixSeconds => unix(&text, 1_000)?,
            Self::UnixMillis => unix(&text, 1)?,
            Self::SqlText if !text.contains("''") => return Some(text),
            Self::SqlText => text.replace("''", "'"),
            Self::Trim => text.trim().to_owned(),
            Self::Lower => text.to_lowercase(),
            Self::Upper => text.to_uppercase(),
            Self::Digits => text.chars().filter(char::is_ascii_digit).collect(),
            Self::Department => department(text.trim())?,
        };
        Some(converted.into())
    }

    /// Returns the name that a mapping file uses.
    pub(crate) fn name(self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|name| name.as_str().map(str::to_owned))
            .unwrap_or_default()
    }
}

/// Brings a French or English decimal number to `[-]digits[.digits]`: spaces go, the last comma or point is decimal
/// unless the same sign comes twice, as it does between thousands.
fn decimal(text: &str) -> Option<String> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let mark = compact.rfind([',', '.']);
    let is_grouping = mark.is_some_and(|at| {
        let sign = &compact[at..=at];
        compact.matches(sign).count() > 1
    });
    let (whole, fraction) = match mark {
        Some(at) if !is_grouping => (&compact[..at], Some(&compact[at + 1..])),
        _ => (compact.as_str(), None),
    };
    let is_grouped_by_three = whole
        .split([',', '.'])
        .skip(1)
        .all(|group| group.len() == 3);
    let whole = whole.replace([',', '.'], "");
    let unsigned = whole.strip_prefix(['-', '+']).unwrap_or(&whole);
    let is_number = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let is_empty = unsigned.is_empty() && fraction.is_none_or(str::is_empty);
    if is_empty || !is_grouped_by_three || !is_number(unsigned) || !fraction.is_none_or(is_number) {
        return None;
    }
    let sign = if whole.starts_with('-') { "-" } else { "" };
    let unsigned = if unsigned.is_empty() { "0" } else { unsigned };
    Some(match fraction {
        Some(fraction) if !fraction.is_empty() => format!("{sign}{unsigned}.{fraction}"),
        _ => format!("{sign}{unsigned}"),
    })
}

fn euros(text: &str) -> Option<i64> {
    let text = text.trim();
    let bare = ["€", "EUR", "eur", "euros", "Euros"]
        .iter()
        .find_map(|unit| text.strip_suffix(unit))
        .unwrap_or(text);
    let number = decimal(bare)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    let is_negative = whole.starts_with('-');
    let whole: i64 = whole.trim_start_matches('-').parse().ok()?;
    let digit = |at: usize| {
        fraction
            .as_bytes()
            .get(at)
            .map_or(0, |b| i64::from(b - b'0'))
    };
    let rounding = i64::from(digit(2) >= 5);
    let cents = whole
        .checked_mul(100)?
        .checked_add(digit(0) * 10 + digit(1) + rounding)?;
    Some(if is_negative { -cents } else { cents })
}

fn whole_number(text: &str) -> Option<String> {
    let number = decimal(text)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    fraction
        .bytes()
        .all(|digit| digit == b'0')
        .then(|| whole.to_owned())
}

fn french_date(text: &str) -> Option<String> {
    let (date, time) = text
        .split_once([' ', 'T'])
        .map_or((text, None), |(date, time)| (date, Some(time)));
    let mut parts = date.split('/');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 || day.len() > 2 || month.len() > 2 {
        return None;
    }
    let iso = format!("{year}-{month:0>2}-{day:0>2}");
    crate::typing::day(&iso)?;
    match time {
        None => Some(iso),
        Some(time) => {
            let instant = format!("{iso} {time}");
            crate::typing::instant(&instant).map(|_| instant)
        }
    }
}

/// Communes of Corsica already carry their department (`2A004`); the others begin as postal codes do.
fn department(code: &str) -> Option<String> {
    match code.get(..2) {
        Some(corsican @ ("2A" | "2B")) if code.len() == 5 => Some(corsican.to_owned()),
        _ => schemas::department_of(code),
    }
}

fn compact_date(text: &str) -> Option<String> {
    let iso = (text.len() == 8 && text.is_ascii())
        .then(|| format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]))?;
    crate::typing::day(&iso).map(|_| iso)
}

fn unix(text: &str, millis_per_unit: i64) -> Option<String> {
    let count: i64 = text.trim().parse().ok()?;
    let instant = chrono::DateTime::from_timestamp_millis(count.checked_mul(millis_per_unit)?)?;
    let written = instant.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    crate::typing::instant(&written).map(|_| written)
}
