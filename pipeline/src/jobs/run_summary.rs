//! `gold.run_summary`: what the run made of its input, table by table.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Result;
use arrow::{
    array::{ArrayRef, Int64Array, StringArray},
    record_batch::RecordBatch,
};
use futures::future::BoxFuture;
use schemas::Layer;

use super::table_job::Rows;
use crate::{
    artefact::Artefact,
    context::{Context, Inputs},
};

const CODE: &str = "run_summary 3";

/// Writes the conserved rows of every table.
pub(super) struct RunSummary {
    tables: Vec<String>,
}

impl RunSummary {
    pub(super) fn new(tables: Vec<String>) -> Self {
        Self { tables }
    }
}

impl Rows for RunSummary {
    const TABLE: &'static str = "run_summary";

    fn reads(&self) -> Vec<String> {
        self.tables.clone()
    }

    fn depends_on(&self, _: &Context) -> Result<BTreeMap<String, String>> {
        Ok(BTreeMap::from([("code".to_owned(), CODE.to_owned())]))
    }

    fn rows<'a>(
        &'a self,
        _: &'a Context,
        inputs: &'a Inputs,
    ) -> BoxFuture<'a, Result<RecordBatch>> {
        Box::pin(async move { summary(inputs) })
    }
}

/// Returns the summary's rows, in the order of layer and table.
fn summary(inputs: &Inputs) -> Result<RecordBatch> {
    let mut tables: Vec<(&str, &str, &Artefact)> = inputs
        .iter()
        .filter_map(|(name, made)| {
            name.split_once('.')
                .map(|(layer, table)| (layer, table, made))
        })
        .collect();
    tables.sort_by_key(|(layer, table, _)| (*layer, *table));
    let texts = |value: &dyn Fn(&(&str, &str, &Artefact)) -> String| -> ArrayRef {
        Arc::new(
            tables
                .iter()
                .map(|row| Some(value(row)))
                .collect::<StringArray>(),
        )
    };
    let counts = |kind: &str| -> ArrayRef {
        let count = |made: &Artefact| i64::try_from(made.count(kind)).unwrap_or(i64::MAX);
        Arc::new(
            tables
                .iter()
                .map(|(_, _, made)| count(made))
                .collect::<Int64Array>(),
        )
    };
    // A bronze table's digest says which files it was read from, under which names: that is not content.
    let is_content = |layer: &str| layer != Layer::Bronze.as_str();
    let digest =
        |(layer, _, made): &(&str, &str, &Artefact)| is_content(layer).then(|| made.digest.clone());
    let digests: ArrayRef = Arc::new(tables.iter().map(digest).collect::<StringArray>());
    let since = |(_, _, made): &(&str, &str, &Artefact)| {
        made.carried_over
            .as_ref()
            .map(|over| over.since.to_string())
    };
    let carried: ArrayRef = Arc::new(tables.iter().map(since).collect::<StringArray>());
    Ok(RecordBatch::try_from_iter([
        ("layer", texts(&|row| row.0.to_owned())),
        ("table", texts(&|row| row.1.to_owned())),
        ("rows", counts("rows")),
        ("quarantined", counts("quarantined")),
        ("superseded", counts("superseded")),
        ("not_selected", counts("not_selected")),
        ("digest", digests),
        ("carried_over_since", carried),
    ])?)
}
