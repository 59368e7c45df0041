//! What selectors ask about an earlier run: what changed since, how jobs ended, what landed.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use anyhow::{Context as _, Result, bail};
use lake::{JobRecord, JobState, Lake, Ledger, RunId};
use select::{Facts, JobFacts, Needs, Outcome, Part, Standing};

use crate::{context::Context, jobs::Job};

/// What is compared with.
struct Base {
    ledger: Ledger,
    /// One run of it; what each job's newest run said where none is named.
    run: Option<RunId>,
}

/// Finds out what a selection needs to know, against another lake, a run, or what the lake itself recorded last.
pub(crate) async fn facts(
    context: &Context,
    dag: &str,
    jobs: &[Arc<dyn Job>],
    state: Option<&str>,
    needs: Needs,
) -> Result<Facts> {
    if !needs.any() {
        return Ok(Facts::default());
    }
    let base = base(context, state).await?;
    let ended = match &base.run {
        Some(run) => base.ledger.jobs(run).await?,
        None => last_of(&base.ledger, dag).await?,
    };
    let known: BTreeMap<String, JobRecord> = match &base.run {
        Some(_) => ended.clone(),
        None => {
            let last = base.ledger.last_jobs().await?;
            last.into_iter()
                .map(|(job, (_, record))| (job, record))
                .collect()
        }
    };
    let mut facts = Facts::new();
    for job in jobs {
        let name = job.name();
        let before = known
            .get(&name)
            .filter(|record| !record.depends_on.is_empty());
        let now = job.depends_on(context)?;
        let one = JobFacts {
            standing: Some(standing(before, &now)),
            outcome: ended.get(&name).and_then(outcome),
            is_fresher: is_fresher(before, &now),
        };
        facts.insert(name, one);
    }
    Ok(facts)
}

async fn base(context: &Context, state: Option<&str>) -> Result<Base> {
    let own = Ledger::new(context.lake.clone());
    let Some(state) = state else {
        return Ok(Base {
            ledger: own,
            run: None,
        });
    };
    let runs = own.runs().await?;
    if let Some(run) = runs.iter().find(|run| run.as_str() == state) {
        return Ok(Base {
            ledger: own,
            run: Some(run.clone()),
        });
    }
    let is_there = state.contains("://") || std::path::Path::new(state).is_dir();
    if !is_there {
        bail!(
            "--state {state} is neither a run of this lake (`pipeline runs list`) nor the folder or URL of another lake"
        );
    }
    let other = Lake::open_existing(state).with_context(|| format!("--state {state}"))?;
    let ledger = Ledger::new(other);
    if ledger.runs().await?.is_empty() {
        bail!("--state {state}: no run is recorded in that lake");
    }
    Ok(Base { ledger, run: None })
}

/// How the digest of a source mapping is named among the things that a bronze table depends on.
const MAPPING: &str = "mapping ";

/// What the newest run of a DAG said of its jobs.
async fn last_of(ledger: &Ledger, dag: &str) -> Result<BTreeMap<String, JobRecord>> {
    for run in ledger.runs().await?.into_iter().rev() {
        if ledger
            .run(&run)
            .await?
            .is_some_and(|record| record.dag == dag)
        {
            return Ok(ledger.jobs(&run).await?);
        }
    }
    Ok(BTreeMap::new())
}

/// Returns which part of a job a thing that its output depends on is; none for data: inputs, landing files, earlier snapshots and
/// decisions. Whitespace, comments and descriptions are in none of them, for they are digests of what files mean.
fn part(name: &str) -> Option<Part> {
    match name {
        "sql" => Some(Part::Sql),
        "contract" => Some(Part::Contract),
        "code" | "fusion" | "tuning" => Some(Part::Code),
        "rules" | "experiment" => Some(Part::Config),
        "encoder" | "reranker" => Some(Part::Environment),
        mapping if mapping.starts_with(MAPPING) => Some(Part::Config),
        _ => None,
    }
}

fn standing(before: Option<&JobRecord>, now: &BTreeMap<String, String>) -> Standing {
    let Some(before) = before else {
        return Standing::New;
    };
    let names: BTreeSet<&String> = before.depends_on.keys().chain(now.keys()).collect();
    let changed = names
        .into_iter()
        .filter(|name| is_other(&before.depends_on, now, name))
        .filter_map(|name| part(name));
    let changed: BTreeSet<Part> = changed.collect();
    match changed.is_empty() {
        true => Standing::Same,
        false => Standing::Changed(changed),
    }
}

/// Says whether a thing that a job's output depends on is another. A mapping is there where files of its own are: that there are none
/// yet, or none any more, is news of files and not of the mapping.
fn is_other(then: &BTreeMap<String, String>, now: &BTreeMap<String, String>, name: &str) -> bool {
    match (then.get(name), now.get(name)) {
        (None, _) | (_, None) if name.starts_with(MAPPING) => false,
        (then, now) => then != now,
    }
}

fn outcome(record: &JobRecord) -> Option<Outcome> {
    Some(match record.state {
        JobState::Made => Outcome::Success,
        JobState::Skipped => Outcome::Skipped,
        JobState::Failed | JobState::CarriedOver => Outcome::Error,
        JobState::Blocked => Outcome::Blocked,
        JobState::Held => Outcome::Held,
    })
}

/// Says whether the landing files of a job are others than they were.
fn is_fresher(before: Option<&JobRecord>, now: &BTreeMap<String, String>) -> bool {
    let files = |of: &BTreeMap<String, String>| -> BTreeMap<String, String> {
        let landed = of
            .iter()
            .filter(|(name, _)| name.starts_with("landing file "));
        landed
            .map(|(name, digest)| (name.clone(), digest.clone()))
            .collect()
    };
    let now_files = files(now);
    let Some(before) = before else {
        return !now_files.is_empty();
    };
    let then = files(&before.depends_on);
    // A file's digest goes with its contract, code and mapping: where these changed only the names can be compared.
    let mappings = now.keys().filter(|name| name.starts_with(MAPPING));
    let is_alike = ["contract", "code"]
        .into_iter()
        .chain(mappings.map(String::as_str))
        .all(|part| !is_other(&before.depends_on, now, part));
    match is_alike {
        true => then != now_files,
        false => !then.keys().eq(now_files.keys()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(parts: &[(&str, &str)]) -> JobRecord {
        JobRecord {
            job: "j".to_owned(),
            state: JobState::Made,
            reason: String::new(),
            fingerprint: String::new(),
            depends_on: parts_of(parts),
            rows: BTreeMap::new(),
            elapsed_ms: 0,
            started_at: None,
            peak_memory_bytes: None,
            made_ms: None,
            gates: Vec::new(),
            carried_over: None,
            place: None,
        }
    }

    fn parts_of(parts: &[(&str, &str)]) -> BTreeMap<String, String> {
        parts
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn what_a_job_reads_is_no_part_of_it_and_what_it_is_told_modifies_nothing() {
        let before = record(&[
            ("sql", "a"),
            ("input silver.x", "1"),
            ("encoder", "minilm"),
            ("previous weights", "0"),
        ]);
        let since = |parts: &[(&str, &str)]| standing(Some(&before), &parts_of(parts));
        let same = since(&[
            ("sql", "a"),
            ("input silver.x", "2"),
            ("encoder", "minilm"),
            ("previous weights", "1"),
        ]);
        assert_eq!(same, Standing::Same);
        let elsewhere = since(&[("sql", "a"), ("encoder", "none")]);
        assert!(elsewhere != Standing::Same && !elsewhere.is_modified());
        let changed = since(&[("sql", "b"), ("encoder", "minilm")]);
        assert_eq!(changed, Standing::Changed(BTreeSet::from([Part::Sql])));
        assert_eq!(standing(None, &BTreeMap::new()), Standing::New);
    }

    #[test]
    fn an_edited_source_mapping_modifies_its_table_and_brings_no_fresher_files() {
        let before = record(&[
            ("contract", "1"),
            ("landing file a", "x"),
            ("mapping offers", "1"),
        ]);
        let edited = parts_of(&[
            ("contract", "1"),
            ("landing file a", "another, for its mapping is"),
            ("mapping offers", "2"),
        ]);
        let config = Standing::Changed(BTreeSet::from([Part::Config]));
        assert_eq!(standing(Some(&before), &edited), config);
        assert!(!is_fresher(Some(&before), &edited));
        // The first file of another mapping is news of files.
        let released = parts_of(&[
            ("contract", "1"),
            ("landing file a", "x"),
            ("landing file released/b", "y"),
            ("mapping offers", "1"),
            ("mapping released", "1"),
        ]);
        assert_eq!(standing(Some(&before), &released), Standing::Same);
        assert!(is_fresher(Some(&before), &released));
    }

    #[test]
    fn a_source_is_fresher_by_its_files_and_not_by_its_contract() {
        let before = record(&[("contract", "1"), ("landing file a", "x")]);
        let since = |parts: &[(&str, &str)]| is_fresher(Some(&before), &parts_of(parts));
        assert!(!since(&[("contract", "1"), ("landing file a", "x")]));
        assert!(since(&[("contract", "1"), ("landing file a", "y")]));
        assert!(since(&[
            ("contract", "1"),
            ("landing file a", "x"),
            ("landing file b", "z")
        ]));
        assert!(!since(&[
            ("contract", "2"),
            ("landing file a", "other, for its contract is")
        ]));
    }
}
