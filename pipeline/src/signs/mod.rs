//! Signs of abuse between tables and crate `abuse`: accounts and acts in, signals out, decisions and cases.

mod accounts;
mod auctions;
mod decisions;
mod found;
mod rings;

pub(crate) use accounts::{ACCOUNTS, EVENTS, Tenants, accounts};
pub(crate) use auctions::{AUCTIONS, Names, auctions};
pub(crate) use decisions::{DECISIONS, Verdicts};
pub(crate) use found::{Found, Signals, read_signals, signal_rows, united};
pub(crate) use rings::{COLLUSION, Market, commit, markets};
