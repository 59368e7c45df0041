//! Europe/Paris goes forward on 2026-03-29 and 2027-03-28, from 02:00 to 03:00, and back on 2026-10-25 and 2027-10-31, from 03:00 to 02:00.

use chrono::{DateTime, Utc};

use super::world::{World, at, dag, hours};
use crate::{SlotRules, SlotState, Timetable};

const FORWARD: [&str; 2] = ["2026-03-29", "2027-03-28"];
const BACK: [&str; 2] = ["2026-10-25", "2027-10-31"];

fn paris(pattern: &str) -> Timetable {
    Timetable::parse(pattern, "Europe/Paris").unwrap()
}

/// The slots of a day of Paris, and the times that its wall clocks show.
fn day(pattern: &str, day: &str) -> Vec<(DateTime<Utc>, String)> {
    let timetable = paris(pattern);
    let noon = at(&format!("{day}T12:00:00Z"));
    let slots = timetable.between(noon - hours(24), noon + hours(24));
    let local = slots.into_iter().map(|due| {
        let local = due.with_timezone(&timetable.zone());
        (due, local.format("%Y-%m-%d %H:%M %Z").to_string())
    });
    local.filter(|(_, local)| local.starts_with(day)).collect()
}

fn walls(pattern: &str, on: &str) -> Vec<String> {
    let times = day(pattern, on)
        .into_iter()
        .map(|(_, local)| local[11..].to_owned());
    times.collect()
}

#[test]
fn a_time_that_does_not_exist_is_due_once_at_the_end_of_the_gap() {
    for date in FORWARD {
        assert_eq!(walls("30 2 * * *", date), ["03:00 CEST"], "{date}");
        assert_eq!(walls("0 2 * * *", date), ["03:00 CEST"], "{date}");
        assert_eq!(walls("0,30 2 * * *", date), ["03:00 CEST"], "{date}");
        assert_eq!(walls("30 1 * * *", date), ["01:30 CET"], "{date}");
        assert_eq!(walls("0 3 * * *", date), ["03:00 CEST"], "{date}");
        assert_eq!(
            walls("30 2,3 * * *", date),
            ["03:00 CEST", "03:30 CEST"],
            "{date}"
        );
    }
}

#[test]
fn a_time_that_exists_twice_is_due_once_at_the_first() {
    for date in BACK {
        assert_eq!(walls("30 2 * * *", date), ["02:30 CEST"], "{date}");
        assert_eq!(walls("0 3 * * *", date), ["03:00 CET"], "{date}");
        assert_eq!(
            walls("30 1-3 * * *", date),
            ["01:30 CEST", "02:30 CEST", "03:30 CET"],
            "{date}"
        );
    }
}

#[test]
fn hourly_slots_are_an_hour_apart_on_days_of_23_and_25_hours() {
    for (dates, count) in [(FORWARD, 23), (BACK, 25)] {
        for date in dates {
            let slots = day("10 * * * *", date);
            assert_eq!(slots.len(), count, "{date}");
            let apart = slots
                .windows(2)
                .all(|pair| pair[1].0 - pair[0].0 == hours(1));
            assert!(apart, "{slots:?}");
        }
    }
}

#[test]
fn the_hour_that_comes_twice_has_its_quarters_twice() {
    for date in BACK {
        let slots = walls("*/15 * * * *", date);
        let in_it: Vec<_> = slots
            .iter()
            .filter(|local| local.starts_with("02:"))
            .collect();
        assert_eq!(
            in_it,
            [
                "02:00 CEST",
                "02:15 CEST",
                "02:30 CEST",
                "02:45 CEST",
                "02:00 CET",
                "02:15 CET",
                "02:30 CET",
                "02:45 CET"
            ],
            "{date}"
        );
    }
}

#[test]
fn every_day_of_both_years_has_one_slot_and_its_own_logical_day() {
    for pattern in ["30 2 * * *", "0 2 * * *", "59 2 * * *", "0 3 * * *"] {
        let timetable = paris(pattern);
        let (first, last) = (at("2025-12-31T23:00:00Z"), at("2027-12-31T23:00:00Z"));
        let slots = timetable.between(first, last);
        let days: Vec<_> = slots.iter().map(|due| timetable.day(*due).day()).collect();
        assert_eq!(days.len(), 730, "{pattern}");
        let apart = days
            .windows(2)
            .all(|pair| pair[0].succ_opt() == Some(pair[1]));
        assert!(apart, "{pattern}");
    }
}

#[test]
fn croner_walks_the_same_way_where_it_takes_a_pattern_to_mean_the_same() {
    for pattern in ["30 2 * * *", "0 3 * * *", "10 * * * *", "*/20 * * * *"] {
        let timetable = paris(pattern);
        let (first, last) = (at("2026-01-01T00:00:00Z"), at("2028-01-01T00:00:00Z"));
        let cron: croner::Cron = pattern.parse().unwrap();
        let start = first.with_timezone(&timetable.zone());
        let theirs = cron.iter_after(start).map(|due| due.to_utc());
        let theirs: Vec<_> = theirs.take_while(|due| *due <= last).collect();
        assert_eq!(timetable.between(first, last), theirs, "{pattern}");
    }
}

#[test]
fn what_comes_next_is_told_across_a_change_and_across_years() {
    let next = paris("30 2 * * *").next(at("2026-10-25T00:30:00Z"), 2);
    assert_eq!(
        next,
        [at("2026-10-26T01:30:00Z"), at("2026-10-27T01:30:00Z")]
    );
    let leap = paris("0 0 29 2 *").next(at("2096-03-01T00:00:00Z"), 1);
    assert_eq!(leap, [at("2104-02-28T23:00:00Z")]);
    assert!(
        paris("0 0 30 2 *")
            .next(at("2026-01-01T00:00:00Z"), 1)
            .is_empty()
    );
}

#[tokio::test]
async fn a_scheduler_that_lives_through_the_changes_runs_each_slot_once() {
    for date in FORWARD.into_iter().chain(BACK) {
        let noon = at(&format!("{date}T12:00:00Z"));
        let world = World::at(&(noon - hours(36)).to_rfc3339());
        let dags = [
            dag("nightly", "30 2 * * *", SlotRules::default()),
            dag("hourly", "10 * * * *", SlotRules::default()),
        ];
        let mut scheduler = world.scheduler("a", &dags);
        world
            .live(&mut scheduler, &(noon + hours(12)).to_rfc3339())
            .await;
        for dag in &dags {
            let wanted = dag.timetable().between(noon - hours(36), noon + hours(11));
            let slots = world.slots(dag.name()).await;
            let done: Vec<_> = slots
                .iter()
                .filter(|slot| slot.state == SlotState::Succeeded && slot.due <= noon + hours(11))
                .map(|slot| slot.due)
                .collect();
            assert_eq!(done, wanted, "{} {date}", dag.name());
            assert!(
                slots.iter().all(|slot| slot.late_seconds.is_none()),
                "{date}"
            );
        }
        let mut started = world.started();
        let count = started.len();
        started.sort();
        started.dedup();
        assert_eq!(started.len(), count, "{date}");
    }
}
