//! Prices and chances of projects, bookings and introductions: the snapshot's models, its projects, and what was paid for deals alike.

mod book;
mod comparables;
mod question;
mod quote;
mod sums;
mod what_if;
mod words;

pub(crate) use book::{DealBook, Known};
pub(crate) use comparables::{Comparables, Nearest};
pub(crate) use question::{Question, Subject, number, read_kind};
pub(crate) use quote::{AIM, Quote, no_model, quote};
pub(crate) use sums::{LikelihoodAnswer, PriceAnswer};
pub(crate) use what_if::{Asked, Reached, askable, usual, what_if};
pub(crate) use words::{capital, euros, likelihood_reasons, percent, price_reasons};
