#![doc = include_str!("../README.md")]

mod auctions;
mod bad_rows;
mod bookings;
mod calendar;
mod clients;
mod companies;
mod emit;
mod error;
mod generate;
mod geography;
mod identifiers;
mod intros;
mod know_how;
mod layout;
mod market;
mod names;
mod offers;
mod payments;
mod people;
mod planted;
mod prices;
mod profiles;
mod providers;
mod queries;
mod random;
mod record;
mod report;
mod slots;
mod streams;
mod submissions;
mod tables;
mod terms;
#[cfg(test)]
mod tests;
mod truth;
mod vocabulary;
mod world;
mod writers;

pub use error::DemoError;
pub use generate::{generate, generate_with_progress};
pub use market::{Later, Lists, Market, Planted, Prices, Settings, Shares, Sizes, Tenants};
pub use report::{DemoReport, Progress, TableReport};
pub use terms::{Bookings, Introductions, Slots};
pub use truth::Truth;
