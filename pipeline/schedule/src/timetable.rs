//! When a DAG is due: a cron pattern read on the wall clock of a time zone.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, LocalResult, NaiveDateTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};
use schemas::Slot;

/// No zone's offset from UTC changes by more than a day at once.
const LARGEST_SHIFT: Duration = Duration::days(1);
/// How far [`Timetable::next`] looks ahead: past a 29 February that a century skips.
const HORIZON: Duration = Duration::days(9 * 366);

/// A cron pattern and the time zone on whose wall clock it is read.
///
/// A pattern that names its hours is meant for a wall clock: where clocks go forward over it, it is due once, at the end of the gap;
/// where they go back, it is due once, at the first of the two times. A pattern with `*` or a step in its hours is meant for time that
/// passes: what falls into the gap does not exist, and the repeated hour counts twice. (Vixie cron does the same.)
#[derive(Debug, Clone)]
pub struct Timetable {
    cron: Cron,
    zone: Tz,
    names_hours: bool,
}

impl Timetable {
    /// Reads a pattern of five fields (minute, hour, day of month, month, day of week) or a nickname such as `@daily`, and the name of
    /// an IANA time zone.
    ///
    /// # Errors
    /// Either is not understood; the text says which, and why.
    pub fn parse(pattern: &str, zone: &str) -> Result<Self, String> {
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build();
        let cron = parser
            .parse(pattern)
            .map_err(|error| format!("`{pattern}` is no cron pattern: {error}"))?;
        let zone = zone
            .parse()
            .map_err(|_| format!("`{zone}` is no IANA time zone, such as Europe/Paris"))?;
        let hours = pattern.split_whitespace().nth(1);
        let names_hours = match hours {
            Some(hours) => !hours.contains(['*', '?', '/']),
            None => !pattern.trim().eq_ignore_ascii_case("@hourly"),
        };
        Ok(Self {
            cron,
            zone,
            names_hours,
        })
    }

    /// Returns the time zone.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// Returns the logical day of the slot due at an instant: the day on the wall clock of the time zone.
    #[must_use]
    pub fn day(&self, due: DateTime<Utc>) -> Slot {
        Slot::new(due.with_timezone(&self.zone).date_naive())
    }

    /// Returns the instants after `after`, up to and with `until`, at which the DAG is due, in order.
    #[must_use]
    pub fn between(&self, after: DateTime<Utc>, until: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let wall = |instant: DateTime<Utc>| instant.with_timezone(&self.zone).naive_local();
        let (Some(first), Some(last)) = (
            wall(after).checked_sub_signed(LARGEST_SHIFT),
            wall(until).checked_add_signed(LARGEST_SHIFT),
        ) else {
            return Vec::new();
        };
        let mut found = BTreeSet::new();
        // The pattern sees wall clocks that know of no change: as if they were UTC.
        let mut at = first.and_utc();
        while let Ok(next) = self.cron.find_next_occurrence(&at, false) {
            if next.naive_utc() > last {
                break;
            }
            found.extend(self.instants(next.naive_utc()));
            at = next;
        }
        found
            .into_iter()
            .filter(|&due| after < due && due <= until)
            .collect()
    }

    /// Returns the next `count` instants after `after`; fewer where there are none in the next nine years.
    #[must_use]
    pub fn next(&self, after: DateTime<Utc>, count: usize) -> Vec<DateTime<Utc>> {
        let mut found = Vec::new();
        let (mut from, mut step) = (after, Duration::days(1));
        while found.len() < count && from - after < HORIZON {
            found.extend(self.between(from, from + step));
            from += step;
            step = step * 2;
        }
        found.truncate(count);
        found
    }

    /// Returns the instants at which a wall clock shows a time that the pattern names: one, two, or none.
    fn instants(&self, wall: NaiveDateTime) -> Vec<DateTime<Utc>> {
        match self.zone.from_local_datetime(&wall) {
            LocalResult::Single(instant) => vec![instant.to_utc()],
            LocalResult::Ambiguous(first, _) if self.names_hours => vec![first.to_utc()],
            LocalResult::Ambiguous(first, second) => vec![first.to_utc(), second.to_utc()],
            LocalResult::None if self.names_hours => self.end_of_gap(wall).into_iter().collect(),
            LocalResult::None => Vec::new(),
        }
    }

    /// Returns the first instant after a gap that a wall clock jumps over.
    fn end_of_gap(&self, wall: NaiveDateTime) -> Option<DateTime<Utc>> {
        let minutes = LARGEST_SHIFT.num_minutes();
        (1..=minutes).find_map(|minute| {
            let later = wall.checked_add_signed(Duration::minutes(minute))?;
            Some(self.zone.from_local_datetime(&later).earliest()?.to_utc())
        })
    }
}
