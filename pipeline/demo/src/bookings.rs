//! Bookings of people's slots: in each run of slots, one is booked.

use crate::calendar::{DAY, HOUR};
use crate::clients::client_id;
use crate::emit::Emitter;
use crate::error::DemoError;
use crate::people::{Person, person_id};
use crate::record::Value;
use crate::slots::{Slot, slot_id};
use crate::terms::{log_odds, logistic, whole_euros};
use crate::world::World;

/// A booking of a person's time.
pub(crate) struct Booking {
    pub(crate) id: String,
    pub(crate) person: u64,
    /// Number of the slot in the person's calendar.
    pub(crate) slot: u64,
    pub(crate) client: u64,
    pub(crate) price_cents: i64,
    pub(crate) status: &'static str,
    pub(crate) booked_at: i64,
    pub(crate) cancelled_at: Option<i64>,
}

impl Booking {
    pub(crate) fn holds_slot(&self) -> bool {
        self.status != "cancelled"
    }
}

impl World {
    /// The `number`-th booking of a person.
    pub(crate) fn booking(&self, person: u64, number: u64) -> Booking {
        let mut dice = self.dice("booking", person * 1000 + number);
        let run = self.market.sizes.slots_per_booking;
        let slot = number * run + dice.below(run);
        let details = self.person(person);
        let asked = self.slot(person, slot, &details);
        let settings = &self.market.bookings;
        let lead_days = dice.between(1, settings.longest_lead_days);
        let booked_at = asked.starts_at - lead_days * DAY - dice.between(0, 8) * HOUR;
        let booked_at = booked_at.min(self.now - HOUR);
        let agreed = asked.price_cents as f64 * (settings.noise * dice.normal()).exp();
        let price_cents = whole_euros(agreed);
        let risk = self.risk(&asked, &details, (booked_at, price_cents));
        let shares = &self.market.shares;
        let absence = if details.is_unreliable {
            shares.no_show_planted
        } else {
            logistic(log_odds(shares.no_show) + risk)
        };
        let is_past = asked.starts_at < self.now;
        let status = match () {
            () if dice.chance(logistic(log_odds(shares.cancelled_booking) + risk)) => "cancelled",
            () if is_past && dice.chance(absence) => "no_show",
            () if is_past => "held",
            () => "pending",
        };
        let cancelled_at = (status == "cancelled").then(|| booked_at + HOUR / 2);
        Booking {
            id: format!("RES-{person:06}-{number:03}"),
            person,
            slot,
            client: self.clients.draw(details.tenant, &mut dice),
            price_cents,
            status,
            booked_at,
            cancelled_at,
        }
    }

    /// Log-odds that a booking fails, over those of the usual one: a long lead, a price below what was
    /// asked and a low rating make it likelier, so that the likelihood of completion can be learned.
    fn risk(&self, asked: &Slot, person: &Person, (booked_at, price_cents): (i64, i64)) -> f64 {
        let settings = &self.market.bookings;
        let lead_days = (asked.starts_at - booked_at) as f64 / DAY as f64;
        settings.lead * (lead_days - settings.usual_lead_days)
            + settings.price * (asked.price_cents as f64 / price_cents as f64).ln()
            + settings.rating * (settings.usual_rating - person.rating)
    }

    /// The booking of a slot, if it is the booked one of its run.
    pub(crate) fn booking_of_slot(&self, person: u64, slot: u64) -> Option<Booking> {
        let number = slot / self.market.sizes.slots_per_booking;
        (number < self.bookings_per_person())
            .then(|| self.booking(person, number))
            .filter(|booking| booking.slot == slot)
    }
}

pub(crate) fn write_bookings(world: &World, out: &mut Emitter<'_>) -> Result<(), DemoError> {
    for person in 0..world.people.total() {
        for number in 0..world.bookings_per_person() {
            let booking = world.booking(person, number);
            out.cells(vec![
                world.tenant_name(world.people.tenant_of(person)).into(),
                booking.id.into(),
                slot_id(person, booking.slot).into(),
                person_id(person).into(),
                client_id(booking.client).into(),
                booking.price_cents.into(),
                booking.status.into(),
                Value::Moment(booking.booked_at),
                booking.cancelled_at.map_or(Value::Null, Value::Moment),
            ])?;
        }
    }
    Ok(())
}
