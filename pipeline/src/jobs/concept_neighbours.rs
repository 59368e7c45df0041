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

/// From which cosine two concepts are worth a look. Of the 16,421 concepts of ROME 3.47 with all-MiniLM-L6-v2, 78 pairs are proposed by
/// their vectors alone: judged by eye, one know-how in 7 of 16 from 0.97 on, 2 of 16 from 0.96, 12 of 46 from 0.95. At 0.92 there
/// are four times as many pairs, and they are mostly sister trades. The nearest are listed first.
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
