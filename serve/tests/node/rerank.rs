//! The second reading, by a tiny cross-encoder of random weights.

use std::{path::Path, time::Duration};

use encoder::{CrossEncoder, EncoderSettings};
use serde_json::Value;

use crate::{
    harness::Harness,
    tiny::{Family, TinyModel},
};

const MINUTE: Duration = Duration::from_secs(60);
const QUERY: &str = r#"{"query": "inox précision", "tenant": "tenant_demo"}"#;

fn model() -> (TinyModel, String) {
    let model = TinyModel::write_cross_encoder(Family::Bert, 5);
    let loaded = CrossEncoder::load(&model.path, &EncoderSettings::default()).unwrap();
    let id = loaded.id().to_owned();
    (model, id)
}

/// A node with the models of a folder, and a snapshot that names a cross-encoder.
async fn node(weights: &Path, budget: Duration, id: &str) -> Harness {
    let harness = Harness::reranking_within(weights, budget);
    let pointer = harness.publish_reranked('a', id).await;
    harness.announce("CURRENT", &pointer);
    assert_eq!(harness.current.refresh().await, serve::Refresh::Swapped);
    harness
}

fn hits(body: &Value) -> &Vec<Value> {
    body["shortlist"].as_array().unwrap()
}

fn last_leg(hit: &Value) -> &Value {
    hit["contributions"].as_array().unwrap().last().unwrap()
}

#[actix_web::test]
async fn a_reranked_answer_is_in_the_order_of_the_sums_and_says_so() {
    let (model, id) = model();
    let harness = node(model.path.parent().unwrap(), MINUTE, &id).await;
    let plain = Harness::serving()
        .await
        .post("/api/match", QUERY)
        .await
        .body;
    let body = harness.post("/api/match", QUERY).await.body;
    let rerank = &body["explain"]["rerank"];
    assert_eq!(rerank["is_reranked"], true, "{body}");
    assert_eq!(rerank["reason"], "reranked");
    assert_eq!(rerank["model"], id);
    assert_eq!(body["matches"], plain["matches"]);
    assert_eq!(hits(&body).len(), hits(&plain).len());
    let scores: Vec<f64> = hits(&body)
        .iter()
        .map(|hit| hit["score"].as_f64().unwrap())
        .collect();
    assert!(
        scores.windows(2).all(|pair| pair[0] >= pair[1]),
        "{scores:?}"
    );
    for hit in hits(&body) {
        let legs = hit["contributions"].as_array().unwrap();
        let number = |leg: &Value, name: &str| leg[name].as_f64().unwrap();
        let sum: f64 = legs.iter().map(|leg| number(leg, "value")).sum();
        assert_eq!(sum, number(hit, "score"));
        let leg = last_leg(hit);
        assert_eq!(leg["name"], "rerank");
        let sigmoid = 1.0 / (1.0 + (-number(leg, "raw")).exp());
        assert!((number(leg, "calibrated") - sigmoid).abs() < 1e-6, "{leg}");
        let before = hits(&plain)
            .iter()
            .find(|other| other["company_id"] == hit["company_id"]);
        let others: f64 = legs[..legs.len() - 1]
            .iter()
            .map(|leg| number(leg, "value"))
            .sum();
        assert!((2.0 * others - number(before.unwrap(), "score")).abs() < 1e-9);
    }
    let meaning = body["explain"]["legs"].as_array().unwrap().last().unwrap();
    assert!(
        meaning["meaning"]
            .as_str()
            .unwrap()
            .contains("cross-encodeur")
    );
    let health = harness.get("/health").await.body;
    assert_eq!(health["snapshot"]["reranker"], id);
    let snapshot = harness.get("/api/snapshot").await.body;
    assert_eq!(snapshot["reranker"]["is_loaded"], true);
}

#[actix_web::test]
async fn a_reranked_list_does_not_depend_on_the_limit() {
    let (model, id) = model();
    let harness = node(model.path.parent().unwrap(), MINUTE, &id).await;
    let of = async |limit: usize| {
        let body =
            format!(r#"{{"query": "inox précision", "tenant": "tenant_x", "limit": {limit}}}"#);
        harness.post("/api/match", &body).await.body
    };
    let all = of(100).await;
    assert!(hits(&all).len() > 1);
    for limit in 1..=hits(&all).len() {
        let some = of(limit).await;
        assert_eq!(hits(&some)[..], hits(&all)[..limit]);
        assert_eq!(some["matches"], all["matches"]);
    }
}

#[actix_web::test]
async fn offers_are_reranked_for_a_text_and_not_for_an_offer() {
    let (model, id) = model();
    let harness = node(model.path.parent().unwrap(), MINUTE, &id).await;
    let text = r#"{"text": "soudeur TIG", "tenant": "tenant_demo"}"#;
    let body = harness.post("/api/match/text", text).await.body;
    assert_eq!(body["explain"]["rerank"]["is_reranked"], true, "{body}");
    assert_eq!(last_leg(&hits(&body)[0])["name"], "rerank");
    let similar = harness
        .get("/api/offers/o1/similar?tenant=tenant_demo")
        .await
        .body;
    assert_eq!(
        similar["explain"]["rerank"]["reason"], "not_a_query",
        "{similar}"
    );
}

#[actix_web::test]
async fn without_the_model_or_the_time_the_fused_order_stands_and_the_answer_says_why() {
    let (model, id) = model();
    let weights = model.path.parent().unwrap();
    let plain = Harness::serving()
        .await
        .post("/api/match", QUERY)
        .await
        .body;
    assert_eq!(plain["explain"]["rerank"]["reason"], "no_reranker");
    let other = format!("{}-other", &id[..id.len() - 6]);
    for (harness, reason) in [
        (
            node(Path::new("no-weights"), MINUTE, &id).await,
            "not_on_node",
        ),
        (node(weights, MINUTE, &other).await, "not_on_node"),
        (
            node(weights, Duration::from_nanos(1), &id).await,
            "over_budget",
        ),
        (node(weights, Duration::ZERO, &id).await, "switched_off"),
    ] {
        let body = harness.post("/api/match", QUERY).await.body;
        let rerank = &body["explain"]["rerank"];
        assert_eq!(rerank["is_reranked"], false, "{body}");
        assert_eq!(rerank["reason"], reason);
        assert!(
            rerank["detail"]
                .as_str()
                .unwrap()
                .starts_with("Pas de relecture")
        );
        assert_eq!(body["shortlist"], plain["shortlist"], "{reason}");
        let english = harness.post("/api/match?lang=en", QUERY).await.body;
        let detail = english["explain"]["rerank"]["detail"].as_str().unwrap();
        assert!(detail.starts_with("No second reading"), "{detail}");
    }
}

#[actix_web::test]
async fn the_query_log_says_which_model_took_part() {
    let (model, id) = model();
    let weights = model.path.parent().unwrap();
    for (budget, logged) in [
        (MINUTE, Value::from(id.as_str())),
        (Duration::ZERO, Value::Null),
    ] {
        let harness = node(weights, budget, &id).await;
        harness.post("/api/match", QUERY).await;
        assert_eq!(harness.logged()[0]["reranker"], logged);
    }
}
