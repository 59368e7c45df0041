//! New bronze rows merged into a silver table as it stands.
//!
//! The SELECT is run over the new rows only; they compete with the rows that stand, which won so far; and only the segments
//! that a new row falls into are written again. What comes out is what building the table from all its bronze rows gives.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arrow::{
    array::{AsArray, RecordBatch},
    compute::{cast, filter_record_batch},
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use datafusion::{
    common::tree_node::TreeNodeRecursion, error::DataFusionError, logical_expr::LogicalPlan,
    sql::TableReference,
};
use futures::TryStreamExt;
use schemas::{Check, Contract, arrow_schema};
use snapshot::Store;

use super::{
    SilverReport, SilverRequest, query,
    refused::refuse_broken,
    sorted::{Sorted, count_marks},
};
use crate::{
    Segment, Session, SqlError,
    keys::Keys,
    output::{Output, Place, Written, conform, with_provenance},
    quarantine,
    rules::unique_rules,
    session::{Pushdown, provider},
};

/// A silver table as it stands.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// Its segments, in the order of the key; files are relative to the store.
    pub segments: &'a [Segment],
    /// The files of rows refused so far, relative to the store.
    pub quarantined: &'a [String],
    /// Rows that break a rule whose action is to warn or to fail the snapshot.
    pub warned_by_rule: &'a BTreeMap<String, u64>,
}

/// What to merge into what.
#[derive(Debug, Clone, Copy)]
pub struct SilverMerge<'a> {
    /// What is built; its bronze rows are all of them, old and new.
    pub request: SilverRequest<'a>,
    /// Where the files are.
    pub store: &'a Store,
    /// The table as it stands.
    pub standing: Standing<'a>,
    /// The bronze files that are not in it yet, relative to the store.
    pub fresh: &'a [String],
    /// How many rows they have.
    pub fresh_rows: u64,
    /// The bronze file of each landing file that is in it already, where refused rows are to be looked at again, because a
    /// table that they refer to has grown.
    pub reconsider: Option<&'a BTreeMap<String, String>>,
}

/// Says whether rows may be merged into a table of this contract: no rule is about several of its rows but the key's own.
#[must_use]
pub fn may_merge(contract: &Contract) -> bool {
    let is_own = |check: &Check| matches!(check, Check::References { table, .. } if *table == contract.table);
    let is_column = |name: &String| contract.column(name).is_some();
    unique_rules(contract).next().is_none()
        && !contract.rules.iter().any(|rule| is_own(&rule.check))
        && contract.latest_by.iter().all(is_column)
}

impl Session {
    /// Merges new bronze rows into a silver table; none where the SELECT does not go row by row, so that the whole table must be
    /// built. The session has the tables that the contract refers to, and not the bronze table. Segments of the report that stand
    /// keep their file; new ones are in the request's folder.
    ///
    /// # Errors
    /// As building it whole.
    pub async fn merge_silver(
        &self,
        merge: &SilverMerge<'_>,
    ) -> Result<Option<SilverReport>, SqlError> {
        let contract = merge.request.contract;
        let what = contract.table.to_string();
        let failed = || SqlError::engine(&what);
        let bronze = self.open_fresh(merge).map_err(failed())?;
        let plan = self.plan(merge.request.select.text()).await?;
        if !goes_row_by_row(&plan).map_err(failed())? {
            return Ok(None);
        }
        let again = self.open_refused(merge, bronze).await?;
        let delta = self.delta(merge, again).await?;
        let touched = touched(contract, merge.standing.segments, &delta)?;
        self.open_standing(merge, &touched, delta)
            .map_err(failed())?;

        let mut stream = self.stream(&query::merged(contract), &what).await?;
        let place = Place::Segments {
            folder: merge.request.kept,
            average_rows: merge.request.segment_rows,
        };
        let mut output = Output::create(contract, place)?;
        let (mut sorted, mut stood) = (Sorted::of(contract), BTreeMap::new());
        while let Some(batch) = stream.try_next().await.map_err(failed())? {
            count_standing(&batch, &mut stood).map_err(failed())?;
            output.write(&sorted.add(contract, &batch).map_err(failed())?)?;
        }
        let mut warned = merge.standing.warned_by_rule.clone();
        for (rule, rows) in stood {
            let count = warned.entry(rule).or_default();
            *count = count.saturating_sub(rows);
        }
        for (rule, rows) in sorted.warned {
            *warned.entry(rule).or_default() += rows;
        }
        warned.retain(|_, rows| *rows > 0);
        refuse_broken(contract, &warned)?;

        let mut segments: Vec<Segment> = kept(merge.standing.segments, &touched).cloned().collect();
        if !touched.is_empty() {
            segments.extend(output.finish()?.segments);
        }
        segments.sort_by(|a, b| a.last_key.cmp(&b.last_key));
        let refused = quarantine::rows(self, merge.request.bronze, sorted.refused).await?;
        let mut quarantined = vec![refused];
        if merge.reconsider.is_none() {
            quarantined.extend(self.quarantined(merge).await?);
        }
        let by_rule = quarantine::write(
            merge.request.bronze,
            &quarantined,
            merge.request.quarantined,
        )?;
        let made = Written::of(contract, segments);
        let (rows_read, rows_quarantined) = (merge.request.bronze_rows, by_rule.values().sum());
        Ok(Some(SilverReport {
            rows_read,
            rows_kept: made.rows,
            rows_superseded: rows_read.saturating_sub(made.rows + rows_quarantined),
            rows_quarantined,
            quarantined_by_rule: by_rule,
            warned_by_rule: warned,
            digest: made.digest,
            profile: made.profile,
            segments: made.segments,
        }))
    }

    /// Registers the new rows as the bronze table; returns its name.
    fn open_fresh(&self, merge: &SilverMerge<'_>) -> Result<TableReference, DataFusionError> {
        let bronze = merge.request.bronze;
        let schema = Arc::new(arrow_schema(bronze));
        let fresh = provider(merge.store, merge.fresh, schema, Pushdown::Off)?;
        self.register_default("_fresh", Arc::clone(&fresh))?;
        let table = &bronze.table;
        let name = TableReference::partial(table.layer.as_str(), table.name.as_str());
        self.replace(name.clone(), fresh)?;
        Ok(name)
    }

    /// Adds refused rows that are to be looked at again to the bronze table; returns how many there are.
    async fn open_refused(
        &self,
        merge: &SilverMerge<'_>,
        bronze: TableReference,
    ) -> Result<u64, SqlError> {
        let Some(files) = merge.reconsider else {
            return Ok(0);
        };
        let failed = || SqlError::engine(&bronze);
        let refused = self.quarantined(merge).await?;
        let again = refused.iter().map(|batch| batch.num_rows() as u64).sum();
        let from = bronze_files(&refused, files).map_err(failed())?;
        let schema = Arc::new(arrow_schema(merge.request.bronze));
        let earlier = provider(merge.store, &from, schema, Pushdown::On).map_err(failed())?;
        self.register_default("_earlier", earlier)
            .map_err(failed())?;
        self.register_rows("_again", Arc::new(quarantine::schema()), refused)
            .map_err(failed())?;
        let rows = "SELECT * FROM _fresh UNION ALL SELECT e.* FROM _earlier AS e
            WHERE EXISTS (SELECT 1 FROM _again AS a WHERE a.file = e._file AND a.line = e._line)";
        let view = self.view(rows).await.map_err(failed())?;
        self.replace(bronze.clone(), view).map_err(failed())?;
        Ok(again)
    }

    /// Returns the rows that are refused so far.
    async fn quarantined(&self, merge: &SilverMerge<'_>) -> Result<Vec<RecordBatch>, SqlError> {
        let failed = || SqlError::engine("the quarantine");
        let schema = Arc::new(quarantine::schema());
        let files = merge.standing.quarantined;
        let rows = provider(merge.store, files, Arc::clone(&schema), Pushdown::Off);
        let rows = rows.map_err(failed())?;
        self.register_default("_quarantined", rows)
            .map_err(failed())?;
        let rows = self.rows("SELECT * FROM _quarantined").await?;
        let plain = |batch: RecordBatch| {
            let columns = schema.fields().iter().zip(batch.columns());
            let columns = columns.map(|(field, column)| cast(column, field.data_type()));
            RecordBatch::try_new(Arc::clone(&schema), columns.collect::<Result<_, _>>()?)
        };
        rows.into_iter()
            .map(|batch| plain(batch).map_err(|error| failed()(error.into())))
            .collect()
    }

    /// Stages the new rows, and those looked at again, with the rules they break.
    async fn delta(
        &self,
        merge: &SilverMerge<'_>,
        again: u64,
    ) -> Result<Vec<RecordBatch>, SqlError> {
        let SilverRequest {
            contract, select, ..
        } = merge.request;
        let what = contract.table.to_string();
        let schema = delta_schema(contract);
        let mut stream = self.stream(&query::staged(contract, select), &what).await?;
        let (mut delta, mut staged) = (Vec::new(), 0);
        while let Some(batch) = stream.try_next().await.map_err(SqlError::engine(&what))? {
            staged += batch.num_rows() as u64;
            delta.push(conform(contract, &schema, &batch)?);
        }
        let bronze = merge.fresh_rows + again;
        if staged != bronze {
            let table = contract.table.clone();
            return Err(SqlError::NotOneToOne {
                table,
                bronze,
                staged,
            });
        }
        Ok(delta)
    }

    fn open_standing(
        &self,
        merge: &SilverMerge<'_>,
        touched: &BTreeSet<usize>,
        delta: Vec<RecordBatch>,
    ) -> Result<(), DataFusionError> {
        let contract = merge.request.contract;
        self.register_rows("_delta", delta_schema(contract), delta)?;
        let files = touched
            .iter()
            .map(|index| &merge.standing.segments[*index].file);
        let files: Vec<_> = files
            .map(|file| file.to_string_lossy().into_owned())
            .collect();
        let schema = Arc::new(with_provenance(&arrow_schema(contract)));
        self.register_default(
            "_standing",
            provider(merge.store, &files, schema, Pushdown::Off)?,
        )
    }
}

/// Says whether a SELECT makes each of its rows from one row of its table, whatever the others are.
fn goes_row_by_row(plan: &LogicalPlan) -> Result<bool, DataFusionError> {
    let (mut scans, mut is_plain) = (0, true);
    plan.apply_with_subqueries(|node| {
        match node {
            LogicalPlan::TableScan(_) => scans += 1,
            LogicalPlan::Projection(_) | LogicalPlan::SubqueryAlias(_) => {}
            _ => is_plain = false,
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(is_plain && scans == 1)
}

/// Returns the columns of staged rows; rows that will be refused may lack any of them.
fn delta_schema(contract: &Contract) -> SchemaRef {
    let promised = with_provenance(&arrow_schema(contract));
    let marks = ["_file_digest", "_broken", "_warned"];
    let marks = marks.map(|name| Field::new(name, DataType::Utf8, true));
    let promised = promised.fields().iter().map(|field| {
        let field = field.as_ref().clone();
        field.with_nullable(true)
    });
    Arc::new(Schema::new(promised.chain(marks).collect::<Vec<_>>()))
}

/// Returns the segments that valid new rows fall into. The last one also takes what comes after it.
fn touched(
    contract: &Contract,
    segments: &[Segment],
    delta: &[RecordBatch],
) -> Result<BTreeSet<usize>, SqlError> {
    let keys = Keys::of(contract)?;
    let mut touched = BTreeSet::new();
    for batch in delta {
        let broken = batch.column_by_name("_broken").expect("the schema has it");
        let is_valid = broken
            .as_string::<i32>()
            .iter()
            .map(|broken| Some(broken == Some("")));
        let valid = filter_record_batch(batch, &is_valid.collect())
            .map_err(|error| SqlError::engine(&contract.table)(error.into()))?;
        for key in &keys.rows(contract, &valid)? {
            let index =
                segments.partition_point(|segment| segment.last_key.as_slice() < key.data());
            touched.insert(index.min(segments.len() - 1));
        }
    }
    Ok(touched)
}

fn kept<'a>(
    segments: &'a [Segment],
    touched: &'a BTreeSet<usize>,
) -> impl Iterator<Item = &'a Segment> {
    let segments = segments.iter().enumerate();
    segments.filter_map(|(index, segment)| (!touched.contains(&index)).then_some(segment))
}

/// Counts the rules that standing rows of a batch break, whether they go on standing or not.
fn count_standing(
    batch: &RecordBatch,
    counts: &mut BTreeMap<String, u64>,
) -> Result<(), DataFusionError> {
    let column = |name: &str| batch.column_by_name(name).expect("the query has it");
    let stands = column("_stands").as_boolean();
    let warned = cast(column("_warned"), &DataType::Utf8)?;
    for (stands, marks) in stands.iter().zip(warned.as_string::<i32>()) {
        if let (Some(true), Some(marks)) = (stands, marks) {
            count_marks(counts, marks);
        }
    }
    Ok(())
}

/// Returns the bronze files of refused rows.
fn bronze_files(
    refused: &[RecordBatch],
    files: &BTreeMap<String, String>,
) -> Result<Vec<String>, DataFusionError> {
    let mut found = BTreeSet::new();
    for batch in refused {
        let names = batch.column_by_name("file").expect("the schema has it");
        for name in names.as_string::<i32>().iter().flatten() {
            let file = files.get(name).ok_or_else(|| {
                DataFusionError::Execution(format!("{name} was refused in part and is gone"))
            })?;
            found.insert(file.clone());
        }
    }
    Ok(found.into_iter().collect())
}
