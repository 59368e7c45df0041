//! The people, clients and providers of each tenant, and what is usual among them.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use ranking::{Prior, Ratings, Reference as Quantiles};
use schemas::Manifest;

use super::{KnownClient, KnownPerson, KnownProvider};
use crate::reference::{ReferenceError, lines};

/// Amounts below which their quantiles say nothing.
const FEWEST: usize = 10;
/// Best rating that can be given.
const MOST_STARS: f64 = 5.0;

/// Whom a node may recommend, by the tenant that owns them.
#[derive(Debug, Default)]
pub(crate) struct PeopleBook {
    tenants: HashMap<String, Circle>,
}

/// The people, clients and providers of one tenant, by id.
#[derive(Debug, Default)]
pub(crate) struct Circle {
    pub(crate) people: BTreeMap<String, KnownPerson>,
    pub(crate) clients: BTreeMap<String, KnownClient>,
    providers: BTreeMap<String, Vec<KnownProvider>>,
    pub(crate) usual: Usual,
}

/// What is usual among them; nobody else's figures take part.
#[derive(Debug, Default)]
pub(crate) struct Usual {
    /// Ratings of people.
    pub(crate) people: Prior,
    /// Ratings of providers.
    pub(crate) providers: Prior,
    /// Bookings of clients that were held.
    pub(crate) clients: Prior,
    /// Prices of a day.
    pub(crate) day_rates: Option<Quantiles>,
    /// Hourly costs of providers.
    pub(crate) hourly_costs: Option<Quantiles>,
    /// Share of the providers' settled projects that were done.
    pub(crate) delivered_share: Option<f64>,
}

impl PeopleBook {
    /// Opens what a verified snapshot has; none where an older pipeline made it.
    pub(crate) fn open(dir: &Path, manifest: &Manifest) -> Result<Option<Self>, ReferenceError> {
        let people = lines(dir, manifest, "deals/known_people.jsonl")?;
        let clients = lines(dir, manifest, "deals/known_clients.jsonl")?;
        let providers = lines(dir, manifest, "deals/known_providers.jsonl")?;
        let all = people.zip(clients).zip(providers);
        Ok(all.map(|((people, clients), providers)| Self::new(people, clients, providers)))
    }

    fn new(
        people: Vec<KnownPerson>,
        clients: Vec<KnownClient>,
        providers: Vec<KnownProvider>,
    ) -> Self {
        let mut tenants: HashMap<String, Circle> = HashMap::new();
        for person in people {
            let of = &mut tenants.entry(person.tenant.clone()).or_default().people;
            of.insert(person.person_id.clone(), person);
        }
        for client in clients {
            let of = &mut tenants.entry(client.tenant.clone()).or_default().clients;
            of.insert(client.client_id.clone(), client);
        }
        for provider in providers {
            let circle = tenants.entry(provider.tenant.clone()).or_default();
            let accounts = circle.providers.entry(provider.company_id.clone());
            accounts.or_default().push(provider);
        }
        for circle in tenants.values_mut() {
            circle.usual = Usual::of(circle);
        }
        Self { tenants }
    }

    /// Whom a tenant has.
    pub(crate) fn of(&self, tenant: &str) -> Option<&Circle> {
        self.tenants.get(tenant)
    }
}

impl Circle {
    /// The accounts of a company.
    pub(crate) fn accounts(&self, company_id: &str) -> &[KnownProvider] {
        self.providers.get(company_id).map_or(&[], Vec::as_slice)
    }

    /// Every provider account.
    pub(crate) fn providers(&self) -> impl Iterator<Item = &KnownProvider> {
        self.providers.values().flatten()
    }
}

impl Usual {
    fn of(circle: &Circle) -> Self {
        let prior = |all: Vec<Ratings>| Prior::estimate(&all, Prior::default());
        let people = circle.people.values();
        let people = people.filter_map(|one| given(one.rating, one.reviews));
        let providers = circle.providers();
        let providers = providers.filter_map(|one| given(one.rating, one.reviews));
        let clients = circle.clients.values();
        let clients = clients.filter_map(|one| held(one.held_share, one.bookings));
        let (done, of) = circle.providers().fold((0.0, 0_u32), |(done, of), one| {
            let share = one.delivered_share.unwrap_or(0.0);
            (
                done + share * f64::from(one.deliveries),
                of + one.deliveries,
            )
        });
        Self {
            people: prior(people.collect()),
            providers: prior(providers.collect()),
            clients: prior(clients.collect()),
            day_rates: quantiles(
                circle
                    .people
                    .values()
                    .filter_map(|one| one.day_rate_cents)
                    .collect(),
            ),
            hourly_costs: quantiles(
                circle
                    .providers()
                    .filter_map(|one| one.hourly_cost_cents)
                    .collect(),
            ),
            delivered_share: (of > 0).then(|| done / f64::from(of)),
        }
    }
}

/// Ratings that were given; none where nobody gave any.
fn given(rating: Option<f64>, reviews: Option<u32>) -> Option<Ratings> {
    let count = reviews.filter(|count| *count > 0)?;
    Ratings::of_stars(rating?, MOST_STARS, count)
}

fn held(share: Option<f64>, count: u32) -> Option<Ratings> {
    Some(Ratings {
        mean: share?,
        count,
    })
}

/// Ratings as reputation takes them: who has none is held to be as good as is usual.
pub(crate) fn ratings(prior: Prior, rating: Option<f64>, reviews: Option<u32>) -> Ratings {
    given(rating, reviews).unwrap_or(unrated(prior))
}

/// The same of a share that was counted, as of bookings held.
pub(crate) fn record(prior: Prior, share: Option<f64>, count: u32) -> Ratings {
    held(share, count).unwrap_or(unrated(prior))
}

fn unrated(prior: Prior) -> Ratings {
    Ratings {
        mean: prior.mean,
        count: 0,
    }
}

/// The amounts that one in ten, half and nine in ten are not above.
fn quantiles(mut amounts: Vec<i64>) -> Option<Quantiles> {
    amounts.sort_unstable();
    let at = |tenths: usize| amounts[(amounts.len() - 1) * tenths / 10];
    if amounts.len() < FEWEST {
        return None;
    }
    Quantiles::new(at(1), at(5), at(9))
}
