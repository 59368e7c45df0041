//! `gold.bid_ranking`: bids as rankers see them.

use std::collections::BTreeMap;

use marketlounge_tests::Lake;
use serde_json::{Value, json};

use super::small::text;

/// Rows of one tenant.
fn rows<const N: usize>(tenant: &str, rows: [Value; N]) -> [Value; N] {
    rows.map(|mut row| {
        row["tenant"] = json!(tenant);
        row
    })
}

/// Providers A, B and C of `tenant_a`; A claimed the category before the auctions closed, B after, C without a date.
fn land_parties(lake: &Lake) {
    lake.land(
        "concepts/c",
        &[json!({ "concept_id": "tig", "label": "Soudage TIG" })],
    );
    for tenant in ["tenant_a", "tenant_b"] {
        let client = json!({ "client_id": "K", "name": "Client" });
        lake.land(&format!("clients/{tenant}"), &rows(tenant, [client]));
    }
    let companies = ["A", "B", "C"].map(|id| json!({ "company_id": id, "name": id }));
    lake.land("companies/c", &rows("tenant_a", companies.clone()));
    lake.land("companies/d", &rows("tenant_b", companies));
    let provider = |(id, region): (&str, Option<&str>)| json!({ "provider_id": id, "company_id": id, "name": id, "region": region, "rating": 4.5, "reviews": 8 });
    let providers = [
        ("A", Some("Bretagne")),
        ("B", Some("Normandie")),
        ("C", None),
    ];
    lake.land("providers/p", &rows("tenant_a", providers.map(provider)));
    lake.land("providers/q", &rows("tenant_b", providers.map(provider)));
    let claim = |(id, at): (&str, Option<&str>)| json!({ "company_id": id, "concept_id": "tig", "claimed_at": at });
    let claims = [
        ("A", Some("2026-11-01T00:00:00Z")),
        ("B", Some("2026-11-09T00:00:00Z")),
        ("C", None),
    ];
    lake.land("activations/a", &rows("tenant_a", claims.map(claim)));
}

/// Three auctions of `tenant_a` (the second is open) and one of `tenant_b`, whose bids are another's.
fn land_auctions(lake: &Lake) {
    let project = |(id, closed, status): (&str, Option<&str>, &str)| {
        json!({
            "project_id": id, "client_id": "K", "category": "tig", "title": id, "status": status, "region": "Bretagne",
            "budget_cents": 50_000, "deadline": "2026-11-18", "published_at": "2026-11-01T08:00:00Z", "closed_at": closed,
        })
    };
    let projects = [
        ("p1", Some("2026-11-08T12:00:00Z"), "awarded"),
        ("p2", None, "open"),
        ("p3", Some("2026-11-10T12:00:00Z"), "done"),
    ];
    lake.land("projects/p", &rows("tenant_a", projects.map(project)));
    let other = project(("p1", Some("2026-11-08T12:00:00Z"), "awarded"));
    lake.land("projects/q", &rows("tenant_b", [other]));
    let bid = |(project, provider, price, status, at): (&str, &str, i64, &str, &str)| {
        json!({
            "bid_id": format!("{project}-{provider}"), "project_id": project, "provider_id": provider,
            "price_cents": price, "delay_days": 9, "quality": 0.7, "status": status, "submitted_at": at,
        })
    };
    let bids = [
        ("p1", "A", 40_000, "won", "2026-11-05T12:00:00Z"),
        ("p1", "B", 20_000, "withdrawn", "2026-11-05T12:00:00Z"),
        ("p1", "C", 10_000, "lost", "2026-11-08T12:00:01Z"),
        // Sent while p1 was open: its win is not known yet.
        ("p2", "A", 30_000, "submitted", "2026-11-06T12:00:00Z"),
        ("p2", "B", 30_000, "submitted", "2026-11-07T12:00:00Z"),
        ("p2", "C", 60_000, "submitted", "2026-11-07T12:00:00Z"),
        ("p3", "A", 10_000, "lost", "2026-11-09T12:00:00Z"),
        ("p3", "B", 12_000, "won", "2026-11-09T12:00:00Z"),
    ];
    lake.land("bids/b", &rows("tenant_a", bids.map(bid)));
    let alien = ("p1", "A", 70_000, "won", "2026-11-02T12:00:00Z");
    lake.land("bids/c", &rows("tenant_b", [bid(alien)]));
}

fn built() -> BTreeMap<String, Value> {
    let lake = Lake::empty();
    land_parties(&lake);
    land_auctions(&lake);
    let ran = lake.nightly(&[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    let found = lake.query("SELECT * FROM gold.bid_ranking");
    assert_eq!(found.len(), 9);
    let id = |row: &Value| format!("{}/{}", text(row, "tenant"), text(row, "bid_id"));
    found.into_iter().map(|row| (id(&row), row)).collect()
}

#[test]
fn a_bid_is_told_as_it_was_known_when_bidding_closed() {
    let found = built();
    let told = |id: &str, columns: &[&str]| -> Vec<Value> {
        let row = &found[&format!("tenant_a/{id}")];
        columns.iter().map(|column| row[*column].clone()).collect()
    };
    let auction = ["price_rank", "price_over_median", "bids", "is_late"];
    // The withdrawn bid is a neighbour, the late one is none.
    let share = 40.0 / 30.0;
    assert_eq!(
        told("p1-A", &auction),
        [json!(2), json!(share), json!(2), json!(false)]
    );
    assert_eq!(
        told("p1-C", &auction),
        [Value::Null, Value::Null, json!(2), json!(true)]
    );
    assert_eq!(
        told("p2-B", &auction),
        [json!(1), json!(1.0), json!(3), json!(false)]
    );
    assert_eq!(
        told("p2-C", &auction),
        [json!(3), json!(2.0), json!(3), json!(false)]
    );
    let past = ["earlier_bids", "earlier_wins"];
    assert_eq!(told("p1-A", &past), [0, 0]);
    assert_eq!(told("p2-A", &past), [1, 0]);
    assert_eq!(told("p3-A", &past), [2, 1]);
    // A withdrawn bid was a bid; the win of p3 itself is none of its past.
    assert_eq!(told("p3-B", &past), [2, 0]);
    let claims = ["has_activation", "is_same_region"];
    assert_eq!(told("p1-A", &claims), [json!(true), json!(true)]);
    assert_eq!(told("p1-B", &claims), [json!(false), json!(false)]);
    assert_eq!(told("p3-B", &claims), [json!(true), json!(false)]);
    assert_eq!(told("p1-C", &claims), [json!(false), Value::Null]);
    let ended = ["deadline_days", "is_won", "is_withdrawn", "project_status"];
    assert_eq!(
        told("p1-A", &ended),
        [json!(10), json!(true), json!(false), json!("awarded")]
    );
    assert_eq!(
        told("p1-B", &ended),
        [json!(10), json!(false), json!(true), json!("awarded")]
    );
    // While it is open, the days count from the latest bid.
    assert_eq!(
        told("p2-A", &ended),
        [json!(11), json!(false), json!(false), json!("open")]
    );
}

#[test]
fn tenants_are_no_rivals() {
    let found = built();
    let row = &found["tenant_b/p1-A"];
    assert_eq!((&row["bids"], &row["price_rank"]), (&json!(1), &json!(1)));
    assert_eq!(
        (&row["earlier_bids"], &row["has_activation"]),
        (&json!(0), &json!(false))
    );
    assert_eq!(found["tenant_a/p3-A"]["earlier_bids"], 2);
}
