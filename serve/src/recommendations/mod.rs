//! Whom to book, to meet, to win as a client or to invite to bid: PeopleScore over what the snapshot knows of a tenant's own people, clients and
//! providers.

mod book;
mod candidates;
mod fit;
mod meeting;
mod pairs;
mod people;
mod prospects;
mod rows;
mod score;
mod words;

pub(crate) use book::{Circle, PeopleBook};
pub(crate) use candidates::{Auction, Candidate, POOL};
pub(crate) use fit::Fit;
pub(crate) use meeting::Meeting;
pub(crate) use pairs::{Pairs, unknown, versions};
pub(crate) use people::Recommended;
pub(crate) use prospects::Prospect;
pub(crate) use rows::{KnownClient, KnownPerson, KnownProvider};
pub(crate) use score::{Score, TermShare, best, best_within, shares};
