//! Batches that hold no more memory than their rows need, before they are sorted.
//!
//! An aggregate hands out slices of one large batch, and a join views into the texts of its whole build side. A sort counts for each
//! batch that it keeps the memory of all that it refers to: without a copy it finds one or two of them larger than all it may use, and
//! fails where their rows are few.

use std::{fmt, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, UInt64Array},
    compute::take,
    record_batch::RecordBatch,
};
use datafusion::{
    common::{
        config::ConfigOptions,
        tree_node::{Transformed, TreeNode},
    },
    error::{DataFusionError, Result},
    execution::{SendableRecordBatchStream, TaskContext},
    physical_optimizer::PhysicalOptimizerRule,
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, sorts::sort::SortExec,
        stream::RecordBatchStreamAdapter,
    },
};
use futures::StreamExt;

/// Puts a `Compact` below each sort.
#[derive(Debug)]
pub(crate) struct CompactBeforeSorts;

impl PhysicalOptimizerRule for CompactBeforeSorts {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let compacted = plan.transform_up(|node| {
            if !node.is::<SortExec>() {
                return Ok(Transformed::no(node));
            }
            let input = Arc::new(Compact::of(Arc::clone(node.children()[0])));
            Ok(Transformed::yes(node.with_new_children(vec![input])?))
        })?;
        Ok(compacted.data)
    }

    fn name(&self) -> &'static str {
        "compact_before_sorts"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Gives the batches of its input, copied where they are slices of much larger ones.
#[derive(Debug)]
struct Compact {
    input: Arc<dyn ExecutionPlan>,
    properties: Arc<PlanProperties>,
}

impl Compact {
    fn of(input: Arc<dyn ExecutionPlan>) -> Self {
        let properties = Arc::clone(input.properties());
        Self { input, properties }
    }
}

impl DisplayAs for Compact {
    fn fmt_as(&self, _: DisplayFormatType, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Compact")
    }
}

impl ExecutionPlan for Compact {
    fn name(&self) -> &'static str {
        "Compact"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn with_new_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let input = children
            .pop()
            .ok_or_else(|| DataFusionError::Internal("Compact needs an input".to_owned()))?;
        Ok(Arc::new(Self::of(input)))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let batches = self.input.execute(partition, context)?;
        let compacted = batches.map(|batch| compact(batch?));
        let schema = self.input.schema();
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, compacted)))
    }
}

fn compact(batch: RecordBatch) -> Result<RecordBatch> {
    let mut is_changed = false;
    let mut columns = Vec::with_capacity(batch.num_columns());
    for column in batch.columns() {
        let copied = compact_column(column)?;
        is_changed |= copied.is_some();
        columns.push(copied.unwrap_or_else(|| Arc::clone(column)));
    }
    match is_changed {
        false => Ok(batch),
        true => Ok(RecordBatch::try_new(batch.schema(), columns)?),
    }
}

/// Copies a column that holds more than twice the memory that it needs; none where it does not.
fn compact_column(column: &ArrayRef) -> Result<Option<ArrayRef>> {
    if let Some(views) = column.as_string_view_opt() {
        let held: usize = views
            .data_buffers()
            .iter()
            .map(|held| held.capacity())
            .sum();
        let is_wasteful = held > 2 * views.total_buffer_bytes_used();
        return Ok(is_wasteful.then(|| Arc::new(views.gc()) as ArrayRef));
    }
    if column.get_buffer_memory_size() <= 2 * column.to_data().get_slice_memory_size()? {
        return Ok(None);
    }
    let rows = u64::try_from(column.len()).expect("memory has fewer rows");
    let all = UInt64Array::from_iter_values(0..rows);
    Ok(Some(take(column, &all, None)?))
}

#[cfg(test)]
mod tests {
    use arrow::array::{StringArray, StringViewArray};
    use datafusion::common::utils::memory::get_record_batch_memory_size as memory;

    use super::*;

    fn texts() -> impl Iterator<Item = String> {
        (0..10_000).map(|row| format!("row {row:0>40}"))
    }

    #[test]
    fn a_slice_is_copied_and_what_stands_alone_is_not() {
        let plain: ArrayRef = Arc::new(StringArray::from_iter_values(texts()));
        let views: ArrayRef = Arc::new(StringViewArray::from_iter_values(texts()));
        for column in [plain, views] {
            let whole = RecordBatch::try_from_iter([("text", column)]).unwrap();
            let slice = whole.slice(5_000, 100);
            let copied = compact(slice.clone()).unwrap();
            assert_eq!(copied, slice);
            assert!(memory(&copied) * 20 < memory(&slice));
            let kept = compact(whole.clone()).unwrap();
            let data = |batch: &RecordBatch| batch.column(0).to_data().buffers()[0].as_ptr();
            assert_eq!(data(&kept), data(&whole));
        }
    }
}
