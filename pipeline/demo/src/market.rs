//! Settings of the demo market, as read from `data/demo.toml`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde::Deserialize;

use crate::error::DemoError;
use crate::layout::roles;
use crate::terms::{Bookings, Introductions, Slots};

/// What one generation needs: the seed has no default.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Seed of every draw; the same seed gives the same bytes.
    pub seed: u64,
    /// Number of units of the market; companies, offers and logs are multiplied by it.
    pub scale: u32,
    /// Sizes, shares and prices.
    pub market: Market,
    /// What lands later than the rest, where anything does.
    pub later: Option<Later>,
}

/// The last rows of each table that grows with the scale, landing elsewhere: a night that comes after.
#[derive(Debug, Clone)]
pub struct Later {
    /// The landing area.
    pub folder: PathBuf,
    /// The share of a table's rows, in [0, 1].
    pub share: f64,
}

/// The demo market's settings (`data/demo.toml`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Market {
    /// The market's "today".
    pub base_date: NaiveDate,
    /// Days before `base_date` that auctions, offers and bookings cover.
    pub history_days: i64,
    /// Days before `base_date` that the query log covers.
    pub query_days: i64,
    /// Rows of one landing file.
    pub rows_per_file: u64,
    /// Tenants and their shares.
    pub tenants: Tenants,
    /// Rows per unit of scale.
    pub sizes: Sizes,
    /// Shares in [0, 1].
    pub shares: Shares,
    /// How prices are made.
    pub prices: Prices,
    /// What slots cost.
    pub slots: Slots,
    /// What becomes of bookings.
    pub bookings: Bookings,
    /// What introductions cost, and whether they are accepted.
    pub introductions: Introductions,
    /// Planted truths.
    pub planted: Planted,
    /// Word lists.
    pub lists: Lists,
}

/// Tenants of the demo market; `tenant_public` is fixed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tenants {
    /// The tenant that holds most rows and every planted truth.
    pub main: String,
    /// A small second tenant.
    pub second: String,
    /// Share of the second tenant.
    pub second_share: f64,
    /// Share of companies that belong to `tenant_public`.
    pub public_company_share: f64,
    /// Share of offers that belong to `tenant_public`.
    pub public_offer_share: f64,
}

/// Rows per unit of scale.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each size is named by its table")]
pub struct Sizes {
    pub companies: u64,
    pub providers: u64,
    pub clients: u64,
    pub projects: u64,
    pub people: u64,
    pub slots_per_person: u64,
    pub slots_per_booking: u64,
    pub intros: u64,
    pub offers: u64,
    pub candidates: u64,
    pub queries: u64,
    pub submissions: u64,
}

/// Shares in [0, 1].
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shares {
    /// Companies that are sent twice.
    pub updated_company: f64,
    /// Offers that are sent twice.
    pub updated_offer: f64,
    /// Mentioned concepts that are also claimed.
    pub claimed: f64,
    /// Companies that claim a concept which their text never mentions.
    pub claimed_unmentioned: f64,
    /// Mentions that use a synonym.
    pub synonym: f64,
    /// Bookings of ordinary people that end in a no-show, at no particular risk ([`Bookings`]).
    pub no_show: f64,
    /// Bookings of planted people that end in a no-show.
    pub no_show_planted: f64,
    /// Bookings that are cancelled, at no particular risk ([`Bookings`]).
    pub cancelled_booking: f64,
    /// Introductions that somebody makes for the client.
    pub introduced: f64,
    /// Queries that name a region.
    pub region_filter: f64,
    /// Companies with at least one certification.
    pub certified: f64,
}

/// How a fair price and an honest bid are made.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// Exponent of the size.
    pub size_exponent: f64,
    /// Surcharge of an immediate deadline.
    pub urgency: f64,
    /// Days after which the surcharge has fallen by e.
    pub urgency_days: f64,
    /// Surcharge of each certification asked.
    pub certification: f64,
    /// Surcharge of a provider from another region.
    pub other_region: f64,
    /// Standard deviation of the log price of an honest bid.
    pub noise: f64,
    /// Standard deviation of the log budget that a client announces.
    pub budget_noise: f64,
    /// Share of projects whose client announces far too small a budget.
    pub lowball_share: f64,
    /// Price level of a region; 1 where absent.
    pub regions: BTreeMap<String, f64>,
}

/// Parameters of the planted truths.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planted {
    /// Concept of the under-priced painting projects.
    pub painting_concept: String,
    /// Their size in the concept's unit.
    pub painting_size: f64,
    /// Their budget as a share of the fair price.
    pub painting_budget_share: f64,
    /// Lowest price of the under-priced introduction over the fair price.
    pub intro_share_low: f64,
    /// Highest price of the under-priced introduction over the fair price.
    pub intro_share_high: f64,
    /// Winning price of a cover-bidding ring over the fair price.
    pub cover_margin: f64,
    /// Winning price of a rotating ring over the fair price.
    pub rotation_margin: f64,
    /// Lowest dumping price over the fair price.
    pub dumping_low: f64,
    /// Highest dumping price over the fair price.
    pub dumping_high: f64,
    /// What buyers ask for and no concept answers.
    pub unmet_query: String,
    /// One query in so many asks for it.
    pub unmet_every: u64,
}

/// Word lists.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each list is named by what it holds")]
pub struct Lists {
    pub certifications: Vec<String>,
    pub sectors: Vec<String>,
    pub purposes: Vec<String>,
    pub staff_bands: Vec<String>,
}

const DEFAULT: &str = include_str!("../../../data/demo.toml");

impl Market {
    /// Reads and checks a settings file.
    ///
    /// # Errors
    /// `Io` when the file cannot be read, `Settings` when it cannot be used.
    pub fn load(path: &Path) -> Result<Self, DemoError> {
        let text = std::fs::read_to_string(path).map_err(DemoError::io(path))?;
        Self::parse(&text)
    }

    /// Parses and checks settings.
    ///
    /// # Errors
    /// `Settings` when the text is no valid settings file.
    pub fn parse(text: &str) -> Result<Self, DemoError> {
        let market: Self =
            toml::from_str(text).map_err(|error| DemoError::settings(error.to_string()))?;
        market.check()?;
        Ok(market)
    }

    fn check(&self) -> Result<(), DemoError> {
        let sizes = &self.sizes;
        let least = [
            ("sizes.companies", sizes.companies, 60),
            ("sizes.providers", sizes.providers, 60),
            ("sizes.clients", sizes.clients, 10),
            (
                "sizes.projects",
                sizes.projects,
                roles::SPAMMED_PROJECTS.end + 8,
            ),
            ("sizes.people", sizes.people, 10),
            ("sizes.intros", sizes.intros, 40),
            ("sizes.offers", sizes.offers, 40),
            ("sizes.candidates", sizes.candidates, 40),
            ("sizes.queries", sizes.queries, 100),
            ("planted.unmet_every", self.planted.unmet_every, 2),
            ("sizes.submissions", sizes.submissions, 20),
            ("sizes.slots_per_booking", sizes.slots_per_booking, 2),
            (
                "sizes.slots_per_person",
                sizes.slots_per_person,
                sizes.slots_per_booking,
            ),
            ("rows_per_file", self.rows_per_file, 1000),
        ];
        for (name, value, minimum) in least {
            if value < minimum {
                return Err(DemoError::settings(format!(
                    "{name} is {value}, below {minimum}"
                )));
            }
        }
        self.slots.check()?;
        self.bookings.check()?;
        self.introductions.check()?;
        let tenants = &self.tenants;
        if !(0.05..=0.3).contains(&tenants.second_share)
            || !(0.0..=0.2).contains(&tenants.public_company_share)
            || !(0.0..=0.8).contains(&tenants.public_offer_share)
        {
            return Err(DemoError::settings("a tenant share is out of bounds"));
        }
        let demo_share = 1.0 - tenants.second_share - tenants.public_company_share;
        if (sizes.companies as f64 * demo_share) < sizes.providers as f64 * 0.95 {
            return Err(DemoError::settings(
                "sizes.providers exceeds the companies they need",
            ));
        }
        let lists = &self.lists;
        if [
            &lists.certifications,
            &lists.sectors,
            &lists.purposes,
            &lists.staff_bands,
        ]
        .iter()
        .any(|list| list.len() < 2)
        {
            return Err(DemoError::settings(
                "each word list needs two words or more",
            ));
        }
        Ok(())
    }
}

impl Default for Market {
    /// The settings of `data/demo.toml` at build time.
    fn default() -> Self {
        Self::parse(DEFAULT).expect("data/demo.toml is checked by a test")
    }
}
