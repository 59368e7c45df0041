//! Rows of gold tables as documents of search collections.

use retrieval::{Document, DocumentConcept, Field};
use schemas::PUBLIC_TENANT;
use serde_json::{Value, json};

use crate::rows::Row;

/// Raise it when the same row gives another document or another text to embed.
pub(crate) const TEXTS_CODE: &str = "documents 4";

/// How gold writes a glossary path in one text.
const PATH_SEPARATOR: &str = " › ";
/// Longest text given to the encoder, in characters; encoders cut at some 256 tokens anyway.
const LONGEST_TEXT: usize = 1200;
/// The strength from which a concept that only the activity suggests is searched as a label.
const STRONG: f64 = 0.2;
/// The strength that words of the company's own have, be they not in its name.
const SPOKEN: f64 = 0.4;
/// How many concept labels open a company's text.
const LABELS_IN_TEXT: usize = 8;

/// A document and the text whose vector stands for it.
pub(crate) struct Indexed {
    pub(crate) document: Document,
    pub(crate) text: String,
}

/// Reads a row of `gold.match_corpus`.
pub(crate) fn company(row: Row<'_>) -> Indexed {
    let concepts = Concepts::read(row);
    let mut fields = Vec::new();
    push(&mut fields, Field::Name, row.text("name"));
    push(
        &mut fields,
        Field::Name,
        row.text("trade_name")
            .filter(|n| Some(*n) != row.text("name")),
    );
    concepts.fields(&mut fields);
    for skill in row.texts("skills") {
        push(&mut fields, Field::Label, Some(skill));
    }
    push(&mut fields, Field::Label, row.text("naf_label"));
    for column in ["description", "profile_text"] {
        push(&mut fields, Field::Description, row.text(column));
    }
    let text = text_of(&[
        concepts
            .labels
            .iter()
            .take(LABELS_IN_TEXT)
            .copied()
            .collect::<Vec<_>>()
            .join(", ")
            .as_str(),
        row.text("naf_label").unwrap_or_default(),
        row.text("description").unwrap_or_default(),
        row.text("profile_text").unwrap_or_default(),
    ]);
    let mut payload = picked(
        row,
        &[
            "company_id",
            "name",
            "trade_name",
            "siren",
            "naf",
            "naf_label",
            "region",
            "department",
            "postal_code",
            "latitude",
            "longitude",
            "city",
            "website",
            "capacity",
            "certifications",
            "description",
            "reviews",
        ],
    );
    payload.insert("concepts".to_owned(), concepts.payload());
    let document = Document {
        id: row.text("company_id").unwrap_or_default().to_owned(),
        tenant: row.text("tenant").unwrap_or_default().to_owned(),
        title: row.text("name").unwrap_or_default().to_owned(),
        fields,
        facets: facets(
            row,
            &[
                ("region", "region"),
                ("department", "department"),
                ("naf", "naf"),
                ("city", "city"),
            ],
            &[
                ("certification", "certifications"),
                ("concept", "concept_ids"),
            ],
        ),
        concepts: concepts.documents(),
        quality: share(row.number("quality").unwrap_or(0.0)),
        payload: Value::Object(payload).to_string(),
    };
    Indexed { document, text }
}

/// Reads a row of `gold.concepts`.
pub(crate) fn concept(row: Row<'_>) -> Indexed {
    let label = row.text("label").unwrap_or_default();
    let synonyms = row.texts("synonyms");
    let mut fields = Vec::new();
    push(&mut fields, Field::Name, Some(label));
    for synonym in synonyms
        .iter()
        .copied()
        .chain(row.text("label_en"))
        .chain(row.text("label_de"))
    {
        push(&mut fields, Field::Synonym, Some(synonym));
    }
    push(&mut fields, Field::Description, row.text("definition"));
    for node in row.texts("path") {
        push(
            &mut fields,
            Field::Evidence,
            Some(node).filter(|node| *node != label),
        );
    }
    let names = synonyms
        .iter()
        .take(LABELS_IN_TEXT)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    let text = text_of(&[label, &names, row.text("definition").unwrap_or_default()]);
    let document = Document {
        id: row.text("concept_id").unwrap_or_default().to_owned(),
        tenant: PUBLIC_TENANT.to_owned(),
        title: label.to_owned(),
        fields,
        facets: facets(row, &[("node", "node_id")], &[]),
        payload: Value::Object(picked(
            row,
            &[
                "label",
                "synonyms",
                "definition",
                "path",
                "label_en",
                "label_de",
                "public_companies",
            ],
        ))
        .to_string(),
        ..Document::default()
    };
    Indexed { document, text }
}

/// Reads a row of `gold.offers`.
pub(crate) fn offer(row: Row<'_>) -> Indexed {
    let mut fields = Vec::new();
    push(&mut fields, Field::Name, row.text("title"));
    for column in ["appellation", "rome_label"] {
        push(&mut fields, Field::Label, row.text(column));
    }
    for skill in row.texts("skills") {
        push(&mut fields, Field::Label, Some(skill));
    }
    push(&mut fields, Field::Description, row.text("description"));
    for column in ["company_name", "sector_label"] {
        push(&mut fields, Field::Evidence, row.text(column));
    }
    let text = text_of(&[
        row.text("title").unwrap_or_default(),
        row.text("appellation").unwrap_or_default(),
        row.text("description").unwrap_or_default(),
    ]);
    let mut payload = row.json();
    let competences = row
        .text("competences")
        .and_then(|json| serde_json::from_str(json).ok());
    payload.insert("competences".to_owned(), competences.unwrap_or(Value::Null));
    let document = Document {
        id: row.text("offer_id").unwrap_or_default().to_owned(),
        tenant: row.text("tenant").unwrap_or_default().to_owned(),
        title: row.text("title").unwrap_or_default().to_owned(),
        fields,
        facets: facets(
            row,
            &[
                ("region", "region"),
                ("department", "department"),
                ("contract", "contract_type"),
                ("rome", "rome_code"),
                ("naf", "naf"),
            ],
            &[],
        ),
        payload: Value::Object(payload).to_string(),
        ..Document::default()
    };
    Indexed { document, text }
}

/// The text that is searched with for a row of `silver.profiles`: title, skills, then what it says.
pub(crate) fn profile_text(row: Row<'_>) -> String {
    text_of(&[
        row.text("title").unwrap_or_default(),
        row.texts("skills").join(", ").as_str(),
        row.text("text").unwrap_or_default(),
    ])
}

/// The parallel lists of a company's concepts.
struct Concepts<'a> {
    ids: Vec<&'a str>,
    labels: Vec<&'a str>,
    synonyms: Vec<&'a str>,
    paths: Vec<&'a str>,
    strengths: Vec<f64>,
    sources: Vec<&'a str>,
    evidence: Vec<&'a str>,
}

impl<'a> Concepts<'a> {
    fn read(row: Row<'a>) -> Self {
        Self {
            ids: row.aligned_texts("concept_ids"),
            labels: row.aligned_texts("concept_labels"),
            synonyms: row.aligned_texts("concept_synonyms"),
            paths: row.aligned_texts("concept_paths"),
            strengths: row.numbers("concept_strengths"),
            sources: row.aligned_texts("concept_sources"),
            evidence: row.aligned_texts("concept_evidence"),
        }
    }

    /// A concept that the company claims or speaks of is searched by all its names, one that something else suggests
    /// strongly by its label; one that is hardly suggested, as by a word in the company's name, is evidence.
    fn fields(&self, fields: &mut Vec<(Field, String)>) {
        for (index, label) in self.labels.iter().enumerate() {
            let source = self.sources.get(index).copied().unwrap_or_default();
            let strength = self.strengths.get(index).copied().unwrap_or_default();
            let least_of_a_label = match source {
                "claimed" => 0.0,
                "profile" => SPOKEN,
                _ => STRONG,
            };
            let is_label = strength >= least_of_a_label;
            push(
                fields,
                if is_label {
                    Field::Label
                } else {
                    Field::Evidence
                },
                Some(label),
            );
            if is_label && source != "activity" {
                push(fields, Field::Synonym, self.synonyms.get(index).copied());
                push(fields, Field::Evidence, self.evidence.get(index).copied());
            }
        }
    }

    fn documents(&self) -> Vec<DocumentConcept> {
        let concept = |(index, id): (usize, &&str)| DocumentConcept {
            id: (*id).to_owned(),
            strength: share(self.strengths.get(index).copied().unwrap_or(0.0)),
            is_claimed: self.sources.get(index) == Some(&"claimed"),
            evidence: self
                .evidence
                .get(index)
                .copied()
                .unwrap_or_default()
                .to_owned(),
        };
        self.ids.iter().enumerate().map(concept).collect()
    }

    fn payload(&self) -> Value {
        let concept = |(index, id): (usize, &&str)| {
            let path = self.paths.get(index).copied().unwrap_or_default();
            let path: Vec<_> = path
                .split(PATH_SEPARATOR)
                .filter(|node| !node.is_empty())
                .collect();
            json!({ "id": id, "label": self.labels.get(index), "path": path })
        };
        self.ids.iter().enumerate().map(concept).collect()
    }
}

fn push(fields: &mut Vec<(Field, String)>, field: Field, text: Option<&str>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        fields.push((field, text.to_owned()));
    }
}

fn facets(
    row: Row<'_>,
    single: &[(&str, &str)],
    several: &[(&str, &str)],
) -> std::collections::BTreeMap<String, Vec<String>> {
    let one = |(facet, column): &(&str, &str)| {
        Some(((*facet).to_owned(), vec![row.text(column)?.to_owned()]))
    };
    let many = |(facet, column): &(&str, &str)| {
        let values: Vec<_> = row.texts(column).into_iter().map(str::to_owned).collect();
        (!values.is_empty()).then(|| ((*facet).to_owned(), values))
    };
    single
        .iter()
        .filter_map(one)
        .chain(several.iter().filter_map(many))
        .collect()
}

fn picked(row: Row<'_>, columns: &[&str]) -> serde_json::Map<String, Value> {
    let mut all = row.json();
    all.retain(|name, _| columns.contains(&name.as_str()));
    all
}

/// Joins the parts that are there, cut to the longest text on a character's border.
fn text_of(parts: &[&str]) -> String {
    let given: Vec<_> = parts
        .iter()
        .filter(|part| !part.is_empty())
        .copied()
        .collect();
    given.join(". ").chars().take(LONGEST_TEXT).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a share in [0, 1] loses only precision"
)]
fn share(value: f64) -> f32 {
    value.clamp(0.0, 1.0) as f32
}
