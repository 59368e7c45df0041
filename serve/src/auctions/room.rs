//! One project's auction, put together from the snapshot.

use deals::{
    Kind,
    bids::{Auction, BidFacts, Low},
};
use ranking::Reference;
use serde::Serialize;

use super::BidRow;
use crate::{
    ApiError,
    deals::{Known, Subject},
};

/// A project, its bids, and what its work costs.
#[derive(Debug)]
pub(crate) struct Room<'a> {
    pub(crate) known: &'a Known,
    /// Every bid, late ones too.
    pub(crate) rows: &'a [BidRow],
    /// The bids that came in time, in the order of their rows.
    pub(crate) auction: Auction,
    pub(crate) reference: Option<Interval>,
}

/// What such work costs, by the snapshot's model.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Interval {
    pub(crate) p10_cents: i64,
    pub(crate) p50_cents: i64,
    pub(crate) p90_cents: i64,
    pub(crate) model_version: String,
}

impl<'a> Room<'a> {
    /// Opens the auction of a tenant's project.
    pub(crate) fn open(subject: &'a Subject<'a>, project: &str) -> Result<Self, ApiError> {
        let known = subject.known(Kind::Project, "project_id", project)?;
        let rows = subject.book.bids().of(subject.tenant.as_str(), project);
        let models = subject.book.models();
        let values = known.facts.values();
        let price = models.price(Kind::Project, &values, None);
        let reference = price.and_then(|price| {
            let cents: Vec<i64> = price
                .levels
                .iter()
                .map(|level| level.price.round() as i64)
                .collect();
            let [p10_cents, p50_cents, p90_cents] = cents[..] else {
                return None;
            };
            let model_version = price.card.version.clone();
            Some(Interval {
                p10_cents,
                p50_cents,
                p90_cents,
                model_version,
            })
        });
        let said = models.likelihood(Kind::Project, &values, known.price_cents);
        let in_time = rows.iter().filter(|row| !row.is_late);
        let of_bids = rows.iter().find_map(|row| row.deadline_days);
        let auction = Auction {
            budget_cents: known.integer("budget_cents"),
            deadline_days: of_bids.or_else(|| days_left(subject, known)),
            reference: reference
                .as_ref()
                .and_then(|of| Reference::new(of.p10_cents, of.p50_cents, of.p90_cents)),
            loc: said.map(|said| said.explanation.probability),
            bids: in_time.map(BidRow::facts).collect(),
        };
        Ok(Self {
            known,
            rows,
            auction,
            reference,
        })
    }

    /// The rows of bids that came in time, as the auction numbers them.
    pub(crate) fn in_time(&self) -> Vec<&'a BidRow> {
        self.rows.iter().filter(|row| !row.is_late).collect()
    }

    /// What says that a bid is abnormally low; a late one as if it had come in time.
    pub(crate) fn low(&self, row: &BidRow) -> Low {
        let place = self
            .in_time()
            .iter()
            .position(|other| other.bid_id == row.bid_id);
        match place {
            Some(at) => self.auction.low(at),
            None => {
                let auction = self.with(row.facts());
                auction.low(auction.bids.len() - 1)
            }
        }
    }

    /// The auction with one more bid, which is the last.
    pub(crate) fn with(&self, bid: BidFacts) -> Auction {
        let mut auction = self.auction.clone();
        auction.bids.push(bid);
        auction
    }
}

/// Days from the snapshot's slot to the project's deadline.
pub(super) fn days_left(subject: &Subject<'_>, known: &Known) -> Option<i64> {
    let deadline: chrono::NaiveDate = known.text("deadline")?.parse().ok()?;
    Some((deadline - subject.serving.slot().day()).num_days())
}
