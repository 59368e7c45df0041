//! Bounds that law or a client sets, applied after the model and told by name.

use pricing::Rule;
use serde::{Deserialize, Serialize};
use tabular::Value;

use crate::{Kind, features::Values};

/// The rules' file name beside the models.
pub const RULES_FILE: &str = "rules.json";
/// The name of the rule that a client's budget is.
const BUDGET: &str = "client_budget";

/// The bounds that an operator sets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceRules {
    /// Prices below which nothing is suggested.
    #[serde(default, rename = "floor")]
    pub floors: Vec<Floor>,
}

/// A price below which nothing is suggested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Floor {
    /// Its name, such as `minimum_wage`.
    pub name: String,
    /// The deals that it is about.
    pub kind: Kind,
    /// The least price, in cents.
    #[serde(default)]
    pub cents: i64,
    /// The least price of an hour, in cents, where the deal's hours are known.
    #[serde(default)]
    pub cents_per_hour: i64,
    /// What it is, for reasons, in French.
    pub french: String,
    /// What it is, for reasons, in English.
    pub english: String,
}

impl PriceRules {
    /// Returns the rules of a deal, in the order in which they are applied: a law has the last word over a budget.
    #[must_use]
    pub fn of(&self, kind: Kind, values: &Values<'_>, budget_cents: Option<i64>) -> Vec<Rule> {
        let hours = match values.get("hours") {
            Some(Value::Number(hours)) if *hours > 0.0 => *hours,
            _ => 0.0,
        };
        let budget = budget_cents.map(|cents| Rule::Ceiling {
            name: BUDGET.to_owned(),
            price: cents as f64,
        });
        let floors = self.floors.iter().filter(|floor| floor.kind == kind);
        let floors = floors.map(|floor| Rule::Floor {
            name: floor.name.clone(),
            price: (floor.cents as f64).max(floor.cents_per_hour as f64 * hours),
        });
        budget.into_iter().chain(floors).collect()
    }

    /// Returns what a rule is, in French and in English.
    #[must_use]
    pub fn words(&self, name: &str) -> [&str; 2] {
        if name == BUDGET {
            return ["le budget du client", "the client's budget"];
        }
        let found = self.floors.iter().find(|floor| floor.name == name);
        found.map_or(["une règle", "a rule"], |floor| {
            [&floor.french, &floor.english]
        })
    }
}
