//! Refused rows through the command line: counted, shown, exported, fixed and released; and back by themselves once the rule is mended.

use marketlounge_tests::{Lake, Ran, bad_rows, project};
use serde_json::Value;

use super::contracts::copy;

fn pipeline(lake: &Lake, arguments: &[&str]) -> Ran {
    let folder = lake.path().display().to_string();
    let mut all = vec!["--json", "quarantine"];
    all.extend(arguments);
    all.extend(["--lake", &folder]);
    Ran::pipeline(&all, &[])
}

fn told(lake: &Lake, arguments: &[&str]) -> Vec<Value> {
    let ran = pipeline(lake, arguments);
    assert!(ran.is_success(), "{}", ran.stderr);
    ran.json()
}

fn sum(groups: &[Value], what: &str) -> u64 {
    groups
        .iter()
        .map(|group| group[what].as_u64().unwrap())
        .sum()
}

fn count(lake: &Lake, table: &str) -> u64 {
    lake.query(&format!("SELECT count(*) AS n FROM {table}"))[0]["n"]
        .as_u64()
        .unwrap()
}

/// What became of the bronze rows of a table.
fn equation(lake: &Lake, table: &str) -> [u64; 4] {
    let summary = lake.query(&format!(
        "SELECT layer, \"rows\", superseded, quarantined FROM gold.run_summary
         WHERE \"table\" = '{table}' AND layer <> 'gold' ORDER BY layer"
    ));
    let of = |place: usize, name: &str| summary[place][name].as_u64().unwrap();
    [
        of(0, "rows"),
        of(1, "rows"),
        of(1, "superseded"),
        of(1, "quarantined"),
    ]
}

#[test]
fn every_refused_row_is_counted_shown_with_its_mend_and_exported() {
    let lake = Lake::published();
    let groups = told(&lake, &["list"]);
    assert_eq!(sum(&groups, "open"), bad_rows(&lake).len() as u64);
    assert!(
        groups
            .iter()
            .all(|group| group["first_seen"] == "2026-11-20" && group["last_seen"] == "2026-11-20")
    );
    let shown = told(&lake, &["show", "bids", "--rule", "price_cents_range"]);
    let [row] = shown.as_slice() else {
        panic!("{shown:?}")
    };
    assert_eq!(
        (&row["column"], &row["is_released"]),
        (&Value::from("price_cents"), &Value::from(false))
    );
    assert!(
        row["mend"].as_str().unwrap().contains("at least 1"),
        "{row}"
    );
    let text = Ran::pipeline(
        &[
            "quarantine",
            "show",
            "bids",
            "--limit",
            "1",
            "--lake",
            &lake.path().display().to_string(),
        ],
        &[],
    );
    assert!(
        text.stdout.contains("1 of ") && text.stdout.contains("mend "),
        "{}",
        text.stdout
    );

    let bids = sum(&told(&lake, &["list", "bids"]), "open");
    let lines = told(&lake, &["export", "bids"]);
    assert_eq!(lines.len() as u64, bids);
    // A CSV row that was refused for its type still has its cells by name.
    let typed = lines
        .iter()
        .find(|row| row["_rule"] == "type_price_cents")
        .unwrap();
    assert!(
        typed["bid_id"]
            .as_str()
            .is_some_and(|id| id.starts_with("REBUT")),
        "{typed}"
    );
    let folder = Lake::empty();
    let out = folder.file("bids.csv").display().to_string();
    assert!(pipeline(&lake, &["export", "bids", "--format", "csv", "--out", &out]).is_success());
    let csv = std::fs::read_to_string(&out).unwrap();
    assert!(
        csv.starts_with("_row,_layer,_rule,") && csv.contains("REBUT-"),
        "{csv}"
    );
    let out = folder.file("bids.parquet").display().to_string();
    assert!(
        pipeline(
            &lake,
            &["export", "bids", "--format", "parquet", "--out", &out]
        )
        .is_success()
    );
    assert_eq!(&std::fs::read(&out).unwrap()[..4], b"PAR1");
}

#[test]
fn a_fixed_row_lands_in_the_place_of_the_refused_one_and_twice_is_once() {
    let lake = Lake::with_demo(1);
    assert!(lake.nightly(&[]).is_success());
    let (kept, [bronze, silver, superseded, refused]) =
        (count(&lake, "silver.bids"), equation(&lake, "bids"));
    assert_eq!(bronze, silver + superseded + refused);
    let mut row = told(&lake, &["export", "bids", "--rule", "price_cents_range"]).remove(0);
    let bid = row["bid_id"].as_str().unwrap().to_owned();
    let fixed = lake.file("fixed.jsonl").display().to_string();
    let release = |row: &Value| {
        std::fs::write(&fixed, format!("{row}\n")).unwrap();
        pipeline(
            &lake,
            &[
                "release",
                "bids",
                "--file",
                &fixed,
                "--note",
                "prices were in euros",
            ],
        )
    };
    row["price_cents"] = 123_400.into();
    for (field, value, said) in [
        (
            "_row",
            Value::from("0000000000000000"),
            "no row 0000000000000000",
        ),
        ("_row", Value::Null, "no _row says"),
        ("price_euros", Value::from(5), "has no column price_euros"),
    ] {
        let mut bad = row.clone();
        bad[field] = value;
        let ran = release(&bad);
        assert!(
            ran.code == Some(1) && ran.stderr.contains(said),
            "{}",
            ran.stderr
        );
    }
    assert!(!lake.file("landing/released").exists());

    let done = release(&row).json().remove(0);
    assert_eq!(
        (&done["is_new"], &done["release"]["note"]),
        (&true.into(), &"prices were in euros".into())
    );
    let open = sum(&told(&lake, &["list", "bids"]), "open");
    let released = sum(&told(&lake, &["list", "bids"]), "released");
    assert_eq!(released, 1);
    let ran = lake.nightly(&[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    assert_eq!(count(&lake, "silver.bids"), kept + 1);
    let price = lake.query(&format!(
        "SELECT price_cents FROM silver.bids WHERE bid_id = '{bid}'"
    ));
    assert_eq!(price[0]["price_cents"], 123_400);
    let [bronze_now, silver, superseded, refused_now] = equation(&lake, "bids");
    assert_eq!((bronze_now, refused_now), (bronze + 1, refused));
    assert_eq!(bronze_now, silver + superseded + refused_now);

    let announced = lake.announced();
    let again = release(&row).json().remove(0);
    assert_eq!(again["is_new"], false);
    assert!(lake.nightly(&[]).is_success());
    assert_eq!(lake.announced(), announced);
    let groups = told(&lake, &["list", "bids"]);
    assert_eq!((sum(&groups, "open"), sum(&groups, "released")), (open, 1));
    assert!(told(&lake, &["export", "bids", "--rule", "price_cents_range"]).is_empty());
    row["price_cents"] = 1.into();
    let ran = release(&row);
    assert!(ran.stderr.contains("was released before"), "{}", ran.stderr);
}

#[test]
fn an_offer_is_released_in_the_tables_own_shape_though_its_source_has_another() {
    let lake = Lake::with_demo(1);
    assert!(lake.nightly(&[]).is_success());
    let mut row = told(&lake, &["export", "offers", "--rule", "not_null_title"]).remove(0);
    row["title"] = "Soudeur TIG".into();
    let fixed = lake.file("fixed.jsonl").display().to_string();
    std::fs::write(&fixed, format!("{row}\n")).unwrap();
    told(
        &lake,
        &[
            "release",
            "offers",
            "--file",
            &fixed,
            "--note",
            "the title was lost on the way",
        ],
    );
    let ran = lake.nightly(&[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    let id = row["offer_id"].as_str().unwrap();
    let title = lake.query(&format!(
        "SELECT title FROM silver.offers WHERE offer_id = '{id}'"
    ));
    assert_eq!(title[0]["title"], "Soudeur TIG");
}

#[test]
fn rows_come_in_by_themselves_once_the_contract_is_mended() {
    let lake = Lake::with_demo(1);
    assert!(lake.nightly(&[]).is_success());
    let row = told(&lake, &["export", "companies", "--rule", "siret_format"]).remove(0);
    let (kept, [bronze, .., refused]) = (
        count(&lake, "silver.companies"),
        equation(&lake, "companies"),
    );
    let folder = Lake::empty();
    for room in ["schemas", "dags"] {
        copy(&project().join(room), &folder.file(room));
    }
    let contract = folder.file("schemas/silver/companies.toml");
    let text = std::fs::read_to_string(&contract).unwrap();
    let mended: Vec<&str> = text
        .split("\n[[rule]]")
        .filter(|rule| !rule.contains("siret_format"))
        .collect();
    std::fs::write(&contract, mended.join("\n[[rule]]")).unwrap();
    let changed = folder.path().display().to_string();
    let ran = lake.run("nightly", &["--model", "none", "--project", &changed], &[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    assert_eq!(count(&lake, "silver.companies"), kept + 1);
    let id = row["company_id"].as_str().unwrap();
    assert_eq!(
        count(
            &lake,
            &format!("silver.companies WHERE company_id = '{id}'")
        ),
        1
    );
    let [bronze_now, silver, superseded, refused_now] = equation(&lake, "companies");
    assert_eq!((bronze_now, refused_now), (bronze, refused - 1));
    assert_eq!(bronze_now, silver + superseded + refused_now);
    assert!(told(&lake, &["export", "companies", "--rule", "siret_format"]).is_empty());
}
