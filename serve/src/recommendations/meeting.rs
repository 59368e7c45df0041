//! The next deal that a client and a person could make: the person's first open slot, else an introduction.

use deals::{Facts, Kind};
use ranking::Reference as Quantiles;
use serde::Serialize;

use super::{Circle, KnownClient, KnownPerson, pairs::Pair};
use crate::deals::DealBook;

/// A booking or an introduction that could be.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Meeting {
    /// `booking` or `intro`.
    pub(crate) kind: Kind,
    /// The slot to book.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) slot_id: Option<String>,
    /// When it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) starts_at: Option<String>,
    /// What the person asks for the slot; for an introduction, what one usually costs.
    pub(crate) price_cents: Option<i64>,
    /// The likelihood of completion at that price.
    pub(crate) loc: Option<f64>,
    /// What the price is held against: of a slot, what such a slot costs; else what the tenant's people ask for a day.
    #[serde(skip)]
    pub(crate) reference: Option<Quantiles>,
    /// What is held against it: the price of the slot, else that of a day.
    #[serde(skip)]
    pub(crate) asked_cents: Option<i64>,
    /// What the client is used to spend at most on so many hours.
    #[serde(skip)]
    pub(crate) budget_cents: Option<i64>,
}

impl Meeting {
    /// The best that could be: asked at a price that suits everybody, and sure to come to its end.
    pub(super) fn ideal() -> Self {
        Self {
            kind: Kind::Booking,
            slot_id: None,
            starts_at: None,
            price_cents: None,
            loc: Some(1.0),
            reference: None,
            asked_cents: Some(1),
            budget_cents: Some(1),
        }
    }

    /// Works out what the next deal of the two would be.
    pub(super) fn of(book: &DealBook, circle: &Circle, pair: &Pair<'_>) -> Self {
        let (client, person) = (pair.client, pair.person);
        Self::booking(book, client, person).unwrap_or_else(|| {
            let facts = intro_facts(client, person);
            let price_cents = book.models().reference_cents(Kind::Intro, &facts.values());
            Self {
                kind: Kind::Intro,
                slot_id: None,
                starts_at: None,
                price_cents: price_cents.map(|cents| cents.round() as i64),
                loc: loc(book, Kind::Intro, &facts, price_cents),
                reference: circle.usual.day_rates,
                asked_cents: person.day_rate_cents,
                budget_cents: None,
            }
        })
    }

    fn booking(book: &DealBook, client: &KnownClient, person: &KnownPerson) -> Option<Self> {
        let slot_id = person.next_slot_id.as_deref()?;
        let slot = book.known(Kind::Booking, &person.tenant, slot_id)?;
        let mut facts = slot.facts.clone();
        facts.set_number("client_bookings", f64::from(client.bookings));
        if let Some(held) = client.held_share {
            facts.set_number("client_held", held);
        }
        let hours = facts.number("hours");
        let spent = client.most_hour_cents.zip(hours);
        let price_cents = slot.price_cents.map(|cents| cents.round() as i64);
        Some(Self {
            kind: Kind::Booking,
            slot_id: Some(slot_id.to_owned()),
            starts_at: person.next_slot_at.clone(),
            price_cents,
            loc: loc(book, Kind::Booking, &facts, slot.price_cents),
            reference: quantiles(book, Kind::Booking, &facts),
            asked_cents: price_cents,
            budget_cents: spent.map(|(cents, hours)| (cents as f64 * hours).round() as i64),
        })
    }
}

/// What is known of an introduction that nobody asked for yet, without a go-between.
fn intro_facts(client: &KnownClient, person: &KnownPerson) -> Facts {
    let is_same = client.region.is_some() && client.region == person.region;
    let count = |number: u32| Some(f64::from(number));
    let number = |name: &str| match name {
        "rating" => person.rating,
        "reviews" => person.reviews.map(f64::from),
        "day_rate_cents" => person.day_rate_cents.map(|cents| cents as f64),
        "is_same_region" => Some(f64::from(u8::from(is_same))),
        "has_introducer" => Some(0.0),
        "person_intros" => count(person.intros),
        "person_accepted" => person.accepted_share,
        "client_intros" => count(client.intros),
        "client_accepted" => client.accepted_share,
        _ => None,
    };
    let label = |name: &str| match name {
        "region" => person.region.clone(),
        "sector" => client.sector.clone(),
        _ => None,
    };
    Facts::of(Kind::Intro, number, label)
}

fn loc(book: &DealBook, kind: Kind, facts: &Facts, price_cents: Option<f64>) -> Option<f64> {
    book.models()
        .probability(kind, &facts.values(), price_cents)
}

/// What such a deal costs.
pub(super) fn quantiles(book: &DealBook, kind: Kind, facts: &Facts) -> Option<Quantiles> {
    let prices = book.models().prices(kind, &facts.values())?;
    let [low, middle, high] = prices[..] else {
        return None;
    };
    let [low, middle, high] = [low, middle, high].map(|cents| cents.round() as i64);
    Quantiles::new(low, middle, high)
}
