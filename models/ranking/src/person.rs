//! PeopleScore: what is known of someone who may be booked or introduced.

use crate::bid::{priced, risk};
use crate::reputation::{Prior, Ratings};
use crate::term::{Formula, Input, Reading, Readings};
use crate::terms::{self, Reference, Tally};

/// Open slots at which availability is ½, where nobody says otherwise.
const HALF: f64 = 2.0;
/// Bids in flight at which a bidder is half as available as without any.
const HALF_BUSY: f64 = 4.0;

/// Someone who may be booked, introduced, won as a client or invited to bid. Availability is read from the first that is known of open slots, open
/// projects and bids in flight.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Person {
    /// How well the know-how matches, in [0, 1].
    pub fit: Option<f64>,
    /// Ratings received.
    pub ratings: Option<Ratings>,
    /// What is believed before any rating.
    pub prior: Prior,
    /// Price asked.
    pub asked_cents: Option<i64>,
    /// What such a booking costs.
    pub reference: Option<Reference>,
    /// What the client can spend.
    pub budget_cents: Option<i64>,
    /// Open slots in the days looked at.
    pub open_slots: Option<u32>,
    /// Days looked at.
    pub within_days: u32,
    /// Open projects: of a client, who opens no slots.
    pub open_projects: Option<u32>,
    /// Bids that wait for an answer: of a bidder.
    pub bids_in_flight: Option<u32>,
    /// Likelihood of completion, in [0, 1].
    pub loc: Option<f64>,
    /// Checks that raised a flag.
    pub flags: Option<Tally>,
    /// Fields that are missing.
    pub missing: Option<Tally>,
}

impl Person {
    /// Reads the terms of PeopleScore.
    #[must_use]
    pub fn read(&self) -> Readings {
        let terms = [
            Reading::of_share("fit_share", self.fit),
            self.reputation(),
            self.price_alignment(),
            self.availability(),
            Reading::of_share("loc_share", self.loc),
            risk(self.flags, self.missing),
        ];
        Readings::new(Formula::People, terms)
    }

    fn reputation(&self) -> Option<Reading> {
        let ratings = self.ratings?;
        let inputs = [
            ("rating_share", Some(Input::Share(ratings.mean))),
            ("reviews", Some(Input::Whole(ratings.count.into()))),
            ("usual_rating_share", Some(Input::Share(self.prior.mean))),
        ];
        Some(Reading::new(self.prior.shrink(ratings), &inputs))
    }

    fn price_alignment(&self) -> Option<Reading> {
        let asked = self.asked_cents?;
        let value = terms::price_alignment(asked, self.reference, self.budget_cents)?;
        Some(priced(value, asked, self.reference, self.budget_cents))
    }

    fn availability(&self) -> Option<Reading> {
        if let Some(open) = self.open_slots {
            let inputs = [
                ("open_slots", Some(Input::Whole(open.into()))),
                ("within_days", Some(Input::Whole(self.within_days.into()))),
            ];
            return Some(Reading::new(terms::availability(open, HALF), &inputs));
        }
        if let Some(open) = self.open_projects {
            let inputs = [("open_projects", Some(Input::Whole(open.into())))];
            return Some(Reading::new(terms::availability(open, HALF), &inputs));
        }
        let busy = self.bids_in_flight?;
        let inputs = [("bids_in_flight", Some(Input::Whole(busy.into())))];
        Some(Reading::new(terms::spare_time(busy, HALF_BUSY), &inputs))
    }
}
