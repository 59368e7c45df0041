//! What stands: the artefact of each job as readers find it, told in one object, so that it changes as a set.

use std::collections::BTreeMap;

use anyhow::Result;
use lake::{Lake, LakeError, RunId};
use schemas::Slot;
use serde::{Deserialize, Serialize};

use crate::{artefact::Artefact, context::Inputs};

const FILE: &str = "runs/_standing.json";

/// One artefact that stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stands {
    pub(crate) fingerprint: String,
    /// The run that published it.
    pub(crate) run: RunId,
    /// The slot of that run.
    pub(crate) slot: Slot,
}

/// What the runs of a lake, or of an environment, left to readers, by name of what jobs write.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Standing {
    pub(crate) artefacts: BTreeMap<String, Stands>,
}

impl Standing {
    /// Reads what stands; nothing where no run published anything, or where the object was damaged: the next whole run writes it again.
    pub(crate) async fn read(lake: &Lake) -> Result<Self> {
        match lake.read_json(&lake.own(FILE)).await {
            Err(LakeError::Malformed { .. }) => Ok(Self::default()),
            found => Ok(found?.unwrap_or_default()),
        }
    }

    /// Adds what a run made; what it did not make stands as it stood.
    pub(crate) fn add(&mut self, made: &Inputs, run: &RunId, slot: Slot) {
        for (name, artefact) in made {
            let stands = Stands {
                fingerprint: artefact.fingerprint.clone(),
                run: run.clone(),
                slot,
            };
            self.artefacts.insert(name.clone(), stands);
        }
    }

    /// Writes it, where it changed.
    pub(crate) async fn write(&self, lake: &Lake) -> Result<()> {
        if Self::read(lake).await? != *self {
            lake.write_json(&lake.own(FILE), self).await?;
        }
        Ok(())
    }

    /// Returns the newest slot of which anything stands.
    pub(crate) fn newest_slot(&self) -> Option<Slot> {
        self.artefacts.values().map(|one| one.slot).max()
    }

    /// Finds one of the artefacts; none where it never stood, or a file of it is gone.
    pub(crate) async fn artefact(&self, lake: &Lake, name: &str) -> Result<Option<Artefact>> {
        match self.artefacts.get(name) {
            Some(stands) => Artefact::find(lake, name, &stands.fingerprint).await,
            None => Ok(None),
        }
    }

    /// Returns every file of the artefacts of a layer that stand.
    pub(crate) async fn files(&self, lake: &Lake, layer: &str) -> Result<Vec<String>> {
        let mut files = Vec::new();
        for (name, stands) in &self.artefacts {
            let is_of_layer = name.split_once('.').is_some_and(|(of, _)| of == layer);
            if !is_of_layer {
                continue;
            }
            let path = Artefact::path(name, &stands.fingerprint);
            let made: Option<Artefact> = lake.read_json(&path).await?;
            files.extend(
                made.into_iter()
                    .flat_map(|one| [one.files, one.quarantine].concat()),
            );
        }
        Ok(files)
    }
}
