//! The three search collections, read from gold.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::{Result, bail};
use retrieval::{Document, Vectors};
use schemas::Section;

use super::documents::{Indexed, company, concept, offer};
use crate::{
    context::{Context, Inputs},
    jobs::{TextVectors, text_key},
    rows::{self, Row},
};

/// The documents of a snapshot, by section.
pub(crate) struct Collections {
    sections: BTreeMap<Section, Vec<Indexed>>,
}

/// A table and how a row of it becomes a document.
type Recipe = (Section, &'static str, fn(Row<'_>) -> Indexed);

const CONCEPTS: Recipe = (Section::Concepts, "gold.concepts", concept);
const RECIPES: [Recipe; 3] = [
    (Section::Companies, "gold.match_corpus", company),
    CONCEPTS,
    (Section::Offers, "gold.offers", offer),
];

impl Collections {
    /// The tables that collections are read from.
    pub(crate) const TABLES: [&'static str; 3] = [RECIPES[0].1, RECIPES[1].1, RECIPES[2].1];
    /// The one that concepts are read from.
    pub(crate) const CONCEPTS: &'static str = CONCEPTS.1;

    /// Reads the documents of every collection.
    pub(crate) async fn read(context: &Context, inputs: &Inputs) -> Result<Self> {
        Self::of(context, inputs, &RECIPES).await
    }

    /// Reads the documents of the concepts alone.
    pub(crate) async fn read_concepts(context: &Context, inputs: &Inputs) -> Result<Self> {
        Self::of(context, inputs, &[CONCEPTS]).await
    }

    async fn of(context: &Context, inputs: &Inputs, recipes: &[Recipe]) -> Result<Self> {
        let mut sections = BTreeMap::new();
        for (section, table, read) in recipes {
            let file = context.input_file(inputs, table).await?;
            let mut documents = Vec::new();
            for batch in rows::open(file.path())? {
                documents.extend(Row::all(&batch?).map(read));
            }
            sections.insert(*section, documents);
        }
        Ok(Self { sections })
    }

    /// Returns every text to embed.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        let texts = self
            .sections
            .values()
            .flatten()
            .map(|indexed| indexed.text.as_str());
        texts.filter(|text| !text.is_empty())
    }

    /// Returns each section's documents with their vectors, where the run has an encoder.
    pub(crate) async fn with_vectors(
        self,
        context: &Context,
    ) -> Result<Vec<(Section, Vec<Document>, Option<Vectors>)>> {
        let Some(encoder) = &context.encoder else {
            let lexical = |(section, documents): (Section, Vec<Indexed>)| {
                (
                    section,
                    documents.into_iter().map(|d| d.document).collect(),
                    None,
                )
            };
            return Ok(self.sections.into_iter().map(lexical).collect());
        };
        let wanted: BTreeSet<String> = self.texts().map(text_key).collect();
        let vectors = TextVectors::load(context, encoder.id(), &wanted).await?;
        let missing = wanted
            .iter()
            .filter(|key| !vectors.contains_key(*key))
            .count();
        if missing > 0 {
            bail!(
                "{missing} of {} texts have no vector of {}",
                wanted.len(),
                encoder.id()
            );
        }
        let dimension = vectors.values().next().map_or(0, Vec::len);
        let section = |(section, documents): (Section, Vec<Indexed>)| {
            let (documents, rows) = pair(documents, &vectors);
            let model = encoder.id().to_owned();
            (
                section,
                documents,
                (dimension > 0).then_some(Vectors {
                    model,
                    dimension,
                    rows,
                }),
            )
        };
        Ok(self.sections.into_iter().map(section).collect())
    }
}

fn pair(
    documents: Vec<Indexed>,
    vectors: &HashMap<String, Vec<f32>>,
) -> (Vec<Document>, Vec<Option<Vec<f32>>>) {
    let with = |indexed: Indexed| {
        let vector = vectors.get(&text_key(&indexed.text)).cloned();
        (indexed.document, vector)
    };
    documents.into_iter().map(with).unzip()
}
