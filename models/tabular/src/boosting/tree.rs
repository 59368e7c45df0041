//! A fitted tree.

use serde::{Deserialize, Serialize};

use crate::schema::{Kind, Schema};

/// Which values go left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Rule {
    /// Numbers up to this one.
    UpTo(f64),
    /// The categories at these places: bit `place % 64` of word `place / 64`.
    These(Vec<u64>),
}

/// Where a node sends rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Split {
    pub(super) feature: u32,
    pub(super) rule: Rule,
    pub(super) missing_left: bool,
    pub(super) left: u32,
    pub(super) right: u32,
}

/// A node: a leaf where it has no split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Node {
    /// Weight of the rows that it was fitted on.
    pub(super) cover: f64,
    /// What a leaf adds to the prediction; the mean of that below an inner node.
    pub(super) value: f64,
    pub(super) split: Option<Split>,
}

/// A tree; the root is the first node, and children stand behind their parents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
}

impl Split {
    pub(super) fn goes_left(&self, value: f64) -> bool {
        match &self.rule {
            _ if value.is_nan() => self.missing_left,
            Rule::UpTo(edge) => value <= *edge,
            Rule::These(words) => {
                let place = value as usize;
                words
                    .get(place / 64)
                    .is_some_and(|word| word >> (place % 64) & 1 == 1)
            }
        }
    }

    /// The child that a value goes to, and the other.
    pub(super) fn children(&self, value: f64) -> (usize, usize) {
        let (left, right) = (self.left as usize, self.right as usize);
        if self.goes_left(value) {
            (left, right)
        } else {
            (right, left)
        }
    }
}

impl Tree {
    /// The leaf of the row whose values `value` gives.
    pub(super) fn leaf(&self, value: impl Fn(usize) -> f64) -> usize {
        let mut node = 0;
        while let Some(split) = &self.nodes[node].split {
            node = split.children(value(split.feature as usize)).0;
        }
        node
    }

    /// Says whether prediction from a row of `schema` stays within bounds and comes to an end.
    pub(super) fn is_sound(&self, schema: &Schema) -> bool {
        let sound = |(place, node): (usize, &Node)| {
            let numbers = node.value.is_finite() && node.cover.is_finite() && node.cover > 0.0;
            numbers
                && node
                    .split
                    .as_ref()
                    .is_none_or(|split| self.is_sound_split(place, split, schema))
        };
        !self.nodes.is_empty() && self.nodes.iter().enumerate().all(sound)
    }

    fn is_sound_split(&self, place: usize, split: &Split, schema: &Schema) -> bool {
        let after = |child: u32| child as usize > place && (child as usize) < self.nodes.len();
        let feature = schema.features().get(split.feature as usize);
        let fits = match (feature.map(|feature| &feature.kind), &split.rule) {
            (Some(Kind::Number), Rule::UpTo(edge)) => edge.is_finite(),
            (Some(Kind::Category { .. }), Rule::These(_)) => true,
            _ => false,
        };
        fits && after(split.left) && after(split.right)
    }
}
