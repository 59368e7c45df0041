//! Writing a snapshot's sections to a folder, and its manifest last.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use retrieval::{FieldWeights, Fusion, Weights};
use schemas::{
    CarriedOver, EncoderCard, ExperimentCard, FileEntry, GateResult, MANIFEST_CHECKSUM,
    MANIFEST_FILE, MANIFEST_FORMAT, Manifest, Pointer, RerankerCard, Section, SnapshotId,
    TableEntry,
};

use super::{Collections, JudgedSections, SectionWeights, tuned, write_models, write_reference};
use crate::{
    artefact::Artefact,
    context::{Context, Inputs},
};

/// Tables that a snapshot carries as they are: section, table.
const TABLES: [(Section, &str); 3] = [
    (Section::Market, "gold.market_demand"),
    (Section::Kpis, "gold.run_summary"),
    (Section::Kpis, "gold.marketplace_kpis"),
];

/// A snapshot in a scratch folder, not yet in the lake.
pub(crate) struct Assembly {
    dir: PathBuf,
    tables: BTreeMap<String, TableEntry>,
    encoder: Option<EncoderCard>,
    weights: SectionWeights,
    held: BTreeMap<String, String>,
}

/// Writes every section of a snapshot below `dir`, and tunes their weights on what is judged.
pub(crate) async fn assemble(
    context: &Context,
    inputs: &Inputs,
    judged: &JudgedSections,
    dir: &Path,
) -> Result<Assembly> {
    let mut tables = BTreeMap::new();
    let mut encoder = None;
    let collections = Collections::read(context, inputs)
        .await?
        .with_vectors(context)
        .await?;
    let progress = context
        .reporter
        .items("publish_snapshot", "sections", collections.len() as u64);
    for (section, documents, vectors) in collections {
        if let (Some(vectors), Some(choice)) = (&vectors, &context.encoder) {
            let (id, dimension) = (choice.id().to_owned(), vectors.dimension);
            encoder = Some(EncoderCard { id, dimension });
        }
        let folder = dir.join(section.as_str());
        std::fs::create_dir_all(&folder)?;
        let stats = retrieval::build(&folder, documents, vectors)
            .await
            .with_context(|| format!("section {}", section.as_str()))?;
        let entry = TableEntry {
            rows: stats.documents,
            digest: stats.digest,
        };
        tables.insert(section.as_str().to_owned(), entry);
        progress.advance(1);
    }
    tables.extend(write_reference(context, inputs, dir).await?);
    tables.extend(write_models(context, inputs, dir).await?);
    for (section, table) in TABLES {
        let made = context.input(inputs, table)?;
        let name = table.trim_start_matches("gold.");
        let folder = dir.join(section.as_str());
        std::fs::create_dir_all(&folder)?;
        let file = context.input_file(inputs, table).await?;
        std::fs::copy(file.path(), folder.join(format!("{name}.parquet")))?;
        let entry = TableEntry {
            rows: made.count("rows"),
            digest: made.digest.clone(),
        };
        tables.insert(table.to_owned(), entry);
    }
    Ok(Assembly {
        dir: dir.to_owned(),
        tables,
        encoder,
        held: held(inputs),
        weights: SectionWeights::choose(dir, judged, &tuned(context.before.as_ref())).await?,
    })
}

/// Returns the outputs of earlier runs that stand though what they are made of has changed, as sentences, by table.
fn held(inputs: &Inputs) -> BTreeMap<String, String> {
    let stale = |(name, made): (&String, &Artefact)| Some((name.clone(), made.held.clone()?));
    inputs.iter().filter_map(stale).collect()
}

impl Assembly {
    /// Returns the folder.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Returns the logical content by table or collection.
    pub(crate) fn tables(&self) -> &BTreeMap<String, TableEntry> {
        &self.tables
    }

    /// Returns the weights of the sections.
    pub(crate) fn weights(&self) -> &SectionWeights {
        &self.weights
    }

    /// Writes the manifest and its checksum; returns the pointer that announces the snapshot.
    pub(crate) fn seal(
        self,
        context: &Context,
        id: SnapshotId,
        parent: Option<SnapshotId>,
        code_digest: &str,
        (experiment, gates): (Option<ExperimentCard>, Vec<GateResult>),
        carried_over: BTreeMap<String, CarriedOver>,
    ) -> Result<Pointer> {
        let contracts = context.project.catalog().iter();
        let manifest = Manifest {
            format: MANIFEST_FORMAT,
            id: id.clone(),
            slot: context.slot,
            parent,
            code_digest: code_digest.to_owned(),
            contracts: contracts
                .map(|c| (c.table.to_string(), c.version.clone()))
                .collect(),
            files: listed(&self.dir)?,
            tables: self.tables,
            encoder: self.encoder,
            reranker: reranker(context),
            experiment,
            held: self.held,
            carried_over,
            gates,
            fusion: self.weights.parameters(),
        };
        let bytes = serde_json::to_vec_pretty(&manifest)?;
        let manifest_blake3 = blake3::hash(&bytes).to_hex().to_string();
        std::fs::write(self.dir.join(MANIFEST_FILE), bytes)?;
        std::fs::write(self.dir.join(MANIFEST_CHECKSUM), &manifest_blake3)?;
        Ok(Pointer {
            id,
            manifest_blake3,
        })
    }
}

/// Lists the files of a folder with their sizes and checksums.
fn listed(dir: &Path) -> Result<BTreeMap<String, FileEntry>> {
    let entry = |file: String| Ok((file.clone(), snapshot::entry(&dir.join(file))?));
    snapshot::files(dir)?.into_iter().map(entry).collect()
}

/// What a reranker counts beside all legs together: as much. Adding both scores rather than taking the cross-encoder's alone follows
/// Akkalyoncu Yilmaz et al. 2019; the proportion is not measured, for no cross-encoder's weights could be had.
const RERANK_WEIGHT: f64 = 1.0;

/// Returns the run's cross-encoder, as the manifest names it.
pub(crate) fn reranker(context: &Context) -> Option<RerankerCard> {
    let id = context.reranker.clone()?;
    Some(RerankerCard {
        id,
        weight: RERANK_WEIGHT,
    })
}

/// Returns the weights of the legs by section that need no judgement. A company is found by what it knows: its best concept counts most, and
/// a word of its name counts little, for « Image numérique » prints photographs.
pub(crate) fn fusion() -> serde_json::Value {
    let companies = Weights {
        lexical: 0.37,
        subword: 0.06,
        vector: 0.50,
        concept: 0.42,
        context: 0.05,
        fields: FieldWeights {
            name: 0.5,
            ..FieldWeights::DEFAULT
        },
        fusion: Fusion::WeightedSum,
        // The vector leg has a smaller share here than by default, and so have its neighbours.
        neighbours: 0.25,
    };
    let other = Weights::default();
    serde_json::json!({ "companies": companies, "concepts": other, "offers": other })
}
