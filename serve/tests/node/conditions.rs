use serde_json::{Value, json};

use crate::harness::{Harness, Reply};

async fn ask(harness: &Harness, tenant: &str, filters: Value) -> Reply {
    let body = json!({"text": "poste en atelier", "tenant": tenant, "filters": filters});
    harness.post("/api/match/text", &body.to_string()).await
}

fn ids(reply: &Reply) -> Vec<&str> {
    assert_eq!(reply.status, 200, "{reply:?}");
    let shortlist = reply.body["shortlist"].as_array().unwrap();
    let mut ids: Vec<_> = shortlist
        .iter()
        .map(|offer| offer["offer_id"].as_str().unwrap())
        .collect();
    ids.sort_unstable();
    ids
}

#[actix_web::test]
async fn each_condition_keeps_the_offers_that_meet_it() {
    let harness = Harness::serving().await;
    for (filters, expected) in [
        (json!({}), &["o1", "o2", "o3"][..]),
        (json!({"postal_code": "29200", "distance_km": 1}), &["o1"]),
        (json!({"postal_code": "29999", "distance_km": 5}), &["o1"]),
        (json!({"postal_code": "69003", "distance_km": 1}), &["o2"]),
        (
            json!({"postal_code": "69003", "distance_km": 600}),
            &["o2", "o3"],
        ),
        (json!({"salary_min_eur": 25_200}), &["o1", "o3"]),
        (json!({"salary_min_eur": 35_000}), &["o3"]),
        (json!({"salary_max_eur": 26_000}), &["o1"]),
        (json!({"skills": "métrologie"}), &["o2"]),
        (
            json!({"skills": ["souder à l’arc", "Tricot"]}),
            &["o1", "o3"],
        ),
        (json!({"skills": ["1"]}), &["o1", "o3"]),
        (json!({"skills": ["Tricot"]}), &[]),
        (json!({"skills": ["Tricot"], "must_cover": true}), &["o2"]),
        (
            json!({"skills": "Souder à l'arc", "must_cover": true}),
            &["o1", "o2", "o3"],
        ),
        (
            json!({"skills": "1", "postal_code": "29200", "distance_km": 100, "salary_min_eur": 20_000}),
            &["o1"],
        ),
    ] {
        let reply = ask(&harness, "tenant_nord", filters.clone()).await;
        assert_eq!(ids(&reply), expected, "{filters}");
        assert_eq!(reply.body["matches"], expected.len(), "{filters}");
        assert_eq!(
            reply.body["explain"]["eligible"],
            expected.len(),
            "{filters}"
        );
    }
}

#[actix_web::test]
async fn conditions_change_no_score_and_are_shown_with_what_meets_them() {
    let harness = Harness::serving().await;
    let filters = json!({
        "postal_code": "69003", "distance_km": 1000.0, "salary_min_eur": 20_000, "skills": ["souder à l'arc"],
    });
    let all = ask(&harness, "tenant_demo", json!({})).await.body;
    let body = ask(&harness, "tenant_demo", filters.clone()).await.body;
    let found = &body["shortlist"][0];
    let mut same = all["shortlist"].as_array().unwrap().iter();
    let same = same.find(|offer| offer["offer_id"] == "o1").unwrap();
    assert_eq!(found["score"], same["score"]);
    assert!(same.get("distance_km").is_none() && same.get("skills").is_none());
    let km = found["distance_km"].as_f64().unwrap();
    assert!((750.0..780.0).contains(&km), "{km}");
    assert_eq!(found["salary"]["min_cents"], 2_520_000);
    assert_eq!(found["skills"]["required_met"], json!(["Souder à l'arc"]));
    let reasons = found["reasons"].to_string();
    for words in ["km du 69003", "au moins 20000 €", "Souder à l'arc"] {
        assert!(reasons.contains(words), "{words}: {reasons}");
    }
    assert_eq!(body["explain"]["filters"], filters);
    assert_eq!(body["explain"]["center"]["precision"], "postal_code");
}

#[actix_web::test]
async fn each_filter_says_what_it_admits_by_itself_and_how_it_was_applied() {
    let harness = Harness::serving().await;
    let told = |body: &Value| -> Vec<Value> {
        let filters = body["explain"]["filtering"]["filters"].as_array().unwrap();
        filters
            .iter()
            .map(|told| json!([told["name"], told["values"], told["admits"], told["how"]]))
            .collect()
    };
    let (near, salary) = (
        json!({"postal_code": "69003", "distance_km": 600.0}),
        json!({"salary_min_eur": 35_000}),
    );
    let skills = json!({"skills": ["métrologie"]});
    let mut filters = json!({});
    let map = filters.as_object_mut().unwrap();
    for part in [&near, &salary, &skills] {
        map.extend(part.as_object().unwrap().clone());
    }
    let body = ask(&harness, "tenant_nord", filters).await.body;
    let expected = [
        json!(["distance", near, 2, "distance_computed"]),
        json!(["salary", salary, 1, "column_scan"]),
        json!(["skills", skills, 1, "column_scan"]),
    ];
    assert_eq!(told(&body), expected);
    let scans = body["explain"]["filtering"]["scans"].as_array().unwrap();
    let sum = |name: &str| {
        scans
            .iter()
            .map(|scan| scan[name].as_u64().unwrap())
            .sum::<u64>()
    };
    assert_eq!((sum("admitted"), sum("documents")), (0, 3));
    for scan in scans {
        assert_eq!(scan["how"], "every_document");
        assert!(
            scan["meaning"]
                .as_str()
                .unwrap()
                .starts_with("recherche exacte")
        );
    }
    assert_eq!(body["explain"]["eligible"], 0);
    let none = ask(&harness, "tenant_demo", json!({})).await.body;
    assert!(told(&none).is_empty());
}

#[actix_web::test]
async fn a_postal_code_without_a_place_is_its_department_or_refused_by_name() {
    let harness = Harness::serving().await;
    let near = |code: &str| json!({"postal_code": code, "distance_km": 10});
    let body = ask(&harness, "tenant_demo", near("29999")).await.body;
    assert_eq!(body["explain"]["center"]["precision"], "department");
    let notices = body["explain"]["notices"].to_string();
    assert!(notices.contains("approximate_place"), "{notices}");
    // Where 59000 is, only tenant_nord's own offer says.
    assert_eq!(
        ids(&ask(&harness, "tenant_nord", near("59000")).await),
        ["o3"]
    );
    let refused = ask(&harness, "tenant_demo", near("59000")).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.body["field"], "filters.postal_code");
    assert_eq!(refused.body["code"], "invalid_value");
    let companies = r#"{"query": "inox", "tenant": "tenant_demo", "filters": {"distance_km": 3}}"#;
    let refused = harness.post("/api/match", companies).await;
    assert_eq!(refused.body["code"], "unknown_field");
    assert_eq!(refused.body["field"], "filters.distance_km");
}

#[actix_web::test]
async fn the_nearest_by_vector_take_the_same_filters() {
    let harness = Harness::serving().await;
    let near =
        r#"{"cv_embedding": [1, 0], "filters": {"postal_code": "69003", "distance_km": 10}}"#;
    let reply = harness.post("/match", near).await;
    assert_eq!(
        reply.body,
        json!([{"id": "o2", "score": 0.6, "distance_km": 0.0}])
    );
    let one = harness
        .post("/match", r#"{"cv_embedding": [1, 0], "limit": 1}"#)
        .await;
    assert_eq!(one.body, json!([{"id": "o1", "score": 1.0}]));
    for (body, field) in [
        (r#"{"cv_embedding": [1, 0], "limit": 0}"#, "limit"),
        (
            r#"{"cv_embedding": [1, 0], "filters": {"skills": 1}}"#,
            "filters.skills",
        ),
        (
            r#"{"cv_embedding": [1, 0], "filters": {"km": 1}}"#,
            "filters.km",
        ),
    ] {
        let reply = harness.post("/match", body).await;
        assert_eq!(
            (reply.status.as_u16(), &reply.body["field"]),
            (422, &json!(field))
        );
    }
}

#[actix_web::test]
async fn offers_like_one_are_found_without_it() {
    let harness = Harness::serving().await;
    let reply = harness.get("/api/offers/o1/similar").await;
    assert_eq!(ids(&reply), ["o2"]);
    assert_eq!(reply.body["matches"], 1);
    // Its vector is the collection's own: the node needs no encoder.
    assert_eq!(reply.body["mode"], "hybrid");
    let offer = &reply.body["shortlist"][0];
    let parts = offer["contributions"].as_array().unwrap().iter();
    let sum: f64 = parts.map(|part| part["value"].as_f64().unwrap()).sum();
    assert!((sum - offer["score"].as_f64().unwrap()).abs() < 1e-9);
    assert!(!offer["reasons"].as_array().unwrap().is_empty());
    let own = harness
        .get("/api/offers/o3/similar?tenant=tenant_nord&limit=2")
        .await;
    assert_eq!(ids(&own), ["o1", "o2"]);
    for (uri, status, code) in [
        ("/api/offers/o3/similar", 404, "not_found"),
        ("/api/offers/nope/similar?lang=en", 404, "not_found"),
        ("/api/offers/o1/similar?limit=0", 422, "invalid_value"),
        ("/api/offers/o1/similar?k=3", 422, "unknown_field"),
    ] {
        let reply = harness.get(uri).await;
        assert_eq!(reply.status, status, "{uri}");
        assert_eq!(reply.body["code"], code, "{uri}");
    }
}
