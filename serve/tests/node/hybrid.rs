use std::path::Path;

use encoder::{Encoder, EncoderSettings, find_model};
use serde_json::json;

use crate::harness::Harness;

/// Runs where `make model` has fetched the weights; elsewhere the match is lexical only, which other tests cover.
#[actix_web::test]
async fn with_the_snapshot_s_encoder_the_match_is_hybrid() {
    let weights = Path::new("../models/weights");
    let Some(model) = find_model(weights, "all-MiniLM-L6-v2") else {
        eprintln!("skipped: no weights in {}", weights.display());
        return;
    };
    let encoder = Encoder::load(&model, &EncoderSettings::default()).unwrap();
    let harness = Harness::with_weights(weights);
    let pointer = harness.publish_embedded('a', &encoder).await;
    harness.announce("CURRENT", &pointer);
    harness.current.refresh().await;

    let query = r#"{"query": "tôlerie inox pour l'agroalimentaire", "tenant": "tenant_demo"}"#;
    let body = harness.post("/api/match", query).await.body;
    assert_eq!(body["mode"], "hybrid", "{body}");
    assert_eq!(body["explain"]["encoder"], encoder.id());
    assert_eq!(body["explain"]["notices"], json!([]));
    let best = &body["shortlist"][0];
    assert_eq!(best["company_id"], "e1");
    let vector = &best["contributions"][2];
    assert_eq!(vector["name"], "vector");
    assert!(vector["value"].as_f64().unwrap() > 0.0, "{best}");

    let vector = encoder.encode(&["Poste en atelier."]).unwrap().remove(0);
    let asked = json!({ "cv_embedding": vector }).to_string();
    let nearest = harness.post("/match", &asked).await.body;
    assert_eq!(nearest[0]["id"], "o1");
    assert!(
        (nearest[0]["score"].as_f64().unwrap() - 1.0).abs() < 1e-5,
        "{nearest}"
    );
    let health = harness.get("/health").await.body;
    assert_eq!(health["snapshot"]["encoder"], encoder.id());
}
