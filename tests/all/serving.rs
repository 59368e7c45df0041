//! What applications see.

use marketlounge_tests::{Lake, Node};
use serde_json::{Value, json};

#[test]
fn a_match_answers_in_french_with_reasons_and_is_logged_for_the_next_run() {
    let lake = Lake::with_demo(1);
    assert!(lake.nightly(&[]).is_success());
    let node = Node::ready(&lake);
    let question = json!({ "query": "usinage de précision 5 axes", "tenant": "tenant_demo" });
    let answer = node.post("/api/match", &question);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(Some(answer.snapshot), lake.announced());
    let shortlist = answer.body["shortlist"].as_array().unwrap();
    assert!(!shortlist.is_empty());
    for company in shortlist {
        assert!(
            company["company_id"].is_string() && company["name"].is_string(),
            "{company}"
        );
        assert!(
            !company["reasons"].as_array().unwrap().is_empty(),
            "{company}"
        );
        let sum: f64 = company["contributions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| c["value"].as_f64().unwrap())
            .sum();
        assert!(
            (sum - company["score"].as_f64().unwrap()).abs() < 1e-6,
            "{company}"
        );
    }
    let request_id = answer.body["request_id"].as_str().unwrap().to_owned();
    node.stop();
    assert!(lake.nightly(&[]).is_success());
    let rows = lake.query(&format!(
        "SELECT text, tenant FROM silver.queries WHERE request_id = '{request_id}'"
    ));
    assert_eq!(
        rows,
        [json!({ "text": "usinage de précision 5 axes", "tenant": "tenant_demo" })]
    );
}

#[test]
fn a_lexical_snapshot_says_so_and_refuses_vectors_clearly() {
    let lake = Lake::published();
    let node = Node::ready(&lake);
    let answer = node.post(
        "/api/match",
        &json!({ "query": "soudure TIG", "tenant": "tenant_demo" }),
    );
    assert_eq!(answer.body["mode"], "lexical_only", "{}", answer.body);
    let refused = node.post("/match", &json!({ "cv_embedding": [0.1, 0.2] }));
    assert!(
        refused.status == 503 || refused.status == 422,
        "{}",
        refused.status
    );
    assert!(refused.body["code"].is_string(), "{}", refused.body);
}

#[test]
fn offers_have_the_shape_of_france_travail() {
    let lake = Lake::published();
    let node = Node::ready(&lake);
    let ids = lake.query(
        "SELECT offer_id FROM gold.offers WHERE tenant = 'tenant_public' ORDER BY offer_id LIMIT 2",
    );
    let ids: Vec<_> = ids
        .iter()
        .map(|row| row["offer_id"].as_str().unwrap())
        .collect();
    let answer = node.get(&format!("/offers?ids={},{}", ids[1], ids[0]));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let offers = answer.body.as_array().unwrap();
    assert_eq!(offers.len(), 2);
    assert_eq!(offers[0]["id"], ids[1]);
    for offer in offers {
        for field in [
            "id",
            "intitule",
            "description",
            "entreprise",
            "lieu",
            "typeContrat",
            "competences",
        ] {
            assert!(!offer[field].is_null(), "{field} of {offer}");
        }
        for skill in offer["competences"].as_array().unwrap() {
            assert!(
                skill["libelle"].is_string() && skill["exigence"].is_string(),
                "{skill}"
            );
        }
    }
}

#[test]
fn a_node_without_a_snapshot_is_live_and_not_ready() {
    let lake = Lake::empty();
    let node = Node::start(&lake);
    assert_eq!(node.get("/livez").status, 200);
    assert_eq!(node.get("/readyz").status, 503);
    let answer = node.post(
        "/api/match",
        &json!({ "query": "x", "tenant": "tenant_demo" }),
    );
    assert_eq!(answer.status, 503);
}

#[test]
fn bad_requests_name_the_field() {
    let lake = Lake::published();
    let node = Node::ready(&lake);
    let cases: [(Value, &str); 4] = [
        (json!({ "tenant": "tenant_demo" }), "query"),
        (json!({ "query": "x", "tenant": "nobody" }), "tenant"),
        (
            json!({ "query": "x", "tenant": "tenant_demo", "limit": 0 }),
            "limit",
        ),
        (json!({ "query": 7, "tenant": "tenant_demo" }), "query"),
    ];
    for (body, field) in cases {
        let answer = node.post("/api/match", &body);
        assert!(
            (400..500).contains(&answer.status),
            "{body}: {}",
            answer.status
        );
        assert!(
            answer.body.to_string().contains(field),
            "{body}: {}",
            answer.body
        );
    }
}
