//! Events keep to OpenLineage's published schemas, and every facet to its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

#[path = "schema/published.rs"]
mod published;

use std::path::Path;

use lineage::{
    ColumnId, Flow, Kind,
    openlineage::{Assertion, DatasetFacts, End, Field, JobFacts, RunFacts, events},
};
use published::Published;
use serde_json::Value;

fn dataset(name: &str) -> DatasetFacts {
    DatasetFacts {
        name: name.to_owned(),
        description: "Offers.".to_owned(),
        owner: "search".to_owned(),
        fields: vec![Field {
            name: "title".to_owned(),
            kind: "string".to_owned(),
            description: "What it is called.".to_owned(),
        }],
        version: Some("abc".to_owned()),
        rows: Some(7),
        files: Some(1),
        columns: [(
            "title".to_owned(),
            Flow::of(ColumnId::new("silver.offers", "title"), Kind::Identity),
        )]
        .into(),
        shapes: Flow::of(ColumnId::new("silver.offers", "status"), Kind::Filter),
        assertions: vec![Assertion {
            assertion: "not_null".to_owned(),
            name: "not_null_title".to_owned(),
            column: Some("title".to_owned()),
            is_success: true,
            severity: "error",
            actual: "0".to_owned(),
        }],
    }
}

fn job(end: End) -> JobFacts {
    JobFacts {
        job: "gold.offers".to_owned(),
        kind: "QUERY",
        sql: Some("SELECT title FROM silver.offers".to_owned()),
        started_at: "2026-11-20T02:00:01.000Z".to_owned(),
        ended_at: "2026-11-20T02:00:02.000Z".to_owned(),
        end,
        inputs: vec![dataset("silver.offers")],
        output: dataset("gold.offers"),
    }
}

fn run(end: End, jobs: Vec<JobFacts>) -> RunFacts {
    RunFacts {
        run: "2026-11-20.0001".to_owned(),
        dag: "nightly".to_owned(),
        description: "Every night.".to_owned(),
        source: "schedule = \"0 2 * * *\"".to_owned(),
        slot: "2026-11-20".to_owned(),
        slot_end: "2026-11-21".to_owned(),
        started_at: "2026-11-20T02:00:00.000Z".to_owned(),
        ended_at: "2026-11-20T02:00:03.000Z".to_owned(),
        end,
        namespace: "marketlounge".to_owned(),
        lake: "file:///lake".to_owned(),
        version: "0.1.0".to_owned(),
        jobs,
    }
}

#[test]
fn events_of_every_end_keep_to_the_published_schemas() {
    let published = Published::read(Path::new("tests/openlineage"));
    for end in [
        End::Complete,
        End::Failed("a job failed".to_owned()),
        End::Aborted("it was killed".to_owned()),
        End::Running,
    ] {
        let told = events(&run(end.clone(), vec![job(end.clone())]));
        told.iter().for_each(|event| published.hold(event));
        let kinds: Vec<&str> = told
            .iter()
            .map(|event| event["eventType"].as_str().unwrap())
            .collect();
        let wanted: &[&str] = match end {
            End::Complete => &["START", "START", "COMPLETE", "COMPLETE"],
            End::Failed(_) => &["START", "START", "FAIL", "FAIL"],
            End::Aborted(_) => &["START", "START", "ABORT", "ABORT"],
            End::Running => &["START", "START"],
        };
        assert_eq!(kinds, wanted);
    }
}

#[test]
fn an_event_that_breaks_a_schema_is_seen() {
    let published = Published::read(Path::new("tests/openlineage"));
    let mut event = events(&run(End::Complete, vec![])).remove(0);
    event["run"]["runId"] = "no uuid".into();
    let schema = event["schemaURL"].as_str().unwrap().to_owned();
    assert!(published.fault(&event, &schema).is_some());
    let facet = &mut events(&run(End::Complete, vec![]))[0]["run"]["facets"]["nominalTime"];
    facet["nominalStartTime"] = "yesterday".into();
    let schema = facet["_schemaURL"].as_str().unwrap().to_owned();
    assert!(published.fault(facet, &schema).is_some());
}

#[test]
fn a_run_has_one_identifier_and_its_jobs_name_it_as_their_parent() {
    let told = events(&run(End::Complete, vec![job(End::Complete)]));
    let id = |event: &Value| event["run"]["runId"].clone();
    assert_eq!(id(&told[0]), id(&told[3]));
    assert_eq!(id(&told[1]), id(&told[2]));
    assert_ne!(id(&told[0]), id(&told[1]));
    assert_eq!(
        told[1]["run"]["facets"]["parent"]["run"]["runId"],
        id(&told[0])
    );
    let again = events(&run(End::Complete, vec![job(End::Complete)]));
    assert_eq!(told, again);
    let field =
        &told[2]["outputs"][0]["facets"]["columnLineage"]["fields"]["title"]["inputFields"][0];
    assert_eq!(field["transformations"][0]["subtype"], "IDENTITY");
}

#[test]
fn starts_and_ends_of_jobs_side_by_side_are_told_as_they_came() {
    let at = |name: &str, from: u32, to: u32| JobFacts {
        job: name.to_owned(),
        started_at: format!("2026-11-20T02:00:{from:02}.000Z"),
        ended_at: format!("2026-11-20T02:00:{to:02}.000Z"),
        ..job(End::Complete)
    };
    let jobs = vec![at("long", 1, 9), at("short", 2, 3), at("none", 3, 3)];
    let told: Vec<String> = events(&run(End::Complete, jobs))
        .iter()
        .map(|event| {
            let name = event["job"]["name"].as_str().unwrap().rsplit('.').next();
            format!("{} {}", name.unwrap(), event["eventType"].as_str().unwrap())
        })
        .collect();
    let wanted = [
        "nightly START",
        "long START",
        "short START",
        "short COMPLETE",
        "none START",
        "none COMPLETE",
        "long COMPLETE",
        "nightly COMPLETE",
    ];
    assert_eq!(told, wanted);
}
