//! The same pipeline on real files that others shaped: French companies, offers and vocabularies. Skipped, and said to
//! be, where they are not beside the project.

use std::path::PathBuf;

use marketlounge_tests::{Lake, Node, project};
use serde_json::{Value, json};

fn shared_data() -> Option<PathBuf> {
    let named = std::env::var_os("MARKETLOUNGE_SHARED_DATA").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| project().join("../shared/data"));
    folder.join("market").is_dir().then_some(folder)
}

fn count(summary: &[Value], layer: &str, table: &str, what: &str) -> u64 {
    let row = summary
        .iter()
        .find(|row| row["layer"] == layer && row["table"] == table);
    row.unwrap_or_else(|| panic!("no summary of {layer}.{table}"))[what]
        .as_u64()
        .unwrap()
}

#[test]
fn public_files_become_an_announced_snapshot_with_every_row_accounted_for() {
    let Some(data) = shared_data() else {
        println!("skipped: no real data beside the project (MARKETLOUNGE_SHARED_DATA)");
        return;
    };
    let lake = Lake::empty();
    let data = data.display().to_string();
    let ran = lake.run("open_data", &["--model", "none", "--landing", &data], &[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    let summary = lake.query("SELECT * FROM gold.run_summary");
    let read = [
        ("companies", 17_091),
        ("activity_priors", 5_071),
        ("offers", 3_381),
        ("concepts", 29_953),
        ("glossary_nodes", 3 * 531),
    ];
    for (table, rows) in read {
        assert_eq!(
            count(&summary, "bronze", table, "rows"),
            rows,
            "bronze.{table}"
        );
        assert_eq!(
            count(&summary, "bronze", table, "quarantined"),
            0,
            "bronze.{table}"
        );
        let silver = ["rows", "superseded", "quarantined"]
            .map(|what| count(&summary, "silver", table, what));
        assert_eq!(silver.iter().sum::<u64>(), rows, "silver.{table}");
    }
    // ROME's appellations of L1510 have no occupation in its list of codes.
    let refused = lake.query("SELECT rule, count(*) AS n FROM quarantine.\"all\" GROUP BY rule");
    assert_eq!(
        refused,
        [json!({ "rule": "references_glossary_nodes", "n": 22 })]
    );

    let salaries = lake.query(
        "SELECT count(salary_label) AS said, count(salary_min_cents) AS read FROM gold.offers",
    );
    let share = salaries[0]["read"].as_f64().unwrap() / salaries[0]["said"].as_f64().unwrap();
    assert!((0.95..1.0).contains(&share), "{salaries:?}");

    let node = Node::ready(&lake);
    let welders = node.post(
        "/api/match/text",
        &json!({ "text": "soudeur TIG", "tenant": "tenant_demo", "limit": 5 }),
    );
    let titles = welders.body["shortlist"].as_array().unwrap().iter();
    let titles: Vec<_> = titles
        .map(|o| o["title"].as_str().unwrap().to_lowercase())
        .collect();
    assert_eq!(titles.len(), 5);
    assert!(
        titles.iter().all(|title| title.contains("soudeur")),
        "{titles:?}"
    );
}
