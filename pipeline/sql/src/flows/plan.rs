//! Flows through the nodes of a logical plan.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::{
    common::DFSchema,
    error::DataFusionError,
    logical_expr::{
        Aggregate, Distinct, DistinctOn, Expr, Join, JoinType, LogicalPlan, RecursiveQuery,
        utils::grouping_set_to_exprlist,
    },
};
use lineage::{ColumnId, Flow, Kind};

/// Rounds after which what a recursive query adds is known: each source is reached in the first, each kind of use soon after.
const ROUNDS: usize = 4;

/// What a plan's columns are made of.
#[derive(Debug, Clone, Default)]
pub(super) struct Traced {
    /// Its columns, in order.
    pub(super) columns: Vec<Flow>,
    /// What decides which rows there are.
    pub(super) shapes: BTreeMap<ColumnId, BTreeSet<Kind>>,
    /// The tables whose rows it counts where it counts rows.
    pub(super) tables: BTreeSet<String>,
}

impl Traced {
    pub(super) fn shape(&mut self, flow: Flow, kind: Kind) {
        for (source, kinds) in flow.used_as(kind).from {
            self.shapes.entry(source).or_default().extend(kinds);
        }
    }

    /// Takes over what another part decides of the rows.
    fn join_shapes(&mut self, other: &Self) {
        for (source, kinds) in &other.shapes {
            self.shapes.entry(source.clone()).or_default().extend(kinds);
        }
        self.tables.extend(other.tables.iter().cloned());
    }
}

/// Where names of an expression are looked up.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) schema: &'a DFSchema,
    pub(super) traced: &'a Traced,
    pub(super) outer: Option<&'a Scope<'a>>,
}

/// Walks one plan.
#[derive(Default)]
pub(super) struct Tracer {
    /// Working tables of recursive queries, by name.
    working: BTreeMap<String, Traced>,
}

impl Tracer {
    pub(super) fn plan(
        &mut self,
        plan: &LogicalPlan,
        outer: Option<&Scope<'_>>,
    ) -> Result<Traced, DataFusionError> {
        match plan {
            LogicalPlan::Projection(node) => {
                let input = self.plan(&node.input, outer)?;
                let columns = self.all(&node.expr, node.input.schema(), &input, outer)?;
                Ok(Traced { columns, ..input })
            }
            LogicalPlan::Filter(node) => {
                let mut input = self.plan(&node.input, outer)?;
                let tested = self.one(&node.predicate, node.input.schema(), &input, outer)?;
                input.shape(tested, Kind::Filter);
                Ok(input)
            }
            LogicalPlan::Window(node) => {
                let mut input = self.plan(&node.input, outer)?;
                let added = self.all(&node.window_expr, node.input.schema(), &input, outer)?;
                input.columns.extend(added);
                Ok(input)
            }
            LogicalPlan::Aggregate(node) => self.aggregate(node, outer),
            LogicalPlan::Sort(node) => {
                let mut input = self.plan(&node.input, outer)?;
                for sort in &node.expr {
                    let by = self.one(&sort.expr, node.input.schema(), &input, outer)?;
                    input.shape(by, Kind::Sort);
                }
                Ok(input)
            }
            LogicalPlan::Join(node) => self.join(node, outer),
            LogicalPlan::Union(node) => {
                let mut inputs = node.inputs.iter();
                let mut traced = match inputs.next() {
                    Some(first) => self.plan(first, outer)?,
                    None => Traced::default(),
                };
                for input in inputs {
                    let input = self.plan(input, outer)?;
                    traced.join_shapes(&input);
                    let columns = traced.columns.iter_mut().zip(input.columns);
                    columns.for_each(|(known, more)| known.merge(more));
                }
                Ok(traced)
            }
            LogicalPlan::TableScan(node) => {
                let table = node.table_name.to_string();
                if let Some(working) = self.working.get(&table) {
                    return Ok(working.clone());
                }
                let names = node.projected_schema.fields().iter();
                let of = |name: &String| Flow::of(ColumnId::new(&table, name), Kind::Identity);
                let mut traced = Traced {
                    columns: names.map(|field| of(field.name())).collect(),
                    shapes: BTreeMap::new(),
                    tables: BTreeSet::from([table.clone()]),
                };
                let filters = self.all(&node.filters, &node.projected_schema, &traced, outer)?;
                filters
                    .into_iter()
                    .for_each(|by| traced.shape(by, Kind::Filter));
                Ok(traced)
            }
            LogicalPlan::EmptyRelation(node) => Ok(Traced {
                columns: vec![Flow::default(); node.schema.fields().len()],
                ..Traced::default()
            }),
            LogicalPlan::Values(node) => {
                let mut columns = vec![Flow::default(); node.schema.fields().len()];
                let nothing = Traced::default();
                for row in &node.values {
                    let row = self.all(row, &DFSchema::empty(), &nothing, outer)?;
                    columns
                        .iter_mut()
                        .zip(row)
                        .for_each(|(known, more)| known.merge(more));
                }
                Ok(Traced { columns, ..nothing })
            }
            LogicalPlan::Distinct(Distinct::On(node)) => self.distinct_on(node, outer),
            LogicalPlan::Unnest(node) => {
                let mut input = self.plan(&node.input, outer)?;
                let is_opened = |index: &usize| {
                    node.list_type_columns.iter().any(|(at, _)| at == index)
                        || node.struct_type_columns.contains(index)
                };
                let opened = |index: &usize| {
                    let flow = input.columns.get(*index).cloned().unwrap_or_default();
                    match is_opened(index) {
                        true => flow.used_as(Kind::Transformation),
                        false => flow,
                    }
                };
                input.columns = node.dependency_indices.iter().map(opened).collect();
                Ok(input)
            }
            LogicalPlan::RecursiveQuery(node) => self.recursive(node, outer),
            LogicalPlan::SubqueryAlias(_)
            | LogicalPlan::Limit(_)
            | LogicalPlan::Distinct(Distinct::All(_))
            | LogicalPlan::Repartition(_) => match plan.inputs().first() {
                Some(input) => self.plan(input, outer),
                None => Ok(Traced::default()),
            },
            LogicalPlan::Subquery(node) => self.plan(&node.subquery, outer),
            other => Err(DataFusionError::NotImplemented(format!(
                "lineage through {}",
                other.display()
            ))),
        }
    }

    fn all(
        &mut self,
        exprs: &[Expr],
        schema: &DFSchema,
        traced: &Traced,
        outer: Option<&Scope<'_>>,
    ) -> Result<Vec<Flow>, DataFusionError> {
        let exprs = exprs.iter();
        exprs
            .map(|expr| self.one(expr, schema, traced, outer))
            .collect()
    }

    fn one(
        &mut self,
        expr: &Expr,
        schema: &DFSchema,
        traced: &Traced,
        outer: Option<&Scope<'_>>,
    ) -> Result<Flow, DataFusionError> {
        let scope = Scope {
            schema,
            traced,
            outer,
        };
        self.expr(expr, &scope)
    }

    fn aggregate(
        &mut self,
        node: &Aggregate,
        outer: Option<&Scope<'_>>,
    ) -> Result<Traced, DataFusionError> {
        let mut input = self.plan(&node.input, outer)?;
        let schema = node.input.schema();
        let mut columns = Vec::new();
        for by in grouping_set_to_exprlist(&node.group_expr)? {
            let by = self.one(by, schema, &input, outer)?;
            columns.push(by.clone());
            input.shape(by, Kind::GroupBy);
        }
        if matches!(node.group_expr.as_slice(), [Expr::GroupingSet(_)]) {
            columns.push(Flow::made("grouping()"));
        }
        let aggregated = self.all(&node.aggr_expr, schema, &input, outer)?;
        columns.extend(aggregated);
        Ok(Traced { columns, ..input })
    }

    fn join(&mut self, node: &Join, outer: Option<&Scope<'_>>) -> Result<Traced, DataFusionError> {
        let left = self.plan(&node.left, outer)?;
        let right = self.plan(&node.right, outer)?;
        let mut both = left.clone();
        both.columns.extend(right.columns.iter().cloned());
        both.join_shapes(&right);
        for (a, b) in &node.on {
            let a = self.one(a, node.left.schema(), &left, outer)?;
            let b = self.one(b, node.right.schema(), &right, outer)?;
            both.shape(a, Kind::Join);
            both.shape(b, Kind::Join);
        }
        if let Some(filter) = &node.filter {
            let schema = node.left.schema().join(node.right.schema())?;
            let tested = self.one(filter, &schema, &both, outer)?;
            both.shape(tested, Kind::Join);
        }
        both.columns = match node.join_type {
            JoinType::LeftSemi | JoinType::LeftAnti => left.columns,
            JoinType::RightSemi | JoinType::RightAnti => right.columns,
            JoinType::LeftMark | JoinType::RightMark => {
                let kept = match node.join_type {
                    JoinType::LeftMark => left.columns,
                    _ => right.columns,
                };
                kept.into_iter().chain([Flow::made("mark")]).collect()
            }
            _ => both.columns,
        };
        Ok(both)
    }

    fn distinct_on(
        &mut self,
        node: &DistinctOn,
        outer: Option<&Scope<'_>>,
    ) -> Result<Traced, DataFusionError> {
        let mut input = self.plan(&node.input, outer)?;
        let schema = node.input.schema();
        let columns = self.all(&node.select_expr, schema, &input, outer)?;
        for on in self.all(&node.on_expr, schema, &input, outer)? {
            input.shape(on, Kind::GroupBy);
        }
        for sort in node.sort_expr.iter().flatten() {
            let by = self.one(&sort.expr, schema, &input, outer)?;
            input.shape(by, Kind::Sort);
        }
        Ok(Traced { columns, ..input })
    }

    fn recursive(
        &mut self,
        node: &RecursiveQuery,
        outer: Option<&Scope<'_>>,
    ) -> Result<Traced, DataFusionError> {
        let mut known = self.plan(&node.static_term, outer)?;
        let hidden = self.working.remove(&node.name);
        for _ in 0..ROUNDS {
            self.working.insert(node.name.clone(), known.clone());
            let more = self.plan(&node.recursive_term, outer)?;
            known.join_shapes(&more);
            let columns = known.columns.iter_mut().zip(more.columns);
            columns.for_each(|(known, more)| known.merge(more));
        }
        self.working.remove(&node.name);
        self.working
            .extend(hidden.map(|traced| (node.name.clone(), traced)));
        Ok(known)
    }
}
