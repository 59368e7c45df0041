//! Gates catch what is broken before anything is made of it, let honest nights pass, and an earlier table stand in where its contract says so.

use marketlounge_tests::{Lake, Ran, project};
use serde_json::{Value, json};

use super::contracts::copy;

fn told(lake: &Lake, arguments: &[&str]) -> Vec<Value> {
    let folder = lake.path().display().to_string();
    let mut all = vec!["--json"];
    all.extend(arguments);
    all.extend(["--lake", &folder]);
    let ran = Ran::pipeline(&all, &[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    ran.json()
}

fn night(lake: &Lake, slot: &str, more: &[&str]) -> Ran {
    let all = [&["--model", "none"], more].concat();
    lake.run_for(slot, "nightly", &all, &[])
}

/// The names of gates of the last run that failed or warned, rules left out.
fn problems(lake: &Lake, verdict: &str) -> Vec<String> {
    let gates = told(lake, &["gates", "--problems"]);
    let is_it = |gate: &&Value| gate["verdict"] == verdict;
    let names = gates
        .iter()
        .filter(is_it)
        .map(|gate| gate["name"].as_str().unwrap().to_owned());
    names.filter(|name| !name.starts_with("rule ")).collect()
}

/// Bids of the demo under other names, each changed.
fn bids(lake: &Lake, share: i64, change: impl Fn(&mut Value)) -> Vec<Value> {
    let mut rows = lake.query(&format!(
        "SELECT tenant, concat('N-', bid_id) AS bid_id, project_id, provider_id, price_cents, delay_days, quality, status, submitted_at
         FROM (SELECT *, row_number() OVER (ORDER BY bid_id) AS place FROM silver.bids) WHERE place % 100 < {share}"
    ));
    rows.iter_mut().for_each(change);
    assert!(rows.len() > 50, "{}", rows.len());
    rows
}

#[test]
fn planted_breakage_is_refused_by_the_gate_that_is_for_it_and_honest_growth_passes() {
    let lake = Lake::with_demo(1);
    let ran = night(&lake, "2026-11-18", &[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    assert_eq!(problems(&lake, "failed"), [""; 0]);
    assert_eq!(
        problems(&lake, "warned"),
        [""; 0],
        "defaults do not cry wolf on the demo"
    );
    let announced = lake.announced();
    let refused = |slot: &str, gate: &str| {
        let ran = night(&lake, slot, &[]);
        assert_eq!(ran.code, Some(3), "{gate}: {}\n{}", ran.stderr, ran.stdout);
        assert_eq!(problems(&lake, "failed"), [gate]);
        assert_eq!(lake.announced(), announced, "{gate}");
    };

    let tenfold =
        |row: &mut Value| row["price_cents"] = json!(10 * row["price_cents"].as_i64().unwrap());
    lake.land("bids/tenfold", &bids(&lake, 35, tenfold));
    refused("2026-11-19", "drift silver.bids.price_cents");
    std::fs::remove_file(lake.file("landing/bids/tenfold.jsonl")).unwrap();

    let mut companies = lake.query(
        "SELECT tenant, company_id, siren, siret, name, naf, region, department, postal_code, city, latitude, longitude
         FROM silver.companies",
    );
    companies
        .iter_mut()
        .for_each(|row| row["updated_at"] = json!("2026-11-18T20:00:00Z"));
    lake.land("companies/empty", &companies);
    let ran = night(&lake, "2026-11-19", &[]);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    let failed = problems(&lake, "failed");
    assert!(
        failed.contains(&"null_share silver.companies.description".to_owned()),
        "{failed:?}"
    );
    std::fs::remove_file(lake.file("landing/companies/empty.jsonl")).unwrap();

    let path = lake.file("landing/bids/offres-de-prix-00001.csv");
    let whole = std::fs::read(&path).unwrap();
    let lines: Vec<_> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    std::fs::write(&path, lines[..lines.len() * 4 / 10].concat()).unwrap();
    refused("2026-11-19", "row_count silver.bids");
    std::fs::write(&path, whole).unwrap();

    lake.land("bids/more", &bids(&lake, 35, |_| {}));
    let ran = night(&lake, "2026-11-19", &[]);
    assert!(
        ran.is_success(),
        "{}\n{:?}",
        ran.stderr,
        problems(&lake, "failed")
    );
    assert_ne!(lake.announced(), announced);
    let gates = told(&lake, &["gates", "silver.bids"]);
    let rows = gates
        .iter()
        .find(|gate| gate["check"] == "row_count")
        .unwrap();
    let grown = rows["value"].as_f64().unwrap();
    assert!(
        rows["verdict"] == "passed" && (0.3..0.4).contains(&grown),
        "{rows}"
    );
    let manifest = told(&lake, &["snapshot", "show"]).remove(0);
    let gates = manifest["gates"].as_array().unwrap();
    let gate = |name: &str| gates.iter().find(|gate| gate["name"] == name);
    let overlap =
        gate("overlap companies").unwrap_or_else(|| panic!("no golden queries in {gates:#?}"));
    assert!(
        overlap["detail"]
            .as_str()
            .unwrap()
            .contains("logged searches"),
        "{overlap}"
    );
    assert!(gate("tables").is_some(), "{gates:#?}");
}

#[test]
fn data_that_is_old_at_the_slot_is_told_of_whatever_the_clock_says() {
    let lake = Lake::with_demo(1);
    let ran = night(&lake, "2027-03-01", &[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    let warned = problems(&lake, "warned");
    for table in [
        "bids.submitted_at",
        "offers.updated_at",
        "queries.asked_at",
        "interactions.occurred_at",
    ] {
        let gate = format!("freshness silver.{table}");
        assert!(warned.contains(&gate), "no {gate} in {warned:?}");
    }
}

const CONTRACT: &str = "schemas/gold/market_signals.toml";

/// A copy of the project in which `gold.market_signals` is refused, and may be carried over for two nights.
fn refusing() -> Lake {
    let folder = Lake::empty();
    for room in ["schemas", "dags"] {
        copy(&project().join(room), &folder.file(room));
    }
    let text = std::fs::read_to_string(folder.file(CONTRACT)).unwrap();
    let policy = "on_failure = \"carry_over\"\ncarry_over_max = 2\n\n[[column]]";
    let gate = "\n[[gate]]\ncheck = \"row_count\"\nmin = 1000000\naction = \"fail_job\"\n";
    let text = text.replacen("[[column]]", policy, 1) + gate;
    std::fs::write(folder.file(CONTRACT), text).unwrap();
    folder
}

#[test]
fn an_earlier_table_stands_in_for_so_many_nights_and_everything_says_so() {
    let lake = Lake::with_demo(1);
    assert!(night(&lake, "2026-11-18", &[]).is_success());
    let folder = refusing();
    let changed = folder.path().display().to_string();
    let before = lake.query("SELECT * FROM gold.market_signals ORDER BY 1, 2, 3, 4");
    let record = |ran: &Ran| {
        let events = ran.json();
        let found = events
            .iter()
            .find(|event| event["record"]["job"] == "gold.market_signals");
        found.unwrap()["record"].clone()
    };
    for (slot, nights) in [("2026-11-19", 1), ("2026-11-20", 2)] {
        let ran = night(&lake, slot, &["--project", &changed]);
        assert!(ran.is_success(), "{}\n{}", ran.stderr, ran.stdout);
        let record = record(&ran);
        assert_eq!(record["state"], "carried_over", "{record}");
        let over = &record["carried_over"];
        assert_eq!(
            (&over["since"], &over["nights"]),
            (&json!("2026-11-19"), &json!(nights))
        );
        let manifest = told(&lake, &["snapshot", "show"]).remove(0);
        assert_eq!(
            manifest["carried_over"]["gold.market_signals"]["since"],
            "2026-11-19"
        );
        let summary = lake.query(
            "SELECT carried_over_since FROM gold.run_summary WHERE \"table\" = 'market_signals' AND layer = 'gold'",
        );
        assert_eq!(summary[0]["carried_over_since"], "2026-11-19");
        assert_eq!(problems(&lake, "failed"), ["row_count gold.market_signals"]);
    }
    assert_eq!(
        lake.query("SELECT * FROM gold.market_signals ORDER BY 1, 2, 3, 4"),
        before
    );
    let announced = lake.announced();
    let ran = night(&lake, "2026-11-21", &["--project", &changed]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let record = record(&ran);
    let reason = record["reason"].as_str().unwrap();
    assert!(
        reason.contains("carry_over_max") && reason.contains("row_count"),
        "{reason}"
    );
    assert_eq!(lake.announced(), announced);
    // A table of its own again: nothing is carried over any more.
    assert!(night(&lake, "2026-11-21", &[]).is_success());
    let manifest = told(&lake, &["snapshot", "show"]).remove(0);
    assert_eq!(manifest["carried_over"], Value::Null);
}

#[test]
fn a_table_whose_sql_fails_is_carried_over_too_and_without_the_policy_blocks_only_its_readers() {
    let lake = Lake::with_demo(1);
    assert!(night(&lake, "2026-11-18", &[]).is_success());
    let folder = refusing();
    let changed = folder.path().display().to_string();
    let sql = folder.file("dags/gold/market_signals.sql");
    let text = std::fs::read_to_string(&sql).unwrap();
    std::fs::write(
        &sql,
        text.replace(
            "count(*) AS queries",
            "CAST(concat('x', region) AS BIGINT) AS queries",
        ),
    )
    .unwrap();
    let ran = night(&lake, "2026-11-19", &["--project", &changed]);
    assert!(ran.is_success(), "{}\n{}", ran.stderr, ran.stdout);
    let state = |ran: &Ran, job: &str| {
        let events = ran.json();
        let found = events.iter().find(|event| event["record"]["job"] == job);
        found.unwrap_or_else(|| panic!("no {job}"))["record"]["state"].clone()
    };
    assert_eq!(state(&ran, "gold.market_signals"), "carried_over");

    let text = std::fs::read_to_string(folder.file(CONTRACT)).unwrap();
    let without = text.replace("on_failure = \"carry_over\"\ncarry_over_max = 2\n", "");
    std::fs::write(folder.file(CONTRACT), without).unwrap();
    let ran = night(&lake, "2026-11-20", &["--project", &changed]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let states = [
        "gold.market_signals",
        "publish_snapshot",
        "gold.market_demand",
    ]
    .map(|job| state(&ran, job));
    assert_eq!(states, ["failed", "blocked", "skipped"]);
}

#[test]
fn a_contract_whose_gate_cannot_be_is_refused_with_the_mend() {
    let folder = refusing();
    let changed = folder.path().display().to_string();
    let check = || Ran::pipeline(&["--project", &changed, "contracts", "check"], &[]);
    let ran = check();
    assert!(ran.is_success(), "{}", ran.stderr);
    let text = std::fs::read_to_string(folder.file(CONTRACT)).unwrap();
    for (bad, said) in [
        (
            "check = \"drift\"\ncolumns = [\"nowhere\"]\nmax_psi = 0.2\naction = \"warn\"",
            "nowhere",
        ),
        (
            "check = \"null_share\"\nmax = 0.5\naction = \"quarantine\"",
            "only a [[rule]] can tell",
        ),
        (
            "check = \"drift\"\ncolumns = [\"region\"]\nmax_ks = 0.2\naction = \"warn\"",
            "a number",
        ),
        (
            "check = \"row_count\"\nmax_los = 0.5\naction = \"warn\"",
            "max_los",
        ),
    ] {
        std::fs::write(folder.file(CONTRACT), format!("{text}\n[[gate]]\n{bad}\n")).unwrap();
        let ran = check();
        assert_eq!(ran.code, Some(1), "{bad}");
        assert!(
            ran.stderr.contains(said) && ran.stderr.contains("market_signals"),
            "{}",
            ran.stderr
        );
    }
    let ran = Ran::pipeline(&["contracts", "render", "silver.bids"], &[]);
    assert!(
        ran.stdout.contains("| Gate |") && ran.stdout.contains("price_cents"),
        "{}",
        ran.stdout
    );
}
