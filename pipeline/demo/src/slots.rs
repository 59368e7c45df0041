//! The calendars of people: slots of their time, and what they ask for them.

use crate::calendar::{DAY, HOUR};
use crate::emit::Emitter;
use crate::error::DemoError;
use crate::people::{Person, person_id};
use crate::record::Value;
use crate::terms::whole_euros;
use crate::world::World;

/// A slot of a person's calendar.
pub(crate) struct Slot {
    pub(crate) starts_at: i64,
    pub(crate) ends_at: i64,
    /// Price asked.
    pub(crate) price_cents: i64,
}

/// A slot: the `number`-th of a person's calendar.
pub(crate) fn slot_id(person: u64, number: u64) -> String {
    format!("CRE-{person:06}-{number:03}")
}

impl World {
    /// A slot: two and a half days from the next, from 60 days ago to 30 days ahead.
    pub(crate) fn slot(&self, person: u64, number: u64, details: &Person) -> Slot {
        let settings = &self.market.slots;
        let count = self.slots_per_person().max(1) as i64;
        let mut dice = self.dice("slot", person * 1000 + number);
        let day = self.now / DAY - 60 + number as i64 * 90 / count;
        let hour = *dice.pick(&settings.starts);
        let hours = *dice.pick(&settings.hours);
        let premium = match () {
            () if is_weekend(day) => settings.weekend,
            () if hour >= settings.evening_from => settings.evening,
            () => 1.0,
        };
        let usual = details.day_rate_cents as f64 * hours as f64 / settings.day_hours;
        let starts_at = day * DAY + hour * HOUR;
        Slot {
            starts_at,
            ends_at: starts_at + hours * HOUR,
            price_cents: whole_euros(usual * premium * (settings.noise * dice.normal()).exp()),
        }
    }
}

/// Whether a day since 1970 (a Thursday) is a Saturday or a Sunday.
fn is_weekend(day: i64) -> bool {
    (day + 3).rem_euclid(7) >= 5
}

pub(crate) fn write_slots(world: &World, out: &mut Emitter<'_>) -> Result<(), DemoError> {
    for index in 0..world.people.total() {
        let person = world.person(index);
        for number in 0..world.slots_per_person() {
            let slot = world.slot(index, number, &person);
            let is_blocked = world
                .dice("slot-blocked", index * 1000 + number)
                .chance(0.08);
            let status = match world.booking_of_slot(index, number) {
                Some(booking) if booking.holds_slot() => "booked",
                Some(_) => "open",
                None if is_blocked => "blocked",
                None => "open",
            };
            out.cells(vec![
                world.tenant_name(person.tenant).into(),
                slot_id(index, number).into(),
                person_id(index).into(),
                Value::Moment(slot.starts_at),
                Value::Moment(slot.ends_at),
                slot.price_cents.into(),
                status.into(),
            ])?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weekend_is_saturday_and_sunday() {
        // The market's first of November 2026 is a Sunday: day 20 758.
        let days: Vec<bool> = (20_755..20_762).map(is_weekend).collect();
        assert_eq!(days, [false, false, true, true, false, false, false]);
    }
}
