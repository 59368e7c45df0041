//! Accounts and what they did, as detectors see them.

use crate::EntityKind;

/// An account: a provider, a client, a person, a submission.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// Its identifier.
    pub id: String,
    /// Its name: words of it in its text say nothing.
    pub name: Option<String>,
    /// When it was made, in seconds since 1970-01-01.
    pub created_at: Option<i64>,
    /// Reviews that others left.
    pub reviews: Option<i64>,
    /// What it says of itself.
    pub text: Option<String>,
    /// Its site.
    pub site: Option<String>,
    /// Digests of what identifies whoever is behind it: sort (bank account, telephone, …) and digest.
    pub identifiers: Vec<(&'static str, String)>,
    /// What it did, in the order of time.
    pub events: Vec<Event>,
}

/// How an act failed others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Failure {
    /// Was not there.
    Absence,
    /// Was cancelled by whoever did it.
    Cancellation,
    /// Was taken back.
    Withdrawal,
}

/// What an act is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    /// A bid was sent.
    Bid,
    /// An introduction was asked for.
    Intro,
    /// A project was published.
    Project,
    /// Time was booked.
    Booking,
    /// A company asked to be listed.
    Submission,
}

impl EventKind {
    /// Returns what the act made.
    #[must_use]
    pub const fn entity(self) -> EntityKind {
        match self {
            Self::Bid => EntityKind::Bid,
            Self::Intro => EntityKind::Intro,
            Self::Project => EntityKind::Project,
            Self::Booking => EntityKind::Booking,
            Self::Submission => EntityKind::Submission,
        }
    }
}

/// One act.
#[derive(Debug, Clone)]
pub struct Event {
    /// What it is.
    pub kind: EventKind,
    /// Identifier of what it made.
    pub id: String,
    /// When, in seconds since 1970-01-01.
    pub at: i64,
    /// Whether it can have failed by now: a booking that is past, a bid that is settled.
    pub is_settled: bool,
    /// How it failed others.
    pub failure: Option<Failure>,
    /// What was written.
    pub text: Option<String>,
    /// Its price over what others asked, where that is known.
    pub price_ratio: Option<f64>,
}
