//! Walks as graphs that other tools draw.

use std::collections::{BTreeMap, BTreeSet};

use crate::{ColumnId, Kind, Tree, walk::Direction};

/// Edges of a walk, from source to reader.
fn edges(
    trees: &[(Direction, &Tree)],
) -> (BTreeSet<ColumnId>, BTreeMap<(ColumnId, ColumnId), String>) {
    let (mut nodes, mut edges) = (BTreeSet::new(), BTreeMap::new());
    for (direction, tree) in trees {
        for one in tree.all() {
            nodes.insert(one.id.clone());
            for child in &one.children {
                let (a, b) = match direction {
                    Direction::Up => (child.id.clone(), one.id.clone()),
                    Direction::Down => (one.id.clone(), child.id.clone()),
                };
                edges.insert((a, b), label(&child.kinds));
            }
        }
    }
    (nodes, edges)
}

fn label(kinds: &BTreeSet<Kind>) -> String {
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    kinds.join(", ")
}

fn name(id: &ColumnId) -> String {
    match id.is_rows() {
        true => id.table.clone(),
        false => id.to_string(),
    }
}

/// Writes walks from one place as a Mermaid flowchart, for Markdown.
#[must_use]
pub fn mermaid(trees: &[(Direction, &Tree)]) -> String {
    let (nodes, edges) = edges(trees);
    let ids: BTreeMap<&ColumnId, usize> = nodes.iter().zip(0..).collect();
    let mut out = "flowchart LR\n".to_owned();
    for (node, id) in &ids {
        out.push_str(&format!(
            "  n{id}[\"{}\"]\n",
            name(node).replace('"', "#quot;")
        ));
    }
    for ((from, to), label) in &edges {
        let (from_id, to_id) = (ids[from], ids[to]);
        let is_shown = !(from.is_rows() && to.is_rows());
        let label = if is_shown {
            format!("|{label}|")
        } else {
            String::new()
        };
        out.push_str(&format!("  n{from_id} -->{label} n{to_id}\n"));
    }
    out
}

/// Writes walks from one place as a DOT graph, for Graphviz.
#[must_use]
pub fn dot(trees: &[(Direction, &Tree)]) -> String {
    let (nodes, edges) = edges(trees);
    let quote = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut out = "digraph lineage {\n  rankdir=LR;\n  node [shape=box];\n".to_owned();
    for node in &nodes {
        out.push_str(&format!("  {};\n", quote(&name(node))));
    }
    for ((from, to), label) in &edges {
        let is_shown = !(from.is_rows() && to.is_rows());
        let label = if is_shown {
            format!(" [label={}]", quote(label))
        } else {
            String::new()
        };
        out.push_str(&format!(
            "  {} -> {}{label};\n",
            quote(&name(from)),
            quote(&name(to))
        ));
    }
    out.push_str("}\n");
    out
}
