//! `serve routes`.

use clap::Args;
use serde_json::json;

use crate::{Who, route_cards};

#[derive(Debug, Clone, Args)]
pub struct RoutesCommand {
    /// Prints JSON, for programs
    #[arg(long)]
    json: bool,
}

impl RoutesCommand {
    pub(super) fn execute(&self) -> String {
        let who = |who| match who {
            Who::Anyone => "anyone",
            Who::Operator => "operate, or anyone with --open-metrics",
            Who::AnyKey => "any key",
            Who::Has(scope) => scope.as_str(),
        };
        let cards = route_cards();
        if self.json {
            let rows = cards.iter().map(|card| {
                let scope = card.needs.scope_needed().map(access::Scope::as_str);
                let needs_key = card.needs.who != Who::Anyone;
                json!({ "method": card.method, "path": card.path, "needs_key": needs_key, "scope": scope, "cost": card.needs.cost })
            });
            return json!(rows.collect::<Vec<_>>()).to_string();
        }
        let rows = cards.iter().map(|card| {
            let (path, cost) = (card.path, card.needs.cost);
            format!(
                "{:4} {path:48} {cost:4}  {}",
                card.method,
                who(card.needs.who)
            )
        });
        let head = format!("{:4} {:48} {:>4}  {}", "", "path", "cost", "needs");
        std::iter::once(head)
            .chain(rows)
            .collect::<Vec<_>>()
            .join("\n")
    }
}
