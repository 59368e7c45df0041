#![doc = include_str!("../README.md")]

pub mod bids;
mod card;
mod columns;
mod error;
mod facts;
mod features;
mod fit;
mod kind;
mod models;
mod quote;
mod rows;
mod rules;

pub use card::{ModelCard, ModelKind, Verdict};
pub use columns::Columns;
pub use error::DealError;
pub use facts::Facts;
pub use features::{Feature, Form, PRICE_TO_REFERENCE, Purpose, Values, feature, features};
pub use fit::{FittedLikelihood, FittedPrice, Previous, fit_likelihood, fit_price, fit_version};
pub use kind::Kind;
pub use models::{CARDS_FILE, DealModels, model_file};
pub use quote::{Likelihood, Price, WhatIf};
pub use rows::{Observed, Rows};
pub use rules::{PriceRules, RULES_FILE};
