//! Concepts, the glossary and market signals, against the tables they come from.

use marketlounge_tests::{Lake, Node};
use serde_json::{Value, json};

use crate::suggestions::encoded;

const SEEN: &str = "tenant IN ('tenant_demo', 'tenant_public')";

fn market() -> (std::sync::Arc<Lake>, Node) {
    let lake = Lake::published();
    let node = Node::ready(&lake);
    (lake, node)
}

fn get(node: &Node, path: &str) -> Value {
    let answer = node.get(path);
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    assert_eq!(
        answer.body["snapshot_id"].as_str().unwrap(),
        answer.snapshot
    );
    answer.body
}

fn number(lake: &Lake, sql: &str) -> u64 {
    lake.query(sql)[0]["n"].as_u64().unwrap_or(0)
}

#[test]
fn a_concept_says_what_it_is_who_can_and_what_is_near() {
    let (lake, node) = market();
    let concepts = lake.query("SELECT concept_id, label, synonyms, definition, path FROM gold.concepts ORDER BY concept_id");
    for concept in concepts.iter().step_by(17) {
        let id = concept["concept_id"].as_str().unwrap();
        let shown = get(
            &node,
            &format!("/api/concepts/{}?tenant=tenant_demo", encoded(id)),
        );
        for field in ["label", "synonyms", "definition", "path"] {
            assert_eq!(shown[field], concept[field], "{field} of {id}");
        }
        let companies = number(
            &lake,
            &format!(
                "SELECT count(*) AS n FROM gold.company_concepts WHERE concept_id = '{id}' AND {SEEN}"
            ),
        );
        assert_eq!(shown["companies"], companies, "{id}");
        let nearby = shown["nearby"].as_array().unwrap();
        assert!(!nearby.is_empty() && nearby.len() <= 10, "{shown}");
        assert!(
            nearby
                .iter()
                .all(|near| near["id"] != id && near["label"].is_string())
        );
    }
    let id = concepts[0]["concept_id"].as_str().unwrap();
    let all = get(
        &node,
        &format!("/api/concepts/{}?tenant=tenant_demo", encoded(id)),
    );
    let public = get(&node, &format!("/api/concepts/{}", encoded(id)));
    assert!(public["companies"].as_u64() <= all["companies"].as_u64());
}

#[test]
fn the_glossary_is_walked_by_labels_or_ids() {
    let (lake, node) = market();
    let root = get(&node, "/api/glossary?tenant=tenant_demo");
    assert_eq!(root["node"], Value::Null);
    assert_eq!(
        root["companies"],
        number(
            &lake,
            &format!("SELECT count(*) AS n FROM silver.companies WHERE {SEEN}")
        )
    );
    let trades = number(
        &lake,
        "SELECT count(*) AS n FROM gold.glossary WHERE level = 1",
    );
    assert_eq!(root["children"].as_array().unwrap().len() as u64, trades);
    let nodes =
        lake.query("SELECT node_id, path, path_ids, concepts FROM gold.glossary ORDER BY node_id");
    for known in nodes.iter().step_by(5) {
        for column in ["path", "path_ids"] {
            let names: Vec<_> = known[column]
                .as_array()
                .unwrap()
                .iter()
                .map(|name| encoded(name.as_str().unwrap()))
                .collect();
            let shown = get(
                &node,
                &format!("/api/glossary/{}?tenant=tenant_demo", names.join("/")),
            );
            assert_eq!(shown["node"]["id"], known["node_id"], "{names:?}");
            assert_eq!(shown["node"]["concepts"], known["concepts"], "{names:?}");
            let id = known["node_id"].as_str().unwrap();
            let companies = number(
                &lake,
                &format!(
                    "SELECT count(DISTINCT concat(c.tenant, c.company_id)) AS n FROM gold.company_concepts AS c \
                 JOIN gold.concepts AS k ON k.concept_id = c.concept_id \
                 WHERE array_has(k.path_ids, '{id}') AND c.{SEEN}"
                ),
            );
            assert_eq!(shown["companies"], companies, "{id}");
            assert_eq!(shown["companies"], shown["node"]["companies"]);
            let own = number(
                &lake,
                &format!("SELECT count(*) AS n FROM gold.concepts WHERE node_id = '{id}'"),
            );
            assert_eq!(
                shown["concepts"].as_array().unwrap().len() as u64,
                own,
                "{id}"
            );
            let below = number(
                &lake,
                &format!("SELECT count(*) AS n FROM gold.glossary WHERE parent_id = '{id}'"),
            );
            assert_eq!(
                shown["children"].as_array().unwrap().len() as u64,
                below,
                "{id}"
            );
        }
    }
}

#[test]
fn market_signals_are_what_the_log_and_the_companies_say() {
    let (lake, node) = market();
    let market = get(&node, "/api/market/signals?tenant=tenant_demo&limit=5");
    let signals = market["signals"].as_array().unwrap();
    assert_eq!(signals.len(), 5);
    let total = |signal: &Value| -> u64 {
        signal["months"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| m["volume"].as_u64().unwrap())
            .sum()
    };
    assert!(signals.is_sorted_by_key(|signal| std::cmp::Reverse(total(signal))));
    for signal in signals {
        let id = signal["concept"]["id"].as_str().unwrap();
        let one = get(
            &node,
            &format!(
                "/api/market/signals?tenant=tenant_demo&concept={}",
                encoded(id)
            ),
        );
        assert_eq!(&one["signals"][0], signal);
        let asked = number(
            &lake,
            &format!(
                "SELECT count(*) AS n FROM silver.queries WHERE endpoint = '/api/match' AND array_has(matched_concepts, '{id}') AND {SEEN}"
            ),
        );
        assert_eq!(total(signal), asked, "{id}");
        let companies = signal["companies"].as_u64().unwrap();
        let rarity = signal["rarity"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&rarity));
        let mut before: Option<u64> = None;
        for month in signal["months"].as_array().unwrap() {
            let volume = month["volume"].as_u64().unwrap();
            let tension = (companies > 0).then(|| volume as f64 / companies as f64);
            assert_eq!(month["tension"].as_f64(), tension);
            if let Some(before) = before {
                let trend = (before > 0).then(|| volume as f64 / before as f64 - 1.0);
                assert_eq!(month["trend"].as_f64(), trend);
            }
            before = Some(volume);
        }
    }
    let id = signals[0]["concept"]["id"].as_str().unwrap();
    let region = "Bretagne";
    let some = get(
        &node,
        &format!(
            "/api/market/signals?tenant=tenant_demo&concept={}&region=bretagne&from=2026-10-15&lang=en",
            encoded(id)
        ),
    );
    assert_eq!(
        (&some["region"], &some["from"]),
        (&json!(region), &json!("2026-10"))
    );
    assert_eq!(some["legend"]["trend"]["unit"], "share");
    let asked = number(
        &lake,
        &format!(
            "SELECT count(*) AS n FROM silver.queries WHERE endpoint = '/api/match' AND region = '{region}' \
         AND asked_at >= '2026-10-01' AND array_has(matched_concepts, '{id}') AND {SEEN}"
        ),
    );
    assert_eq!(total(&some["signals"][0]), asked);
}

#[test]
fn what_is_unknown_is_not_found_and_what_is_bad_is_named() {
    let (_lake, node) = market();
    for path in [
        "/api/concepts/nope",
        "/api/glossary/nope/nope",
        "/api/market/signals?concept=nope",
    ] {
        let answer = node.get(path);
        assert_eq!(
            (answer.status, answer.body["code"].as_str()),
            (404, Some("not_found")),
            "{path}"
        );
        assert!(
            answer.body["detail"].as_str().unwrap().contains("nope"),
            "{}",
            answer.body
        );
    }
    let english = node.get("/api/concepts/nope?lang=en");
    assert!(
        english.body["detail"]
            .as_str()
            .unwrap()
            .contains("has no concept"),
        "{}",
        english.body
    );
    for (path, field) in [
        ("/api/market/signals?region=Mars", "region"),
        ("/api/market/signals?from=hier", "from"),
        ("/api/market/signals?limit=0", "limit"),
        ("/api/concepts/x?tenant=x", "tenant"),
        ("/api/glossary?depth=2", "depth"),
    ] {
        let answer = node.get(path);
        assert_eq!(
            (answer.status, answer.body["field"].as_str()),
            (422, Some(field)),
            "{path}: {}",
            answer.body
        );
    }
}
