use std::collections::BTreeSet;

use marketlounge_tests::Lake;
use serde_json::Value;

use super::{count, land_company, nightly, pipeline, plan, refused, selected, told};

const OF_NEW: &str = "SELECT count(*) AS n FROM silver.companies WHERE company_id = 'ENT-NEUVE'";

#[test]
fn a_selection_runs_what_it_names_over_what_stands_and_publishes_only_when_all_succeeded() {
    let lake = Lake::with_demo(1);
    nightly(&lake, &[]);
    let announced = lake.announced().unwrap();
    land_company(&lake, "ENT-NEUVE");

    // What is not selected is held, though it is stale, and says so.
    let (jobs, sum) = plan(&lake, &["--select", "silver.companies"]);
    assert_eq!(jobs["bronze.companies"]["will"], "held");
    let why = jobs["bronze.companies"]["reason"].as_str().unwrap();
    assert!(
        why.contains("though stale") && why.contains("landing file"),
        "{why}"
    );
    assert_eq!(jobs["silver.companies"]["will"], "skip");
    assert_eq!(
        (
            sum["plan"]["announces"].as_str(),
            sum["plan"]["snapshot"].as_str()
        ),
        (Some("tables"), Some(announced.as_str()))
    );
    let ended = nightly(&lake, &["--select", "silver.companies"]);
    assert_eq!(
        (
            ended["bronze.companies"].as_str(),
            ended["silver.companies"].as_str()
        ),
        ("held", "skipped")
    );
    assert_eq!(count(&lake, &[], OF_NEW), 0);

    // With all that it needs it is made anew, and published; nothing is announced.
    let ended = nightly(&lake, &["--select", "+silver.companies"]);
    assert_eq!(ended["silver.companies"], "made");
    assert_eq!(count(&lake, &[], OF_NEW), 1);
    assert_eq!(lake.announced().as_deref(), Some(announced.as_str()));
    let shown = told(&lake, &["runs", "show", "last"]).remove(0);
    assert_eq!(
        (&shown["run"]["state"], &shown["run"]["snapshot"]),
        (&"succeeded".into(), &Value::Null)
    );
    assert_eq!(shown["run"]["asked"]["select"][0], "+silver.companies");

    // The record of few jobs hides none of the others: nothing has to be made that stands.
    let (jobs, sum) = plan(&lake, &[]);
    assert_eq!(jobs["silver.people"]["will"], "skip");
    let why = jobs["silver.people"]["reason"].as_str().unwrap();
    assert!(why.contains("since run 2026-11-20.0001"), "{why}");
    assert_eq!(sum["plan"]["announces"], "snapshot");
    assert_eq!(sum["plan"]["before"].as_str(), Some(announced.as_str()));

    // The rest, run by parts, comes to what one run of all comes to.
    let rest = ["--select", "silver.companies+", "+gold.run_summary"];
    let made = nightly(&lake, &rest);
    assert_eq!(made["publish_snapshot"], "made");
    let by_parts = lake.announced().unwrap();
    assert_ne!(by_parts, announced);
    let whole = nightly(&lake, &[]);
    assert!(whole.values().all(|state| state == "skipped"), "{whole:?}");
    assert_eq!(lake.announced().as_deref(), Some(by_parts.as_str()));
    assert!(lake.snapshot(&["verify"]).is_success());
}

#[test]
fn a_snapshot_of_held_tables_says_so_in_its_manifest() {
    let lake = Lake::with_demo(1);
    nightly(&lake, &[]);
    land_company(&lake, "ENT-NEUVE");
    let row = lake
        .query("SELECT * FROM silver.offers ORDER BY tenant, offer_id LIMIT 1")
        .remove(0);
    let mut row = row;
    row["offer_id"] = "OFFRE-NEUVE".into();
    lake.land("offers/neuve", &[row]);
    let ended = nightly(
        &lake,
        &[
            "--select",
            "+gold.offers gold.offers+",
            "--exclude",
            "gold.new_matches",
        ],
    );
    assert_eq!(ended["publish_snapshot"], "made");
    assert_eq!(ended["bronze.companies"], "held");
    let id = lake.announced().unwrap();
    let manifest = std::fs::read(lake.file(&format!("snapshots/{id}/manifest.json"))).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let held: BTreeSet<&String> = manifest["held"].as_object().unwrap().keys().collect();
    assert!(held.contains(&"bronze.companies".to_owned()), "{held:?}");
    assert!(
        !held.contains(&"gold.offers".to_owned()) && !held.contains(&"bronze.people".to_owned()),
        "{held:?}"
    );
    let why = manifest["held"]["bronze.companies"].as_str().unwrap();
    assert!(
        why.contains("run 2026-11-20.0001 stands, though stale"),
        "{why}"
    );
}

#[test]
fn what_cannot_be_selected_is_said_before_anything_runs() {
    let lake = Lake::with_demo(1);
    let run = |more: &[&str]| {
        let mut arguments = vec!["run", "nightly", "--model", "none"];
        arguments.extend(more);
        refused(&lake, &arguments)
    };
    let said = run(&["--select", "gold.offers"]);
    assert!(
        said.contains("gold.offers reads silver.offers") && said.contains("+gold.offers"),
        "{said}"
    );
    let said = run(&["--select", "gold.ofers"]);
    assert!(said.contains("did you mean gold.offers"), "{said}");
    let said = run(&["--select", "+gold.offers,,x"]);
    assert!(said.contains("at character 14"), "{said}");
    let said = run(&["--select", "state:modified", "--state", "nowhere"]);
    assert!(said.contains("neither a run of this lake"), "{said}");
    let said = refused(
        &lake,
        &[
            "run",
            "hourly",
            "--model",
            "none",
            "--select",
            "gold.new_matches",
        ],
    );
    assert!(said.contains("they belong to nightly"), "{said}");
    assert!(told(&lake, &["runs", "list"]).is_empty());

    let ran = pipeline(
        &lake,
        &[
            "run",
            "nightly",
            "--model",
            "none",
            "--select",
            "gold.offers,silver.*",
        ],
    );
    assert!(
        ran.is_success() && ran.stdout.contains("nothing is selected"),
        "{}",
        ran.stdout
    );
    assert!(told(&lake, &["runs", "list"]).is_empty());
}

#[test]
fn jobs_are_selected_by_what_they_are_where_they_are_said_and_whose_they_are() {
    let lake = Lake::published();
    let of = |selector: &str| selected(&lake, &["--select", selector]);
    assert_eq!(of("path:dags/gold/offers.sql"), ["gold.offers"]);
    assert_eq!(
        of("pipeline/src/jobs/tainted_bids.rs"),
        ["gold.tainted_bids"]
    );
    assert!(of("path:pipeline/src/jobs/silver.rs").contains(&"silver.bids".to_owned()));
    assert_eq!(of("schemas/landing/offers.toml"), ["bronze.offers"]);
    assert_eq!(
        of("source:offers+1"),
        [
            "bronze.offers",
            "gold.run_summary",
            "publish_snapshot",
            "silver.offers"
        ]
    );
    let search = of("owner:search,gold.*");
    assert!(
        search.contains(&"gold.offers".to_owned()) && search.len() > 2,
        "{search:?}"
    );
    assert_eq!(of("resource_type:snapshot"), ["publish_snapshot"]);
    let bi = of("tag:bi");
    assert!(
        bi.contains(&"gold.offers".to_owned()) && !bi.contains(&"silver.offers".to_owned()),
        "{bi:?}"
    );
    // A job without a contract has the tags of its DAG's file.
    assert_eq!(
        of("tag:heavy"),
        [
            "detect_collusion",
            "embed_texts",
            "fit_likelihoods",
            "fit_prices",
            "fit_ranking"
        ]
    );
}

#[test]
fn a_plan_sums_up_time_rows_and_what_is_announced() {
    let lake = Lake::published();
    let (_, sum) = plan(&lake, &[]);
    let sum = &sum["plan"];
    assert_eq!(
        (&sum["announces"], sum["snapshot"].as_str()),
        (&"stays".into(), lake.announced().as_deref())
    );
    assert_eq!(
        (&sum["count"]["run"], sum["run_ms"].as_u64()),
        (&0.into(), Some(0))
    );
    // Of a lake whose runs are all skipped since, the time is still known: that of making, not of skipping.
    let (jobs, _) = plan(&lake, &[]);
    assert!(jobs["publish_snapshot"]["last_elapsed_ms"].as_u64() > Some(0));
    let fresh = Lake::with_demo(1);
    let (jobs, sum) = plan(&fresh, &[]);
    let sum = &sum["plan"];
    assert_eq!(jobs["gold.offers"]["will"], "perhaps");
    assert_eq!(sum["announces"], "snapshot");
    assert!(
        sum["count"]["run"].as_u64() > Some(20) && sum["unknown"] == sum["count"]["run"],
        "{sum}"
    );
}
