//! Environments of a lake: pointers of their own over shared artefacts.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};
use lake::{Beginning, JobState, Lake, Ledger, Process, RunId, RunRecord, RunState};
use schemas::{Environment, Pointer, Slot, SnapshotId};
use serde::{Deserialize, Serialize};
use snapshot::{CURRENT, Reader};

use crate::{
    artefact::Artefact,
    context::Inputs,
    failpoint,
    publish::{self, Standing},
};

/// Where an environment says what it was made from.
const BASE: &str = "base.json";

/// What the lake itself announced and published when an environment was made from it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Base {
    /// Its announced snapshot.
    pub(crate) snapshot: Option<SnapshotId>,
    /// What stood there.
    pub(crate) standing: Standing,
}

/// One environment, for a list of them.
#[derive(Debug, Serialize)]
pub(crate) struct Listed {
    pub(crate) name: Environment,
    /// What it announced.
    pub(crate) snapshot: Option<SnapshotId>,
    /// What the lake announced when it was made.
    pub(crate) base: Option<SnapshotId>,
    /// Whether the lake went on since.
    pub(crate) is_behind: bool,
    /// Its newest run.
    pub(crate) run: Option<RunId>,
}

/// What a promotion did.
#[derive(Debug, Serialize)]
pub(crate) struct Promoted {
    pub(crate) run: RunId,
    pub(crate) before: Option<SnapshotId>,
    pub(crate) snapshot: Option<SnapshotId>,
    /// How many tables readers find in another version.
    pub(crate) tables: usize,
}

async fn announced(lake: &Lake) -> Result<Option<Pointer>> {
    Ok(Reader::new(lake.store().clone()).pointer(CURRENT).await?)
}

/// Returns how the lake itself stands now.
async fn base_now(lake: &Lake) -> Result<Base> {
    let own = lake.clone().in_environment(None);
    Ok(Base {
        snapshot: announced(&own).await?.map(|pointer| pointer.id),
        standing: Standing::read(&own).await?,
    })
}

/// Says whether the environment of a lake was made; the lake's own pointers always were.
pub(crate) async fn is_made(lake: &Lake) -> Result<bool> {
    Ok(lake.store().environment().is_none() || lake.exists(&lake.own(BASE)).await?)
}

/// Makes the environment of a lake where it is not there yet: its pointers are those of the lake itself, and no artefact is copied.
pub(crate) async fn ensure(lake: &Lake) -> Result<()> {
    if is_made(lake).await? {
        return Ok(());
    }
    let own = lake.clone().in_environment(None);
    let base = base_now(lake).await?;
    if let Some(pointer) = announced(&own).await? {
        lake.write_json(&lake.own(CURRENT), &pointer).await?;
    }
    base.standing.write(lake).await?;
    // The base comes last: an environment without it was not made whole, and is made again.
    Ok(lake.write_json(&lake.own(BASE), &base).await?)
}

/// Returns the fingerprints of what stood in the lake when the environment was made from it; none of the lake itself.
pub(crate) async fn base_fingerprints(lake: &Lake) -> Result<Vec<String>> {
    if lake.store().environment().is_none() {
        return Ok(Vec::new());
    }
    let base: Option<Base> = lake.read_json(&lake.own(BASE)).await?;
    let stood = base.unwrap_or_default().standing.artefacts;
    Ok(stood.into_values().map(|one| one.fingerprint).collect())
}

/// Returns the names of the environments of a lake.
pub(crate) async fn names(lake: &Lake) -> Result<Vec<Environment>> {
    let mut names = BTreeSet::new();
    for entry in lake.list(Environment::FOLDER).await? {
        let name = entry.path.split('/').nth(1).unwrap_or_default();
        names.extend(name.parse::<Environment>());
    }
    Ok(names.into_iter().collect())
}

/// Returns the lake itself and each of its environments.
pub(crate) async fn every(lake: &Lake) -> Result<Vec<Lake>> {
    let mut all = vec![lake.clone().in_environment(None)];
    for name in names(lake).await? {
        all.push(lake.clone().in_environment(Some(name)));
    }
    Ok(all)
}

/// Lists the environments.
pub(crate) async fn list(lake: &Lake) -> Result<Vec<Listed>> {
    let now = base_now(lake).await?;
    let mut listed = Vec::new();
    for name in names(lake).await? {
        let lake = lake.clone().in_environment(Some(name.clone()));
        let base: Option<Base> = lake.read_json(&lake.own(BASE)).await?;
        listed.push(Listed {
            name,
            snapshot: announced(&lake).await?.map(|pointer| pointer.id),
            is_behind: base.as_ref() != Some(&now),
            base: base.and_then(|base| base.snapshot),
            run: Ledger::new(lake.clone()).runs().await?.pop(),
        });
    }
    Ok(listed)
}

/// Removes the pointers and the ledger of an environment. Artefacts that only it named go when others of their kind do.
pub(crate) async fn drop(lake: &Lake, name: &Environment) -> Result<usize> {
    let entries = lake.list(&name.folder()).await?;
    if entries.is_empty() {
        bail!("there is no environment {name}: `pipeline env list` shows those there are");
    }
    let _lock = lake.lock().await?;
    for entry in &entries {
        lake.delete(&entry.path).await?;
    }
    Ok(entries.len())
}

/// Makes what an environment announced and published the lake's own. Every byte of the snapshot is verified first.
///
/// # Errors
/// The environment announced nothing, its snapshot is damaged, or the lake went on since the environment was made from it. One that was
/// killed is taken up by the next.
pub(crate) async fn promote(lake: &Lake, name: &Environment, is_forced: bool) -> Result<Promoted> {
    let from = lake.clone().in_environment(Some(name.clone()));
    let into = lake.clone().in_environment(None);
    let _lock = into.lock().await?;
    let base: Option<Base> = from.read_json(&from.own(BASE)).await?;
    let base = base.with_context(|| {
        format!("there is no environment {name}: `pipeline run nightly --env {name}` makes it")
    })?;
    let now = base_now(lake).await?;
    let standing = Standing::read(&from).await?;
    let pointer = announced(&from).await?;
    // A promotion that was killed left some of the lake's pointers as they were and some as they are to be: it is taken up.
    let target = pointer.as_ref().map(|pointer| pointer.id.clone());
    let is_half_done = (now.snapshot == base.snapshot || now.snapshot == target)
        && (now.standing == base.standing || now.standing == standing);
    if !is_half_done && !is_forced {
        let id = |one: &Base| {
            one.snapshot
                .as_ref()
                .map_or("none".to_owned(), ToString::to_string)
        };
        bail!(
            "the lake went on since {name} was made from it (snapshot {} then, {} now): `pipeline env drop {name}` and run again, \
             which makes nothing anew that stands already, or promote with --force",
            id(&base),
            id(&now)
        );
    }
    if let Some(pointer) = &pointer {
        let cache = lake.scratch()?;
        let reader = Reader::new(from.store().clone());
        reader.materialise(pointer, cache.path()).await?;
    }
    let since = match is_half_done {
        true => &base.standing,
        false => &now.standing,
    };
    let changed: Vec<&String> = standing
        .artefacts
        .iter()
        .filter(|(name, stands)| {
            since.artefacts.get(*name).map(|one| &one.fingerprint) != Some(&stands.fingerprint)
        })
        .map(|(name, _)| name)
        .collect();
    let mut made = Inputs::new();
    for name in &changed {
        let artefact = standing.artefact(&from, name).await?;
        let artefact =
            artefact.with_context(|| format!("{name}: a file of its artefact is gone"))?;
        made.insert((*name).clone(), artefact);
    }
    let run = record(&from, &into, pointer.as_ref(), &made).await?;
    publish::publish_names(&into, &made).await?;
    failpoint::point("promote.before_announce");
    if let Some(pointer) = &pointer {
        into.write_json(CURRENT, pointer).await?;
    }
    failpoint::point("promote.after_announce");
    standing.write(&into).await?;
    copy_contracts(&from, &into).await?;
    failpoint::point("promote.before_end");
    end(&into, &run).await?;
    // From here on the environment is made from what it became.
    from.write_json(&from.own(BASE), &base_now(lake).await?)
        .await?;
    Ok(Promoted {
        run: run.run,
        before: if is_half_done {
            base.snapshot
        } else {
            now.snapshot
        },
        snapshot: pointer.map(|pointer| pointer.id),
        tables: made.keys().filter(|name| name.contains('.')).count(),
    })
}

/// Records the promotion as a run of the lake itself, with what its jobs depended on, so that later runs know them.
async fn record(
    from: &Lake,
    into: &Lake,
    pointer: Option<&Pointer>,
    made: &Inputs,
) -> Result<RunRecord> {
    let (source, target) = (Ledger::new(from.clone()), Ledger::new(into.clone()));
    let newest = source.runs().await?.pop();
    let newest = newest.context("no run made anything in the environment")?;
    let last = source.run(&newest).await?.context("its record is gone")?;
    let environment = from.store().environment().map(ToString::to_string);
    let beginning = Beginning {
        started_at: last.beginning.started_at,
        asked: last.beginning.asked.clone(),
        process: Some(Process::own()),
        retries: None,
        promotes: environment.clone(),
    };
    let run = target
        .begin(&last.dag, last.slot, beginning.clone())
        .await?;
    let is_made = |fingerprint: &str| {
        made.values()
            .any(|one: &Artefact| one.fingerprint == fingerprint)
    };
    for (_, (of, mut job)) in source.last_jobs().await? {
        if is_made(&job.fingerprint) {
            job.state = JobState::Skipped;
            job.reason = format!(
                "made by run {of} of {}",
                environment.as_deref().unwrap_or_default()
            );
            target.record(&run, &job).await?;
        }
    }
    Ok(RunRecord {
        run,
        state: RunState::Succeeded,
        snapshot: pointer.map(|pointer| pointer.id.clone()),
        elapsed_ms: 0,
        peak_memory_bytes: None,
        recorded: None,
        beginning,
        ..last
    })
}

async fn end(lake: &Lake, record: &RunRecord) -> Result<()> {
    Ok(Ledger::new(lake.clone()).end(record).await?)
}

async fn copy_contracts(from: &Lake, into: &Lake) -> Result<()> {
    let folder = from.own("runs/_contracts");
    for entry in from.list(&folder).await? {
        let below = entry.path[folder.len()..].to_owned();
        from.copy(&entry.path, &into.own(&format!("runs/_contracts{below}")))
            .await?;
    }
    Ok(())
}

/// Says which slot the announced snapshot is of; none where none is announced, or its manifest cannot be read.
pub(crate) async fn announced_slot(lake: &Lake) -> Result<Option<Slot>> {
    let reader = Reader::new(lake.store().clone());
    let Some(pointer) = announced(lake).await? else {
        return Ok(None);
    };
    Ok(reader
        .manifest(&pointer.id, None)
        .await
        .ok()
        .map(|one| one.slot))
}
