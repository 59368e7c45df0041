//! What nodes count lands, and the next night makes the bill of it.

use marketlounge_tests::{Lake, Node};
use serde_json::json;

use super::{Ask, Party};

#[test]
fn the_next_night_bills_what_was_asked_and_keeps_who_administered() {
    let (lake, keys) = (Lake::with_demo(1), Lake::empty());
    assert!(lake.nightly(&[]).is_success());
    let [demo, nord] = super::parties(&lake, &keys);
    let node = super::node(&lake, &keys);
    let ask = |party: &Party, node: &Node, path: &str, body: Option<serde_json::Value>| {
        let (path, named) = (path.to_owned(), None);
        party.ask(node, &Ask { path, body, named }, None).status
    };
    for _ in 0..3 {
        let body = json!({"query": "usinage"});
        assert_eq!(ask(&demo, &node, "/api/match", Some(body)), 200);
    }
    assert_eq!(ask(&demo, &node, "/api/match", Some(json!({}))), 422);
    assert_eq!(
        ask(&demo, &node, "/offers?ids=x&tenant=tenant_nord", None),
        403
    );
    assert_eq!(ask(&nord, &node, "/api/autocomplete?q=usin", None), 200);
    assert_eq!(ask(&nord, &node, "/admin/metrics", None), 200);
    node.stop();
    let ran = lake.nightly(&[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    let billed = lake.query(
        "SELECT tenant, key_id, endpoint, requests, errors, cost, bytes > 100 AS has_bytes \
         FROM gold.api_usage ORDER BY tenant, endpoint",
    );
    let row = |party: &Party, endpoint: &str, counts: [u64; 3], has_bytes: bool| {
        let [requests, errors, cost] = counts;
        json!({
            "tenant": party.things.tenant, "key_id": party.key[3..15], "endpoint": endpoint,
            "requests": requests, "errors": errors, "cost": cost, "has_bytes": has_bytes,
        })
    };
    assert_eq!(
        billed,
        [
            row(&demo, "GET /offers", [1, 1, 1], false),
            row(&demo, "POST /api/match", [4, 1, 40], true),
            row(&nord, "GET /admin/metrics", [1, 0, 1], true),
            row(&nord, "GET /api/autocomplete", [1, 0, 1], true),
        ]
    );
    let audited =
        lake.query("SELECT tenant, key_id, endpoint, address, status FROM silver.admin_calls");
    let call = json!({
        "tenant": "tenant_nord", "key_id": nord.key[3..15], "endpoint": "GET /admin/metrics",
        "address": "/admin/metrics", "status": 200,
    });
    assert_eq!(audited, [call]);
}
