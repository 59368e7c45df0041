//! Events of runs and jobs.

use serde_json::{Value, json};

use super::{
    dataset::{input, named, output},
    facet::{PRODUCER, SCHEMA, facet, facets},
    facts::{DatasetFacts, End, JobFacts, RunFacts},
};

/// Returns the events of a run, in order: its start, the starts and ends of its jobs as they came, its end where it has one.
#[must_use]
pub fn events(run: &RunFacts) -> Vec<Value> {
    let mut of_jobs = Vec::new();
    for job in &run.jobs {
        of_jobs.push((&job.started_at, start_of_job(run, job)));
        of_jobs.extend(end_of_job(run, job).map(|end| (&job.ended_at, end)));
    }
    // Jobs run side by side; all instants are written alike.
    of_jobs.sort_by_key(|(at, _)| *at);
    let mut events = vec![start_of_run(run)];
    events.extend(of_jobs.into_iter().map(|(_, event)| event));
    if let Some(kind) = kind(&run.end) {
        events.push(of_run(run, kind, &run.ended_at, &run.end));
    }
    events
}

/// Returns the event of a run's start.
#[must_use]
pub fn start_of_run(run: &RunFacts) -> Value {
    of_run(run, "START", &run.started_at, &End::Running)
}

/// Returns the event of the start of a run's job.
#[must_use]
pub fn start_of_job(run: &RunFacts, job: &JobFacts) -> Value {
    of_job(run, job, "START", &job.started_at, &End::Running)
}

/// Returns the event of the end of a run's job; none while it is not known to have ended.
#[must_use]
pub fn end_of_job(run: &RunFacts, job: &JobFacts) -> Option<Value> {
    let kind = kind(&job.end)?;
    Some(of_job(run, job, kind, &job.ended_at, &job.end))
}

fn kind(end: &End) -> Option<&'static str> {
    match end {
        End::Running => None,
        End::Complete => Some("COMPLETE"),
        End::Failed(_) => Some("FAIL"),
        End::Aborted(_) => Some("ABORT"),
    }
}

/// Derives an identifier in the form of a UUID (RFC 9562, version 8) from what names a thing.
fn uuid(run: &RunFacts, job: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in [run.run.as_str(), &run.dag, &run.started_at, job] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    bytes[6] = 0x80 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let part = |from: usize, to: usize| hex[from..to].concat();
    let parts = [
        part(0, 4),
        part(4, 6),
        part(6, 8),
        part(8, 10),
        part(10, 16),
    ];
    parts.join("-")
}

fn of_run(run: &RunFacts, kind: &str, at: &str, end: &End) -> Value {
    let described = json!({ "description": run.description, "contentType": "text/plain" });
    let source = json!({ "language": "toml", "sourceCode": run.source });
    json!({
        "eventType": kind, "eventTime": at,
        "run": { "runId": uuid(run, ""), "facets": run_facets(run, end, None) },
        "job": {
            "namespace": run.namespace, "name": run.dag,
            "facets": facets([
                ("jobType", Some(job_type("DAG"))),
                ("documentation", Some(facet("DocumentationJobFacet", "1-1-0", described))),
                ("sourceCode", Some(facet("SourceCodeJobFacet", "1-0-1", source))),
            ]),
        },
        "inputs": [], "outputs": [],
        "producer": PRODUCER, "schemaURL": SCHEMA,
    })
}

fn of_job(run: &RunFacts, job: &JobFacts, kind: &str, at: &str, end: &End) -> Value {
    let parent = json!({
        "run": { "runId": uuid(run, "") }, "job": { "namespace": run.namespace, "name": run.dag },
        "root": { "run": { "runId": uuid(run, "") }, "job": { "namespace": run.namespace, "name": run.dag } },
    });
    let parent = facet("ParentRunFacet", "1-2-0", parent);
    let sql = job.sql.as_ref().map(|sql| {
        facet(
            "SQLJobFacet",
            "1-1-0",
            json!({ "query": sql, "dialect": "datafusion" }),
        )
    });
    // A start only names them; the end tells what is known.
    let tells: fn(&RunFacts, &DatasetFacts) -> Value = match end {
        End::Running => named,
        _ => input,
    };
    let inputs: Vec<Value> = job.inputs.iter().map(|one| tells(run, one)).collect();
    let output = match end {
        End::Running => named(run, &job.output),
        end => output(run, &job.output, *end == End::Complete),
    };
    json!({
        "eventType": kind, "eventTime": at,
        "run": { "runId": uuid(run, &job.job), "facets": run_facets(run, end, Some(parent)) },
        "job": {
            "namespace": run.namespace, "name": format!("{}.{}", run.dag, job.job),
            "facets": facets([("jobType", Some(job_type(job.kind))), ("sql", sql)]),
        },
        "inputs": inputs, "outputs": [output],
        "producer": PRODUCER, "schemaURL": SCHEMA,
    })
}

fn run_facets(run: &RunFacts, end: &End, parent: Option<Value>) -> Value {
    let nominal = json!({
        "nominalStartTime": format!("{}T00:00:00Z", run.slot), "nominalEndTime": format!("{}T00:00:00Z", run.slot_end),
    });
    let engine = json!({ "version": run.version, "name": "MarketLounge pipeline" });
    let failure = match end {
        End::Failed(why) | End::Aborted(why) => Some(facet(
            "ErrorMessageRunFacet",
            "1-0-1",
            json!({ "message": why, "programmingLanguage": "RUST" }),
        )),
        End::Running | End::Complete => None,
    };
    facets([
        (
            "nominalTime",
            Some(facet("NominalTimeRunFacet", "1-0-1", nominal)),
        ),
        ("parent", parent),
        (
            "processing_engine",
            Some(facet("ProcessingEngineRunFacet", "1-1-1", engine)),
        ),
        ("errorMessage", failure),
    ])
}

fn job_type(kind: &str) -> Value {
    let body = json!({ "processingType": "BATCH", "integration": "MARKETLOUNGE", "jobType": kind });
    facet("JobTypeJobFacet", "2-0-4", body)
}
