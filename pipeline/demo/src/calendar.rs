//! Moments are seconds since 1970 in UTC; days are civil dates.

use chrono::{DateTime, NaiveDate, SecondsFormat};

pub(crate) const MINUTE: i64 = 60;
pub(crate) const HOUR: i64 = 3600;
pub(crate) const DAY: i64 = 86_400;

/// Midnight of a day.
pub(crate) fn midnight(day: NaiveDate) -> i64 {
    day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp()
}

/// The day of a moment.
pub(crate) fn day_of(moment: i64) -> NaiveDate {
    instant(moment).date_naive()
}

/// RFC 3339 with a `Z`.
pub(crate) fn rfc3339(moment: i64) -> String {
    instant(moment).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// RFC 3339 with milliseconds, as France Travail writes it.
pub(crate) fn rfc3339_millis(moment: i64) -> String {
    instant(moment).to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Without an offset: such moments are UTC.
pub(crate) fn naive(moment: i64) -> String {
    instant(moment).format("%Y-%m-%dT%H:%M:%S").to_string()
}

fn instant(moment: i64) -> DateTime<chrono::Utc> {
    DateTime::from_timestamp(moment, 0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_three_shapes() {
        let moment = midnight(NaiveDate::from_ymd_opt(2026, 11, 1).unwrap()) + 8 * HOUR;
        assert_eq!(rfc3339(moment), "2026-11-01T08:00:00Z");
        assert_eq!(rfc3339_millis(moment), "2026-11-01T08:00:00.000Z");
        assert_eq!(naive(moment), "2026-11-01T08:00:00");
        assert_eq!(day_of(moment).to_string(), "2026-11-01");
    }
}
