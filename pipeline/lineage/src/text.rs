//! A walk as text for people.

use crate::{Tree, walk::Direction};

/// Draws a walk as a tree of text.
#[must_use]
pub fn text(tree: &Tree, direction: Direction) -> String {
    let mut out = name(tree);
    out.push_str(&remark(tree));
    out.push('\n');
    below(tree, direction, "", &mut out);
    out
}

fn name(tree: &Tree) -> String {
    match tree.id.is_rows() {
        true => tree.id.table.clone(),
        false => tree.id.to_string(),
    }
}

fn remark(tree: &Tree) -> String {
    let mut said = Vec::new();
    if !tree.made_of.is_empty() {
        let parts: Vec<&str> = tree.made_of.iter().map(String::as_str).collect();
        said.push(format!("and {}", parts.join(", ")));
    }
    if tree.is_told {
        said.push("told above".to_owned());
    }
    if tree.is_cut {
        said.push("…".to_owned());
    }
    if !tree.job_reads.is_empty() {
        let reads: Vec<&str> = tree.job_reads.iter().map(String::as_str).collect();
        let reads = reads.join(", ");
        said.push(format!(
            "a job makes it of {reads}, and does not say of which columns"
        ));
    }
    match said.is_empty() {
        true => String::new(),
        false => format!("  ({})", said.join("; ")),
    }
}

fn below(tree: &Tree, direction: Direction, indent: &str, out: &mut String) {
    for field in &tree.fields {
        let what = match field.fields.as_slice() {
            [] => field.steps.clone(),
            fields if field.steps.is_empty() => fields.join(", "),
            fields => format!("{} ({})", fields.join(", "), field.steps),
        };
        out.push_str(&format!("{indent}   · {}: {what}\n", field.mapping));
    }
    for (place, child) in tree.children.iter().enumerate() {
        let is_last = place + 1 == tree.children.len();
        let (branch, next) = if is_last {
            ("└─ ", "   ")
        } else {
            ("├─ ", "│  ")
        };
        let kinds: Vec<&str> = child.kinds.iter().map(|kind| kind.as_str()).collect();
        let arrow = if direction == Direction::Up {
            "←"
        } else {
            "→"
        };
        let kinds = match child.id.is_rows() && tree.id.is_rows() {
            true => String::new(),
            false => format!(" [{}]", kinds.join(", ")),
        };
        let shown = match child.id.is_rows() && !tree.id.is_rows() {
            true => format!("rows of {}", child.id.table),
            false => name(child),
        };
        out.push_str(&format!(
            "{indent}{branch}{arrow} {shown}{kinds}{}\n",
            remark(child)
        ));
        below(child, direction, &format!("{indent}{next}"), out);
    }
}
