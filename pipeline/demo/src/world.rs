//! The market as a function: any entity can be derived from its number, none is stored.

use crate::calendar;
use crate::error::DemoError;
use crate::layout::{Population, Tenant};
use crate::market::{Later, Market, Settings};
use crate::random::Dice;
use crate::vocabulary::Vocabulary;

/// What every table is derived from.
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) units: u64,
    pub(crate) market: Market,
    pub(crate) later: Option<Later>,
    pub(crate) vocabulary: Vocabulary,
    /// Midnight of the base date.
    pub(crate) now: i64,
    pub(crate) companies: Population,
    pub(crate) providers: Population,
    pub(crate) clients: Population,
    pub(crate) projects: Population,
    pub(crate) people: Population,
    pub(crate) intros: Population,
    pub(crate) offers: Population,
    pub(crate) candidates: Population,
    pub(crate) queries: Population,
    pub(crate) submissions: Population,
}

impl World {
    pub(crate) fn new(settings: &Settings) -> Result<Self, DemoError> {
        if settings.scale == 0 {
            return Err(DemoError::settings("scale is 0"));
        }
        let market = settings.market.clone();
        let vocabulary = Vocabulary::load()?;
        if vocabulary
            .concept(&market.planted.painting_concept)
            .is_none()
        {
            return Err(DemoError::settings(
                "planted.painting_concept is no concept",
            ));
        }
        let units = u64::from(settings.scale);
        let sizes = market.sizes.clone();
        let shares = market.tenants.clone();
        let shared = |size: u64| Population::new(units, size, shares.second_share, 0.0);
        Ok(Self {
            seed: settings.seed,
            later: settings.later.clone(),
            units,
            now: calendar::midnight(market.base_date),
            companies: Population::new(
                units,
                sizes.companies,
                shares.second_share,
                shares.public_company_share,
            ),
            providers: shared(sizes.providers),
            clients: shared(sizes.clients),
            projects: shared(sizes.projects),
            people: shared(sizes.people),
            intros: shared(sizes.intros),
            offers: Population::new(
                units,
                sizes.offers,
                shares.second_share,
                shares.public_offer_share,
            ),
            candidates: shared(sizes.candidates),
            queries: shared(sizes.queries),
            submissions: shared(sizes.submissions),
            market,
            vocabulary,
        })
    }

    /// The draws of one entity of one kind.
    pub(crate) fn dice(&self, stream: &str, index: u64) -> Dice {
        Dice::new(self.seed, stream, index)
    }

    pub(crate) fn tenant_name(&self, tenant: Tenant) -> &str {
        match tenant {
            Tenant::Main => &self.market.tenants.main,
            Tenant::Second => &self.market.tenants.second,
            Tenant::Public => "tenant_public",
        }
    }

    /// Slots of a person.
    pub(crate) fn slots_per_person(&self) -> u64 {
        self.market.sizes.slots_per_person
    }

    /// Bookings of a person: one in each run of `slots_per_booking` slots.
    pub(crate) fn bookings_per_person(&self) -> u64 {
        self.market.sizes.slots_per_person / self.market.sizes.slots_per_booking
    }
}
