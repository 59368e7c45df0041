//! Gates of a collection: it opens, its files are those of its tables, and what it holds is found.

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
};

use retrieval::{Collection, Filters, Query, Weights};
use schemas::{GateResult, PUBLIC_TENANT, Section};

/// How many documents of a collection are asked for by their own name.
const QUESTIONS: usize = 50;
/// How far down a document may stand when it is asked for by its own name: namesakes but for a word stand before it.
const FIRST: usize = 10;
/// The share of them that must answer among the first.
const FEWEST_FOUND: f64 = 0.9;

/// Runs the gates of the collection of a section below `dir`.
pub(super) async fn gates(dir: &Path, section: Section) -> Vec<GateResult> {
    let name = section.as_str();
    let folder = dir.join(name);
    let result = |gate: &str, (is_passed, detail): (bool, String)| GateResult {
        name: format!("{gate} {name}"),
        is_passed,
        detail,
    };
    // Before the collection is opened, so that not both are in memory.
    let agrees = agrees(&folder).await;
    let collection = match Collection::open(&folder).await {
        Ok(collection) => collection,
        Err(error) => return vec![result("opens", (false, error.to_string()))],
    };
    let documents = collection.stats().documents;
    vec![
        result("opens", (true, format!("{documents} documents"))),
        result("agrees", agrees),
        result("finds", finds(&collection)),
    ]
}

/// The text index and the mapped files are those of the tables beside them: each has a checksum of its own, which holds for a file of
/// another collection, too.
async fn agrees(folder: &Path) -> (bool, String) {
    match retrieval::verify(folder).await {
        Ok(stats) => {
            let (documents, vectors) = (stats.documents, stats.vectors);
            let detail = format!(
                "text index and mapped files are those of {documents} documents and {vectors} vectors"
            );
            (true, detail)
        }
        Err(error) => (false, error.to_string()),
    }
}

/// Documents asked for by name are found.
fn finds(collection: &Collection) -> (bool, String) {
    let mut asked = 0;
    let mut found = 0;
    let tenant = PUBLIC_TENANT;
    let all: Vec<_> = collection.documents(tenant).collect();
    let names: Vec<_> = all.iter().map(|document| words(&document.title)).collect();
    let mut shared: HashMap<&BTreeSet<String>, usize> = HashMap::new();
    names
        .iter()
        .for_each(|name| *shared.entry(name).or_default() += 1);
    // Names that several documents share, but for order and inflection, prove nothing.
    let is_telling = |at: &usize| shared[&names[*at]] == 1;
    let telling: Vec<_> = (0..all.len())
        .filter(is_telling)
        .map(|at| &all[at])
        .collect();
    let step = telling.len().div_ceil(QUESTIONS).max(1);
    for document in telling.iter().step_by(step) {
        let answer = collection.search(&Query {
            text: &document.title,
            vector: None,
            tenant,
            filters: &Filters::default(),
            concept_relevance: &HashMap::new(),
            limit: FIRST,
            weights: &Weights::default(),
        });
        asked += 1;
        found += usize::from(answer.hits.iter().any(|hit| hit.id == document.id));
    }
    let is_passed = found as f64 >= asked as f64 * FEWEST_FOUND;
    let detail = format!("{found} of {asked} found among the first {FIRST} by their own name");
    (is_passed, detail)
}

/// The words that a name is found by.
fn words(name: &str) -> BTreeSet<String> {
    let tokens = text::analyze(name).into_iter();
    tokens.map(|token| token.term).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use retrieval::{Document, Field, Vectors};

    use super::*;

    /// A collection that another one differs from in what no name says.
    async fn build(folder: &Path, is_other: bool) {
        let document = |id: &str, title: &str| Document {
            id: id.to_owned(),
            tenant: PUBLIC_TENANT.to_owned(),
            title: title.to_owned(),
            fields: vec![
                (Field::Name, title.to_owned()),
                (
                    Field::Description,
                    if is_other { "fraisage" } else { "tournage" }.to_owned(),
                ),
            ],
            payload: format!(r#"{{"is_other":{is_other}}}"#),
            ..Document::default()
        };
        let documents = vec![
            document("1", "Inox Ouest"),
            document("2", "Précision du Rhône"),
        ];
        let row = if is_other { [1.0, 0.0] } else { [0.0, 1.0] };
        let vectors = Vectors {
            model: "m".to_owned(),
            dimension: 2,
            rows: vec![Some(row.to_vec()), None],
        };
        retrieval::build(folder, documents, Some(vectors))
            .await
            .unwrap();
    }

    async fn passed(dir: &Path) -> Vec<(String, bool)> {
        let gates = gates(dir, Section::Companies).await;
        gates
            .into_iter()
            .map(|gate| (gate.name, gate.is_passed))
            .collect()
    }

    #[tokio::test]
    async fn a_file_of_another_collection_is_refused_though_it_opens_and_finds() {
        let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let folder = dir.path().join(Section::Companies.as_str());
        build(other.path(), true).await;
        let expected = |agrees| {
            [("opens", true), ("agrees", agrees), ("finds", true)]
                .map(|(gate, is_passed)| (format!("{gate} companies"), is_passed))
        };
        for file in ["lexical.bin", "shown.bin", "vectors.bin"] {
            build(&folder, false).await;
            assert_eq!(passed(dir.path()).await, expected(true));
            fs::copy(other.path().join(file), folder.join(file)).unwrap();
            assert_eq!(passed(dir.path()).await, expected(false), "{file}");
        }
    }

    #[tokio::test]
    async fn a_collection_that_does_not_open_says_so_once() {
        let dir = tempfile::tempdir().unwrap();
        let expected = [("opens companies".to_owned(), false)];
        assert_eq!(passed(dir.path()).await, expected);
    }
}
