//! What a night's fits came to, as files of the lake.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use anyhow::{Context as _, Result};
use deals::{DealModels, Kind, ModelCard, model_file};
use serde::{Deserialize, Serialize};

use super::{Registry, Standing, table::Key};
use crate::{
    artefact::{Artefact, fingerprint},
    context::{Context, Inputs},
};

/// The fits' cards, promoted or not.
const FITTED: &str = "fitted.json";
/// What was said of the rows before they were learnt from.
const UNSEEN: &str = "unseen.json";
/// What people decided of the models in place.
const STANDINGS: &str = "standings.json";

/// The models to serve, and how tonight's fits went.
#[derive(Debug, Default)]
pub(crate) struct Fits {
    /// What is served: tonight's where it was promoted, else the one in place.
    pub(crate) served: DealModels,
    /// Tonight's cards.
    pub(crate) fitted: Vec<ModelCard>,
    /// What the fits that are served said of deals that they had not seen.
    pub(crate) unseen: Unseen,
    /// What people decided of what is served, by the models' names.
    pub(crate) standings: BTreeMap<String, Standing>,
    /// The bytes of tonight's fits, by name: they go to the registry, and are not read back.
    pub(crate) bytes: BTreeMap<String, Vec<u8>>,
}

/// Kind and deal → what was said of it unseen: prices in cents at each level, or one likelihood.
pub(crate) type Unseen = HashMap<(Kind, Key), Vec<f64>>;

/// One line of the unseen.
#[derive(Serialize, Deserialize)]
struct Line {
    kind: Kind,
    tenant: String,
    id: String,
    said: Vec<f64>,
}

impl Fits {
    /// Commits the fits as files of the artefact `name`.
    pub(crate) async fn commit(
        &self,
        context: &Context,
        name: &str,
        key: &str,
    ) -> Result<Artefact> {
        let scratch = context.lake.scratch()?;
        let folder = scratch.path();
        self.served.save(folder)?;
        self.keep(context, folder).await?;
        std::fs::write(
            folder.join(STANDINGS),
            serde_json::to_vec_pretty(&self.standings)?,
        )?;
        std::fs::write(
            folder.join(FITTED),
            serde_json::to_vec_pretty(&self.fitted)?,
        )?;
        let mut lines: Vec<Line> = self.unseen.iter().map(line).collect();
        lines.sort_by(|a, b| (a.kind, &a.tenant, &a.id).cmp(&(b.kind, &b.tenant, &b.id)));
        std::fs::write(folder.join(UNSEEN), serde_json::to_vec(&lines)?)?;
        let mut artefact = Artefact {
            name: name.to_owned(),
            fingerprint: key.to_owned(),
            digest: self.digest()?,
            rows: BTreeMap::from([
                (
                    "fitted".to_owned(),
                    self.fitted
                        .iter()
                        .filter(|card| !card.version.is_empty())
                        .count() as u64,
                ),
                ("served".to_owned(), self.served.cards().len() as u64),
            ]),
            ..Default::default()
        };
        for file in snapshot::files(folder)? {
            let path = format!("models/{}/{key}/{file}", name.trim_start_matches("models."));
            context.lake.commit(&folder.join(&file), &path).await?;
            artefact.files.push(path);
        }
        let pinned = |card: &&ModelCard| self.standings.get(&card.name) == Some(&Standing::Pinned);
        let cards = self.served.cards();
        let pins = cards.into_iter().filter(pinned);
        let pins = pins.map(|card| format!("{}: version {} is pinned", card.name, card.version));
        artefact.notes = pins.collect();
        let refused = self
            .fitted
            .iter()
            .filter(|card| !card.is_promoted())
            .map(|card| {
                let stays = if self
                    .served
                    .cards()
                    .iter()
                    .any(|served| served.name == card.name)
                {
                    "the model in place stays"
                } else {
                    "none is served"
                };
                format!("{}: {}; {stays}", card.name, card.sentence())
            });
        artefact.notes.extend(refused);
        Ok(artefact)
    }

    /// Keeps tonight's fits in the registry, promoted or not, and what is served beside them.
    async fn keep(&self, context: &Context, saved: &Path) -> Result<()> {
        let registry = Registry::new(&context.lake);
        for card in &self.fitted {
            if let Some(bytes) = self.bytes.get(&card.name) {
                registry.keep(card, bytes).await?;
            }
        }
        for card in self.served.cards() {
            let bytes = std::fs::read(saved.join(model_file(&card.name)))?;
            registry.keep(card, &bytes).await?;
        }
        Ok(())
    }

    /// Reads what a job committed as `name`.
    pub(crate) async fn read(context: &Context, inputs: &Inputs, name: &str) -> Result<Self> {
        let scratch = context.lake.scratch()?;
        for file in &context.input(inputs, name)?.files {
            let bytes = context
                .lake
                .read(file)
                .await?
                .with_context(|| format!("{file} is gone"))?;
            let name = file.rsplit('/').next().unwrap_or(file);
            std::fs::write(scratch.path().join(name), &bytes)?;
        }
        let unseen: Vec<Line> = read_json(scratch.path(), UNSEEN)?;
        Ok(Self {
            served: DealModels::open(scratch.path())?,
            fitted: read_json(scratch.path(), FITTED)?,
            unseen: unseen.into_iter().map(entry).collect(),
            standings: read_json(scratch.path(), STANDINGS)?,
            bytes: BTreeMap::new(),
        })
    }

    /// Says whether a card is one of tonight's fits: its model has not seen what it did not say unseen.
    pub(crate) fn is_new(&self, card: &ModelCard) -> bool {
        self.fitted
            .iter()
            .any(|fitted| fitted.version == card.version)
    }

    /// What the artefact is, whatever the slot that made it.
    fn digest(&self) -> Result<String> {
        let standings = serde_json::to_string(&self.standings)?;
        let mut parts = BTreeMap::from([("standings".to_owned(), standings)]);
        for (what, cards) in [
            ("served", self.served.cards()),
            ("fitted", self.fitted.iter().collect()),
        ] {
            for card in cards {
                let card = ModelCard {
                    slot: String::new(),
                    ..card.clone()
                };
                parts.insert(
                    format!("{what} {}", card.name),
                    serde_json::to_string(&card)?,
                );
            }
        }
        Ok(fingerprint(&parts))
    }
}

fn line(((kind, key), said): (&(Kind, Key), &Vec<f64>)) -> Line {
    Line {
        kind: *kind,
        tenant: key.tenant.clone(),
        id: key.id.clone(),
        said: said.clone(),
    }
}

fn entry(line: Line) -> ((Kind, Key), Vec<f64>) {
    let key = Key {
        tenant: line.tenant,
        id: line.id,
    };
    ((line.kind, key), line.said)
}

fn read_json<T: serde::de::DeserializeOwned>(folder: &Path, file: &str) -> Result<T> {
    let bytes = std::fs::read(folder.join(file)).with_context(|| format!("cannot read {file}"))?;
    serde_json::from_slice(&bytes).with_context(|| format!("{file} is malformed"))
}
