//! The feature tables, read as crate `deals` names things.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use deals::{Facts, Kind};

use crate::{
    context::{Context, Inputs},
    rows::{self, Row},
};

/// Prices that were really asked or agreed.
pub(crate) const OBSERVATIONS: &str = "gold.price_observations";

/// The feature table of a kind of deal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DealTable {
    pub(crate) kind: Kind,
    /// The table.
    pub(crate) table: &'static str,
    id: &'static str,
    /// The column of what the client pays, or would.
    price: &'static str,
    /// The column of the day on which the deal began.
    day: &'static str,
}

impl DealTable {
    /// The table of each kind.
    pub(crate) const ALL: [Self; 3] = [
        Self {
            kind: Kind::Project,
            table: "gold.project_features",
            id: "project_id",
            price: "budget_cents",
            day: "published_day",
        },
        Self {
            kind: Kind::Booking,
            table: "gold.booking_features",
            id: "booking_id",
            price: "price_cents",
            day: "booked_day",
        },
        Self {
            kind: Kind::Intro,
            table: "gold.intro_features",
            id: "intro_id",
            price: "price_cents",
            day: "day",
        },
    ];

    /// Returns the column that names a deal.
    pub(crate) const fn id(&self) -> &'static str {
        self.id
    }

    /// Reads the deals, in the order of the table.
    pub(crate) async fn read(&self, context: &Context, inputs: &Inputs) -> Result<Vec<Deal>> {
        let file = context.input_file(inputs, self.table).await?;
        let mut deals = Vec::new();
        for batch in rows::open(file.path())? {
            for row in Row::all(&batch?) {
                deals.push(self.deal(row)?);
            }
        }
        Ok(deals)
    }

    fn deal(&self, row: Row<'_>) -> Result<Deal> {
        let text = |column: &str| row.text(column).map(str::to_owned);
        let number = |column: &str| {
            row.number(column)
                .or_else(|| row.integer(column).map(|n| n as f64))
        };
        Ok(Deal {
            key: Key {
                tenant: text("tenant")
                    .with_context(|| format!("{}: a row has no tenant", self.table))?,
                id: text(self.id)
                    .with_context(|| format!("{}: a row has no {}", self.table, self.id))?,
            },
            day: row
                .day(self.day)
                .with_context(|| format!("{}: a row has no {}", self.table, self.day))?,
            price_cents: row.integer(self.price).map(|cents| cents as f64),
            outcome: row.integer("outcome"),
            facts: Facts::of(self.kind, number, text),
        })
    }
}

/// Whose deal it is, and which.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) tenant: String,
    pub(crate) id: String,
}

/// A project, booking or introduction.
#[derive(Debug, Clone)]
pub(crate) struct Deal {
    pub(crate) key: Key,
    /// When it began, in days since 1970-01-01.
    pub(crate) day: i64,
    /// What the client pays, or would.
    pub(crate) price_cents: Option<f64>,
    /// 1 where it came to its end, 0 where it did not.
    pub(crate) outcome: Option<i64>,
    /// What is known of it.
    pub(crate) facts: Facts,
}

/// A price that was asked or agreed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Observation {
    pub(crate) cents: f64,
    pub(crate) day: i64,
    /// It is known to be no price.
    pub(crate) is_tainted: bool,
}

/// Reads the prices of the deals of each kind.
pub(crate) async fn observations(
    context: &Context,
    inputs: &Inputs,
) -> Result<HashMap<(Kind, Key), Vec<Observation>>> {
    let file = context.input_file(inputs, OBSERVATIONS).await?;
    let mut all: HashMap<(Kind, Key), Vec<Observation>> = HashMap::new();
    for batch in rows::open(file.path())? {
        for row in Row::all(&batch?) {
            let kind: Kind = row
                .text("kind")
                .and_then(|kind| kind.parse().ok())
                .with_context(|| format!("{OBSERVATIONS}: a row has no kind of deal"))?;
            let text = |column| row.text(column).unwrap_or_default().to_owned();
            let key = Key {
                tenant: text("tenant"),
                id: text("deal_id"),
            };
            let cents = row.integer("price_cents").unwrap_or(0) as f64;
            let day = row.day("day").unwrap_or(0);
            let is_tainted = row.claim("is_tainted") == Some(true);
            let observation = Observation {
                cents,
                day,
                is_tainted,
            };
            all.entry((kind, key)).or_default().push(observation);
        }
    }
    Ok(all)
}
