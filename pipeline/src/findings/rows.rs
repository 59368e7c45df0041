//! Rows of the tables that findings are read from.

use serde::{Deserialize, Serialize};

/// Parallel lists of a table, as signals.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Columns {
    #[serde(default)]
    pub(super) signals: Vec<String>,
    #[serde(default)]
    pub(super) values: Vec<f64>,
    #[serde(default)]
    pub(super) chances: Vec<f64>,
    #[serde(default)]
    pub(super) thresholds: Vec<f64>,
    #[serde(default)]
    pub(super) supports: Vec<f64>,
    #[serde(default)]
    pub(super) raised: Vec<String>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Signal {
    pub(crate) signal: String,
    pub(crate) value: f64,
    pub(crate) chance: f64,
    pub(crate) threshold: f64,
    /// Observations behind it.
    pub(crate) support: u64,
    pub(crate) is_raised: bool,
}

/// A row of `gold.collusion_pairs`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct PairRow {
    pub(super) tenant: String,
    pub(super) provider_a: String,
    pub(super) provider_b: String,
    pub(super) shared: u64,
    pub(super) score: f64,
    pub(super) level: String,
    #[serde(default)]
    pub(super) ring_id: Option<String>,
    #[serde(flatten)]
    pub(super) columns: Columns,
    #[serde(default)]
    pub(super) project_ids: Vec<String>,
}

/// A row of `gold.bid_screens`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct AuctionRow {
    pub(super) tenant: String,
    pub(super) project_id: String,
    #[serde(default)]
    pub(super) market: Option<String>,
    pub(super) prices: u64,
    pub(super) score: f64,
    pub(super) level: String,
    #[serde(default)]
    pub(super) ring_ids: Vec<String>,
    #[serde(flatten)]
    pub(super) columns: Columns,
}

/// A row of `gold.collusion_rings`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct RingRow {
    pub(super) tenant: String,
    pub(super) ring_id: String,
    #[serde(default)]
    pub(super) provider_ids: Vec<String>,
}

/// A row of `silver.projects`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Project {
    pub(super) tenant: String,
    pub(super) project_id: String,
    pub(super) title: String,
    #[serde(default)]
    pub(super) budget_cents: Option<i64>,
    pub(super) published_at: String,
    #[serde(default)]
    pub(super) closed_at: Option<String>,
}

/// A row of `silver.providers`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Provider {
    pub(super) tenant: String,
    pub(super) provider_id: String,
    pub(super) name: String,
}

/// A row of `silver.bids`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct BidRow {
    pub(super) tenant: String,
    pub(super) project_id: String,
    pub(super) provider_id: String,
    pub(super) price_cents: i64,
    pub(super) status: String,
}

impl Columns {
    /// The raised ones first, each sort from the least likely on.
    pub(super) fn signals(&self) -> Vec<Signal> {
        let at = |list: &[f64], place: usize| list.get(place).copied().unwrap_or(f64::NAN);
        let one = |(place, name): (usize, &String)| Signal {
            signal: name.clone(),
            value: at(&self.values, place),
            chance: at(&self.chances, place),
            threshold: at(&self.thresholds, place),
            support: at(&self.supports, place) as u64,
            is_raised: self.raised.contains(name),
        };
        let mut signals: Vec<Signal> = self.signals.iter().enumerate().map(one).collect();
        signals.sort_by(|a, b| {
            b.is_raised
                .cmp(&a.is_raised)
                .then(a.chance.total_cmp(&b.chance))
        });
        signals
    }
}
