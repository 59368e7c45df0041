//! Flows through expressions.

use datafusion::{
    common::{
        Column,
        tree_node::{TreeNode, TreeNodeRecursion},
    },
    error::DataFusionError,
    logical_expr::{
        Case, Expr, LogicalPlan, WindowFunctionDefinition,
        expr::{AggregateFunction, Sort, WindowFunction},
    },
};
use lineage::{ColumnId, Flow, Kind};

use super::plan::{Scope, Tracer};

impl Tracer {
    /// Returns what an expression is made of.
    pub(super) fn expr(&mut self, expr: &Expr, scope: &Scope<'_>) -> Result<Flow, DataFusionError> {
        match expr {
            Expr::Column(column) => find(column, scope),
            Expr::OuterReferenceColumn(_, column) => {
                let mut outer = scope.outer;
                while let Some(there) = outer {
                    if let Ok(flow) = find(column, there) {
                        return Ok(flow);
                    }
                    outer = there.outer;
                }
                Err(lost(column))
            }
            Expr::Alias(alias) => self.expr(&alias.expr, scope),
            Expr::Literal(value, _) => Ok(Flow::made(value.to_string())),
            Expr::Case(case) => self.case(case, scope),
            Expr::AggregateFunction(function) => self.aggregate_function(function, scope),
            Expr::WindowFunction(function) => self.window_function(function, scope),
            Expr::ScalarSubquery(subquery) => self.subquery(&subquery.subquery, scope, true),
            Expr::Exists(exists) => self.subquery(&exists.subquery.subquery, scope, false),
            Expr::InSubquery(within) => {
                let mut flow = self
                    .expr(&within.expr, scope)?
                    .used_as(Kind::Transformation);
                flow.merge(self.subquery(&within.subquery.subquery, scope, true)?);
                Ok(flow.used_as(Kind::Transformation))
            }
            Expr::SetComparison(compared) => {
                let mut flow = self.expr(&compared.expr, scope)?;
                flow.merge(self.subquery(&compared.subquery.subquery, scope, true)?);
                Ok(flow.used_as(Kind::Transformation))
            }
            other => {
                let flow = self.children(other, scope)?;
                if flow == Flow::default() {
                    return Ok(Flow::made(other.to_string()));
                }
                Ok(flow.used_as(Kind::Transformation))
            }
        }
    }

    /// Merges what the parts of an expression are made of. Literals among them are parameters, not what the value is made of, where
    /// there is a source.
    fn children(&mut self, expr: &Expr, scope: &Scope<'_>) -> Result<Flow, DataFusionError> {
        let mut merged = Flow::default();
        expr.apply_children(|child| {
            merged.merge(self.expr(child, scope)?);
            Ok(TreeNodeRecursion::Continue)
        })?;
        if !merged.from.is_empty() {
            merged.made_of.clear();
        } else if !merged.made_of.is_empty() {
            return Ok(Flow::made(expr.to_string()));
        }
        Ok(merged)
    }

    fn case(&mut self, case: &Case, scope: &Scope<'_>) -> Result<Flow, DataFusionError> {
        let mut flow = Flow::default();
        if let Some(base) = &case.expr {
            flow.merge(self.expr(base, scope)?.used_as(Kind::Conditional));
        }
        for (when, then) in &case.when_then_expr {
            flow.merge(self.expr(when, scope)?.used_as(Kind::Conditional));
            flow.merge(self.expr(then, scope)?.used_as(Kind::Transformation));
        }
        if let Some(otherwise) = &case.else_expr {
            flow.merge(self.expr(otherwise, scope)?.used_as(Kind::Transformation));
        }
        Ok(flow)
    }

    fn aggregate_function(
        &mut self,
        function: &AggregateFunction,
        scope: &Scope<'_>,
    ) -> Result<Flow, DataFusionError> {
        let params = &function.params;
        let mut flow = self.merged(&params.args, scope)?.used_as(Kind::Aggregation);
        if flow.from.is_empty() {
            flow = counted(function.func.name(), scope);
        }
        if let Some(filter) = &params.filter {
            flow.merge(self.expr(filter, scope)?.used_as(Kind::Filter));
        }
        flow.merge(self.sorted(&params.order_by, Kind::Sort, scope)?);
        Ok(flow)
    }

    fn window_function(
        &mut self,
        function: &WindowFunction,
        scope: &Scope<'_>,
    ) -> Result<Flow, DataFusionError> {
        let params = &function.params;
        let (kind, is_aggregate) = match &function.fun {
            WindowFunctionDefinition::AggregateUDF(_) => (Kind::Aggregation, true),
            WindowFunctionDefinition::WindowUDF(_) => (Kind::Transformation, false),
        };
        let mut flow = self.merged(&params.args, scope)?.used_as(kind);
        if flow.from.is_empty() {
            flow = match is_aggregate {
                true => counted(function.fun.name(), scope),
                false => Flow::made(format!("{}()", function.fun.name())),
            };
        }
        for by in &params.partition_by {
            flow.merge(self.expr(by, scope)?.used_as(Kind::Window));
        }
        flow.merge(self.sorted(&params.order_by, Kind::Window, scope)?);
        if let Some(filter) = &params.filter {
            flow.merge(self.expr(filter, scope)?.used_as(Kind::Filter));
        }
        Ok(flow)
    }

    fn merged(&mut self, exprs: &[Expr], scope: &Scope<'_>) -> Result<Flow, DataFusionError> {
        let mut flow = Flow::default();
        for expr in exprs {
            flow.merge(self.expr(expr, scope)?);
        }
        if !flow.from.is_empty() {
            flow.made_of.clear();
        }
        Ok(flow)
    }

    fn sorted(
        &mut self,
        sorts: &[Sort],
        kind: Kind,
        scope: &Scope<'_>,
    ) -> Result<Flow, DataFusionError> {
        let mut flow = Flow::default();
        for sort in sorts {
            flow.merge(self.expr(&sort.expr, scope)?.used_as(kind));
        }
        Ok(flow)
    }

    /// Returns what a subquery in an expression is made of: its one column where its value is taken, and what shapes its rows.
    fn subquery(
        &mut self,
        plan: &LogicalPlan,
        scope: &Scope<'_>,
        is_value: bool,
    ) -> Result<Flow, DataFusionError> {
        let traced = self.plan(plan, Some(scope))?;
        let mut flow = Flow {
            from: traced.shapes,
            ..Flow::default()
        };
        if is_value {
            traced
                .columns
                .into_iter()
                .for_each(|column| flow.merge(column));
        } else {
            for table in traced.tables {
                flow.merge(Flow::of(ColumnId::rows(table), Kind::Conditional));
            }
        }
        Ok(flow)
    }
}

/// What counts rows, not values: `count(*)`.
fn counted(name: &str, scope: &Scope<'_>) -> Flow {
    let mut flow = Flow::default();
    for table in &scope.traced.tables {
        flow.merge(Flow::of(ColumnId::rows(table), Kind::Aggregation));
    }
    match flow.from.is_empty() {
        true => Flow::made(format!("{name}(*)")),
        false => flow,
    }
}

fn find(column: &Column, scope: &Scope<'_>) -> Result<Flow, DataFusionError> {
    let index = scope.schema.maybe_index_of_column(column);
    let flow = index.and_then(|index| scope.traced.columns.get(index));
    flow.cloned().ok_or_else(|| lost(column))
}

fn lost(column: &Column) -> DataFusionError {
    DataFusionError::Internal(format!("lineage lost column {column}"))
}
