//! `embed_texts`: vectors of every text that the match may compare, each text embedded once per encoder.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    path::Path,
    sync::Arc,
};

use anyhow::{Context as _, Result};
use arrow::{
    array::{ArrayRef, AsArray, FixedSizeListArray, Float32Array, StringArray},
    datatypes::{DataType, Field, Float32Type},
    record_batch::RecordBatch,
};
use futures::future::BoxFuture;
use parquet::arrow::ArrowWriter;

use super::Job;
use crate::{
    artefact::Artefact,
    context::{Context, EncoderChoice, Inputs},
    failpoint,
    publish::Collections,
    rows,
};

const CODE: &str = "embed_texts 1";

/// How many texts are embedded between two commits: what a killed run has done is not done again.
const CHUNK: usize = 2048;

/// Embeds the texts of companies, concepts and offers.
pub(super) struct EmbedTexts;

impl Job for EmbedTexts {
    fn name(&self) -> String {
        "embed_texts".to_owned()
    }

    fn reads(&self) -> Vec<String> {
        Collections::TABLES.map(str::to_owned).to_vec()
    }

    fn writes(&self) -> String {
        "models.text_vectors".to_owned()
    }

    fn depends_on(&self, context: &Context) -> Result<BTreeMap<String, String>> {
        Ok(super::encoded_by(CODE, context))
    }

    fn make<'a>(
        &'a self,
        context: &'a Context,
        inputs: &'a Inputs,
        fingerprint: &'a str,
    ) -> BoxFuture<'a, Result<Artefact>> {
        Box::pin(async move {
            let mut artefact = Artefact {
                name: self.writes(),
                fingerprint: fingerprint.to_owned(),
                digest: "no encoder".to_owned(),
                ..Default::default()
            };
            let Some(encoder) = &context.encoder else {
                artefact
                    .notes
                    .push("no encoder: the match is lexical only".to_owned());
                return Ok(artefact);
            };
            let texts: BTreeMap<String, String> = Collections::read(context, inputs)
                .await?
                .texts()
                .map(|text| (text_key(text), text.to_owned()))
                .collect();
            let embedded = TextVectors::add(context, encoder, &self.name(), &texts).await?;
            let keys: BTreeMap<_, _> = texts
                .keys()
                .map(|key| (key.clone(), encoder.id().to_owned()))
                .collect();
            artefact.digest = crate::artefact::fingerprint(&keys);
            artefact.files = files(context, encoder.id()).await?;
            artefact.rows = BTreeMap::from([
                ("rows".to_owned(), keys.len() as u64),
                ("embedded".to_owned(), embedded),
            ]);
            Ok(artefact)
        })
    }
}

/// Returns the key of a text: a digest of its content.
pub(crate) fn text_key(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..32].to_owned()
}

fn folder(encoder: &str) -> String {
    format!("models/text_vectors/{encoder}")
}

/// Embeds texts and adds them to the store of their encoder's vectors.
async fn embed(
    context: &Context,
    choice: &EncoderChoice,
    texts: &[(&String, &String)],
) -> Result<()> {
    let encoder = choice.get()?;
    let mut sorted = texts.to_vec();
    sorted.sort();
    let keys: Vec<String> = sorted.iter().map(|(key, _)| (*key).clone()).collect();
    let owned: Vec<String> = sorted.iter().map(|(_, text)| (*text).clone()).collect();
    let vectors = tokio::task::spawn_blocking(move || {
        encoder.encode(&owned.iter().map(String::as_str).collect::<Vec<_>>())
    })
    .await??;
    let dimension = vectors.first().map_or(0, Vec::len);
    let flat = Float32Array::from_iter_values(vectors.into_iter().flatten());
    let item = Arc::new(Field::new("item", DataType::Float32, true));
    let list = FixedSizeListArray::try_new(item, i32::try_from(dimension)?, Arc::new(flat), None)?;
    let batch = RecordBatch::try_from_iter([
        ("key", Arc::new(StringArray::from(keys.clone())) as ArrayRef),
        ("vector", Arc::new(list)),
    ])?;
    let scratch = context.lake.scratch()?;
    let file = scratch.file("vectors.parquet");
    let mut writer = ArrowWriter::try_new(std::fs::File::create(&file)?, batch.schema(), None)?;
    writer.write(&batch)?;
    writer.close()?;
    let name = text_key(&keys.concat());
    context
        .lake
        .commit(&file, &format!("{}/{name}.parquet", folder(choice.id())))
        .await?;
    Ok(())
}

/// The vectors of one encoder that the lake holds.
pub(crate) struct TextVectors;

impl TextVectors {
    /// Embeds those of the texts, given by key, that the lake lacks; returns how many. `job` names who asks.
    pub(crate) async fn add(
        context: &Context,
        encoder: &EncoderChoice,
        job: &str,
        texts: &BTreeMap<String, String>,
    ) -> Result<u64> {
        let known = Self::keys(context, encoder.id()).await?;
        let mut missing: Vec<(&String, &String)> = texts
            .iter()
            .filter(|(key, _)| !known.contains(*key))
            .collect();
        let count = missing.len() as u64;
        let progress = context.reporter.items(job, "texts", count);
        // Texts of like length share a chunk, so that batches within it are full.
        missing.sort_by_key(|(key, text)| (text.len(), *key));
        for chunk in missing.chunks(CHUNK) {
            embed(context, encoder, chunk).await?;
            failpoint::point("embed_texts.after_chunk");
            progress.advance(chunk.len() as u64);
        }
        Ok(count)
    }

    /// Returns the keys of the texts already embedded by an encoder.
    async fn keys(context: &Context, encoder: &str) -> Result<HashSet<String>> {
        let mut keys = HashSet::new();
        for file in files(context, encoder).await? {
            let local = context.lake.local(&file).await?;
            for batch in rows::open(local.path())? {
                keys.extend(column_keys(&batch?).map(str::to_owned));
            }
        }
        Ok(keys)
    }

    /// Returns the vectors of the given texts, by key.
    pub(crate) async fn load(
        context: &Context,
        encoder: &str,
        wanted: &BTreeSet<String>,
    ) -> Result<HashMap<String, Vec<f32>>> {
        let mut vectors = HashMap::with_capacity(wanted.len());
        for file in files(context, encoder).await? {
            let local = context.lake.local(&file).await?;
            read(local.path(), wanted, &mut vectors)?;
        }
        Ok(vectors)
    }
}

async fn files(context: &Context, encoder: &str) -> Result<Vec<String>> {
    let entries = context.lake.list(&folder(encoder)).await?;
    Ok(entries.into_iter().map(|entry| entry.path).collect())
}

fn column_keys(batch: &RecordBatch) -> impl Iterator<Item = &str> {
    let keys = batch
        .column_by_name("key")
        .and_then(|column| column.as_string_opt::<i32>());
    keys.into_iter().flat_map(|keys| keys.iter().flatten())
}

fn read(
    path: &Path,
    wanted: &BTreeSet<String>,
    vectors: &mut HashMap<String, Vec<f32>>,
) -> Result<()> {
    for batch in rows::open(path)? {
        let batch = batch?;
        let list = batch
            .column_by_name("vector")
            .and_then(|column| column.as_fixed_size_list_opt())
            .with_context(|| format!("{} holds no vectors", path.display()))?;
        for (row, key) in column_keys(&batch).enumerate() {
            if wanted.contains(key) {
                let vector = list.value(row);
                vectors.insert(
                    key.to_owned(),
                    vector.as_primitive::<Float32Type>().values().to_vec(),
                );
            }
        }
    }
    Ok(())
}
