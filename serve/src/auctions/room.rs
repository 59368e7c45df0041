//! One project's auction, put together from the snapshot.

use abuse::{Entity, EntityKind};
use deals::{
    Kind,
    bids::{Auction, BidFacts, Low},
};
use ranking::Reference;
use serde::Serialize;

use super::BidRow;
use crate::{
    ApiError,
    abuse::{Abuse, AbuseBook},
    deals::{Known, Subject},
    language::Language,
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
    suspicion: Option<Suspicion<'a>>,
}

/// What is known of abuse in an auction; none where the snapshot has no such section.
#[derive(Debug, Clone, Copy)]
struct Suspicion<'a> {
    book: &'a AbuseBook,
    tenant: &'a str,
}

impl Suspicion<'_> {
    fn is_flagged(&self, kind: EntityKind, id: &str) -> bool {
        let case = self.book.case(self.tenant, &Entity::new(kind, id));
        case.is_some_and(|case| case.is_flagged)
    }
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
        let of_bids = rows.iter().find_map(|row| row.deadline_days);
        let suspicion = subject.serving.reference().abuse().ok();
        let mut room = Self {
            known,
            rows,
            auction: Auction::default(),
            suspicion: suspicion.map(|book| Suspicion {
                book,
                tenant: subject.tenant.as_str(),
            }),
            reference,
        };
        let in_time = rows.iter().filter(|row| !row.is_late);
        room.auction = Auction {
            budget_cents: known.integer("budget_cents"),
            deadline_days: of_bids.or_else(|| days_left(subject, known)),
            reference: room
                .reference
                .as_ref()
                .and_then(|of| Reference::new(of.p10_cents, of.p50_cents, of.p90_cents)),
            loc: said.map(|said| said.explanation.probability),
            bids: in_time.map(|row| room.facts(row)).collect(),
        };
        Ok(room)
    }

    /// What is known of a bid as rankers see it, with whether it or its bidder is flagged for abuse.
    pub(crate) fn facts(&self, row: &BidRow) -> BidFacts {
        BidFacts {
            is_flagged: self.is_flagged(&row.bid_id, &row.provider_id),
            ..row.facts()
        }
    }

    /// Says whether a bid or its bidder is flagged for abuse; none where the snapshot has not looked.
    fn is_flagged(&self, bid: &str, provider: &str) -> Option<bool> {
        let suspicion = self.suspicion?;
        let names = [(EntityKind::Bid, bid), (EntityKind::Provider, provider)];
        Some(names.iter().any(|(kind, id)| suspicion.is_flagged(*kind, id)))
    }

    /// Says whether a bidder is flagged for abuse; none where the snapshot has not looked, or nobody is named.
    pub(crate) fn is_flagged_bidder(&self, provider: Option<&str>) -> Option<bool> {
        let suspicion = self.suspicion?;
        Some(suspicion.is_flagged(EntityKind::Provider, provider?))
    }

    /// What is flagged of a bid, its bidder and its project.
    pub(crate) fn abuse(&self, row: &BidRow, project: &str, language: Language) -> Abuse {
        let Some(Suspicion { book, tenant }) = self.suspicion else {
            return Abuse::default();
        };
        let names = [
            (EntityKind::Bid, row.bid_id.as_str()),
            (EntityKind::Provider, row.provider_id.as_str()),
            (EntityKind::Project, project),
        ];
        Abuse::of_bid(book, tenant, names, language)
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
                let auction = self.with(self.facts(row));
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
