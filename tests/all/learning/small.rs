//! A lake so small that every figure of it can be worked out by hand.

use marketlounge_tests::{Lake, project};
use serde_json::{Value, json};

/// A text column of a row; empty where it is null.
pub(super) fn text<'a>(row: &'a Value, column: &str) -> &'a str {
    row[column].as_str().unwrap_or("")
}

/// Whether the checkout has an encoder.
pub(super) fn has_weights() -> bool {
    let weights = std::fs::read_dir(project().join("models/weights"));
    weights.map_or(0, Iterator::count) > 0
}

/// A lake of three companies, eight requests and what was said of their answers.
pub(super) fn small() -> Lake {
    let lake = landed();
    let ran = lake.nightly(&[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    lake
}

/// The same, not yet run.
pub(super) fn landed() -> Lake {
    let lake = Lake::empty();
    let companies = ["A", "B", "C"].map(
        |id| json!({ "tenant": "tenant_a", "company_id": id, "name": format!("Atelier {id}") }),
    );
    lake.land("companies/c", &companies);
    let asked = [
        ("r1", "tôlerie inox", vec!["A", "B", "C"]),
        ("r2", "Tolerie  INOX", vec!["B", "A"]),
        ("r3", "fraisage", vec![]),
        ("r4", "pliage", vec!["C", "A"]),
        ("r5", "pliage", vec!["C"]),
        ("r6", "soudure", vec!["A"]),
        ("r7", "soudure", vec!["A"]),
        ("r8", "soudure", vec!["A"]),
    ];
    let queries = asked.map(|(id, text, results)| {
        json!({
            "tenant": "tenant_a", "request_id": id, "endpoint": "/api/match", "text": text, "results": results,
            "snapshot_id": "s1", "asked_at": "2026-11-10T10:00:00Z",
        })
    });
    lake.land("queries/q", &queries);
    let said = [
        ("r1", "A", "clicked"),
        ("r1", "A", "irrelevant"),
        ("r1", "B", "contacted"),
        ("r4", "A", "clicked"),
        ("r6", "A", "clicked"),
    ];
    let mut feedback = Vec::new();
    for (number, (request, company, kind)) in said.iter().enumerate() {
        feedback.push(json!({
            "tenant": "tenant_a", "feedback_id": format!("f{number}"), "request_id": request,
            "company_id": company, "kind": kind, "given_at": "2026-11-11T10:00:00Z",
        }));
    }
    lake.land("feedback/f", &feedback);
    // The same click, told by another source.
    let again = json!({
        "tenant": "tenant_a", "interaction_id": "i1", "user_id": "u1", "kind": "clicked", "company_id": "A",
        "request_id": "r4", "occurred_at": "2026-11-12T10:00:00Z",
    });
    lake.land("interactions/i", &[again]);
    lake
}
