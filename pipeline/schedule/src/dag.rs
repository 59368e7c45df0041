//! What the scheduler knows of a DAG: when it is due, and what is done about slots that were missed, overlap or fail.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use crate::{ScheduleError, Span, Timetable};

/// The longest pause between two tries.
const LONGEST_BACKOFF: Duration = Duration::hours(1);

/// Which slots that were missed are run after all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatchUp {
    /// All, oldest first, up to the maximum.
    All,
    /// The newest, unless one that is on time makes it needless.
    Last,
    /// None.
    None,
}

/// What becomes of a slot that falls due while an earlier one of its DAG is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// It waits for the earlier one to end.
    Queue,
    /// It is skipped.
    Skip,
    /// The earlier one is ended, and it takes its place.
    Cancel,
}

/// The table `[slots]` of a DAG's file: what is done about slots that are missed, overlap, hang or fail.
///
/// | setting | default | meaning |
/// |---|---|---|
/// | `catch_up` | `last` | which missed slots are run after all: `all`, `last` or `none` |
/// | `catch_up_max` | 7 | most slots that wait at one time; older ones are recorded as missed |
/// | `overlap` | `queue` | `queue`, `skip` or `cancel`, when an earlier slot is not done |
/// | `grace` | `15m` | a slot seen later than this was missed; one that starts later is late |
/// | `jitter` | `0s` | each slot starts this much later at most, always the same for the same slot |
/// | `timeout` | `24h` | a run that takes longer is ended |
/// | `retries` | 3 | tries after the first, of a run whose error says that it may help |
/// | `backoff` | `1m` | the pause before the first of these; it doubles, up to an hour |
/// | `paused` | false | whether it waits for `pipeline schedule resume` before its first run |
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SlotRules {
    /// Which missed slots are run after all.
    pub catch_up: CatchUp,
    /// Most slots that wait at one time.
    pub catch_up_max: u32,
    /// What becomes of a slot that falls due while an earlier one is not done.
    pub overlap: Overlap,
    /// How much after its time a slot is still on time.
    pub grace: Span,
    /// How much later a slot starts, at most.
    pub jitter: Span,
    /// How long a run may take.
    pub timeout: Span,
    /// How often a failed run is tried again, where its error says that it may help.
    pub retries: u32,
    /// The pause before the first of these.
    pub backoff: Span,
    /// Whether the DAG waits to be resumed before its first run.
    pub paused: bool,
}

impl Default for SlotRules {
    fn default() -> Self {
        Self {
            catch_up: CatchUp::Last,
            catch_up_max: 7,
            overlap: Overlap::Queue,
            grace: Span::seconds(15 * 60),
            jitter: Span::seconds(0),
            timeout: Span::seconds(24 * 3600),
            retries: 3,
            backoff: Span::seconds(60),
            paused: false,
        }
    }
}

/// A DAG as the scheduler sees it; only one whose rules make sense can be made.
#[derive(Debug, Clone)]
pub struct Dag {
    name: String,
    timetable: Timetable,
    rules: SlotRules,
}

impl Dag {
    /// Makes a DAG from what its file says.
    ///
    /// # Errors
    /// [`ScheduleError::Malformed`]: the pattern, the zone or a rule makes no sense.
    pub fn new(
        name: &str,
        pattern: &str,
        zone: &str,
        rules: SlotRules,
    ) -> Result<Self, ScheduleError> {
        let refuse = |reason: String| ScheduleError::Malformed {
            dag: name.to_owned(),
            reason,
        };
        let timetable = Timetable::parse(pattern, zone).map_err(refuse)?;
        let wrong = [
            (
                rules.catch_up_max == 0,
                "slots.catch_up_max is 0: no slot could ever wait; `catch_up = \"none\"` catches nothing up",
            ),
            (
                rules.grace.as_seconds() < 60,
                "slots.grace is under a minute: every slot would be missed",
            ),
            (
                rules.timeout.as_seconds() == 0,
                "slots.timeout is 0: every run would be ended at once",
            ),
            (
                rules.backoff.as_seconds() == 0,
                "slots.backoff is 0: what failed would be tried again without a pause",
            ),
        ];
        if let Some((_, reason)) = wrong.iter().find(|(is_wrong, _)| *is_wrong) {
            return Err(refuse((*reason).to_owned()));
        }
        Ok(Self {
            name: name.to_owned(),
            timetable,
            rules,
        })
    }

    /// Returns the DAG's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns when it is due.
    #[must_use]
    pub fn timetable(&self) -> &Timetable {
        &self.timetable
    }

    /// Returns what is done about its slots.
    #[must_use]
    pub fn rules(&self) -> &SlotRules {
        &self.rules
    }

    /// Returns when a slot is started at the earliest: its time, and a jitter drawn from its name, the same for every scheduler.
    #[must_use]
    pub fn start_of(&self, due: DateTime<Utc>) -> DateTime<Utc> {
        let digest = blake3::hash(format!("{} {}", self.name, due.timestamp()).as_bytes());
        let bytes = digest
            .as_bytes()
            .first_chunk()
            .expect("a digest has 32 bytes");
        let range = self.rules.jitter.as_seconds().unsigned_abs() + 1;
        let seconds = u64::from_le_bytes(*bytes) % range;
        due + Duration::seconds(i64::try_from(seconds).expect("a jitter is shorter than a year"))
    }

    /// Returns the pause after a failed try, which are counted from 1.
    pub(crate) fn backoff(&self, attempt: u32) -> Duration {
        let first = self.rules.backoff.as_duration();
        let doubled = first * 2_i32.pow(attempt.saturating_sub(1).min(12));
        doubled.min(LONGEST_BACKOFF.max(first))
    }
}
