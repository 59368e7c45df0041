use marketlounge_tests::{Lake, Ran};
use serde_json::Value;

use super::{land_company, nightly, pipeline, refused, told};

fn backfill<'a>(span: [&'a str; 2], more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec![
        "backfill", "nightly", "--from", span[0], "--to", span[1], "--model", "none",
    ];
    arguments.extend(more);
    arguments
}

/// The slots of a list with whether they run.
fn slots(lines: &[Value]) -> Vec<(String, bool)> {
    let listed = lines.iter().filter(|line| line["why"].is_string());
    listed
        .map(|line| {
            (
                line["slot"].as_str().unwrap().to_owned(),
                line["runs"].as_bool().unwrap(),
            )
        })
        .collect()
}

fn days<const N: usize>(days: [(&str, bool); N]) -> Vec<(String, bool)> {
    days.map(|(day, runs)| (format!("2026-11-{day}"), runs))
        .to_vec()
}

#[test]
fn a_backfill_says_what_it_runs_goes_on_where_it_stopped_and_steals_no_pointer() {
    let lake = Lake::with_demo(1);
    nightly(&lake, &[]);
    let announced = lake.announced().unwrap();
    let pointer = std::fs::read(lake.file("snapshots/CURRENT")).unwrap();
    let standing = std::fs::read(lake.file("runs/_standing.json")).unwrap();
    let span = ["2026-11-18", "2026-11-20"];

    // The list first, and nothing but the list.
    let listed = told(&lake, &backfill(span, &["--dry-run"]));
    assert_eq!(
        slots(&listed),
        days([("18", true), ("19", true), ("20", true)])
    );
    assert!(
        listed[2]["why"]
            .as_str()
            .unwrap()
            .contains("again: run 2026-11-20.0001"),
        "{}",
        listed[2]
    );
    assert!(
        listed[0]["announces"]
            .as_str()
            .unwrap()
            .contains("not announced"),
        "{}",
        listed[0]
    );
    assert!(listed[0]["estimated_ms"].as_u64() > Some(0));
    let missing = told(&lake, &backfill(span, &["--dry-run", "--only-missing"]));
    assert_eq!(
        slots(&missing),
        days([("18", true), ("19", true), ("20", false)])
    );
    assert_eq!(told(&lake, &["runs", "list"]).len(), 1);
    let said = refused(&lake, &backfill(span, &["--only-missing"]));
    assert!(said.contains("--yes"), "{said}");

    // What landed since is for the slots that are run now, and for no reader of the newer one.
    land_company(&lake, "ENT-NEUVE");
    // Killed in its first slot, it is taken up by the same command.
    let folder = lake.path().display().to_string();
    let mut arguments = backfill(span, &["--only-missing", "--yes", "--json"]);
    arguments.extend(["--lake", &folder]);
    let ran = Ran::pipeline(
        &arguments,
        &[("MARKETLOUNGE_DIE_AT", "publish.before_write")],
    );
    assert!(!ran.is_success());
    let ran = Ran::pipeline(&arguments, &[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    let runs = told(&lake, &["runs", "list"]);
    let ended = |slot: &str| {
        runs.iter()
            .find(|run| run["slot"] == slot && run["state"] == "succeeded")
            .unwrap()
    };
    for slot in ["2026-11-18", "2026-11-19"] {
        let run = ended(slot);
        assert!(
            run["snapshot"].is_null() && run["recorded"].is_string(),
            "{run}"
        );
        let id = run["recorded"].as_str().unwrap();
        assert!(lake.snapshot(&["verify", id]).is_success());
    }
    assert_ne!(
        ended("2026-11-18")["recorded"].as_str(),
        Some(announced.as_str())
    );
    assert_eq!(
        std::fs::read(lake.file("snapshots/CURRENT")).unwrap(),
        pointer
    );
    assert_eq!(
        std::fs::read(lake.file("runs/_standing.json")).unwrap(),
        standing
    );
    let none = told(&lake, &backfill(span, &["--only-missing", "--yes"]));
    assert_eq!(
        slots(&none),
        days([("18", false), ("19", false), ("20", false)])
    );

    // As if it had been killed between two slots: what is done is not done again.
    let folder = lake.file("runs/_backfills");
    let record = std::fs::read_dir(&folder)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path()
        .join("0000");
    for file in ["end.json", "2026-11-19.done.json"] {
        std::fs::remove_file(record.join(file)).unwrap();
    }
    std::fs::remove_dir_all(lake.file("runs/2026-11-19.0001")).unwrap();
    let listed = told(&lake, &backfill(span, &["--dry-run", "--only-missing"]));
    assert_eq!(
        slots(&listed),
        days([("18", false), ("19", true), ("20", false)])
    );
    assert!(
        listed[0]["why"]
            .as_str()
            .unwrap()
            .contains("this backfill has done it")
    );

    // A newer slot is announced.
    let newer = told(&lake, &backfill(["2026-11-21", "2026-11-21"], &["--yes"]));
    assert!(
        newer[0]["announces"]
            .as_str()
            .unwrap()
            .starts_with("announced where"),
        "{}",
        newer[0]
    );
    let run = told(&lake, &["runs", "show", "last"]).remove(0);
    assert_eq!(run["run"]["slot"], "2026-11-21");
    assert!(run["run"]["snapshot"].is_string(), "{run}");
    assert!(lake.snapshot(&["verify", &announced]).is_success());
}

#[test]
fn a_backfill_has_the_slots_of_its_dags_schedule_and_refuses_what_has_none() {
    let lake = Lake::with_demo(1);
    let weekly = [
        "backfill",
        "company_rescan",
        "--from",
        "2026-11-01",
        "--to",
        "2026-11-15",
        "--model",
        "none",
        "--dry-run",
    ];
    let listed = told(&lake, &weekly);
    assert_eq!(
        slots(&listed),
        days([("01", true), ("08", true), ("15", true)])
    );
    let monthly = [
        "backfill",
        "glossary_merge",
        "--from",
        "2026-11-02",
        "--to",
        "2026-11-15",
        "--model",
        "none",
        "--yes",
    ];
    let said = refused(&lake, &monthly);
    assert!(said.contains("is not due from"), "{said}");
    let said = refused(&lake, &backfill(["2026-11-20", "2026-11-18"], &["--yes"]));
    assert!(said.contains("is after --to"), "{said}");
    assert!(
        !pipeline(
            &lake,
            &backfill(["2026-11-20", "2026-11-20"], &["--slot", "2026-11-20"])
        )
        .is_success()
    );
    assert!(told(&lake, &["runs", "list"]).is_empty());
}
