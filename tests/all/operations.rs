//! Looking at runs, and keeping snapshots, through the command line.

use marketlounge_tests::{Lake, Ran};
use serde_json::{Value, json};

pub(super) fn pipeline(lake: &Lake, arguments: &[&str]) -> Ran {
    let folder = lake.path().display().to_string();
    let mut all = vec!["--json"];
    all.extend(arguments);
    all.extend(["--lake", &folder]);
    Ran::pipeline(&all, &[])
}

pub(super) fn told(lake: &Lake, arguments: &[&str]) -> Vec<Value> {
    let ran = pipeline(lake, arguments);
    assert!(ran.is_success(), "{}", ran.stderr);
    ran.json()
}

pub(super) fn good_night(lake: &Lake, day: u32) {
    let slot = format!("2026-11-{day}");
    let ran = lake.run_for(&slot, "nightly", &["--model", "none"], &[]);
    assert!(ran.is_success(), "{}", ran.stderr);
}

/// One more company of a tenant.
pub(super) fn land_company(lake: &Lake, id: &str) {
    let row = lake.query(
        "SELECT tenant, company_id, siren, siret, name, naf, region, department, postal_code, city, updated_at
         FROM silver.companies WHERE tenant = 'tenant_demo' ORDER BY company_id LIMIT 1",
    );
    let mut row = row[0].clone();
    row["company_id"] = json!(id);
    lake.land(&format!("companies/{id}"), &[row]);
}

#[test]
fn runs_are_listed_shown_and_explained_and_missing_days_are_named() {
    let lake = Lake::with_demo(1);
    good_night(&lake, 18);
    land_company(&lake, "ENT-NEUVE");
    good_night(&lake, 20);
    let runs = told(&lake, &["runs", "list"]);
    let names: Vec<&str> = runs
        .iter()
        .map(|run| run["run"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["2026-11-20.0001", "2026-11-18.0001"]);
    assert_eq!(
        (&runs[0]["state"], &runs[0]["dag"]),
        (&json!("succeeded"), &json!("nightly"))
    );
    let shown = told(&lake, &["runs", "show", "last"]).remove(0);
    let jobs = shown["jobs"].as_array().unwrap();
    let state = |job: &str| {
        let found = jobs.iter().find(|one| one["job"] == job);
        found.unwrap_or_else(|| panic!("no {job}"))["state"].clone()
    };
    assert_eq!(
        (state("silver.companies"), state("silver.people")),
        (json!("made"), json!("skipped"))
    );

    let why = told(&lake, &["runs", "explain", "last", "silver.companies"]).remove(0);
    assert_eq!(why["against"], "2026-11-18.0001");
    let parts = why["depends_on"].as_array().unwrap();
    let change = |name: &str| {
        let found = parts.iter().find(|one| one["name"] == name);
        found.unwrap_or_else(|| panic!("no {name} in {why}"))["change"].clone()
    };
    assert_eq!(
        (change("input bronze.companies"), change("contract")),
        (json!("changed"), json!("same"))
    );
    let ran = pipeline(&lake, &["runs", "explain", "last", "companies"]);
    assert!(
        ran.stderr.contains("did you mean") && ran.stderr.contains("silver.companies"),
        "{}",
        ran.stderr
    );
    let ran = pipeline(&lake, &["runs", "show", "2026-11-19.0001"]);
    assert!(ran.stderr.contains("pipeline runs list"), "{}", ran.stderr);

    let gaps = told(
        &lake,
        &[
            "runs",
            "gaps",
            "nightly",
            "--from",
            "2026-11-17",
            "--to",
            "2026-11-20",
        ],
    );
    let days: Vec<&str> = gaps
        .iter()
        .map(|gap| gap["slot"].as_str().unwrap())
        .collect();
    assert_eq!(days, ["2026-11-17", "2026-11-19"]);
}

#[test]
fn snapshots_differ_by_key_go_back_and_old_ones_go() {
    let lake = Lake::with_demo(1);
    good_night(&lake, 18);
    let first = lake.announced().unwrap();
    land_company(&lake, "ENT-NEUVE");
    good_night(&lake, 19);
    let second = lake.announced().unwrap();
    assert_ne!(first, second);

    let changed = told(&lake, &["snapshot", "diff"]);
    let companies = changed
        .iter()
        .find(|one| one["table"] == "gold.run_summary");
    assert!(
        companies.is_some_and(|one| one["by_key"]["changed"]["rows"].as_u64() > Some(0)),
        "{changed:?}"
    );
    let section = changed
        .iter()
        .find(|one| one["table"] == "companies")
        .unwrap();
    let [old, new] = [0, 1].map(|at| section["rows"][at].as_u64().unwrap());
    assert_eq!((new - old, &section["by_key"]), (1, &Value::Null));
    let back = told(&lake, &["snapshot", "diff", &second, &first]);
    assert_eq!(back.len(), changed.len());
    assert!(told(&lake, &["snapshot", "diff", &first, &first]).is_empty());

    let ran = pipeline(&lake, &["snapshot", "unpin"]);
    assert!(
        !ran.is_success() && ran.stderr.contains("no snapshot is pinned"),
        "{}",
        ran.stderr
    );
    let pinned = told(&lake, &["snapshot", "rollback"]).remove(0);
    assert_eq!(
        (pinned["id"].as_str(), &pinned["state"]),
        (Some(first.as_str()), &json!("pinned"))
    );
    let pin: Value =
        serde_json::from_slice(&std::fs::read(lake.file("snapshots/PIN")).unwrap()).unwrap();
    assert_eq!(pin["id"].as_str(), Some(first.as_str()));
    assert!(pipeline(&lake, &["snapshot", "verify"]).is_success());

    // The pin holds the older one, the announcement the newer one: nothing is old enough.
    assert!(told(&lake, &["snapshot", "gc", "--keep", "0"]).is_empty());
    told(&lake, &["snapshot", "unpin"]);
    let would = told(&lake, &["snapshot", "gc", "--keep", "1", "--dry-run"]);
    assert_eq!(would.len(), 1);
    assert!(
        lake.file(&format!("snapshots/{first}/manifest.json"))
            .exists()
    );
    assert!(told(&lake, &["snapshot", "gc", "--keep", "2"]).is_empty());
    let gone = told(&lake, &["snapshot", "gc", "--keep", "1"]);
    assert_eq!(gone[0]["id"].as_str(), Some(first.as_str()));
    assert!(
        !lake
            .file(&format!("snapshots/{first}/manifest.json"))
            .exists()
    );
    assert!(pipeline(&lake, &["snapshot", "verify"]).is_success());
    let ran = pipeline(&lake, &["snapshot", "pin", &first]);
    assert!(
        !ran.is_success() && ran.stderr.contains("cannot be served"),
        "{}",
        ran.stderr
    );
}
