//! What deals should cost and how likely they are, asked as clients ask.

use marketlounge_tests::{Answer, Lake, Node, truths};
use serde_json::{Value, json};

const TENANT: &str = "tenant_demo";

/// What the demo market planted of a kind.
fn planted(lake: &Lake, kind: &str) -> Value {
    let all = truths(lake).into_iter();
    let found = all
        .map(|truth| json!(truth))
        .find(|truth| truth["kind"] == kind);
    found.unwrap_or_else(|| panic!("no {kind} is planted"))
}

fn post(node: &Node, path: &str, mut body: Value) -> Answer {
    body["tenant"] = json!(TENANT);
    node.post(path, &body)
}

/// Every sum of an answer adds up, and it names its model and snapshot.
fn check_price(price: &Value) {
    let parts = price["contributions"].as_array().unwrap().iter();
    let sum: i64 = parts.map(|part| part["cents"].as_i64().unwrap()).sum();
    assert_eq!(
        price["base_cents"].as_i64().unwrap() + sum,
        price["p50_cents"].as_i64().unwrap(),
        "{price}"
    );
    assert_eq!(price["model_version"].as_str().unwrap().len(), 16);
    let level = |name: &str| price[name].as_i64().unwrap();
    assert!(
        level("p10_cents") <= level("p50_cents") && level("p50_cents") <= level("p90_cents"),
        "{price}"
    );
}

fn check_likelihood(said: &Value) -> f64 {
    let parts = said["contributions"].as_array().unwrap().iter();
    let sum: f64 = parts.map(|part| part["value"].as_f64().unwrap()).sum();
    let probability = said["probability"].as_f64().unwrap();
    assert!(
        (said["base"].as_f64().unwrap() + sum - probability).abs() < 1e-9,
        "{said}"
    );
    assert_eq!(said["model_version"].as_str().unwrap().len(), 16);
    probability
}

fn sentences(of: &Value) -> String {
    let all: Vec<&str> = of
        .as_array()
        .unwrap()
        .iter()
        .map(|said| said.as_str().unwrap())
        .collect();
    all.join(" ")
}

#[test]
fn a_painting_project_with_too_low_a_budget_has_a_low_likelihood_and_says_why() {
    let lake = Lake::published();
    let node = Node::ready(&lake);
    let project = planted(&lake, "open_underpriced_project");
    let id = project["project"].as_str().unwrap();
    let answer = node.get(&format!("/api/projects/{id}/loc?tenant={TENANT}"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(
        answer.body["snapshot_id"].as_str(),
        lake.announced().as_deref()
    );
    let likely = check_likelihood(&answer.body["likelihood"]);
    check_price(&answer.body["price"]);
    let base = answer.body["likelihood"]["base"].as_f64().unwrap();
    assert!(likely < 0.5 && likely < base - 0.2, "{likely} of {base}");
    let reasons = sentences(&answer.body["reasons"]);
    assert!(
        reasons.contains("Le budget face au prix de référence") && reasons.contains("fait perdre"),
        "{reasons}"
    );
    // The reference price is that of the market, not that of the client.
    let fair = project["fair_price_cents"].as_f64().unwrap();
    let reference = answer.body["price"]["p50_cents"].as_f64().unwrap();
    assert!(
        (reference / fair).ln().abs() < 0.7,
        "{reference} for {fair}"
    );
    // Another tenant has no such project.
    let other = node.get(&format!("/api/projects/{id}/loc?tenant=tenant_nord"));
    assert_eq!(
        (other.status, other.body["field"].as_str()),
        (404, Some("project_id")),
        "{}",
        other.body
    );
    let english = node.get(&format!("/api/projects/{id}/loc?tenant={TENANT}&lang=en"));
    assert!(sentences(&english.body["reasons"]).contains("Likelihood of completion"));
}

#[test]
fn what_if_is_monotone_in_price_and_reaches_what_it_says() {
    let lake = Lake::published();
    let node = Node::ready(&lake);
    let id = planted(&lake, "open_underpriced_project")["project"].clone();
    let answer = post(
        &node,
        "/api/loc/what-if",
        json!({ "kind": "project", "project_id": id, "of": "price", "wanted": 0.6 }),
    );
    assert_eq!(answer.status, 200, "{}", answer.body);
    let what_if = &answer.body["what_if"];
    let curve: Vec<f64> = what_if["curve"]
        .as_array()
        .unwrap()
        .iter()
        .map(|at| at["probability"].as_f64().unwrap())
        .collect();
    assert!(
        curve.len() == 11 && curve.windows(2).all(|pair| pair[0] <= pair[1] + 1e-12),
        "{curve:?}"
    );
    assert!(curve[10] > curve[0], "{curve:?}");
    let before = check_likelihood(&answer.body["likelihood"]);
    let reached = what_if["value"].as_f64().unwrap();
    let again =
        json!({ "kind": "project", "project_id": id, "of": "price", "budget_cents": reached });
    let there = check_likelihood(&post(&node, "/api/loc/what-if", again).body["likelihood"]);
    assert!(there > before && (there - what_if["probability"].as_f64().unwrap()).abs() < 1e-9);
    assert_eq!(what_if["is_reached"], there >= 0.6);
}

#[test]
fn a_slot_has_a_price_and_a_likelihood_and_an_underpriced_introduction_a_suggestion() {
    let lake = Lake::published();
    let node = Node::ready(&lake);
    let slots = lake.query(&format!(
        "SELECT slot_id FROM gold.open_slots WHERE tenant = '{TENANT}' ORDER BY slot_id LIMIT 3"
    ));
    for slot in slots {
        let answer = post(
            &node,
            "/api/bookings/quote",
            json!({ "slot_id": slot["slot_id"] }),
        );
        assert_eq!(answer.status, 200, "{}", answer.body);
        check_price(&answer.body["price"]);
        check_likelihood(&answer.body["likelihood"]);
        assert!(
            answer.body["comparables"]["count"].as_u64().unwrap() > 0,
            "{}",
            answer.body
        );
        assert!(
            sentences(&answer.body["advice"]).contains("Proposez"),
            "{}",
            answer.body
        );
    }
    let intro = planted(&lake, "underpriced_intro");
    let answer = post(
        &node,
        "/api/intros/quote",
        json!({ "intro_id": intro["intro"] }),
    );
    assert_eq!(answer.status, 200, "{}", answer.body);
    check_price(&answer.body["price"]);
    let likely = check_likelihood(&answer.body["likelihood"]);
    assert!(answer.body["suggested_price_cents"].as_i64() > answer.body["asked_cents"].as_i64());
    assert!(answer.body["suggested_loc"].as_f64().unwrap() > likely);
    assert!(
        sentences(&answer.body["advice"]).contains("sous la fourchette habituelle"),
        "{}",
        answer.body
    );
    assert!(
        sentences(&answer.body["reasons"]).contains("Le prix face au prix de référence"),
        "{}",
        answer.body
    );
}

#[test]
fn a_law_has_the_last_word_over_a_price() {
    let lake = Lake::published();
    let node = Node::ready(&lake);
    let asked =
        json!({ "kind": "booking", "hours": 200, "day_rate_cents": 100, "region": "bretagne" });
    let answer = post(&node, "/api/price-reference", asked);
    assert_eq!(answer.status, 200, "{}", answer.body);
    check_price(&answer.body);
    assert_eq!(answer.body["p10_cents"], 200 * 1202, "{}", answer.body);
    assert!(
        sentences(&answer.body["reasons"]).contains("salaire minimum"),
        "{}",
        answer.body
    );
}

#[test]
fn bad_input_is_refused_by_the_name_of_its_field() {
    let lake = Lake::published();
    let node = Node::ready(&lake);
    let good = json!({ "kind": "project", "category": "peinture-sur-site", "size": 120, "region": "Bretagne", "lead_days": 60 });
    let answer = post(&node, "/api/price-reference", good.clone());
    assert_eq!(answer.status, 200, "{}", answer.body);
    for (field, value) in [
        ("kind", json!("projet")),
        ("category", json!("alchimie")),
        ("region", json!("Mars")),
        ("unit", json!("parsec")),
        ("size", json!(-3)),
        ("size", json!("beaucoup")),
        ("budget_cents", json!(-5)),
        ("lead_days", json!(100_000)),
        ("deadline", json!("1999-01-01")),
        ("deadline", json!("2026-13-45")),
        ("taille", json!(3)),
        ("category", json!(null)),
        ("size", json!(null)),
    ] {
        let mut bad = good.clone();
        bad[field] = value.clone();
        let answer = post(&node, "/api/price-reference", bad);
        assert_eq!(
            (answer.status, answer.body["field"].as_str()),
            (422, Some(field)),
            "{field} {value}: {}",
            answer.body
        );
    }
    let refused = post(
        &node,
        "/api/price-reference",
        json!({ "kind": "project", "category": "alchimie", "size": 1 }),
    );
    assert!(
        refused.body["detail"]
            .as_str()
            .unwrap()
            .contains("peinture-sur-site"),
        "{}",
        refused.body
    );
    for (field, bad) in [
        (
            "of",
            json!({ "kind": "project", "category": "peinture-sur-site", "size": 1, "of": "region" }),
        ),
        (
            "wanted",
            json!({ "kind": "project", "category": "peinture-sur-site", "size": 1, "of": "price", "wanted": 2 }),
        ),
        (
            "to",
            json!({ "kind": "project", "category": "peinture-sur-site", "size": 1, "of": "price", "from": 9, "to": 3 }),
        ),
    ] {
        let answer = post(&node, "/api/loc/what-if", bad);
        assert_eq!(
            (answer.status, answer.body["field"].as_str()),
            (422, Some(field)),
            "{}",
            answer.body
        );
    }
    let unknown = post(&node, "/api/bookings/quote", json!({ "slot_id": "CRE-0" }));
    assert_eq!(
        (unknown.status, unknown.body["field"].as_str()),
        (404, Some("slot_id")),
        "{}",
        unknown.body
    );
}
