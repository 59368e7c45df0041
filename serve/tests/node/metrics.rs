//! `GET /admin/metrics`.

use serde_json::{Value, json};

use crate::harness::Harness;

/// Three weeks of `tenant_nord` with a quiet one between them, and one of another tenant.
const LINES: &str = r#"{"tenant":"tenant_autre","week":"2026-11-16","requests":77,"projects_published":5}
{"tenant":"tenant_nord","week":"2026-10-26","requests":3,"projects_published":1,"payments_cents":0}
{"tenant":"tenant_nord","week":"2026-11-02","requests":5,"click_through_thousandths":200,"payments_cents":15001}
{"tenant":"tenant_nord","week":"2026-11-16","requests":9,"click_through_thousandths":333,"ndcg_5_thousandths":452,"of_tomorrow":1}
"#;

async fn serving() -> Harness {
    let harness = Harness::new();
    let pointer = harness.publish_kpis('a', LINES).await;
    harness.announce("CURRENT", &pointer);
    assert_eq!(harness.current.refresh().await, serve::Refresh::Swapped);
    harness
}

fn weeks(body: &Value) -> Vec<&str> {
    let weeks = body["weeks"].as_array().unwrap().iter();
    weeks.map(|week| week["week"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn weeks_are_shown_newest_first_the_quiet_ones_too() {
    let harness = serving().await;
    let reply = harness.get("/admin/metrics?tenant=tenant_nord").await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let body = &reply.body;
    assert_eq!(
        weeks(body),
        ["2026-11-16", "2026-11-09", "2026-11-02", "2026-10-26"]
    );
    assert_eq!(body["snapshot_id"], "a".repeat(32));
    assert_eq!(body["request_id"], *reply.headers["x-request-id"]);
    assert_eq!(
        (&body["tenant"], &body["from"], &body["to"]),
        (
            &json!("tenant_nord"),
            &json!("2026-10-26"),
            &json!("2026-11-16")
        )
    );
    let [newest, quiet, ..] = &body["weeks"].as_array().unwrap()[..] else {
        panic!("{body}")
    };
    assert_eq!(newest["requests"], 9);
    assert_eq!(newest["click_through_thousandths"], 333);
    assert_eq!(newest["satisfaction_thousandths"], Value::Null);
    assert_eq!(newest.get("of_tomorrow"), None);
    assert_eq!(
        (&quiet["requests"], &quiet["payments_cents"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(quiet["abuse_flags"], 0);
    assert_eq!(quiet["click_through_thousandths"], Value::Null);
}

#[actix_web::test]
async fn every_figure_has_a_legend_in_french_and_in_english() {
    let harness = serving().await;
    for (lang, unit) in [("fr", "centimes d'euro"), ("en", "euro cents")] {
        let uri = format!("/admin/metrics?tenant=tenant_nord&lang={lang}");
        let body = harness.get(&uri).await.body;
        let legend = body["legend"].as_object().unwrap();
        assert_eq!(legend["payments_cents"]["unit"], unit);
        let meaning = |entry: &Value| entry["meaning"].as_str().is_some_and(|m| m.len() > 10);
        assert!(legend.values().all(meaning), "{body}");
        for week in body["weeks"].as_array().unwrap() {
            let figures = week.as_object().unwrap().keys();
            let mut named: Vec<_> = figures.filter(|key| *key != "week").collect();
            let mut told: Vec<_> = legend.keys().collect();
            named.sort();
            told.sort();
            assert_eq!(named, told);
        }
    }
}

#[actix_web::test]
async fn a_window_is_asked_for_by_its_first_week_and_its_length() {
    let harness = serving().await;
    for (query, expected) in [
        ("weeks=1", &["2026-11-16"][..]),
        ("weeks=2", &["2026-11-16", "2026-11-09"]),
        (
            "from=2026-11-08",
            &["2026-11-16", "2026-11-09", "2026-11-02"],
        ),
        ("from=2026-11-02&weeks=1", &["2026-11-02"]),
        ("from=2020-01-01&weeks=1", &["2026-10-26"]),
        ("from=2026-11-23", &[]),
    ] {
        let uri = format!("/admin/metrics?tenant=tenant_nord&{query}");
        let reply = harness.get(&uri).await;
        assert_eq!(reply.status, 200, "{query}: {}", reply.body);
        assert_eq!(weeks(&reply.body), expected, "{query}");
    }
}

#[actix_web::test]
async fn a_tenant_sees_its_own_weeks_and_no_others() {
    let harness = serving().await;
    let other = harness.get("/admin/metrics?tenant=tenant_autre").await.body;
    assert_eq!(weeks(&other), ["2026-11-16"]);
    assert_eq!(other["weeks"][0]["requests"], 77);
    for tenant in ["tenant_public", "tenant_nobody"] {
        let uri = format!("/admin/metrics?tenant={tenant}");
        let body = harness.get(&uri).await.body;
        assert_eq!(
            (weeks(&body).len(), &body["from"]),
            (0, &Value::Null),
            "{body}"
        );
    }
}

#[actix_web::test]
async fn what_is_bad_is_named() {
    let harness = serving().await;
    for (query, name) in [
        ("", "tenant"),
        ("tenant=nord", "tenant"),
        ("tenant=tenant_nord&weeks=0", "weeks"),
        ("tenant=tenant_nord&weeks=105", "weeks"),
        ("tenant=tenant_nord&weeks=-1", "weeks"),
        ("tenant=tenant_nord&weeks=x", "weeks"),
        ("tenant=tenant_nord&from=hier", "from"),
        ("tenant=tenant_nord&from=2026-11", "from"),
        ("tenant=tenant_nord&lang=de", "lang"),
        ("tenant=tenant_nord&limit=3", "limit"),
    ] {
        let reply = harness.get(&format!("/admin/metrics?{query}")).await;
        assert_eq!(reply.status, 422, "{query}: {}", reply.body);
        assert_eq!(reply.body["field"], name, "{query}: {}", reply.body);
    }
    assert_eq!(harness.post("/admin/metrics", "{}").await.status, 405);
}

#[actix_web::test]
async fn a_snapshot_without_kpis_says_so() {
    let harness = Harness::serving().await;
    let reply = harness.get("/admin/metrics?tenant=tenant_nord").await;
    assert_eq!(reply.status, 503);
    assert_eq!(reply.body["code"], "no_section");
}
