//! `gold.concept_neighbours`: pairs of concepts whose vectors nearly coincide, by the encoder that the match uses.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Result;
use arrow::{
    array::{ArrayRef, Float64Array, StringArray},
    record_batch::RecordBatch,
};
use futures::future::BoxFuture;
use retrieval::{NearPair, Nearness, near_pairs};
use schemas::{Layer, TableName};

use super::Job;
use crate::{
    artefact::Artefact,
    context::{Context, Inputs},
    publish::Collections,
};

const CODE: &str = "concept_neighbours 1";

/// From which cosine two concepts are worth a look. Of 8,856 ROME labels (skills, occupations, titles of industry and
/// maintenance) and all-MiniLM-L6-v2, pairs that share fewer than seven words of ten and the same numbers are one know-how, judged by
/// eye, in 11 of 17 cases from 0.96 on, 10 of 23 from 0.95, 14 of 34 from 0.94 and about one in five at 0.92, where there are
/// four times as many.
const NEARNESS: Nearness = Nearness {
    least_cosine: 0.95,
    neighbours: 20,
};

/// Finds the concepts that are nearly the same to the encoder.
pub(super) struct ConceptNeighbours;

fn table() -> TableName {
    TableName::new(Layer::Gold, "concept_neighbours")
}

impl Job for ConceptNeighbours {
    fn name(&self) -> String {
        table().to_string()
    }

    fn reads(&self) -> Vec<String> {
        [Collections::CONCEPTS, "models.text_vectors"]
            .map(str::to_owned)
            .to_vec()
    }

    fn writes(&self) -> String {
        self.name()
    }

    fn depends_on(&self, context: &Context) -> Result<BTreeMap<String, String>> {
        let mut parts = super::encoded_by(CODE, context);
        parts.insert("contract".to_owned(), context.contract(&table())?.digest());
        Ok(parts)
    }

    fn make<'a>(
        &'a self,
        context: &'a Context,
        inputs: &'a Inputs,
        fingerprint: &'a str,
    ) -> BoxFuture<'a, Result<Artefact>> {
        Box::pin(async move {
            let pairs = pairs(context, inputs).await?;
            let mut artefact =
                super::commit_table(context, &table(), &batch(&pairs)?, fingerprint).await?;
            if context.encoder.is_none() {
                artefact.notes.push(
                    "no encoder: near-duplicate concepts are looked for by their words only"
                        .to_owned(),
                );
            }
            Ok(artefact)
        })
    }
}

/// Returns the near pairs, in the order of their ids; none where there are no vectors.
async fn pairs(context: &Context, inputs: &Inputs) -> Result<Vec<NearPair>> {
    if context.encoder.is_none() {
        return Ok(Vec::new());
    }
    let concepts = Collections::read_concepts(context, inputs).await?;
    let mut pairs = Vec::new();
    for (_, documents, vectors) in concepts.with_vectors(context).await? {
        if let Some(vectors) = vectors {
            let find = move || near_pairs(documents, vectors, &NEARNESS);
            pairs.extend(tokio::task::spawn_blocking(find).await??);
        }
    }
    Ok(pairs)
}

fn batch(pairs: &[NearPair]) -> Result<RecordBatch> {
    let texts = |value: fn(&NearPair) -> &str| -> ArrayRef {
        Arc::new(
            pairs
                .iter()
                .map(|pair| Some(value(pair)))
                .collect::<StringArray>(),
        )
    };
    // Four decimals are more than an encoder's cosine is worth.
    let cosine = |pair: &NearPair| (f64::from(pair.cosine) * 10_000.0).round() / 10_000.0;
    let cosines: ArrayRef = Arc::new(Float64Array::from_iter_values(pairs.iter().map(cosine)));
    Ok(RecordBatch::try_from_iter([
        ("concept_id", texts(|pair| &pair.id)),
        ("other_concept_id", texts(|pair| &pair.other_id)),
        ("cosine", cosines),
    ])?)
}
