//! What is suggested to somebody who types.

use std::{collections::BTreeSet, sync::Arc};

use marketlounge_tests::{Lake, Node};
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::{Value, json};

/// A text as it stands in an address.
pub(crate) fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

fn ask(node: &Node, typed: &str, tenant: &str, limit: usize) -> Vec<Value> {
    let path = format!(
        "/api/autocomplete?q={}&tenant={tenant}&limit={limit}",
        encoded(typed)
    );
    let answer = node.get(&path);
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    assert_eq!(
        answer.body["snapshot_id"].as_str().unwrap(),
        answer.snapshot
    );
    answer.body["suggestions"].as_array().unwrap().clone()
}

fn ids(suggestions: &[Value]) -> Vec<&str> {
    suggestions
        .iter()
        .filter_map(|s| s["id"].as_str())
        .collect()
}

fn texts(suggestions: &[Value]) -> Vec<&str> {
    suggestions
        .iter()
        .map(|s| s["text"].as_str().unwrap())
        .collect()
}

/// A node on the published lake.
fn market() -> (Arc<Lake>, Node) {
    let lake = Lake::published();
    let node = Node::ready(&lake);
    (lake, node)
}

#[test]
fn any_word_of_a_concept_is_completed_with_its_id_and_path() {
    let (lake, node) = market();
    let concepts =
        lake.query("SELECT concept_id, label, path FROM gold.concepts ORDER BY concept_id");
    assert!(concepts.len() > 20);
    for concept in concepts.iter().step_by(7) {
        let label = concept["label"].as_str().unwrap();
        let word = label
            .split([' ', '-', '\''])
            .max_by_key(|word| word.len())
            .unwrap();
        let begun: String = word
            .to_uppercase()
            .chars()
            .take(word.chars().count() - 1)
            .collect();
        let found = ask(&node, &begun, "tenant_demo", 50);
        let concept_id = concept["concept_id"].as_str().unwrap();
        let shown = found.iter().find(|s| s["id"] == concept_id);
        let shown = shown.unwrap_or_else(|| panic!("{begun} does not find {label}: {found:?}"));
        assert_eq!(
            (&shown["kind"], &shown["label"]),
            (&json!("concept"), &json!(label))
        );
        assert_eq!(shown["path"], concept["path"], "{label}");
        assert_eq!(shown["edits"], 0);
        let text: Vec<char> = shown["text"].as_str().unwrap().chars().collect();
        for span in shown["highlights"].as_array().unwrap() {
            let (start, end) = (
                span["start"].as_u64().unwrap(),
                span["end"].as_u64().unwrap(),
            );
            assert!(start < end && end as usize <= text.len(), "{shown}");
        }
    }
}

#[test]
fn typing_errors_are_forgiven_in_words_and_not_in_codes() {
    let (lake, node) = market();
    let labels = lake.query("SELECT concept_id, label FROM gold.concepts WHERE length(label) > 8");
    for concept in labels.iter().step_by(9) {
        let mut typed: Vec<char> = concept["label"].as_str().unwrap().chars().collect();
        let letters = typed.iter().take_while(|ch| ch.is_alphabetic()).count();
        let mut places = 1..letters.saturating_sub(3);
        let Some(at) = places.find(|at| typed[*at] != typed[at + 1]) else {
            continue;
        };
        typed.swap(at, at + 1);
        let typed: String = typed.into_iter().collect();
        let found = ask(&node, &typed, "tenant_demo", 50);
        let id = concept["concept_id"].as_str().unwrap();
        assert!(ids(&found).contains(&id), "{typed}: {found:?}");
    }
    assert!(
        ask(&node, "361L", "tenant_demo", 10)
            .iter()
            .all(|s| s["edits"] == 0)
    );
}

#[test]
fn a_longer_list_begins_with_the_shorter_and_answers_are_the_same_every_time() {
    let (_lake, node) = market();
    let typed = prop::sample::select(vec![
        "t",
        "to",
        "usi",
        "usinaeg",
        "soud",
        "de",
        "tol in",
        "precision",
        "fraisge",
        "ate",
        "316",
        "é",
        "l'u",
    ]);
    let config = ProptestConfig {
        cases: 60,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let test = |(typed, limit): (&str, usize)| {
        let (longer, shorter) = (
            ask(&node, typed, "tenant_demo", limit + 1),
            ask(&node, typed, "tenant_demo", limit),
        );
        prop_assert!(
            longer.starts_with(&shorter) && shorter.len() <= limit,
            "{}",
            typed
        );
        let things: BTreeSet<_> = longer
            .iter()
            .map(|s| {
                (
                    s["kind"].to_string(),
                    s["id"].to_string(),
                    s["text"].to_string(),
                )
            })
            .collect();
        prop_assert_eq!(things.len(), longer.len());
        Ok(())
    };
    TestRunner::new(config)
        .run(&(typed, 1_usize..49), test)
        .unwrap();
}

#[test]
fn a_tenant_is_suggested_its_own_and_public_companies_only() {
    let (lake, node) = market();
    for (tenant, other) in [
        ("tenant_demo", "tenant_nord"),
        ("tenant_nord", "tenant_demo"),
    ] {
        let sql = format!(
            "SELECT id, text FROM gold.suggestions WHERE kind = 'company' AND tenant = '{tenant}' ORDER BY id"
        );
        let own = lake.query(&sql);
        assert!(!own.is_empty());
        for company in own.iter().step_by(3) {
            let (id, name) = (
                company["id"].as_str().unwrap(),
                company["text"].as_str().unwrap(),
            );
            assert!(ids(&ask(&node, name, tenant, 50)).contains(&id), "{name}");
            assert!(!ids(&ask(&node, name, other, 50)).contains(&id), "{name}");
        }
    }
}

/// Lands one request for each caller and scope.
fn land(lake: &Lake, file: &str, tenant: &str, text: &str, callers: &[(&str, &str)]) {
    let row = |(number, (scope, caller)): (usize, &(&str, &str))| {
        let row = json!({
            "tenant": tenant, "request_id": format!("{file}-{number}"), "endpoint": "/api/match", "text": text,
            "results": ["ENT-1"], "ip_hash": caller, "caller_scope": scope, "asked_at": "2026-11-19T10:00:00Z",
        });
        format!("{row}\n")
    };
    let lines: String = callers.iter().enumerate().map(row).collect();
    std::fs::write(lake.file(&format!("landing/queries/{file}.jsonl")), lines).unwrap();
}

#[test]
fn a_past_query_is_suggested_when_five_callers_asked_it_and_to_its_tenant_only() {
    let lake = Lake::with_demo(1);
    let five = ["a", "b", "c", "d", "e"].map(|caller| ("s1", caller));
    land(
        &lake,
        "five",
        "tenant_nord",
        "Zinguerie Patrimoniale",
        &five,
    );
    land(
        &lake,
        "four",
        "tenant_nord",
        "zinguerie confidentielle",
        &five[..4],
    );
    // One caller of five processes has five hashes, and is one caller.
    let scopes = ["s1", "s2", "s3", "s4", "s5"].map(|scope| (scope, scope));
    land(
        &lake,
        "scopes",
        "tenant_nord",
        "zinguerie solitaire",
        &scopes,
    );
    land(
        &lake,
        "person",
        "tenant_nord",
        "zinguerie jean@exemple.fr",
        &five,
    );
    land(
        &lake,
        "phone",
        "tenant_nord",
        "zinguerie 06 12 34 56 78",
        &five,
    );
    land(
        &lake,
        "public",
        "tenant_public",
        "zinguerie publique",
        &five,
    );
    assert!(lake.nightly(&[]).is_success());
    let node = Node::ready(&lake);
    let own = ask(&node, "zingue", "tenant_nord", 50);
    assert_eq!(
        texts(&own),
        ["Zinguerie Patrimoniale", "zinguerie publique"]
    );
    assert_eq!(
        (&own[0]["kind"], &own[0]["id"]),
        (&json!("query"), &Value::Null)
    );
    for other in ["tenant_demo", "tenant_public"] {
        assert_eq!(
            texts(&ask(&node, "zingue", other, 50)),
            ["zinguerie publique"]
        );
    }
    // The log says which hashes can be compared.
    let asked = json!({ "query": "zinguerie", "tenant": "tenant_demo" });
    assert_eq!(node.post("/api/match", &asked).status, 200);
    node.stop();
    assert!(lake.nightly(&[]).is_success());
    let rows = lake.query("SELECT caller_scope FROM silver.queries WHERE text = 'zinguerie'");
    assert_eq!(
        rows[0]["caller_scope"].as_str().map(str::len),
        Some(16),
        "{rows:?}"
    );
}

#[test]
fn a_bad_request_names_the_parameter() {
    let (_lake, node) = market();
    for (query, field) in [
        ("tenant=tenant_demo", "q"),
        ("q=&tenant=tenant_demo", "q"),
        ("q=a", "tenant"),
        ("q=a&tenant=nobody", "tenant"),
        ("q=a&tenant=tenant_demo&limit=0", "limit"),
        ("q=a&tenant=tenant_demo&limit=51", "limit"),
        ("q=a&tenant=tenant_demo&limit=x", "limit"),
        ("q=a&tenant=tenant_demo&lang=de", "lang"),
        ("q=a&tenant=tenant_demo&qq=1", "qq"),
    ] {
        let answer = node.get(&format!("/api/autocomplete?{query}"));
        assert_eq!(
            (answer.status, answer.body["field"].as_str()),
            (422, Some(field)),
            "{query}: {}",
            answer.body
        );
    }
}

#[test]
fn a_snapshot_of_before_answers_all_but_what_it_lacks() {
    let lake = Lake::with_demo(1);
    assert!(lake.nightly(&[]).is_success());
    age(&lake);
    let node = Node::ready(&lake);
    for path in [
        "/api/autocomplete?q=a&tenant=tenant_demo",
        "/api/glossary",
        "/api/market/signals",
    ] {
        let answer = node.get(path);
        assert_eq!(
            (answer.status, answer.body["code"].as_str()),
            (503, Some("no_section")),
            "{path}"
        );
    }
    let asked = json!({ "query": "soudure", "tenant": "tenant_demo" });
    assert_eq!(node.post("/api/match", &asked).status, 200);
}

/// Takes from the announced snapshot what an older pipeline did not write.
fn age(lake: &Lake) {
    let id = lake.announced().unwrap();
    let folder = lake.file(&format!("snapshots/{id}"));
    let manifest = folder.join("manifest.json");
    let mut content: Value = serde_json::from_slice(&std::fs::read(&manifest).unwrap()).unwrap();
    let files = content["files"].as_object_mut().unwrap();
    let is_new = |file: &str| {
        !file.ends_with(".parquet")
            && ["autocomplete/", "glossary/", "market/"]
                .iter()
                .any(|p| file.starts_with(p))
    };
    let new: Vec<String> = files.keys().filter(|file| is_new(file)).cloned().collect();
    assert_eq!(new.len(), 4, "{new:?}");
    for file in new {
        files.remove(&file);
        std::fs::remove_file(folder.join(&file)).unwrap();
    }
    let bytes = serde_json::to_vec(&content).unwrap();
    let checksum = blake3::hash(&bytes).to_hex().to_string();
    std::fs::write(&manifest, bytes).unwrap();
    std::fs::write(folder.join("manifest.json.blake3"), &checksum).unwrap();
    let pointer = json!({ "id": id, "manifest_blake3": checksum });
    std::fs::write(lake.file("snapshots/CURRENT"), pointer.to_string()).unwrap();
}
