//! What a node tells of abuse.

use std::collections::{BTreeMap, BTreeSet};

use demo::Truth;
use marketlounge_tests::{Answer, Lake, Node, truths};
use serde_json::{Value, json};

use super::{Planted, TENANT};

fn abuse(node: &Node, entity: &str, id: &str, more: &str) -> Answer {
    node.get(&format!("/api/abuse/{entity}/{id}?tenant={TENANT}{more}"))
}

/// The score is what its sources come to.
fn check_case(body: &Value) {
    let sources = body["sources"].as_array().unwrap().iter();
    let doubt: f64 = sources
        .map(|one| 1.0 - one["chance"].as_f64().unwrap())
        .product();
    assert!(
        (body["score"].as_f64().unwrap() - (1.0 - doubt)).abs() < 1e-12,
        "{body}"
    );
}

#[test]
fn a_flag_is_told_with_its_evidence_in_french_and_in_english() {
    let lake = Lake::published();
    let node = Node::ready(&lake);
    let planted = Planted::of(&lake);
    let dumper = planted.dumpers.first().unwrap();
    let body = abuse(&node, "provider", dumper, "").body;
    assert_eq!(
        (&body["level"], &body["family"]),
        (&json!("flag"), &json!("dumping")),
        "{body}"
    );
    assert_eq!(body["snapshot_id"].as_str(), lake.announced().as_deref());
    check_case(&body);
    let signals = body["signals"].as_array().unwrap();
    let raised: Vec<&Value> = signals
        .iter()
        .filter(|one| one["is_raised"] == true)
        .collect();
    assert!(
        raised.iter().any(|one| one["sign"] == "below_others"),
        "{body}"
    );
    for signal in raised {
        assert!(
            !signal["evidence"].as_array().unwrap().is_empty(),
            "{signal}"
        );
        assert!(signal["support"].as_i64().unwrap() >= 3, "{signal}");
        for shown in signal["evidence"].as_array().unwrap() {
            let (kind, id) = (
                shown["kind"].as_str().unwrap(),
                shown["id"].as_str().unwrap(),
            );
            assert_eq!(abuse(&node, kind, id, "").status, 200, "{shown}");
        }
    }
    let said =
        |language: &str| abuse(&node, "provider", dumper, language).body["reasons"][0].clone();
    assert!(
        said("").as_str().unwrap().contains("prix anormalement bas"),
        "{body}"
    );
    assert!(
        said("&lang=en")
            .as_str()
            .unwrap()
            .contains("abnormally low prices")
    );

    let spam = planted.spam.first().unwrap();
    let body = abuse(&node, "provider", spam, "").body;
    assert_eq!(
        (&body["level"], &body["family"]),
        (&json!("flag"), &json!("spam")),
        "{body}"
    );
    check_case(&body);
    assert!(body["sources"].as_array().unwrap().len() >= 2, "{body}");

    let honest = lake.query(&format!(
        "SELECT provider_id FROM silver.providers p WHERE tenant = '{TENANT}' AND NOT EXISTS (
           SELECT 1 FROM gold.abuse_cases c
           WHERE c.tenant = p.tenant AND c.entity_kind = 'provider' AND c.entity_id = p.provider_id)
         ORDER BY provider_id LIMIT 1"
    ));
    let honest = honest[0]["provider_id"].as_str().unwrap();
    let body = abuse(&node, "provider", honest, "").body;
    assert_eq!(
        (&body["level"], &body["score"]),
        (&json!("none"), &json!(0.0)),
        "{body}"
    );
    assert_eq!(body["reasons"], json!(["Aucun signe d'abus."]));
}

#[test]
fn a_rings_auction_shows_the_flag_and_the_ring_is_told_with_nodes_and_edges() {
    let lake = Lake::published();
    let node = Node::ready(&lake);
    for truth in truths(&lake) {
        let Truth::CoverRing {
            providers,
            projects,
            winner,
            ..
        } = truth
        else {
            continue;
        };
        let body = node
            .get(&format!(
                "/api/projects/{}/bids?tenant={TENANT}&weights=risk:1",
                projects[0]
            ))
            .body;
        let mut of_ring = 0;
        for bid in body["bids"].as_array().unwrap() {
            let is_member = providers
                .iter()
                .any(|one| bid["provider_id"] == one.as_str());
            let flags = bid["abuse"]["flags"].as_array().unwrap();
            let tells = flags.iter().any(|flag| flag["kind"] == "collusion");
            assert!(tells || !is_member, "{bid}");
            let value = bid["breakdown"][0]["value"].as_f64().unwrap();
            assert!(!is_member || value <= 0.5, "a flag is a risk: {bid}");
            of_ring += usize::from(is_member);
        }
        assert!(of_ring >= 3, "{body}");
        let body = abuse(&node, "provider", &winner, "").body;
        let ring = body["ring_id"].as_str().unwrap_or_else(|| panic!("{body}"));
        let body = node
            .get(&format!("/api/abuse/rings/{ring}?tenant={TENANT}"))
            .body;
        assert_eq!(body["kind"], "cover", "{body}");
        let nodes = body["nodes"].as_array().unwrap();
        let members: BTreeSet<&str> = nodes
            .iter()
            .map(|one| one["provider_id"].as_str().unwrap())
            .collect();
        assert_eq!(members, providers.iter().map(String::as_str).collect());
        let wins: BTreeMap<&str, i64> = nodes
            .iter()
            .map(|one| {
                (
                    one["provider_id"].as_str().unwrap(),
                    one["wins"].as_i64().unwrap(),
                )
            })
            .collect();
        assert!(wins[winner.as_str()] >= 10, "{wins:?}");
        assert!(body["edges"].as_array().unwrap().len() >= 3, "{body}");
        assert!(
            body["summary"].as_str().unwrap().contains("un seul gagne"),
            "{body}"
        );
        check_case(&body);
    }
}

#[test]
fn what_is_unknown_malformed_or_anothers_is_refused_alike() {
    let lake = Lake::published();
    let node = Node::ready(&lake);
    let other = lake.query(
        "SELECT provider_id FROM silver.providers WHERE tenant = 'tenant_nord' ORDER BY 1 LIMIT 1",
    );
    let other = other[0]["provider_id"].as_str().unwrap();
    let stripped = |mut answer: Answer, id: &str| {
        let body = answer.body.as_object_mut().unwrap();
        body.remove("request_id");
        body.remove("instance");
        (answer.status, answer.body.to_string().replace(id, "ID"))
    };
    let unknown = stripped(abuse(&node, "provider", "PRE-999999", ""), "PRE-999999");
    assert_eq!(unknown.0, 404);
    assert_eq!(
        stripped(abuse(&node, "provider", other, ""), other),
        unknown
    );
    for (entity, id, field) in [
        ("provider", "a%20b", "id"),
        ("provider", "%C3%A9", "id"),
        ("provider", "a%3Cscript%3E", "id"),
        ("provider", &"x".repeat(129), "id"),
        ("firm", "PRE-000001", "entity"),
        ("ring", "RNG-0", "entity"),
        ("rings", "a%20b", "id"),
    ] {
        let answer = abuse(&node, entity, id, "");
        assert_eq!(
            (answer.status, &answer.body["field"]),
            (422, &json!(field)),
            "{entity} {id}"
        );
    }
    assert_eq!(abuse(&node, "rings", "RNG-0123456789", "").status, 404);
}
