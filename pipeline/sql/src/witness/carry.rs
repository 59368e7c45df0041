//! Plans that carry the keys of their inputs' rows along.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arrow::datatypes::DataType;
use datafusion::{
    common::{Column, DFSchema, ScalarValue},
    error::DataFusionError,
    functions::{core::expr_fn::coalesce, string::expr_fn::concat_ws},
    functions_aggregate::expr_fn::array_agg,
    logical_expr::{
        Aggregate, Distinct, Expr, Filter, Join, LogicalPlan, LogicalPlanBuilder, Projection, Sort,
        SubqueryAlias, Union, Window, cast, lit,
    },
};
use schemas::TableName;

use super::named;

/// Stands between the parts of a key.
pub(super) const PART: char = '\u{1f}';
/// Begins the names of carried columns.
const CARRIED: &str = "__witness_";

/// Which columns tell the rows of a table apart; none where no contract says.
pub(super) type KeyOf<'a> = &'a (dyn Fn(&TableName) -> Option<Vec<String>> + Sync);

/// Rewrites a plan so that its rows say which rows of its inputs they were made of: one column for each time that a table is read, a
/// text for one row, a list where an aggregate took many.
pub(super) struct Carrier<'a> {
    key_of: KeyOf<'a>,
    tables: BTreeMap<String, TableName>,
    /// Where the trace is not exact.
    pub(super) notes: BTreeSet<String>,
}

impl<'a> Carrier<'a> {
    pub(super) fn new(key_of: KeyOf<'a>) -> Self {
        Self {
            key_of,
            tables: BTreeMap::new(),
            notes: BTreeSet::new(),
        }
    }

    /// Returns the table that a carried column is of.
    pub(super) fn table(&self, name: &str) -> Option<&TableName> {
        self.tables.get(name)
    }

    /// Returns the carried columns of a plan.
    pub(super) fn carried(schema: &DFSchema) -> Vec<Expr> {
        let fields = schema.iter();
        let carried = fields.filter(|(_, field)| field.name().starts_with(CARRIED));
        carried
            .map(|field| Expr::Column(Column::from(field)))
            .collect()
    }

    /// Rewrites a plan.
    pub(super) fn carry(&mut self, plan: &LogicalPlan) -> Result<LogicalPlan, DataFusionError> {
        self.note_what_is_not_seen(plan);
        match plan {
            LogicalPlan::TableScan(scan) => self.scan(plan, &scan.table_name.to_string()),
            LogicalPlan::Projection(node) => {
                let input = self.carry(&node.input)?;
                let mut exprs = node.expr.clone();
                exprs.extend(Self::carried(input.schema()));
                Ok(LogicalPlan::Projection(Projection::try_new(
                    exprs,
                    Arc::new(input),
                )?))
            }
            LogicalPlan::Filter(node) => {
                let input = Arc::new(self.carry(&node.input)?);
                let filter = Filter::try_new(node.predicate.clone(), input)?;
                Ok(LogicalPlan::Filter(filter))
            }
            LogicalPlan::Window(node) => {
                let input = Arc::new(self.carry(&node.input)?);
                let window = Window::try_new(node.window_expr.clone(), input)?;
                Ok(LogicalPlan::Window(window))
            }
            LogicalPlan::Aggregate(node) => {
                let input = self.carry(&node.input)?;
                Self::gather(input, node.group_expr.clone(), node.aggr_expr.clone())
            }
            LogicalPlan::Distinct(Distinct::All(input)) => {
                let columns = input.schema().iter();
                let columns = columns
                    .map(|field| Expr::Column(Column::from(field)))
                    .collect();
                let input = self.carry(input)?;
                Self::gather(input, columns, Vec::new())
            }
            LogicalPlan::Sort(node) => Ok(LogicalPlan::Sort(Sort {
                expr: node.expr.clone(),
                input: Arc::new(self.carry(&node.input)?),
                fetch: node.fetch,
            })),
            LogicalPlan::Join(node) => {
                let (left, right) = (self.carry(&node.left)?, self.carry(&node.right)?);
                let join = Join::try_new(
                    Arc::new(left),
                    Arc::new(right),
                    node.on.clone(),
                    node.filter.clone(),
                    node.join_type,
                    node.join_constraint,
                    node.null_equality,
                    node.null_aware,
                )?;
                Ok(LogicalPlan::Join(join))
            }
            LogicalPlan::Union(node) => self.union(&node.inputs),
            LogicalPlan::SubqueryAlias(node) => {
                let input = Arc::new(self.carry(&node.input)?);
                let alias = SubqueryAlias::try_new(input, node.alias.clone())?;
                Ok(LogicalPlan::SubqueryAlias(alias))
            }
            LogicalPlan::Unnest(node) => LogicalPlanBuilder::from(self.carry(&node.input)?)
                .unnest_columns_with_options(node.exec_columns.clone(), node.options.clone())?
                .build(),
            LogicalPlan::Limit(_) | LogicalPlan::Repartition(_) => {
                let inputs = plan.inputs().into_iter();
                let inputs = inputs.map(|input| self.carry(input));
                let inputs = inputs.collect::<Result<Vec<_>, _>>()?;
                plan.with_new_exprs(plan.expressions(), inputs)
            }
            other => {
                let what = match other {
                    LogicalPlan::EmptyRelation(_) | LogicalPlan::Values(_) => {
                        return Ok(other.clone());
                    }
                    LogicalPlan::RecursiveQuery(_) => "a recursive query".to_owned(),
                    LogicalPlan::Distinct(_) => "DISTINCT ON".to_owned(),
                    other => other.display().to_string(),
                };
                self.notes
                    .insert(format!("rows read below {what} are not told"));
                Ok(other.clone())
            }
        }
    }

    /// Adds the key of each row of a table that is read.
    fn scan(&mut self, plan: &LogicalPlan, name: &str) -> Result<LogicalPlan, DataFusionError> {
        let table = name.parse::<TableName>().ok();
        let Some((table, key)) = table.and_then(|table| {
            let key = (self.key_of)(&table)?;
            Some((table, key))
        }) else {
            self.notes.insert(format!(
                "rows of {name} are not told: no contract says what tells them apart"
            ));
            return Ok(plan.clone());
        };
        let carried = format!("{CARRIED}{}", self.tables.len());
        let schema = plan.schema();
        let mut columns: Vec<Expr> = schema
            .iter()
            .map(|field| Expr::Column(Column::from(field)))
            .collect();
        let text = |column: &String| {
            let found = schema.iter().find(|(_, field)| field.name() == column);
            let found = found.ok_or_else(|| {
                DataFusionError::Plan(format!("{name} has no column {column} of its key"))
            })?;
            let text = cast(Expr::Column(Column::from(found)), DataType::Utf8);
            Ok::<_, DataFusionError>(coalesce(vec![text, lit("")]))
        };
        let parts = key.iter().map(text).collect::<Result<Vec<_>, _>>()?;
        columns.push(concat_ws(lit(PART.to_string()), parts).alias(&carried));
        self.tables.insert(carried, table);
        LogicalPlanBuilder::from(plan.clone())
            .project(columns)?
            .build()
    }

    /// Aggregates, and gathers what the rows of each group carry.
    fn gather(
        input: LogicalPlan,
        by: Vec<Expr>,
        mut aggregates: Vec<Expr>,
    ) -> Result<LogicalPlan, DataFusionError> {
        for carried in Self::carried(input.schema()) {
            let Expr::Column(column) = &carried else {
                continue;
            };
            let name = column.name.clone();
            aggregates.push(array_agg(carried).alias(name));
        }
        let aggregate = Aggregate::try_new(Arc::new(input), by, aggregates)?;
        Ok(LogicalPlan::Aggregate(aggregate))
    }

    /// Gives every input of a union the carried columns of all, empty where they are another's.
    fn union(&mut self, inputs: &[Arc<LogicalPlan>]) -> Result<LogicalPlan, DataFusionError> {
        let carried = inputs.iter().map(|input| self.carry(input));
        let carried = carried.collect::<Result<Vec<_>, _>>()?;
        let mut types: BTreeMap<String, DataType> = BTreeMap::new();
        for input in &carried {
            for (_, field) in input.schema().iter() {
                if field.name().starts_with(CARRIED) {
                    types.insert(field.name().clone(), field.data_type().clone());
                }
            }
        }
        let aligned = carried.into_iter().map(|input| {
            let schema = Arc::clone(input.schema());
            let own = schema
                .iter()
                .filter(|(_, field)| !field.name().starts_with(CARRIED));
            let mut columns: Vec<Expr> =
                own.map(|field| Expr::Column(Column::from(field))).collect();
            for (name, kind) in &types {
                let has_it = schema.iter().any(|(_, field)| field.name() == name);
                columns.push(match has_it {
                    true => named(name),
                    false => Expr::Literal(ScalarValue::try_from(kind)?, None).alias(name),
                });
            }
            Ok::<_, DataFusionError>(Arc::new(LogicalPlan::Projection(Projection::try_new(
                columns,
                Arc::new(input),
            )?)))
        });
        let aligned = aligned.collect::<Result<Vec<_>, _>>()?;
        Ok(LogicalPlan::Union(Union::try_new_with_loose_types(
            aligned,
        )?))
    }

    /// Notes what a node looks at besides the rows that reach it.
    fn note_what_is_not_seen(&mut self, plan: &LogicalPlan) {
        let mut note = |text: &str| {
            self.notes.insert(text.to_owned());
        };
        match plan {
            LogicalPlan::Window(_) => note(
                "a window looks at other rows of its group: those that only ranked or counted beside a row are not told",
            ),
            LogicalPlan::Join(join)
                if join.schema.fields().len()
                    < join.left.schema().fields().len() + join.right.schema().fields().len() =>
            {
                note("rows that a semi or anti join only looked for are not told");
            }
            _ => {}
        }
        let has_subquery = plan.expressions().iter().any(has_subquery);
        if has_subquery {
            note("rows that a subquery in an expression looked at are not told");
        }
    }
}

fn has_subquery(expr: &Expr) -> bool {
    use datafusion::common::tree_node::TreeNode as _;
    let is_one = |expr: &Expr| {
        Ok(matches!(
            expr,
            Expr::ScalarSubquery(_)
                | Expr::Exists(_)
                | Expr::InSubquery(_)
                | Expr::SetComparison(_)
        ))
    };
    expr.exists(is_one).unwrap_or(true)
}
