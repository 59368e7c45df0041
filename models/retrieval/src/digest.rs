//! Logical digest of a collection: what it says, not how its files say it.

use crate::build::Prepared;
use crate::lexical::FORMAT;

/// BLAKE3 over the format, the analysis, every document and every vector's bits, each part with its length before it.
pub(crate) fn digest(prepared: &Prepared) -> String {
    let mut hasher = Hasher(blake3::Hasher::new());
    hasher.number(u64::from(FORMAT));
    hasher.number(u64::from(text::ANALYSIS_VERSION));
    hasher.number(prepared.documents.len() as u64);
    for document in &prepared.documents {
        hasher.text(&document.tenant);
        hasher.text(&document.id);
        hasher.text(&document.title);
        hasher.number(u64::from(document.quality.to_bits()));
        hasher.text(&document.payload);
        hasher.number(document.fields.len() as u64);
        for (field, value) in &document.fields {
            hasher.number(field.index() as u64);
            hasher.text(value);
        }
        hasher.number(document.facets.len() as u64);
        for (facet, values) in &document.facets {
            hasher.text(facet);
            hasher.number(values.len() as u64);
            values.iter().for_each(|value| hasher.text(value));
        }
        hasher.number(document.concepts.len() as u64);
        for concept in &document.concepts {
            hasher.text(&concept.id);
            hasher.number(u64::from(concept.strength.to_bits()));
            hasher.number(u64::from(concept.is_claimed));
            hasher.text(&concept.evidence);
        }
    }
    if let Some(vectors) = &prepared.vectors {
        hasher.text(&vectors.model);
        hasher.number(vectors.dimension as u64);
        for (document, row) in prepared.rows() {
            hasher.text(&document.tenant);
            hasher.text(&document.id);
            row.iter()
                .for_each(|value| hasher.number(u64::from(value.to_bits())));
        }
    }
    hasher.0.finalize().to_hex().to_string()
}

struct Hasher(blake3::Hasher);

impl Hasher {
    fn number(&mut self, value: u64) {
        self.0.update(&value.to_le_bytes());
    }

    fn text(&mut self, value: &str) {
        self.number(value.len() as u64);
        self.0.update(value.as_bytes());
    }
}
