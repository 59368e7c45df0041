//! Pages hold what they are given, escaped, and need nothing from outside.

use crate::{
    html::{count, esc, time},
    run::{Gate, Job, RuleRows, RunView, State, TableChange, render},
};

fn job(name: &str, state: State, reads: &[&str]) -> Job {
    Job {
        job: name.to_owned(),
        layer: name.split('.').next().unwrap_or_default().to_owned(),
        state,
        reason: format!("why {name}"),
        writes: name.to_owned(),
        reads: reads.iter().map(|read| (*read).to_owned()).collect(),
        started_ms: Some(10),
        elapsed_ms: 1_500,
        ..Job::default()
    }
}

fn view() -> RunView {
    let mut bronze = job("bronze.offers", State::Made, &[]);
    bronze.rows = [("read", 10), ("rows", 8), ("quarantined", 2)]
        .map(|(kind, n)| (kind.to_owned(), n))
        .into();
    let mut silver = job("silver.offers", State::Made, &["bronze.offers"]);
    silver.rows = [("read", 8), ("rows", 5), ("superseded", 2)]
        .map(|(kind, n)| (kind.to_owned(), n))
        .into();
    RunView {
        run: "2026-11-20.0001".to_owned(),
        dag: "nightly".to_owned(),
        state: State::Failed,
        jobs: vec![
            bronze,
            silver,
            job("gold.offers", State::Failed, &["silver.offers"]),
            job("gold.concepts", State::Skipped, &[]),
            job("gold.glossary", State::Skipped, &[]),
            job("gold.kpis", State::Blocked, &["gold.offers"]),
        ],
        gates: vec![Gate {
            name: "agrees".to_owned(),
            is_passed: false,
            detail: "<script>alert(1)</script>".to_owned(),
        }],
        refused: vec![RuleRows {
            table: "bronze.offers".to_owned(),
            rule: "ragged_row".to_owned(),
            rows: 2,
        }],
        changes: Some(vec![TableChange {
            table: "gold.offers".to_owned(),
            before: Some(1_000),
            now: Some(1_250),
        }]),
        elapsed_ms: 9_000,
        ..RunView::default()
    }
}

#[test]
fn what_comes_from_data_is_escaped() {
    let page = render(&view());
    assert!(!page.contains("<script>alert"), "data became markup");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert_eq!(esc("a<b>&\"'\u{1}"), "a&lt;b&gt;&amp;&quot;&#39;\u{fffd}");
}

#[test]
fn a_page_asks_nothing_of_other_places() {
    let page = render(&view());
    for outside in ["http:", "https:", "src=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn rows_that_do_not_add_up_are_seen() {
    let page = render(&view());
    assert_eq!(page.matches("✓ adds up").count(), 1, "bronze: 10 = 8 + 2");
    assert_eq!(
        page.matches("✗ does not add up").count(),
        1,
        "silver: 8 = 5 + 2 + 0"
    );
}

#[test]
fn skipped_jobs_are_one_box_and_others_one_each() {
    let page = render(&view());
    assert!(page.contains("↷ 2 unchanged"));
    assert_eq!(
        page.matches("class=\"node ").count(),
        5,
        "four jobs, one box of skipped ones"
    );
    assert!(page.contains("data-from=\"silver.offers\" data-to=\"gold.offers\""));
}

#[test]
fn an_edge_that_a_longer_way_says_is_not_drawn() {
    let mut view = view();
    view.jobs[2].reads.push("bronze.offers".to_owned());
    let page = render(&view);
    assert!(!page.contains("data-from=\"bronze.offers\" data-to=\"gold.offers\""));
    assert!(page.contains("data-from=\"bronze.offers\" data-to=\"silver.offers\""));
}

#[test]
fn what_stands_between_backticks_is_code_and_escaped() {
    assert_eq!(
        crate::html::prose("a `<b>` c"),
        "a <code>&lt;b&gt;</code> c"
    );
    assert_eq!(crate::html::prose("odd ` one"), "odd ` one");
}

#[test]
fn a_run_of_a_hundred_jobs_stays_small_and_whole() {
    let mut many = RunView::default();
    for place in 0..100 {
        let before = format!("gold.t{}", place / 2);
        many.jobs
            .push(job(&format!("gold.t{place}"), State::Made, &[&before]));
    }
    let page = render(&many);
    assert!(page.len() < 200_000, "{} bytes", page.len());
    assert!((0..100).all(|place| page.contains(&format!("data-id=\"gold.t{place}\""))));
    assert_eq!(page, render(&many), "the same view gives the same bytes");
}

#[test]
fn a_run_without_anything_is_a_page_all_the_same() {
    let page = render(&RunView::default());
    assert!(page.contains("Nothing ran"));
    assert!(!page.contains("id=\"gates\""));
}

#[test]
fn numbers_and_times_are_told_as_people_say_them() {
    assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
    assert_eq!(
        (time(999), time(61_000)),
        ("999 ms".to_owned(), "1 min 01 s".to_owned())
    );
    assert_eq!(time(7_260_000), "2 h 01 min");
}
