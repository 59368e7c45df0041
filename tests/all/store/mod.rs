//! The lake's store, through the programs: buckets, publishers at once, failing stores and disks, backups.

mod backups;
mod disks;
mod nightly;
mod outages;
mod publishers;

use marketlounge_tests::Lake;
use serde_json::{Value, json};

/// Tables whose rows say whether two lakes hold the same.
const COUNTED: [&str; 8] = [
    "bronze.companies",
    "bronze.offers",
    "bronze.queries",
    "silver.companies",
    "silver.interactions",
    "gold.offers",
    "gold.company_concepts",
    "quarantine.\"all\"",
];

/// A query that tells how many rows each of them has.
fn counts() -> String {
    let one = |table: &&str| {
        format!(
            "SELECT '{}' AS t, count(*) AS n FROM {table}",
            table.replace('"', "")
        )
    };
    format!(
        "{} ORDER BY t",
        COUNTED
            .iter()
            .map(one)
            .collect::<Vec<_>>()
            .join(" UNION ALL ")
    )
}

/// The company that is one more than the demo market has.
fn one_more_company() -> Value {
    json!({ "tenant": "tenant_demo", "company_id": "ENT-NEUVE", "name": "Tournage du Rhône",
            "region": "Auvergne-Rhône-Alpes" })
}

/// Returns the states of a run's jobs, from its JSON events.
fn states(events: &[Value]) -> Vec<&str> {
    let jobs = events.iter().filter(|event| event["event"] == "job");
    jobs.filter_map(|event| event["record"]["state"].as_str())
        .collect()
}

/// A lake whose market was published, and in which one more company has landed since; and the snapshot that is announced.
fn published_with_news() -> (Lake, String) {
    let lake = Lake::with_demo(1);
    let ran = lake.nightly(&[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    lake.land("companies/nouveau", &[one_more_company()]);
    let announced = lake.announced().unwrap();
    (lake, announced)
}
