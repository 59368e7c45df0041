//! `publish_snapshot`: the audited, immutable directory that nodes serve.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Result, bail};
use futures::future::BoxFuture;
use schemas::{CarriedOver, MANIFEST_CHECKSUM, MANIFEST_FILE, Manifest, Pointer, SnapshotId};
use snapshot::{Reader, SnapshotError, snapshot_path};

use super::Job;
use crate::{
    artefact::{Artefact, fingerprint},
    context::{Context, Inputs},
    failpoint,
    publish::{
        self, Announced, Arms, Assembly, Audit, Collections, JudgedSections, SectionWeights,
    },
};

const CODE: &str = "publish_snapshot 6";

/// What the snapshot's content is made of, beside the weights of its sections; every other table is only audited.
fn content() -> impl Iterator<Item = &'static str> {
    let others = [
        "gold.market_demand",
        "gold.run_summary",
        "models.text_vectors",
    ];
    let tables = Collections::TABLES
        .into_iter()
        .chain(publish::reference_tables());
    tables.chain(publish::MODELS).chain(others)
}

/// Assembles, audits and announces the snapshot.
pub(crate) struct PublishSnapshot {
    reads: Vec<String>,
}

impl PublishSnapshot {
    pub(super) fn new(reads: Vec<String>) -> Self {
        Self { reads }
    }
}

impl Job for PublishSnapshot {
    fn name(&self) -> String {
        "publish_snapshot".to_owned()
    }

    fn reads(&self) -> Vec<String> {
        self.reads.clone()
    }

    fn writes(&self) -> String {
        "snapshot".to_owned()
    }

    fn depends_on(&self, context: &Context) -> Result<BTreeMap<String, String>> {
        let mut parts = content_code(context);
        // They are compared with what is judged, and say nothing of the content that comes out.
        let previous = serde_json::to_string(&publish::tuned(context.before.as_ref()))?;
        parts.insert("previous weights".to_owned(), previous);
        let experiment = format!("{:?}", context.project.experiment()?);
        parts.insert("experiment".to_owned(), experiment);
        Ok(parts)
    }

    fn make<'a>(
        &'a self,
        context: &'a Context,
        inputs: &'a Inputs,
        fingerprint: &'a str,
    ) -> BoxFuture<'a, Result<Artefact>> {
        Box::pin(self.publish(context, inputs, fingerprint))
    }

    /// It holds the documents of every section while it writes them and indexes them.
    fn is_alone(&self) -> bool {
        true
    }

    /// The output stands while its snapshot is the announced one: after a roll-back it is announced again.
    fn stands<'a>(
        &'a self,
        context: &'a Context,
        made: &'a Artefact,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            if !context.announces {
                let id = made.digest.parse()?;
                let cache = context.lake.scratch()?;
                return Ok(reader(context).bring(&id, None, cache.path()).await.is_ok());
            }
            let current = Announced::read(context).await?.pointer;
            let Some(pointer) = current.filter(|pointer| pointer.id.as_str() == made.digest) else {
                return Ok(false);
            };
            let cache = context.lake.copies()?;
            match reader(context).materialise(&pointer, cache.path()).await {
                Ok(_) => Ok(true),
                Err(SnapshotError::Refused { .. }) => Ok(false),
                Err(error) => Err(error.into()),
            }
        })
    }
}

/// Returns what the content depends on besides its inputs and the weights of its sections.
fn content_code(context: &Context) -> BTreeMap<String, String> {
    let layouts = [retrieval::layout_version(), suggest::layout_version()];
    let code = format!("{CODE}, {}", layouts.join(", "));
    let mut parts = super::encoded_by(&code, context);
    parts.insert("fusion".to_owned(), publish::fusion().to_string());
    parts.insert("tuning".to_owned(), publish::weights_code());
    if let Some(card) = publish::reranker(context) {
        let reranker = format!("{} × {}", card.id, card.weight);
        parts.insert("reranker".to_owned(), reranker);
    }
    parts
}

fn reader(context: &Context) -> Reader {
    Reader::new(context.lake.store().clone())
}

impl PublishSnapshot {
    async fn publish(&self, context: &Context, inputs: &Inputs, key: &str) -> Result<Artefact> {
        let scratch = context.lake.scratch()?;
        let mut draft = Draft {
            inputs,
            judged: publish::judged(context, inputs).await?,
            dir: scratch.file("snapshot"),
            assembly: None,
            arms: None,
        };
        let code = content_code(context);
        let mut digests = code.clone();
        let weights = draft.weights(context).await?;
        digests.insert("weights".to_owned(), weights.weights().to_string());
        draft.arms = Arms::prepare(context, inputs, &weights).await?;
        if let Some(card) = draft.arms.as_ref().and_then(Arms::card) {
            digests.insert("experiment".to_owned(), serde_json::to_string(card)?);
        }
        for name in content() {
            digests.insert(
                format!("input {name}"),
                context.input(inputs, name)?.digest.clone(),
            );
        }
        let id = SnapshotId::derive(&digests);
        let reader = reader(context);
        let announced = Announced::read(context).await?;
        let parent = match &announced.pointer {
            Some(pointer) => match reader.manifest(&pointer.id, Some(pointer)).await {
                // Nothing is known of it where the store failed: gates would compare with nothing.
                Err(error @ SnapshotError::Store { .. }) => return Err(error.into()),
                manifest => manifest.ok(),
            },
            None => None,
        };
        // Read back by the code that nodes use, from the lake, every byte. A snapshot that an earlier run left
        // incomplete, damaged or refused is written again.
        let cache = context.lake.copies()?;
        let (verified, failed) = match reader.bring(&id, None, cache.path()).await {
            Ok(verified) if failed_gates(&verified.manifest).is_empty() => {
                // What an earlier run wrote was compared with another parent.
                let largest_loss = context.project.catalog().snapshot_gates().max_loss;
                let tables = &verified.manifest.tables;
                let mut gates = publish::row_counts(tables, parent.as_ref(), largest_loss);
                gates.extend(publish::table_gates(inputs));
                (verified, publish::failures(&gates))
            }
            Err(error) if !matches!(error, SnapshotError::Refused { .. }) => {
                return Err(error.into());
            }
            _ => {
                draft
                    .write(context, &id, parent.as_ref(), &fingerprint(&code))
                    .await?;
                let verified = reader.bring(&id, None, cache.path()).await?;
                let failed = failed_gates(&verified.manifest);
                (verified, failed)
            }
        };
        if !failed.is_empty() {
            bail!(SnapshotRefused { id, failed });
        }
        let checksum = std::fs::read_to_string(verified.dir.join(MANIFEST_CHECKSUM))?;
        let pointer = Pointer {
            id: id.clone(),
            manifest_blake3: checksum,
        };
        if context.announces {
            announced.announce(context, &pointer).await?;
        }
        Ok(Artefact {
            name: self.writes(),
            fingerprint: key.to_owned(),
            digest: id.to_string(),
            files: verified
                .manifest
                .files
                .keys()
                .map(|f| format!("{}/{f}", snapshot_path(&id)))
                .collect(),
            rows: verified
                .manifest
                .tables
                .iter()
                .map(|(t, entry)| (t.clone(), entry.rows))
                .collect(),
            notes: draft.notes(),
            ..Default::default()
        })
    }
}

/// A snapshot on its way into the lake.
struct Draft<'a> {
    inputs: &'a Inputs,
    /// What the weights of its sections are tuned on.
    judged: JudgedSections,
    /// Where it is assembled.
    dir: PathBuf,
    /// What was assembled so far.
    assembly: Option<Assembly>,
    /// The experiment that is declared, where one is.
    arms: Option<Arms>,
}

impl Draft<'_> {
    /// Returns the weights of the sections, which are content. Where something is judged that takes the sections themselves.
    async fn weights(&mut self, context: &Context) -> Result<SectionWeights> {
        if self.judged.is_empty() {
            let previous = publish::tuned(context.before.as_ref());
            return SectionWeights::untold(&previous);
        }
        let assembly = self.assemble(context).await?;
        let weights = assembly.weights().clone();
        self.assembly = Some(assembly);
        Ok(weights)
    }

    /// What a person should know.
    fn notes(&self) -> Vec<String> {
        let gate = self.arms.as_ref().map(Arms::gate);
        let note = gate.map(|gate| format!("{}: {}", gate.name, gate.detail));
        note.into_iter().collect()
    }

    async fn assemble(&self, context: &Context) -> Result<Assembly> {
        std::fs::create_dir_all(&self.dir)?;
        publish::assemble(context, self.inputs, &self.judged, &self.dir).await
    }

    /// Audits the snapshot and writes it into the lake.
    async fn write(
        &mut self,
        context: &Context,
        id: &SnapshotId,
        parent: Option<&Manifest>,
        code_digest: &str,
    ) -> Result<()> {
        let assembly = match self.assembly.take() {
            Some(assembly) => assembly,
            None => self.assemble(context).await?,
        };
        let experiment = self.arms.as_ref().and_then(Arms::card).cloned();
        if let Some(arms) = &self.arms {
            arms.write(assembly.dir())?;
        }
        let gates = publish::audit(&Audit {
            context,
            assembly: &assembly,
            parent,
            inputs: self.inputs,
            judged: &self.judged,
            arms: self.arms.as_ref(),
            catalog: context.project.catalog(),
        })
        .await?;
        let parent = parent
            .map(|manifest| manifest.id.clone())
            .filter(|parent| parent != id);
        let dir = assembly.dir().to_owned();
        assembly.seal(
            context,
            id.clone(),
            parent,
            code_digest,
            (experiment, gates),
            carried_over(self.inputs),
        )?;
        failpoint::point("publish.before_write");
        // What an interrupted run left there is not part of this snapshot.
        for entry in context.lake.list(&snapshot_path(id)).await? {
            context.lake.delete(&entry.path).await?;
        }
        let mut files: Vec<String> = snapshot::files(&dir)?.into_iter().collect();
        // The manifest comes last, and its checksum after it: a snapshot without it is not one.
        files.sort_by_key(|file| {
            (
                file == MANIFEST_CHECKSUM,
                file == MANIFEST_FILE,
                file.clone(),
            )
        });
        for file in files {
            context
                .lake
                .commit(&dir.join(&file), &format!("{}/{file}", snapshot_path(id)))
                .await?;
            failpoint::point("publish.after_file");
        }
        Ok(())
    }
}

/// Returns the tables of which an earlier artefact stands in, with what stands there.
fn carried_over(inputs: &Inputs) -> BTreeMap<String, CarriedOver> {
    let carried = inputs
        .iter()
        .filter_map(|(name, made)| Some((name.clone(), made.carried_over.clone()?)));
    carried.collect()
}

fn failed_gates(manifest: &Manifest) -> Vec<String> {
    publish::failures(&manifest.gates)
}

/// A gate refused the snapshot: it stays in the lake to be looked at, and the announced one stays announced.
#[derive(Debug)]
pub(crate) struct SnapshotRefused {
    id: SnapshotId,
    failed: Vec<String>,
}

impl std::fmt::Display for SnapshotRefused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "snapshot {} is refused: {}",
            self.id,
            self.failed.join("; ")
        )
    }
}

impl std::error::Error for SnapshotRefused {}
