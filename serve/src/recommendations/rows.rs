//! Rows of the gold tables that recommendations are made of.

use serde::Deserialize;

/// A row of `gold.known_people`. Nothing in it names the person.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct KnownPerson {
    pub(crate) tenant: String,
    pub(crate) person_id: String,
    /// Ids, sorted.
    pub(crate) concepts: Vec<String>,
    pub(crate) families: Vec<String>,
    pub(crate) region: Option<String>,
    pub(crate) day_rate_cents: Option<i64>,
    /// From 0 to 5.
    pub(crate) rating: Option<f64>,
    pub(crate) reviews: Option<u32>,
    /// Those that are settled.
    pub(crate) bookings: u32,
    pub(crate) held_share: Option<f64>,
    pub(crate) no_shows: u32,
    /// Those that are settled.
    pub(crate) intros: u32,
    pub(crate) accepted_share: Option<f64>,
    /// Within thirty days.
    pub(crate) open_slots: u32,
    pub(crate) next_slot_id: Option<String>,
    pub(crate) next_slot_at: Option<String>,
}

/// A row of `gold.known_clients`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct KnownClient {
    pub(crate) tenant: String,
    pub(crate) client_id: String,
    pub(crate) sector: Option<String>,
    pub(crate) region: Option<String>,
    /// Ids of the concepts of its projects, most asked for first.
    pub(crate) categories: Vec<String>,
    /// Projects of each of them.
    pub(crate) category_projects: Vec<f64>,
    pub(crate) families: Vec<String>,
    /// Projects of each of them.
    pub(crate) family_projects: Vec<f64>,
    pub(crate) projects: u32,
    pub(crate) open_projects: u32,
    pub(crate) settled_projects: u32,
    pub(crate) done_share: Option<f64>,
    /// What nine in ten of its bookings are not above, an hour.
    pub(crate) most_hour_cents: Option<i64>,
    /// Those that are settled.
    pub(crate) bookings: u32,
    pub(crate) held_share: Option<f64>,
    /// Those that are settled.
    pub(crate) intros: u32,
    pub(crate) accepted_share: Option<f64>,
}

/// A row of `gold.known_providers`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct KnownProvider {
    pub(crate) tenant: String,
    pub(crate) provider_id: String,
    pub(crate) company_id: String,
    pub(crate) name: Option<String>,
    pub(crate) region: Option<String>,
    /// From 0 to 5.
    pub(crate) rating: Option<f64>,
    pub(crate) reviews: Option<u32>,
    pub(crate) hourly_cost_cents: Option<i64>,
    pub(crate) bids: u32,
    pub(crate) wins: u32,
    pub(crate) bids_in_flight: u32,
    /// Projects that it won and whose end is known.
    pub(crate) deliveries: u32,
    pub(crate) delivered_share: Option<f64>,
    /// Median of its bids' prices over the reference price.
    pub(crate) price_to_reference: Option<f64>,
    /// Of bank account, telephone and device, how many another account has too.
    pub(crate) shared_marks: u32,
    pub(crate) marks: u32,
    /// Projects that it bids or bid on.
    pub(crate) bid_on: Vec<String>,
    pub(crate) concepts: Vec<String>,
}
