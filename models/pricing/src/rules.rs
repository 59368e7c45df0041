//! Rules that hold whatever was learnt: a minimum wage, a legal floor, a client's budget.

use serde::{Deserialize, Serialize};

use crate::explanation::{Explanation, Part};

/// A bound on prices, with the name that it is told by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Rule {
    /// No price is below.
    Floor {
        /// Its name.
        name: String,
        /// The bound, in the price's unit.
        price: f64,
    },
    /// No price is above.
    Ceiling {
        /// Its name.
        name: String,
        /// The bound, in the price's unit.
        price: f64,
    },
}

/// Holds prices to the rules, in their order, so that the last one has the last word. What a rule changes becomes a part of its name, and the
/// sum holds; prices that rose with the level still do.
pub fn apply_rules(explanations: &mut [Explanation], rules: &[Rule]) {
    for rule in rules {
        for explanation in explanations.iter_mut() {
            let (name, held) = match rule {
                Rule::Floor { name, price } => (name, explanation.price.max(*price)),
                Rule::Ceiling { name, price } => (name, explanation.price.min(*price)),
            };
            if held != explanation.price {
                let change = held - explanation.price;
                explanation.parts.push((Part::Rule(name.clone()), change));
                explanation.price = held;
            }
        }
    }
}
