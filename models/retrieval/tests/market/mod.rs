//! A small French market, random collections and a query to fill in.

#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(unreachable_pub, reason = "shared by test binaries")]

use std::collections::{BTreeMap, HashMap};

use retrieval::{
    Collection, Document, DocumentConcept, Field, Filters, Query, SHARED_TENANT, SearchResult,
    Vectors, Weights,
};

/// A query that owns its parts.
pub struct Ask {
    pub text: String,
    pub vector: Option<Vec<f32>>,
    pub tenant: &'static str,
    pub filters: Filters,
    pub relevance: HashMap<String, f32>,
    pub limit: usize,
    pub weights: Weights,
}

impl Ask {
    pub fn text(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            vector: None,
            tenant: "tenant_b",
            filters: Filters::default(),
            relevance: HashMap::new(),
            limit: 10,
            weights: Weights::default(),
        }
    }

    pub fn of(&self, collection: &Collection) -> SearchResult {
        collection.search(&Query {
            text: &self.text,
            vector: self.vector.as_deref(),
            tenant: self.tenant,
            filters: &self.filters,
            concept_relevance: &self.relevance,
            limit: self.limit,
            weights: &self.weights,
        })
    }
}

pub fn market() -> Vec<Document> {
    let mut documents = vec![
        company(
            "usineur",
            "Mécanique de l'Ouest",
            "Bretagne",
            &["Usinage 5 axes", "Usinage de précision"],
            "Usinage de précision cinq axes de pièces en aluminium EN AW-6082, tolérances de ± 0,02 mm.",
        ),
        company(
            "tolier",
            "Inox Services",
            "Occitanie",
            &["Tôlerie fine", "Tôlerie inox"],
            "Tôlerie et chaudronnerie en inox 304L pour l'agroalimentaire. Soudage certifié ISO 3834-2.",
        ),
        company(
            "soudeur",
            "Soudure Lyonnaise",
            "Auvergne-Rhône-Alpes",
            &["Soudage TIG", "Soudeur TIG"],
            "Assemblage par soudage TIG et MIG d'ensembles mécano-soudés.",
        ),
        company(
            "erodeur",
            "Outillage 21",
            "Bourgogne-Franche-Comté",
            &["Électroérosion à fil"],
            "Électroérosion à fil et enfonçage pour moules d'injection.",
        ),
        company(
            "chaudronnier",
            "Ateliers du Nord",
            "Hauts-de-France",
            &["Chaudronnerie"],
            "Cuves et tuyauteries industrielles.",
        ),
        company(
            "forgeron",
            "Forge de l'Adour",
            "Occitanie",
            &["Forge libre"],
            "Pièces forgées à façon.",
        ),
    ];
    documents[2].concepts = vec![concept("c:tig", 1.0, true), concept("c:mig", 0.5, false)];
    documents[0].concepts = vec![concept("c:mig", 0.2, false)];
    documents[5].tenant = "tenant_a".to_owned();
    documents
}

fn concept(id: &str, strength: f32, is_claimed: bool) -> DocumentConcept {
    DocumentConcept {
        id: id.to_owned(),
        strength,
        is_claimed,
        evidence: format!("preuve de {id}"),
    }
}

fn company(id: &str, name: &str, region: &str, labels: &[&str], description: &str) -> Document {
    let mut fields = vec![
        (Field::Name, name.to_owned()),
        (Field::Description, description.to_owned()),
    ];
    fields.extend(
        labels
            .iter()
            .map(|label| (Field::Label, (*label).to_owned())),
    );
    Document {
        id: id.to_owned(),
        tenant: SHARED_TENANT.to_owned(),
        title: name.to_owned(),
        fields,
        facets: BTreeMap::from([("region".to_owned(), vec![region.to_owned()])]),
        quality: 0.5,
        payload: format!("{{\"region\":\"{region}\"}}"),
        ..Document::default()
    }
}

const WORDS: &[&str] = &[
    "usinage",
    "tournage",
    "fraisage",
    "soudage",
    "TIG",
    "tôlerie",
    "inox",
    "316L",
    "précision",
    "5 axes",
    "moule",
    "injection",
    "plastique",
    "forge",
    "aluminium",
    "contrôle",
    "pièces",
    "série",
    "Ø12",
    "électro-érosion",
];

/// A seeded stream of numbers (a linear congruence is random enough here).
pub struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    fn words(&mut self, count: usize) -> String {
        (0..count)
            .map(|_| WORDS[self.below(WORDS.len())])
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn vector(&mut self) -> Vec<f32> {
        (0..16)
            .map(|_| self.below(2000) as f32 / 1000.0 - 0.9)
            .collect()
    }
}

pub fn random_documents(seed: u64, count: usize) -> (Vec<Document>, Vectors) {
    let mut numbers = Numbers(seed.wrapping_add(99));
    let mut rows = Vec::new();
    let documents = (0..count)
        .map(|at| {
            let region = format!("r{}", numbers.below(4));
            let (words, length) = (1 + numbers.below(3), numbers.below(12));
            rows.push((numbers.below(5) > 0).then(|| numbers.vector()));
            Document {
                id: format!("d{at:05}"),
                tenant: ["tenant_a", SHARED_TENANT, "tenant_other"][numbers.below(3)].to_owned(),
                title: format!("Société {at}"),
                fields: vec![
                    (Field::Label, numbers.words(words)),
                    (Field::Description, numbers.words(length)),
                ],
                facets: BTreeMap::from([("region".to_owned(), vec![region.clone()])]),
                concepts: vec![concept(
                    &format!("c{}", numbers.below(6)),
                    numbers.below(100) as f32 / 99.0,
                    true,
                )],
                quality: numbers.below(5) as f32 / 4.0,
                payload: format!("{{\"region\":\"{region}\"}}"),
            }
        })
        .collect::<Vec<_>>();
    let mut documents = documents;
    documents[1].tenant = "tenant_a".to_owned();
    rows[1] = Some(numbers.vector());
    (
        documents,
        Vectors {
            model: "random".to_owned(),
            dimension: 16,
            rows,
        },
    )
}

pub fn random_collection(seed: u64, count: usize, has_vectors: bool) -> Collection {
    let (documents, vectors) = random_documents(seed, count);
    Collection::in_memory(documents, has_vectors.then_some(vectors)).expect("random input is valid")
}

pub fn random_query(seed: u64, limit: usize) -> Ask {
    let mut numbers = Numbers(seed);
    let count = numbers.below(5);
    Ask {
        tenant: "tenant_a",
        vector: Some(numbers.vector()),
        relevance: HashMap::from([("c1".to_owned(), 0.8), ("c4".to_owned(), 0.3)]),
        limit,
        ..Ask::text(&numbers.words(count))
    }
}
