//! What holds of due slots, whatever the schedule and however often anybody looks.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use proptest::prelude::*;
use schemas::Slot;

use super::world::{at, dag};
use crate::{
    CatchUp, Dag, History, SlotRecord, SlotRules, SlotState, Span, Verdict, due, record::Author,
};

const PATTERNS: [&str; 7] = [
    "30 2 * * *",
    "10 * * * *",
    "*/20 * * * *",
    "0 3 * * MON",
    "0 3 1,15 * *",
    "30 1-3 * * *",
    "0 */2 * * *",
];

fn rules(catch_up: CatchUp, catch_up_max: u32) -> SlotRules {
    SlotRules {
        catch_up,
        catch_up_max,
        ..SlotRules::default()
    }
}

/// Looks, and records what was seen.
fn look(
    dag: &Dag,
    history: &mut History,
    now: chrono::DateTime<chrono::Utc>,
) -> Vec<crate::DueSlot> {
    let author = Author {
        owner: "a".to_owned(),
        term: 1,
    };
    let seen = due(dag, history, now);
    for slot in &seen {
        let mut record = SlotRecord::first(dag, slot.due, now, &author);
        if slot.verdict == Verdict::Missed {
            record.state = SlotState::Missed;
        }
        history.slots.insert(slot.due, record);
    }
    seen
}

proptest! {
    #[test]
    fn under_catch_up_all_no_slot_is_lost_and_none_comes_twice(
        pattern in prop::sample::select(&PATTERNS[..]),
        start in 0_i64..365 * 2 * 24 * 60,
        gaps in prop::collection::vec(1_i64..5_000, 1..25),
    ) {
        let dag = dag("d", pattern, rules(CatchUp::All, 1_000_000));
        let since = at("2026-01-01T00:00:00Z") + TimeDelta::minutes(start);
        let mut history = History { since, ..History::default() };
        let mut now = since;
        let mut seen = Vec::new();
        for gap in gaps {
            now += TimeDelta::minutes(gap);
            seen.extend(look(&dag, &mut history, now));
        }
        let times: Vec<_> = seen.iter().map(|slot| slot.due).collect();
        prop_assert_eq!(times, dag.timetable().between(since, now));
        prop_assert!(seen.iter().all(|slot| slot.verdict != Verdict::Missed));
    }

    #[test]
    fn under_every_policy_each_slot_is_seen_once_in_order_whatever_the_clock_does(
        pattern in prop::sample::select(&PATTERNS[..]),
        policy in prop::sample::select(vec![CatchUp::All, CatchUp::Last, CatchUp::None]),
        most in 1_u32..5,
        steps in prop::collection::vec(-5_000_i64..5_000, 1..25),
    ) {
        let dag = dag("d", pattern, rules(policy, most));
        let since = at("2026-03-20T00:00:00Z");
        let mut history = History { since, ..History::default() };
        let mut now = since;
        let mut farthest = since;
        let mut run = BTreeSet::new();
        for step in steps {
            now += TimeDelta::minutes(step);
            let seen = look(&dag, &mut history, now);
            prop_assert!(seen.windows(2).all(|pair| pair[0].due < pair[1].due));
            prop_assert!(seen.iter().all(|slot| slot.due <= now));
            for slot in seen.iter().filter(|slot| slot.verdict != Verdict::Missed) {
                prop_assert!(run.insert(slot.due), "{} came twice", slot.due);
            }
            let caught_up = seen.iter().filter(|slot| slot.verdict == Verdict::CaughtUp).count();
            prop_assert!(caught_up <= most as usize);
            prop_assert!(policy != CatchUp::Last || caught_up <= 1);
            prop_assert!(policy != CatchUp::None || caught_up == 0);
            farthest = farthest.max(now);
        }
        let recorded: Vec<_> = history.slots.keys().copied().collect();
        prop_assert_eq!(recorded, dag.timetable().between(since, farthest));
    }

    #[test]
    fn the_jitter_of_a_slot_is_always_the_same_and_within_its_bound(minute in 0_i64..1_000_000, jitter in 0_u32..7_200) {
        let rules = SlotRules { jitter: Span::seconds(jitter), ..SlotRules::default() };
        let dag = dag("d", "* * * * *", rules);
        let due = at("2026-01-01T00:00:00Z") + TimeDelta::minutes(minute);
        let start = dag.start_of(due);
        prop_assert_eq!(start, dag.start_of(due));
        prop_assert!(start >= due && start <= due + TimeDelta::seconds(i64::from(jitter)));
    }
}

#[test]
fn jitter_spreads_slots() {
    let rules = SlotRules {
        jitter: Span::seconds(599),
        ..SlotRules::default()
    };
    let dag = dag("d", "0 * * * *", rules);
    let slots = dag.timetable().next(at("2026-01-01T00:00:00Z"), 200);
    let delays: BTreeSet<_> = slots
        .iter()
        .map(|due| (dag.start_of(*due) - due).num_seconds() / 60)
        .collect();
    assert_eq!(delays.len(), 10, "every minute of ten is hit: {delays:?}");
}

#[test]
fn an_outage_of_years_is_told_by_the_newest_thousand_and_a_count() {
    let dag = dag("d", "*/5 * * * *", SlotRules::default());
    let history = History {
        since: at("2024-01-01T00:00:00Z"),
        ..History::default()
    };
    let now = at("2026-01-01T00:02:00Z");
    let seen = due(&dag, &history, now - TimeDelta::minutes(1));
    let missed: Vec<_> = seen
        .iter()
        .filter(|slot| slot.verdict == Verdict::Missed)
        .collect();
    assert_eq!(missed.len(), 1000);
    let total = dag.timetable().between(history.since, now).len();
    let told = format!("; {} earlier ones were missed as well", total - seen.len());
    assert!(missed[0].reason.ends_with(&told), "{}", missed[0].reason);
}

#[test]
fn the_logical_day_is_that_of_the_wall_clock() {
    let nightly = dag("nightly", "30 0 * * *", SlotRules::default());
    let due = nightly.timetable().next(at("2026-07-01T12:00:00Z"), 1)[0];
    assert_eq!(due, at("2026-07-01T22:30:00Z"));
    let day: Slot = "2026-07-02".parse().unwrap();
    assert_eq!(nightly.timetable().day(due), day);
}

#[test]
fn schedules_and_rules_that_make_no_sense_are_refused_with_the_reason() {
    let with = |change: fn(&mut SlotRules)| {
        let mut rules = SlotRules::default();
        change(&mut rules);
        rules
    };
    let cases = [
        (
            "61 * * * *",
            "Europe/Paris",
            SlotRules::default(),
            "cron pattern",
        ),
        (
            "0 0 2 * * *",
            "Europe/Paris",
            SlotRules::default(),
            "cron pattern",
        ),
        (
            "0 2 * *",
            "Europe/Paris",
            SlotRules::default(),
            "cron pattern",
        ),
        (
            "0 2 * * *",
            "Europe/Lutece",
            SlotRules::default(),
            "time zone",
        ),
        (
            "0 2 * * *",
            "UTC",
            with(|r| r.catch_up_max = 0),
            "catch_up_max",
        ),
        (
            "0 2 * * *",
            "UTC",
            with(|r| r.grace = Span::seconds(5)),
            "grace",
        ),
        (
            "0 2 * * *",
            "UTC",
            with(|r| r.timeout = Span::seconds(0)),
            "timeout",
        ),
        (
            "0 2 * * *",
            "UTC",
            with(|r| r.backoff = Span::seconds(0)),
            "backoff",
        ),
    ];
    for (pattern, zone, rules, word) in cases {
        let error = Dag::new("nightly", pattern, zone, rules)
            .unwrap_err()
            .to_string();
        assert!(error.contains("nightly") && error.contains(word), "{error}");
    }
}

#[test]
fn rules_are_read_from_toml_and_unknown_ones_are_refused() {
    let read: SlotRules = toml::from_str("overlap = \"skip\"\ntimeout = \"26h\"").unwrap();
    let wanted = SlotRules {
        overlap: crate::Overlap::Skip,
        timeout: Span::seconds(26 * 3600),
        ..SlotRules::default()
    };
    assert_eq!(read, wanted);
    assert!(toml::from_str::<SlotRules>("catchup = \"all\"").is_err());
    assert!(toml::from_str::<SlotRules>("catch_up = \"some\"").is_err());
    assert!(toml::from_str::<SlotRules>("timeout = \"soon\"").is_err());
}
