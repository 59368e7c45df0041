//! How queries are linked to concepts, on a small vocabulary.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::BTreeMap;

use encoder::EncodedText;
use matching::{Concepts, Mentions, Request, Target, stored_vector};
use retrieval::{
    Collection, Document, DocumentConcept, Field, Filters, Fusion, SHARED_TENANT, Vectors, Weights,
};

/// Label, synonyms, path.
const CONCEPTS: [(&str, &str, &[&str]); 4] = [
    (
        "Soudage TIG",
        "soudure à l'électrode de tungstène",
        &["Soudage", "Arc"],
    ),
    (
        "Soudage MIG",
        "soudure semi-automatique",
        &["Soudage", "Arc"],
    ),
    ("Brasage", "soudo-brasage", &["Soudage", "Brasage"]),
    ("Tournage", "tournage numérique", &["Usinage", "Tournage"]),
];

fn list(items: impl Iterator<Item = &'static str>) -> String {
    let quoted: Vec<String> = items.map(|item| format!("\"{item}\"")).collect();
    format!("[{}]", quoted.join(", "))
}

fn concepts() -> Collection {
    let document =
        |(label, synonym, path): (&str, &'static str, &'static [&'static str])| Document {
            id: label.to_lowercase().replace(' ', "-"),
            tenant: SHARED_TENANT.to_owned(),
            title: label.to_owned(),
            fields: vec![
                (Field::Name, label.to_owned()),
                (Field::Synonym, synonym.to_owned()),
            ],
            payload: format!(
                r#"{{"label": "{label}", "synonyms": {}, "path": {}}}"#,
                list(std::iter::once(synonym)),
                list(path.iter().copied())
            ),
            ..Document::default()
        };
    Collection::in_memory(CONCEPTS.map(document).into(), None).unwrap()
}

/// Two companies: one that can weld TIG, one that can braze.
fn companies() -> Collection {
    let company = |id: &str, concept: &str| Document {
        id: id.to_owned(),
        tenant: SHARED_TENANT.to_owned(),
        title: id.to_owned(),
        fields: vec![(Field::Name, id.to_owned())],
        facets: BTreeMap::from([("region".to_owned(), vec![id.to_owned()])]),
        concepts: vec![DocumentConcept {
            id: concept.to_owned(),
            strength: 1.0,
            is_claimed: true,
            evidence: String::new(),
        }],
        payload: "{}".to_owned(),
        ..Document::default()
    };
    let documents = vec![
        company("dupont", "soudage-mig"),
        company("durand", "brasage"),
    ];
    let vectors = Vectors {
        model: "tiny".to_owned(),
        dimension: 2,
        rows: vec![Some(vec![0.6, 0.8]), None],
    };
    Collection::in_memory(documents, Some(vectors)).unwrap()
}

fn request<'a>(text: &'a str, filters: &'a Filters, limit: usize) -> Request<'a> {
    Request {
        text,
        encoded: None,
        tenant: "tenant_a",
        filters,
        limit,
    }
}

#[test]
fn a_query_is_about_what_it_names_and_less_about_what_shares_the_node() {
    let (collection, companies) = (concepts(), companies());
    let mentions = Mentions::new(&collection);
    let known = Concepts {
        collection: &collection,
        weights: Weights::default(),
        mentions: &mentions,
    };
    let target = Target {
        collection: &companies,
        weights: Weights::default(),
        concepts: Some(known),
    };
    let found = target.search(&request("soudages TIG", &Filters::default(), 10));
    let best = &found.concepts[0];
    assert_eq!(
        (best.concept.id.as_str(), best.relevance),
        ("soudage-tig", 1.0)
    );
    assert_eq!(best.concept.path, ["Soudage", "Arc"]);
    let relevance = known.relevance(&found.concepts);
    let of = |id: &str| relevance.get(id).copied().unwrap_or(0.0);
    assert!((0.6..1.0).contains(&of("soudage-mig")), "{relevance:?}");
    assert!(
        of("brasage") < of("soudage-mig") && of("tournage") == 0.0,
        "{relevance:?}"
    );
    // Nothing that the company says of itself is in the query.
    assert_eq!(found.result.hits[0].id, "dupont");
    let without = Target {
        concepts: None,
        ..target
    };
    let found = without.search(&request("soudages TIG", &Filters::default(), 10));
    assert!(found.concepts.is_empty() && found.result.hits.is_empty());
}

#[test]
fn what_a_query_is_about_depends_on_no_filter_no_limit_and_no_fusion() {
    let collection = concepts();
    let mentions = Mentions::new(&collection);
    let by_rank = Weights {
        fusion: Fusion::ReciprocalRank,
        ..Weights::default()
    };
    let known = |weights| Concepts {
        collection: &collection,
        weights,
        mentions: &mentions,
    };
    let filters = Filters::default().with("region", "nowhere");
    for text in ["soudages MIG", "atelier de tournage numérique", "boulanger"] {
        let about = known(Weights::default()).about(&request(text, &Filters::default(), 10));
        let limited = known(by_rank).about(&request(text, &filters, 0));
        assert_eq!(about, limited, "{text}");
        assert_eq!(about.is_empty(), text == "boulanger", "{text}");
    }
}

#[test]
fn a_stored_vector_stands_whole_for_a_text_that_nobody_can_read() {
    let companies = companies();
    let stored = |id| stored_vector(&companies, "tenant_a", id, "soudage", None);
    let (vector, fluency) = (vec![0.6, 0.8], 1.0);
    assert_eq!(stored("dupont"), Some(EncodedText { vector, fluency }));
    assert_eq!((stored("durand"), stored("nobody")), (None, None));
}
