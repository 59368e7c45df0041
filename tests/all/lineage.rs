//! Where columns and rows come from, through the command line.

use marketlounge_tests::{Lake, Ran};
use serde_json::Value;

fn asked(arguments: &[&str]) -> Ran {
    let mut all = vec!["lineage"];
    all.extend(arguments);
    Ran::pipeline(&all, &[])
}

fn told(arguments: &[&str]) -> Value {
    let mut all = vec!["--json"];
    all.push("lineage");
    all.extend(arguments);
    let ran = Ran::pipeline(&all, &[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    ran.json().remove(0)
}

#[test]
fn a_column_is_followed_from_gold_to_the_fields_of_landing_files() {
    let ran = asked(&["gold.offers.salary_min_cents", "--up"]);
    assert!(ran.is_success(), "{}", ran.stderr);
    let chain = [
        "gold.offers.salary_min_cents",
        "← silver.offers.salary_label [transformation]",
        "← bronze.offers.salary_label [transformation]",
        "← landing.offers.salary_label [identity]",
        "open_data/offers: salaire.libelle",
    ];
    let places: Vec<Option<usize>> = chain.iter().map(|part| ran.stdout.find(part)).collect();
    assert!(
        places.iter().all(Option::is_some) && places.is_sorted(),
        "{}",
        ran.stdout
    );

    let down = told(&["silver.offers.salary_label", "--down"]);
    let readers: Vec<&str> = down["down"]["children"]
        .as_array()
        .unwrap()
        .iter()
        .map(|child| child["id"].as_str().unwrap())
        .collect();
    assert!(
        readers.contains(&"gold.offers.salary_min_cents"),
        "{readers:?}"
    );
    assert_eq!(down["up"], Value::Null);

    let kpi = told(&["gold.marketplace_kpis.projects_closed", "--depth", "1"]);
    let sources = kpi["up"]["children"].as_array().unwrap();
    let counted = sources.iter().find(|one| one["id"] == "silver.projects.*");
    assert_eq!(
        counted.unwrap()["kinds"],
        serde_json::json!(["aggregation"])
    );

    let drawn = asked(&["gold.offers", "--format", "mermaid"]).stdout;
    assert!(
        drawn.starts_with("flowchart LR") && drawn.contains("[\"landing.offers\"]"),
        "{drawn}"
    );
    let drawn = asked(&["gold.offers.title", "--format", "dot"]).stdout;
    assert!(
        drawn.contains("\"silver.offers.title\" -> \"gold.offers.title\""),
        "{drawn}"
    );
}

#[test]
fn a_name_that_is_not_known_is_answered_with_those_meant() {
    for (typed, meant) in [
        ("gold.offers.salary_min", "salary_min_cents"),
        ("gold.offer", "gold.offers"),
        ("silver.ofers.title", "silver.offers"),
    ] {
        let ran = asked(&[typed]);
        assert_eq!(ran.code, Some(1), "{typed}");
        assert!(
            ran.stderr.contains("did you mean") && ran.stderr.contains(meant),
            "{}",
            ran.stderr
        );
    }
    assert_eq!(asked(&[]).code, Some(2), "a name is wanted");
}

#[test]
fn a_row_is_followed_to_the_records_of_landing_files() {
    let lake = Lake::published();
    let folder = lake.path().display().to_string();
    let rows = |table: &str, key: &str| {
        let told = told(&["rows", table, "--key", key, "--lake", &folder]);
        assert_eq!(told["table"], table);
        told
    };
    // One landing line, read again here.
    let offer = lake
        .query("SELECT tenant, offer_id FROM gold.offers ORDER BY offer_id DESC LIMIT 1")
        .remove(0);
    let (tenant, id) = (
        offer["tenant"].as_str().unwrap(),
        offer["offer_id"].as_str().unwrap(),
    );
    let origin = rows("gold.offers", &format!("tenant={tenant},offer_id={id}"));
    let silver = &origin["inputs"][0];
    assert_eq!(
        (silver["table"].as_str(), silver["rows"].as_u64()),
        (Some("silver.offers"), Some(1))
    );
    let record = &silver["landing"][0];
    assert_eq!(record["is_kept"], true);
    let file = record["file"].as_str().unwrap();
    if file.ends_with(".jsonl") {
        let bytes = std::fs::read(lake.file(&format!("landing/{file}"))).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let place = usize::try_from(record["line"].as_u64().unwrap()).unwrap() - 1;
        assert!(text.lines().nth(place).unwrap().contains(id), "{record}");
    }

    // A row of a join of auctions and bids: as many bids as are read for it, each told once.
    let priced = lake.query("SELECT tenant, deal_id FROM gold.comparables WHERE kind = 'project' ORDER BY deal_id LIMIT 1").remove(0);
    let deal = priced["deal_id"].as_str().unwrap();
    let origin = rows(
        "gold.comparables",
        &format!("tenant=tenant_demo,kind=project,deal_id={deal}"),
    );
    let inputs = origin["inputs"].as_array().unwrap();
    let tables: Vec<&str> = inputs
        .iter()
        .map(|one| one["table"].as_str().unwrap())
        .collect();
    assert_eq!(tables, ["gold.price_observations", "gold.project_features"]);
    let observed = &inputs[0]["inputs"];
    let project = observed
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["table"] == "silver.projects");
    assert_eq!(project.unwrap()["keys"][0]["project_id"], deal);

    // A table made by a job is followed as far as the job says, and says so.
    let origin = rows(
        "gold.price_reference",
        &format!("tenant=tenant_demo,kind=project,deal_id={deal}"),
    );
    assert_eq!(origin["inputs"][0]["table"], "gold.project_features");
    assert!(
        origin["notes"][0]
            .as_str()
            .unwrap()
            .contains("does not say")
    );

    // Many rows are counted whole, and the first of them told.
    let week = lake.query("SELECT tenant, CAST(week AS VARCHAR) AS week FROM gold.marketplace_kpis ORDER BY week DESC LIMIT 1").remove(0);
    let key = format!(
        "tenant={},week={}",
        week["tenant"].as_str().unwrap(),
        week["week"].as_str().unwrap()
    );
    let origin = rows("gold.marketplace_kpis", &key);
    let many = origin["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .max_by_key(|one| one["rows"].as_u64())
        .unwrap();
    assert!(
        many["rows"].as_u64().unwrap() > 5 && many["keys"].as_array().unwrap().len() == 5,
        "{many}"
    );

    for (key, said) in [
        ("tenant=tenant_demo,offr_id=x", "did you mean offer_id"),
        ("title=x", "not in the key"),
        (
            "tenant=tenant_demo,offer_id=nobody",
            "no row of gold.offers",
        ),
        ("nonsense", "is no key"),
    ] {
        let ran = asked(&["rows", "gold.offers", "--key", key, "--lake", &folder]);
        assert!(
            ran.code == Some(1) && ran.stderr.contains(said),
            "{key}: {}",
            ran.stderr
        );
    }
}
