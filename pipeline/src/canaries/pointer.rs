//! The pointer that begins, ends and finishes a canary.

use anyhow::{Context as _, Result, bail};
use chrono::{DateTime, Utc};
use lake::{Lake, LakeError, Version};
use schemas::{Canary, Environment, MANIFEST_CHECKSUM, Pointer, SnapshotId};
use serde::Serialize;
use snapshot::{CANARY, CURRENT, PIN, Reader};

use crate::environments;

/// What somebody asks of a new canary.
pub(crate) struct Start {
    /// The snapshot; that which `from` announces where none is named.
    pub(crate) id: Option<SnapshotId>,
    pub(crate) from: Option<Environment>,
    pub(crate) share: f64,
    pub(crate) by: Option<String>,
    pub(crate) now: DateTime<Utc>,
}

/// How a canary stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub(crate) enum Standing {
    /// Nodes of its share serve it.
    Running,
    /// A pin overrides it: no node serves it.
    Pinned {
        /// The snapshot pinned.
        pinned: SnapshotId,
    },
    /// It is announced to all.
    Announced,
    /// Something else was announced since: no node serves it.
    Over {
        /// What was announced.
        announced: Option<SnapshotId>,
    },
}

/// What finishing a canary did.
#[derive(Debug, Serialize)]
pub(crate) struct Finished {
    pub(crate) id: SnapshotId,
    pub(crate) before: SnapshotId,
    /// Tables that readers find in another version; none where the canary was of no environment.
    pub(crate) tables: Option<usize>,
}

/// The canary of a lake, or of an environment of it.
pub(crate) struct Canaries<'a> {
    lake: &'a Lake,
    reader: Reader,
}

impl<'a> Canaries<'a> {
    pub(crate) fn new(lake: &'a Lake) -> Self {
        Self {
            lake,
            reader: Reader::new(lake.store().clone()),
        }
    }

    /// Has a share of nodes serve a snapshot, all of whose bytes are verified and whose gates let it pass; where it is a canary already, changes the share.
    pub(crate) async fn start(&self, start: Start) -> Result<Canary> {
        if let Some(pin) = self.reader.pointer(PIN).await? {
            bail!(
                "snapshot {} is pinned, and every node serves it: `pipeline snapshot unpin` first",
                pin.id
            );
        }
        let announced = self.reader.pointer(CURRENT).await?;
        let announced = announced
            .context("no snapshot is announced in this lake yet: there is nothing to compare a canary with")?
            .id;
        let id = self.named(&start).await?;
        if id == announced {
            bail!("snapshot {id} is announced: every node serves it already");
        }
        let (now, version) = self.read().await?;
        let running = now.filter(|canary| canary.stands_beside(&announced));
        if let Some(other) = running.as_ref().filter(|running| running.id != id) {
            bail!(
                "snapshot {} is the canary since {}: `pipeline snapshot canary finish` or `abort` first",
                other.id,
                other.begun_at.format("%Y-%m-%d %H:%M UTC")
            );
        }
        let canary = Canary {
            manifest_blake3: self.verified(&id).await?,
            id,
            against: announced,
            share: start.share,
            begun_at: running.as_ref().map_or(start.now, |one| one.begun_at),
            by: start.by,
            from: start.from.or(running.and_then(|one| one.from)),
        };
        let mut bytes = serde_json::to_vec_pretty(&canary)?;
        bytes.push(b'\n');
        let path = self.lake.own(CANARY);
        match self.lake.swap(&path, &version, bytes).await? {
            Some(_) => Ok(canary),
            None => bail!(LakeError::Overtaken(path)),
        }
    }

    async fn named(&self, start: &Start) -> Result<SnapshotId> {
        let Some(from) = &start.from else {
            return start
                .id
                .clone()
                .context("name the snapshot, or the environment that announces it with --from");
        };
        if self.lake.store().environment().is_some() {
            bail!("--from makes an environment's snapshot the lake's own: leave --env out");
        }
        let theirs = self.announced_in(from).await?;
        let id = theirs.with_context(|| {
            format!("{from} announces no snapshot: `pipeline run nightly --env {from}` makes one")
        })?;
        match &start.id {
            Some(named) if *named != id => bail!("{from} announces snapshot {id}, not {named}"),
            _ => Ok(id),
        }
    }

    async fn announced_in(&self, environment: &Environment) -> Result<Option<SnapshotId>> {
        let there = self.lake.clone().in_environment(Some(environment.clone()));
        let pointer = Reader::new(there.store().clone()).pointer(CURRENT).await?;
        Ok(pointer.map(|pointer| pointer.id))
    }

    /// Verifies every byte and every gate of a snapshot; returns the checksum of its manifest.
    async fn verified(&self, id: &SnapshotId) -> Result<String> {
        let copies = self.lake.copies()?;
        let verified = self.reader.bring(id, None, copies.path()).await?;
        let gates = verified.manifest.gates.iter();
        let refused: Vec<&str> = gates
            .filter(|gate| !gate.is_passed)
            .map(|gate| gate.name.as_str())
            .collect();
        if !refused.is_empty() {
            bail!(
                "snapshot {id} was refused by its gates ({}): `pipeline snapshot show {id}` says why",
                refused.join(", ")
            );
        }
        let checksum = std::fs::read_to_string(verified.dir.join(MANIFEST_CHECKSUM));
        Ok(checksum?.trim().to_owned())
    }

    /// Returns the canary and how it stands; none where there is none.
    pub(crate) async fn state(&self) -> Result<Option<(Canary, Standing)>> {
        let Some(canary) = self.reader.canary().await? else {
            return Ok(None);
        };
        let announced = self.reader.pointer(CURRENT).await?.map(|one| one.id);
        let pin = self.reader.pointer(PIN).await?;
        let standing = match (announced, pin) {
            (Some(announced), _) if announced == canary.id => Standing::Announced,
            (Some(announced), None) if canary.stands_beside(&announced) => Standing::Running,
            (Some(announced), Some(pin)) if canary.stands_beside(&announced) => {
                Standing::Pinned { pinned: pin.id }
            }
            (announced, _) => Standing::Over { announced },
        };
        Ok(Some((canary, standing)))
    }

    /// Announces the canary to all. One of an environment is promoted with its tables; of another only the pointer moves.
    pub(crate) async fn finish(&self) -> Result<Finished> {
        let (canary, standing) = self.there().await?;
        let tables = match (standing, &canary.from) {
            // A finish that was killed after it announced; a promotion may be half done.
            (Standing::Announced, Some(from)) => Some(self.promote(from).await?),
            (Standing::Announced, None) => None,
            (Standing::Over { .. }, _) => bail!(
                "something else was announced since snapshot {} became the canary: no node serves it, start it again",
                canary.id
            ),
            (_, Some(from)) => {
                let theirs = self.announced_in(from).await?;
                if theirs.as_ref() != Some(&canary.id) {
                    bail!(
                        "{from} announces another snapshot than the canary {} by now: start that one, or abort",
                        canary.id
                    );
                }
                Some(self.promote(from).await?)
            }
            (_, None) => {
                self.announce(&canary).await?;
                None
            }
        };
        self.lake.delete(&self.lake.own(CANARY)).await?;
        Ok(Finished {
            id: canary.id,
            before: canary.against,
            tables,
        })
    }

    async fn promote(&self, from: &Environment) -> Result<usize> {
        let done = environments::promote(self.lake, from, false).await?;
        Ok(done.tables)
    }

    async fn announce(&self, canary: &Canary) -> Result<()> {
        let _lock = self.lake.lock().await?;
        self.verified(&canary.id).await?;
        let path = self.lake.own(CURRENT);
        let (bytes, version) = self.lake.read_version(&path).await?;
        let now: Option<Pointer> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        if now.map(|pointer| pointer.id).as_ref() != Some(&canary.against) {
            bail!(LakeError::Overtaken(path));
        }
        let mut bytes = serde_json::to_vec_pretty(&canary.pointer())?;
        bytes.push(b'\n');
        match self.lake.swap(&path, &version, bytes).await? {
            Some(_) => Ok(()),
            None => bail!(LakeError::Overtaken(path)),
        }
    }

    /// Takes the canary away: at their next look its nodes serve what is announced.
    pub(crate) async fn abort(&self) -> Result<Canary> {
        let (canary, _) = self.there().await?;
        self.lake.delete(&self.lake.own(CANARY)).await?;
        Ok(canary)
    }

    /// Returns the canary and how it stands.
    pub(crate) async fn there(&self) -> Result<(Canary, Standing)> {
        self.state()
            .await?
            .context("there is no canary: `pipeline snapshot canary start` begins one")
    }

    async fn read(&self) -> Result<(Option<Canary>, Version)> {
        let (bytes, version) = self.lake.read_version(&self.lake.own(CANARY)).await?;
        // A damaged one is nobody's: nodes do not serve it, and it is written again.
        let canary = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Ok((canary, version))
    }
}
