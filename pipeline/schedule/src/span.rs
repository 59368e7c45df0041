//! Lengths of time as DAG files write them.

use std::{fmt, str::FromStr};

use chrono::Duration;
use serde::{Deserialize, Serialize};

const UNITS: [(char, i64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];
/// A year: longer spans of a scheduler are slips of the pen.
const LONGEST: i64 = 366 * 86_400;

/// A length of time in whole seconds, written as a number and a unit: `90s`, `15m`, `26h`, `32d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(i64);

impl Span {
    /// Makes a span of seconds.
    #[must_use]
    pub const fn seconds(seconds: u32) -> Self {
        Self(seconds as i64)
    }

    /// Returns the span in seconds.
    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        self.0
    }

    /// Returns the span as a difference of two instants.
    #[must_use]
    pub const fn as_duration(self) -> Duration {
        Duration::seconds(self.0)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = |(_, seconds): &&(char, i64)| self.0 != 0 && self.0 % seconds == 0;
        let (unit, seconds) = UNITS.iter().find(whole).unwrap_or(&('s', 1));
        write!(f, "{}{unit}", self.0 / seconds)
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || format!("`{text}` is no span of time, such as 90s, 15m, 26h or 7d");
        let unit = text.chars().next_back().ok_or_else(refuse)?;
        let &(_, seconds) = UNITS
            .iter()
            .find(|(known, _)| *known == unit)
            .ok_or_else(refuse)?;
        let number: u32 = text[..text.len() - 1].parse().map_err(|_| refuse())?;
        let span = i64::from(number) * seconds;
        match span <= LONGEST {
            true => Ok(Self(span)),
            false => Err(format!("`{text}` is longer than a year")),
        }
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_written_as_they_are_read() {
        for text in ["0s", "90s", "15m", "26h", "32d"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
        assert_eq!("120m".parse::<Span>().unwrap().to_string(), "2h");
        assert_eq!("26h".parse::<Span>().unwrap().as_seconds(), 93_600);
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for text in ["", "h", "5", "-5m", "1.5h", "5 m", "5é", "9999d", "+5m "] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }
}
