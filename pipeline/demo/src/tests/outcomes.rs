//! What becomes of bookings and introductions follows what can be seen of them.

use super::settings;
use crate::bookings::Booking;
use crate::calendar::DAY;
use crate::intros::Intro;
use crate::people::Person;
use crate::slots::Slot;
use crate::world::World;

/// A market large enough for shares to be steady.
fn world() -> World {
    World::new(&settings(7, 20)).unwrap()
}

/// Share of the rows that are `good`, among those that are `chosen`.
fn share<T>(rows: &[T], chosen: impl Fn(&T) -> bool, good: impl Fn(&T) -> bool) -> f64 {
    let chosen: Vec<&T> = rows.iter().filter(|row| chosen(row)).collect();
    assert!(chosen.len() > 50, "only {} rows", chosen.len());
    chosen.iter().filter(|row| good(row)).count() as f64 / chosen.len() as f64
}

struct Introduced {
    intro: Intro,
    person: Person,
    client_region: &'static str,
}

impl Introduced {
    fn price_share(&self) -> f64 {
        self.intro.price_cents as f64 / self.intro.fair_price_cents
    }
}

/// Concluded introductions, without those of the spam client.
fn introductions(world: &World) -> Vec<Introduced> {
    (0..world.intros.total())
        .filter(|index| world.intros.local_of(*index) >= 12)
        .map(|index| world.intro(index))
        .filter(|intro| intro.status != "proposed")
        .map(|intro| Introduced {
            person: world.person(intro.person),
            client_region: world.client_region(intro.client),
            intro,
        })
        .collect()
}

#[test]
fn an_introduction_offered_above_its_fair_price_is_accepted_far_more_often() {
    let world = world();
    let rows = introductions(&world);
    let is_accepted = |row: &Introduced| row.intro.status == "accepted";
    let overall = share(&rows, |_| true, is_accepted);
    assert!((0.45..0.55).contains(&overall), "{overall}");
    let dear = share(&rows, |row| row.price_share() >= 1.2, is_accepted);
    let cheap = share(&rows, |row| row.price_share() <= 0.7, is_accepted);
    assert!(dear > 0.7 && cheap < 0.3, "{dear} and {cheap}");
    for (low, high) in [(0.3, 0.45), (1.7, 2.0)] {
        let near = share(
            &rows,
            |_| true,
            |row| (low..high).contains(&row.price_share()),
        );
        assert!(near > 0.03, "{near} at {low} to {high} of the fair price");
    }
}

#[test]
fn an_introducer_the_same_region_and_a_good_rating_help_an_introduction() {
    let world = world();
    let rows = introductions(&world);
    let is_accepted = |row: &Introduced| row.intro.status == "accepted";
    let gain = |claim: &dyn Fn(&Introduced) -> bool| {
        share(&rows, claim, is_accepted) - share(&rows, |row| !claim(row), is_accepted)
    };
    let introducer = gain(&|row| row.intro.introducer.is_some());
    let region = gain(&|row| row.client_region == row.person.region);
    let rating = gain(&|row| row.person.rating >= 4.0);
    assert!(introducer > 0.06, "{introducer}");
    assert!(region > 0.06, "{region}");
    assert!(rating > 0.03, "{rating}");
}

#[test]
fn some_accept_whatever_is_offered_and_some_never_do() {
    let world = world();
    let person = world.person(1);
    let settings = &world.market.introductions;
    let asked = |share: f64| world.acceptance(&person, (person.region, true), share);
    assert!((asked(1e-6) - settings.least).abs() < 1e-3);
    assert!((asked(1e6) - settings.most).abs() < 1e-3);
    assert!(settings.least > 0.0 && settings.most < 1.0);
    assert!(asked(0.5) < asked(1.0) && asked(1.0) < asked(2.0));
}

struct Booked {
    booking: Booking,
    slot: Slot,
    person: Person,
}

impl Booked {
    fn lead_days(&self) -> f64 {
        (self.slot.starts_at - self.booking.booked_at) as f64 / DAY as f64
    }

    fn price_share(&self) -> f64 {
        self.booking.price_cents as f64 / self.slot.price_cents as f64
    }
}

/// Past bookings of people who are not planted as unreliable.
fn bookings(world: &World) -> Vec<Booked> {
    let mut rows = Vec::new();
    for index in 0..world.people.total() {
        for number in 0..world.bookings_per_person() {
            let person = world.person(index);
            let booking = world.booking(index, number);
            let slot = world.slot(index, booking.slot, &person);
            if slot.starts_at < world.now && !person.is_unreliable {
                rows.push(Booked {
                    booking,
                    slot,
                    person,
                });
            }
        }
    }
    rows
}

#[test]
fn a_booking_far_ahead_or_paid_too_little_or_of_a_poor_rating_is_held_less_often() {
    let world = world();
    let rows = bookings(&world);
    let is_held = |row: &Booked| row.booking.status == "held";
    for status in ["cancelled", "no_show"] {
        let is_so = |row: &Booked| row.booking.status == status;
        let soon = share(&rows, |row| row.lead_days() <= 10.0, is_so);
        let late = share(&rows, |row| row.lead_days() >= 30.0, is_so);
        assert!(late > 1.5 * soon, "{status}: {soon} and {late}");
    }
    let cheap = share(&rows, |row| row.price_share() <= 0.85, is_held);
    let dear = share(&rows, |row| row.price_share() >= 1.15, is_held);
    assert!(dear > cheap + 0.1, "{dear} and {cheap}");
    let poor = share(&rows, |row| row.person.rating <= 3.5, is_held);
    let good = share(&rows, |row| row.person.rating >= 4.5, is_held);
    assert!(good > poor + 0.05, "{good} and {poor}");
}

#[test]
fn one_booking_in_ten_is_cancelled_and_three_in_a_hundred_are_missed() {
    let world = world();
    let rows = bookings(&world);
    let rate = |status| share(&rows, |_| true, |row: &Booked| row.booking.status == status);
    let (cancelled, missed) = (rate("cancelled"), rate("no_show"));
    assert!((0.09..0.11).contains(&cancelled), "{cancelled}");
    assert!((0.025..0.035).contains(&missed), "{missed}");
}

#[test]
fn a_slot_costs_more_when_it_is_longer_or_at_the_weekend() {
    let world = world();
    let mut rows = Vec::new();
    for index in 0..100 {
        let person = world.person(index);
        for number in 0..world.slots_per_person() {
            let slot = world.slot(index, number, &person);
            let share = slot.price_cents as f64 / person.day_rate_cents as f64;
            rows.push((slot, share));
        }
    }
    let mean = |chosen: &dyn Fn(&Slot) -> bool| {
        let shares: Vec<f64> = rows
            .iter()
            .filter(|(slot, _)| chosen(slot))
            .map(|(_, share)| *share)
            .collect();
        shares.iter().sum::<f64>() / shares.len() as f64
    };
    let hours = |slot: &Slot| (slot.ends_at - slot.starts_at) / 3600;
    let weekend = |slot: &Slot| (slot.starts_at / DAY + 3) % 7 >= 5;
    let ratio = mean(&|slot| hours(slot) == 4) / mean(&|slot| hours(slot) == 1);
    assert!((3.6..4.4).contains(&ratio), "{ratio}");
    let premium = mean(&|slot| hours(slot) == 2 && weekend(slot))
        / mean(&|slot| hours(slot) == 2 && !weekend(slot));
    assert!((1.3..1.5).contains(&premium), "{premium}");
}
