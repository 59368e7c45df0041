//! Datasets with their facets.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{
    facet::{facet, facets},
    facts::{Assertion, DatasetFacts, RunFacts},
};
use crate::{ColumnId, Flow, Kind};

/// Names a dataset, and where it lies.
pub(super) fn named(run: &RunFacts, dataset: &DatasetFacts) -> Value {
    json!({ "namespace": run.lake, "name": dataset.name, "facets": { "dataSource": source(run) } })
}

/// Tells a dataset that a job read: its columns by name and type, and its rows. What they mean is told where it is written.
pub(super) fn input(run: &RunFacts, dataset: &DatasetFacts) -> Value {
    let statistics = dataset.rows.map(|rows| {
        facet(
            "InputStatisticsInputDatasetFacet",
            "1-0-0",
            json!({ "rowCount": rows }),
        )
    });
    let fields = dataset.fields.iter();
    let fields: Vec<Value> = fields
        .map(|field| json!({ "name": field.name, "type": field.kind }))
        .collect();
    let schema = (!fields.is_empty())
        .then(|| facet("SchemaDatasetFacet", "1-2-0", json!({ "fields": fields })));
    json!({
        "namespace": run.lake, "name": dataset.name,
        "facets": facets([("schema", schema), ("dataSource", Some(source(run)))]),
        "inputFacets": facets([("inputStatistics", statistics)]),
    })
}

fn source(run: &RunFacts) -> Value {
    let source = json!({ "name": "lake", "uri": run.lake });
    facet("DatasourceDatasetFacet", "1-0-1", source)
}

/// Tells a dataset that a job writes; what was counted only where it did.
pub(super) fn output(run: &RunFacts, dataset: &DatasetFacts, is_made: bool) -> Value {
    let mut known = common(run, dataset);
    let mut outputs = facets([]);
    if let (Value::Object(known), Value::Object(outputs)) = (&mut known, &mut outputs) {
        if !dataset.columns.is_empty() {
            known.insert("columnLineage".to_owned(), column_lineage(run, dataset));
        }
        if is_made {
            if let Some(version) = &dataset.version {
                let version = json!({ "datasetVersion": version });
                known.insert(
                    "version".to_owned(),
                    facet("DatasetVersionDatasetFacet", "1-0-1", version),
                );
            }
            if let Some(rows) = dataset.rows {
                let metrics = json!({ "rowCount": rows, "columnMetrics": {} });
                known.insert(
                    "dataQualityMetrics".to_owned(),
                    facet("DataQualityMetricsDatasetFacet", "1-0-0", metrics),
                );
                let mut counted = Map::from_iter([("rowCount".to_owned(), json!(rows))]);
                counted.extend(
                    dataset
                        .files
                        .map(|files| ("fileCount".to_owned(), json!(files))),
                );
                outputs.insert(
                    "outputStatistics".to_owned(),
                    facet(
                        "OutputStatisticsOutputDatasetFacet",
                        "1-0-2",
                        Value::Object(counted),
                    ),
                );
            }
            if !dataset.assertions.is_empty() {
                let assertions: Vec<Value> = dataset.assertions.iter().map(assertion).collect();
                known.insert(
                    "dataQualityAssertions".to_owned(),
                    facet(
                        "DataQualityAssertionsDatasetFacet",
                        "1-1-0",
                        json!({ "assertions": assertions }),
                    ),
                );
            }
        }
    }
    json!({ "namespace": run.lake, "name": dataset.name, "facets": known, "outputFacets": outputs })
}

fn common(run: &RunFacts, dataset: &DatasetFacts) -> Value {
    let fields = dataset.fields.iter().zip(1..).map(|(field, place)| {
        json!({
            "name": field.name, "type": field.kind, "description": field.description, "ordinal_position": place,
        })
    });
    let fields: Vec<Value> = fields.collect();
    let schema = (!fields.is_empty())
        .then(|| facet("SchemaDatasetFacet", "1-2-0", json!({ "fields": fields })));
    let described = (!dataset.description.is_empty()).then(|| {
        let text = json!({ "description": dataset.description, "contentType": "text/plain" });
        facet("DocumentationDatasetFacet", "1-1-0", text)
    });
    let owned = (!dataset.owner.is_empty()).then(|| {
        let owners = json!({ "owners": [{ "name": format!("team:{}", dataset.owner), "type": "MAINTAINER" }] });
        facet("OwnershipDatasetFacet", "1-0-1", owners)
    });
    facets([
        ("schema", schema),
        ("dataSource", Some(source(run))),
        ("documentation", described),
        ("ownership", owned),
    ])
}

fn column_lineage(run: &RunFacts, dataset: &DatasetFacts) -> Value {
    let fields: Map<String, Value> = dataset
        .columns
        .iter()
        .map(|(column, flow)| (column.clone(), json!({ "inputFields": sources(run, flow) })))
        .collect();
    let body = json!({ "fields": fields, "dataset": sources(run, &dataset.shapes) });
    facet("ColumnLineageDatasetFacet", "1-2-0", body)
}

fn sources(run: &RunFacts, flow: &Flow) -> Vec<Value> {
    let by_source: &BTreeMap<ColumnId, BTreeSet<Kind>> = &flow.from;
    let told = by_source.iter().map(|(source, kinds)| {
        let kinds: Vec<Value> = kinds
            .iter()
            .map(|kind| {
                let sort = if kind.is_direct() { "DIRECT" } else { "INDIRECT" };
                json!({ "type": sort, "subtype": kind.as_str().to_uppercase(), "masking": false })
            })
            .collect();
        json!({
            "namespace": run.lake, "name": source.table, "field": source.column, "transformations": kinds,
        })
    });
    told.collect()
}

fn assertion(claim: &Assertion) -> Value {
    let mut told = json!({
        "assertion": claim.assertion, "success": claim.is_success, "severity": claim.severity,
        "name": claim.name, "actual": claim.actual,
    });
    if let Some(column) = &claim.column {
        told["column"] = json!(column);
    }
    told
}
