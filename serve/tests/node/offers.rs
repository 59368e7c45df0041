use serde_json::json;

use crate::harness::Harness;

#[actix_web::test]
async fn the_nearest_offers_are_ids_and_cosines_and_nothing_else() {
    let harness = Harness::serving().await;
    let reply = harness
        .post("/match", r#"{"cv_embedding": [3.0, 0.0]}"#)
        .await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(
        reply.body,
        json!([{"id": "o1", "score": 1.0}, {"id": "o2", "score": 0.6}])
    );
    let nord = r#"{"cv_embedding": [0, 1], "tenant": "tenant_nord"}"#;
    assert_eq!(harness.post("/match", nord).await.body[0]["id"], "o3");
}

#[actix_web::test]
async fn a_vector_that_cannot_be_compared_is_refused_by_name() {
    let harness = Harness::serving().await;
    for (body, code, field) in [
        (
            r#"{"cv_embedding": [1, 0, 0]}"#,
            "wrong_dimension",
            "cv_embedding",
        ),
        (
            r#"{"cv_embedding": [NaN, 1]}"#,
            "not_finite",
            "cv_embedding[0]",
        ),
        (
            r#"{"cv_embedding": [1, null]}"#,
            "not_finite",
            "cv_embedding[1]",
        ),
        (r#"{"cv_embedding": [0, 0]}"#, "not_finite", "cv_embedding"),
        (r#"{"cv_embedding": []}"#, "invalid_value", "cv_embedding"),
        (
            r#"{"cv_embedding": ["a", 1]}"#,
            "wrong_type",
            "cv_embedding[0]",
        ),
        (r#"{"cv_embedding": null}"#, "wrong_type", "cv_embedding"),
        (r"{}", "missing_field", "cv_embedding"),
    ] {
        let reply = harness.post("/match", body).await;
        assert_eq!(reply.status, 422, "{body}");
        assert_eq!(reply.body["code"], code, "{body}");
        assert_eq!(reply.body["field"], field, "{body}");
    }
}

#[actix_web::test]
async fn a_snapshot_without_vectors_says_so() {
    let harness = Harness::new();
    let pointer = harness.publish('b', false).await;
    harness.announce("CURRENT", &pointer);
    harness.current.refresh().await;
    let reply = harness.post("/match", r#"{"cv_embedding": [1, 0]}"#).await;
    assert_eq!(reply.status, 503);
    assert_eq!(reply.body["code"], "no_vectors");
}

#[actix_web::test]
async fn a_sentence_finds_offers_with_reasons() {
    let harness = Harness::serving().await;
    let reply = harness
        .post(
            "/api/match/text",
            r#"{"text": "soudeur TIG", "tenant": "tenant_demo", "lang": "en"}"#,
        )
        .await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let best = &reply.body["shortlist"][0];
    assert_eq!(best["offer_id"], "o1");
    assert_eq!(best["company"], "Inox Ouest");
    let reasons = best["reasons"].to_string();
    assert!(reasons.contains("in the offer"), "{reasons}");
}

#[actix_web::test]
async fn offers_come_in_the_order_asked_and_in_france_travail_s_words() {
    let harness = Harness::serving().await;
    let offers = harness.get("/offers?ids=o2,missing,o1,o3").await.body;
    let ids: Vec<_> = offers
        .as_array()
        .unwrap()
        .iter()
        .map(|offer| &offer["id"])
        .collect();
    assert_eq!(ids, ["o2", "o1"]);
    let offer = &offers[1];
    assert_eq!(offer["intitule"], "Soudeur TIG");
    assert_eq!(offer["description"], "Poste en atelier.");
    assert_eq!(offer["entreprise"]["nom"], "Inox Ouest");
    assert_eq!(offer["lieu"]["libelle"], "29 - BREST");
    assert_eq!(offer["typeContrat"], "CDI");
    assert_eq!(offer["salaire"]["libelle"], "Mensuel de 2100 Euros");
    assert_eq!(offer["competences"][0]["libelle"], "Souder à l'arc");
    assert_eq!(offer["competences"][0]["exigence"], "E");
    let own = harness.get("/offers?ids=o3&tenant=tenant_nord").await.body;
    assert_eq!(own[0]["id"], "o3");
}
