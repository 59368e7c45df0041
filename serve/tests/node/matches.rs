use serde_json::{Value, json};

use crate::harness::Harness;

const INOX: &str = r#"{"query": "tôlerie inox pour l'agroalimentaire", "tenant": "tenant_demo"}"#;

fn ids(body: &Value) -> Vec<&str> {
    let hits = body["shortlist"].as_array().unwrap();
    hits.iter()
        .map(|hit| hit["company_id"].as_str().unwrap())
        .collect()
}

#[actix_web::test]
async fn a_match_names_its_snapshot_and_explains_every_score() {
    let harness = Harness::serving().await;
    let reply = harness.post("/api/match", INOX).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let body = &reply.body;
    assert_eq!(reply.headers["x-snapshot-id"], "a".repeat(32));
    assert_eq!(body["snapshot_id"], "a".repeat(32));
    assert_eq!(body["request_id"], reply.headers["x-request-id"]);
    assert_eq!(body["shortlist"][0]["company_id"], "e1");
    assert_eq!(body["shortlist"][0]["name"], "Inox Ouest");
    for hit in body["shortlist"].as_array().unwrap() {
        let shares = hit["contributions"].as_array().unwrap();
        let sum: f64 = shares
            .iter()
            .map(|share| share["value"].as_f64().unwrap())
            .sum();
        assert!((sum - hit["score"].as_f64().unwrap()).abs() < 1e-6, "{hit}");
        assert!(!hit["reasons"].as_array().unwrap().is_empty());
    }
}

#[actix_web::test]
async fn a_claimed_know_how_is_shown_with_label_path_and_reason() {
    let harness = Harness::serving().await;
    let body = harness.post("/api/match", INOX).await.body;
    let best = &body["shortlist"][0];
    assert_eq!(best["concepts"][0]["id"], "c_inox");
    assert_eq!(best["concepts"][0]["label"], "Tôlerie inox");
    assert_eq!(best["concepts"][0]["path"][0], "Tôlerie");
    let reasons: Vec<_> = best["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r.as_str().unwrap())
        .collect();
    assert!(
        reasons.contains(&"Savoir-faire « Tôlerie inox » déclaré par l'entreprise."),
        "{reasons:?}"
    );
    assert!(
        reasons.iter().any(|reason| reason.contains("« inox »")),
        "{reasons:?}"
    );
}

#[actix_web::test]
async fn without_the_encoder_the_answer_says_lexical_only() {
    let harness = Harness::serving().await;
    let body = harness.post("/api/match", INOX).await.body;
    assert_eq!(body["mode"], "lexical_only");
    assert_eq!(body["explain"]["notices"][0]["code"], "lexical_only");
    let english = harness.post("/api/match?lang=en", INOX).await.body;
    let detail = english["explain"]["notices"][0]["detail"].as_str().unwrap();
    assert!(detail.starts_with("Words only"), "{detail}");
}

#[actix_web::test]
async fn a_shorter_list_is_the_beginning_of_a_longer_one() {
    let harness = Harness::serving().await;
    let of = async |limit: usize| {
        let body =
            format!(r#"{{"query": "inox précision", "tenant": "tenant_x", "limit": {limit}}}"#);
        harness.post("/api/match", &body).await.body
    };
    let all = of(100).await;
    for limit in 1..=ids(&all).len() {
        let some = of(limit).await;
        assert_eq!(ids(&some), ids(&all)[..limit]);
        assert_eq!(some["matches"], all["matches"]);
    }
}

#[actix_web::test]
async fn a_repeated_question_is_known_and_answered_alike() {
    let harness = Harness::serving().await;
    let body = r#"{"query": "tournage inox", "tenant": "tenant_a"}"#;
    let before = harness.get("/health").await.body["caches"]["results"].clone();
    let first = harness.post("/api/match", body).await.body;
    for _ in 0..9 {
        let again = harness.post("/api/match", body).await.body;
        assert_eq!(again["shortlist"], first["shortlist"]);
        assert_ne!(again["request_id"], first["request_id"]);
    }
    let after = harness.get("/health").await.body["caches"]["results"].clone();
    let more = |count: &str| after[count].as_u64().unwrap() - before[count].as_u64().unwrap();
    assert_eq!((more("hits"), more("misses")), (9, 1));
}

#[actix_web::test]
async fn a_filter_keeps_what_it_names_and_says_so() {
    let harness = Harness::serving().await;
    let asked = r#"{"query": "inox", "tenant": "tenant_demo", "filters": {"region": "bretagne"}}"#;
    let body = harness.post("/api/match", asked).await.body;
    assert_eq!(ids(&body), ["e1"]);
    assert_eq!(body["explain"]["filters"]["region"][0], "Bretagne");
    let filtering = &body["explain"]["filtering"];
    let filter = &filtering["filters"][0];
    assert_eq!(
        (&filter["name"], &filter["values"], &filter["how"]),
        (
            &json!("region"),
            &json!(["Bretagne"]),
            &json!("facet_index")
        )
    );
    let eligible = body["explain"]["eligible"].as_u64().unwrap();
    assert!(eligible > 0 && filter["admits"] == eligible, "{filtering}");
    let scan = &filtering["scans"][0];
    assert_eq!(
        (&scan["tenant"], &scan["how"]),
        (&json!("tenant_public"), &json!("every_document"))
    );
    assert!(
        scan["documents"].as_u64().unwrap() > eligible,
        "{filtering}"
    );
    let english = harness.post("/api/match?lang=en", asked).await.body;
    let meanings = |body: &Value| {
        ["filters", "scans"]
            .map(|part| body["explain"]["filtering"][part][0]["meaning"].to_string())
    };
    assert!(
        meanings(&body)[0].contains("index de facettes")
            && meanings(&english)[0].contains("facet index")
    );
    assert!(
        meanings(&body)[1].contains("recherche exacte")
            && meanings(&english)[1].contains("exact scan")
    );
}

#[actix_web::test]
async fn another_tenant_s_company_is_never_seen() {
    let harness = Harness::serving().await;
    let of = async |tenant: &str| {
        let body = format!(r#"{{"query": "tôlerie inox secrète", "tenant": "{tenant}"}}"#);
        harness.post("/api/match", &body).await.body
    };
    assert!(!ids(&of("tenant_demo").await).contains(&"e4"));
    assert!(ids(&of("tenant_nord").await).contains(&"e4"));
}

#[actix_web::test]
async fn every_match_is_in_the_query_log_after_a_stop() {
    let harness = Harness::serving().await;
    let with_region =
        r#"{"query": "inox", "tenant": "tenant_demo", "filters": {"region": "Bretagne"}}"#;
    let reply = harness.post("/api/match", with_region).await;
    harness
        .post(
            "/api/match/text",
            r#"{"text": "soudeur", "tenant": "tenant_demo"}"#,
        )
        .await;
    harness.post("/match", r#"{"cv_embedding": [1, 0]}"#).await;
    let rows = harness.logged();
    assert_eq!(rows.len(), 3);
    let row = &rows[0];
    assert_eq!(row["request_id"], reply.body["request_id"]);
    assert_eq!(row["tenant"], "tenant_demo");
    assert_eq!(row["endpoint"], "/api/match");
    assert_eq!(row["text"], "inox");
    assert_eq!(row["region"], "Bretagne");
    assert_eq!(row["results"][0], "e1");
    assert_eq!(row["scores"][0], reply.body["shortlist"][0]["score"]);
    assert_eq!(row["snapshot_id"], "a".repeat(32));
    assert_eq!(row["slot"], "2026-11-20");
    assert_eq!(row["user_agent"], "test/1");
    let hash = row["ip_hash"].as_str().unwrap();
    assert!(hash.len() == 16 && !row.to_string().contains("192.0.2.7"));
    assert_eq!(rows[1]["endpoint"], "/api/match/text");
    assert!(
        rows[2]["text"]
            .as_str()
            .unwrap()
            .starts_with("cv_embedding:")
    );
}
