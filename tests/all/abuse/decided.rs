//! What people decide of cases, and what becomes of it.

use std::collections::BTreeMap;

use marketlounge_tests::Lake;
use serde_json::{Value, json};

use super::{Planted, TENANT, case_of, cases, good_cases, good_night, texts};

#[test]
fn a_cleared_case_stays_quiet_until_there_is_news_and_decisions_move_what_signs_weigh() {
    let lake = Lake::with_demo(1);
    good_night(&lake, 20);
    let planted = Planted::of(&lake);
    let dumper = planted.dumpers.first().unwrap().as_str();
    let spam: Vec<&String> = planted.spam.iter().collect();
    let before = case_of(&lake, "provider", dumper).unwrap();
    assert_eq!(before["level"], "flag");
    let weighed = case_of(&lake, "provider", spam[4]).unwrap();

    let entity = format!("provider:{dumper}");
    let decided = good_cases(
        &lake,
        &[
            "clear",
            &entity,
            "--by",
            "M. Test",
            "--note",
            "stock à écouler",
        ],
    );
    assert_eq!(decided[0]["verdict"], "cleared");
    for account in &spam[..4] {
        let id = case_of(&lake, "provider", account).unwrap();
        good_cases(&lake, &["confirm", id["case_id"].as_str().unwrap()]);
    }
    good_night(&lake, 21);
    let cleared = case_of(&lake, "provider", dumper).unwrap();
    assert_eq!(
        (&cleared["level"], &cleared["is_flagged"]),
        (&json!("cleared"), &json!(false))
    );
    assert_eq!(
        (&cleared["verdict"], &cleared["news"]),
        (&json!("cleared"), &json!(0))
    );
    assert_eq!(
        case_of(&lake, "provider", spam[0]).unwrap()["level"],
        "confirmed"
    );
    let after = case_of(&lake, "provider", spam[4]).unwrap();
    assert!(
        after["score"].as_f64() > weighed["score"].as_f64(),
        "what was confirmed of others makes the same signs count for more: {weighed} {after}"
    );
    let learnt = lake.query("SELECT * FROM gold.case_models WHERE subject = 'shared_identifiers'");
    assert_eq!(
        (&learnt[0]["confirmed"], &learnt[0]["cleared"]),
        (&json!(4), &json!(0))
    );
    assert!(learnt[0]["precision"].as_f64() > learnt[0]["prior"].as_f64());

    // Four more auctions of the same sort are news.
    let low = lake.query(&format!(
        "SELECT b.* FROM silver.bids b INNER JOIN silver.projects p
           ON p.tenant = b.tenant AND p.project_id = b.project_id
         WHERE b.tenant = '{TENANT}' AND b.status = 'lost' AND NOT EXISTS (
           SELECT 1 FROM silver.bids own WHERE own.tenant = b.tenant
             AND own.project_id = b.project_id AND own.provider_id = '{dumper}')
           AND p.project_id > 'PRJ-0000100'
         ORDER BY b.project_id, b.bid_id"
    ));
    let mut rows: BTreeMap<String, Value> = BTreeMap::new();
    for mut bid in low {
        let project = bid["project_id"].as_str().unwrap().to_owned();
        bid["bid_id"] = json!(format!("OFF-BIS-{}", rows.len()));
        bid["provider_id"] = json!(dumper);
        bid["price_cents"] = json!(bid["price_cents"].as_i64().unwrap() * 35 / 100);
        if rows.len() < 8 {
            rows.entry(project).or_insert(bid);
        }
    }
    let rows: Vec<Value> = rows.into_values().collect();
    assert_eq!(rows.len(), 8);
    lake.land("bids/encore", &rows);
    good_night(&lake, 22);
    let again = case_of(&lake, "provider", dumper).unwrap();
    assert_eq!(again["level"], "flag", "{again}");
    assert!(again["news"].as_i64().unwrap() >= 3, "{again}");
}

#[test]
fn a_case_is_shown_with_its_ring_drawn_and_a_bad_name_is_explained() {
    let lake = Lake::published();
    let rings = good_cases(&lake, &["list", "--kind", "ring"]);
    let ring = rings[0]["case_id"].as_str().unwrap();
    let file = tempfile::tempdir().unwrap();
    let picture = file.path().join("ring.svg");
    let shown = good_cases(
        &lake,
        &["show", ring, "--picture", &picture.display().to_string()],
    );
    assert_eq!(shown[0]["case"]["case_id"], ring);
    let members = texts(&shown[0]["ring"]["provider_ids"]);
    let svg = std::fs::read_to_string(&picture).unwrap();
    assert!(svg.starts_with("<svg") && members.iter().all(|member| svg.contains(member)));
    for (arguments, told) in [
        (
            vec!["show", "provider:PRE-999999"],
            "pipeline cases list --all",
        ),
        (vec!["clear", "no-such-case"], "pipeline cases list --all"),
    ] {
        let ran = cases(&lake, &arguments);
        assert!(
            !ran.is_success() && ran.stderr.contains(told),
            "{}",
            ran.stderr
        );
    }
    let dumping = good_cases(
        &lake,
        &["list", "--family", "dumping", "--kind", "provider"],
    );
    let id = dumping[0]["case_id"].as_str().unwrap();
    let ran = cases(&lake, &["show", id, "--picture", "/dev/null"]);
    assert!(
        !ran.is_success() && ran.stderr.contains("is of no ring"),
        "{}",
        ran.stderr
    );
}
