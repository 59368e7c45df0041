//! Whether a job must run, and why.

use std::collections::BTreeMap;

use anyhow::Result;
use lake::{JobRecord, RunId};

use crate::{
    artefact::{Artefact, fingerprint},
    context::{Context, Inputs},
    jobs::Job,
};

/// What is to be done about a job.
pub(crate) struct Decision {
    /// What its output depends on, by name.
    pub(crate) depends_on: BTreeMap<String, String>,
    /// The digest of that.
    pub(crate) fingerprint: String,
    /// Its output, where it is already there.
    pub(crate) made: Option<Artefact>,
    /// Why.
    pub(crate) reason: String,
}

/// Decides about a job whose inputs are all there.
pub(crate) async fn decide(
    context: &Context,
    job: &dyn Job,
    inputs: &Inputs,
    last: Option<&(RunId, JobRecord)>,
) -> Result<Decision> {
    let depends_on = depends_on(context, job, inputs)?;
    let fingerprint = fingerprint(&depends_on);
    let found = Artefact::find(&context.lake, &job.writes(), &fingerprint).await?;
    let (made, reason) = match found {
        Some(made) if job.stands(context, &made).await? => {
            let reason = match last {
                Some((run, record)) if record.fingerprint == fingerprint => {
                    format!("nothing it depends on changed since run {run}")
                }
                _ => "its output for these inputs is already there".to_owned(),
            };
            (Some(made), reason)
        }
        Some(_) => (None, "its output is no longer the announced one".to_owned()),
        None => match lasting(context, job, (&depends_on, inputs), last).await? {
            Some(lasting) => return Ok(lasting),
            None => (None, why(&depends_on, last)),
        },
    };
    Ok(Decision {
        depends_on,
        fingerprint,
        made,
        reason,
    })
}

/// Decides that the last output of a job stands, though what it learnt from has grown: by little, and not for long. None where it has grown
/// more, or something else changed.
async fn lasting(
    context: &Context,
    job: &dyn Job,
    (now, inputs): (&BTreeMap<String, String>, &Inputs),
    last: Option<&(RunId, JobRecord)>,
) -> Result<Option<Decision>> {
    let outlives = job.outlives();
    let (Some(refit), Some((_, record)), false) = (context.refit, last, outlives.is_empty()) else {
        return Ok(None);
    };
    let fixed = |of: &BTreeMap<String, String>| -> BTreeMap<String, String> {
        let of = of.iter().filter(|(name, _)| !outlives.contains(*name));
        of.map(|(name, digest)| (name.clone(), digest.clone()))
            .collect()
    };
    if fixed(now) != fixed(&record.depends_on) {
        return Ok(None);
    }
    let found = Artefact::find(&context.lake, &job.writes(), &record.fingerprint).await?;
    let Some((mut made, learnt)) = found.and_then(|made| Some((made.clone(), made.learnt?))) else {
        return Ok(None);
    };
    let days = context.slot.days_since_epoch() - learnt.slot.days_since_epoch();
    let rows: u64 = inputs.values().map(|input| input.count("rows")).sum();
    let growth = rows.abs_diff(learnt.rows) as f64 / learnt.rows.max(1) as f64;
    if growth >= refit.growth || !(0..refit.days).contains(&i64::from(days)) {
        return Ok(None);
    }
    let reason = format!(
        "fitted for {}: {:.1} % other rows since; fitted anew from {:.1} % on, or after {} days",
        learnt.slot,
        growth * 100.0,
        refit.growth * 100.0,
        refit.days
    );
    made.held = Some(reason.clone());
    Ok(Some(Decision {
        depends_on: record.depends_on.clone(),
        fingerprint: record.fingerprint.clone(),
        made: Some(made),
        reason,
    }))
}

fn depends_on(
    context: &Context,
    job: &dyn Job,
    inputs: &Inputs,
) -> Result<BTreeMap<String, String>> {
    let mut depends_on = job.depends_on(context)?;
    depends_on.extend(
        inputs
            .iter()
            .map(|(name, made)| (format!("input {name}"), made.digest.clone())),
    );
    let carried = inputs
        .iter()
        .filter_map(|(name, made)| Some((name, made.carried_over.as_ref()?)));
    depends_on.extend(carried.map(|(name, over)| {
        let since = format!("since {}", over.since);
        (format!("carried over {name}"), since)
    }));
    Ok(depends_on)
}

/// Says why an output that stands in for a job would not be made so now; none where it would.
pub(crate) fn stale(
    context: &Context,
    job: &dyn Job,
    inputs: &Inputs,
    (run, made, record): (&RunId, &Artefact, Option<&JobRecord>),
) -> Result<Option<String>> {
    if let Some((name, _)) = inputs.iter().find(|(_, input)| input.held.is_some()) {
        return Ok(Some(format!("{name} is stale")));
    }
    let missing = job
        .reads()
        .into_iter()
        .find(|read| !inputs.contains_key(read));
    if let Some(missing) = missing {
        return Ok(Some(format!("{missing} is gone")));
    }
    let now = depends_on(context, job, inputs)?;
    if fingerprint(&now) == made.fingerprint {
        return Ok(None);
    }
    Ok(Some(match record {
        Some(record) => why(&now, Some(&(run.clone(), record.clone()))),
        None => "what it is made of changed".to_owned(),
    }))
}

/// How many changes are named before the rest is counted.
const NAMED: usize = 3;

fn why(now: &BTreeMap<String, String>, last: Option<&(RunId, JobRecord)>) -> String {
    let Some((run, record)) = last else {
        return "it has not run before".to_owned();
    };
    let before = &record.depends_on;
    let is_changed = |name: &&String| before.get(*name) != now.get(*name);
    let mut names: Vec<&String> = now.keys().chain(before.keys()).filter(is_changed).collect();
    names.sort();
    names.dedup();
    if names.is_empty() {
        return format!("its output of run {run} is gone");
    }
    let describe = |name: &&String| match (before.contains_key(*name), now.contains_key(*name)) {
        (false, true) => format!("new {name}"),
        (true, false) => format!("{name} is gone"),
        _ => format!("{name} changed"),
    };
    let mut said: Vec<String> = names.iter().take(NAMED).map(describe).collect();
    if names.len() > NAMED {
        said.push(format!("and {} more", names.len() - NAMED));
    }
    format!("since run {run}: {}", said.join(", "))
}
