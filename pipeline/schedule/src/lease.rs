//! Who leads: of all schedulers on a lake one does, for a term.
//!
//! `schedule/lease/<term>.json` is made only where it does not exist: whoever makes the next one leads, and whoever held an older one
//! does not. The leader renews its term by writing `schedule/renewals/<term>.json`, which nobody else writes. The others watch that
//! object with their own stopwatch: a term that was not renewed for the lease's length is over, whatever anybody's wall clock says.

use chrono::{DateTime, Utc};
use lake::{Lake, LakeError};
use serde::{Deserialize, Serialize};

use crate::{Moment, Span};

const TERMS: &str = "schedule/lease";
const RENEWALS: &str = "schedule/renewals";
/// Terms whose objects are kept, for whoever asks who led.
const KEPT_TERMS: u64 = 100;

/// A term, and who leads in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Term {
    term: u64,
    owner: String,
    at: DateTime<Utc>,
}

/// The newest sign of life of a term's leader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Renewal {
    owner: String,
    /// How often the term was renewed: what others watch.
    count: u64,
    /// Until when it holds by the leader's own clock.
    until: DateTime<Utc>,
    /// Whether the leader gave the term up.
    is_over: bool,
}

/// How a scheduler learns that another one is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// It watches for the lease's length. For a scheduler that stays.
    Watches,
    /// It believes the wall clock, because it will not stay to watch. For one heartbeat out of a cron table.
    BelievesTheClock,
}

/// What a scheduler is after asking for the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It leads in this term.
    Leads(u64),
    /// Another one leads.
    StandsBy {
        /// That one.
        leader: String,
    },
}

/// What was seen last of another leader: its term, how often it was renewed, and when that was first seen.
#[derive(Debug, Clone, Copy)]
struct Seen {
    term: u64,
    count: u64,
    since: std::time::Duration,
}

/// One scheduler's part in the lease.
#[derive(Debug)]
pub(crate) struct Lease {
    lake: Lake,
    owner: String,
    length: Span,
    patience: Patience,
    held: Option<(u64, u64)>,
    seen: Option<Seen>,
}

impl Lease {
    pub(crate) fn new(lake: Lake, owner: String, length: Span, patience: Patience) -> Self {
        Self {
            lake,
            owner,
            length,
            patience,
            held: None,
            seen: None,
        }
    }

    pub(crate) fn owner(&self) -> &str {
        &self.owner
    }

    /// Renews the term that this scheduler leads in, or takes the next one where the last is over.
    pub(crate) async fn hold(&mut self, moment: Moment) -> Result<Standing, LakeError> {
        let newest = self.newest_term().await?;
        if let Some((term, count)) = self.held {
            if newest == Some(term) {
                self.renew(term, count + 1, moment, false).await?;
                return Ok(Standing::Leads(term));
            }
            self.held = None;
        }
        if let Some(term) = newest
            && let Some(leader) = self.living_leader(term, moment).await?
        {
            return Ok(Standing::StandsBy { leader });
        }
        self.take(newest.unwrap_or(0) + 1, moment).await
    }

    /// Says whether this scheduler still leads; it costs a listing.
    pub(crate) async fn is_held(&self) -> Result<bool, LakeError> {
        let held = self.held.map(|(term, _)| term);
        Ok(held.is_some() && self.newest_term().await? == held)
    }

    /// Gives the term up, so that another scheduler need not wait.
    pub(crate) async fn release(&mut self, moment: Moment) -> Result<(), LakeError> {
        if let Some((term, count)) = self.held.take() {
            self.renew(term, count + 1, moment, true).await?;
        }
        Ok(())
    }

    /// Leads no more, without telling: another scheduler already does.
    pub(crate) fn forget(&mut self) {
        self.held = None;
    }

    async fn take(&mut self, term: u64, moment: Moment) -> Result<Standing, LakeError> {
        let path = path(TERMS, term);
        let taken = Term {
            term,
            owner: self.owner.clone(),
            at: moment.now,
        };
        if !self.lake.create_json(&path, &taken).await? {
            let there: Option<Term> = self.lake.read_json(&path).await?;
            // Where the answer of a store was lost, the term that is there already is ours.
            if there.as_ref() != Some(&taken) {
                let leader = there.map_or_else(String::new, |there| there.owner);
                return Ok(Standing::StandsBy { leader });
            }
        }
        self.renew(term, 1, moment, false).await?;
        self.seen = None;
        if let Some(old) = term.checked_sub(KEPT_TERMS) {
            self.lake.delete(&self::path(TERMS, old)).await?;
            self.lake.delete(&self::path(RENEWALS, old)).await?;
        }
        Ok(Standing::Leads(term))
    }

    async fn renew(
        &mut self,
        term: u64,
        count: u64,
        moment: Moment,
        is_over: bool,
    ) -> Result<(), LakeError> {
        let renewal = Renewal {
            owner: self.owner.clone(),
            count,
            until: moment.now + self.length.as_duration(),
            is_over,
        };
        self.lake
            .write_json(&path(RENEWALS, term), &renewal)
            .await?;
        if !is_over {
            self.held = Some((term, count));
        }
        Ok(())
    }

    /// Returns who leads in another scheduler's term; none where it is over.
    async fn living_leader(
        &mut self,
        term: u64,
        moment: Moment,
    ) -> Result<Option<String>, LakeError> {
        // A leader may have taken the term and not renewed it yet.
        let renewal: Option<Renewal> = self.lake.read_json(&path(RENEWALS, term)).await?;
        let count = renewal.as_ref().map_or(0, |renewal| renewal.count);
        if renewal.as_ref().is_some_and(|renewal| renewal.is_over) {
            return Ok(None);
        }
        let seen = match self.seen {
            Some(seen) if seen.term == term && seen.count == count => seen,
            _ => Seen {
                term,
                count,
                since: moment.elapsed,
            },
        };
        self.seen = Some(seen);
        let length = std::time::Duration::from_secs(self.length.as_seconds().unsigned_abs());
        let is_over = match (self.patience, &renewal) {
            (Patience::BelievesTheClock, Some(renewal)) => renewal.until < moment.now,
            _ => moment.elapsed.saturating_sub(seen.since) >= length,
        };
        let owner = renewal.map_or_else(String::new, |renewal| renewal.owner);
        Ok((!is_over).then_some(owner))
    }

    async fn newest_term(&self) -> Result<Option<u64>, LakeError> {
        let entries = self.lake.list(TERMS).await?;
        let number = |path: &str| path.rsplit('/').next()?.strip_suffix(".json")?.parse().ok();
        Ok(entries.iter().filter_map(|entry| number(&entry.path)).max())
    }
}

fn path(folder: &str, term: u64) -> String {
    format!("{folder}/{term:012}.json")
}
