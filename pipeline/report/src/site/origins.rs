//! A table's lineage, as a picture and column by column.

use std::collections::BTreeSet;

use lineage::{ColumnId, Flow, Maker};
use schemas::Column;

use super::{
    table_link, table_path,
    view::{Site, Table},
    words::Words,
};
use crate::{
    graph::{Graph, Node},
    html::{esc, quiet_table},
};

/// How many steps of lineage are drawn each way.
const STEPS: usize = 2;

/// Draws what a table reads, and what reads it.
pub(super) fn picture(site: &Site<'_>, name: &str, words: &Words) -> String {
    let mut graph = Graph::default();
    let mut near: BTreeSet<String> = [name.to_owned()].into();
    for is_up in [true, false] {
        let mut edge: Vec<String> = vec![name.to_owned()];
        for _ in 0..STEPS {
            let mut next = Vec::new();
            for at in &edge {
                let found: Vec<String> = match is_up {
                    true => site
                        .lineage
                        .table(at)
                        .into_iter()
                        .flat_map(|one| one.reads.clone())
                        .collect(),
                    false => {
                        let readers = site.lineage.readers(&ColumnId::rows(at));
                        let rows = readers.into_keys().filter(ColumnId::is_rows);
                        rows.map(|id| id.table).collect()
                    }
                };
                for other in found {
                    graph.edges.insert(match is_up {
                        true => (other.clone(), at.clone()),
                        false => (at.clone(), other.clone()),
                    });
                    if near.insert(other.clone()) {
                        next.push(other);
                    }
                }
            }
            edge = next;
        }
    }
    let layer = |table: &str| {
        table
            .split_once('.')
            .map_or(table, |(layer, _)| layer)
            .to_owned()
    };
    for group in ["landing", "bronze", "silver", "gold", "models", "snapshot"] {
        if near.iter().any(|table| layer(table) == group) {
            graph.groups.push(group.to_owned());
        }
    }
    for table in &near {
        let group = layer(table);
        if !graph.groups.contains(&group) {
            graph.groups.push(group.clone());
        }
        let own = table.split_once('.').map_or(table.as_str(), |(_, own)| own);
        graph.nodes.push(Node {
            id: table.clone(),
            group,
            label: own.to_owned(),
            title: table.clone(),
            class: if table == name { "here" } else { "" }.to_owned(),
            href: (site.has_page(table) && table != name)
                .then(|| format!("../{}", table_path(table))),
        });
    }
    format!(
        "<figure><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\">{1}</div><figcaption>{2}</figcaption></figure>",
        words.lineage,
        graph.draw(&format!("{} {name}", words.lineage)),
        words.lineage_figure
    )
}

pub(super) fn origins(site: &Site<'_>, one: &Table, words: &Words) -> String {
    let name = one.contract.table.to_string();
    let Some(known) = site.lineage.table(&name) else {
        return String::new();
    };
    let row = |column: &Column| {
        let id = ColumnId::new(&name, &column.name);
        let said = match (known.maker, known.flow(&id)) {
            (Maker::Landing, _) => {
                let fields = known.fields.get(&column.name).into_iter().flatten();
                let fields = fields.map(|field| {
                    let steps = match field.steps.is_empty() {
                        true => String::new(),
                        false => format!(" <span class=\"soft\">({})</span>", esc(&field.steps)),
                    };
                    format!(
                        "{}: <code>{}</code>{steps}",
                        esc(&field.mapping),
                        esc(&field.fields.join(", "))
                    )
                });
                fields.collect::<Vec<_>>().join("<br>")
            }
            (_, Some(flow)) => sources(site, &flow, words),
            (_, None) => format!("<span class=\"soft\">{}</span>", words.unknown),
        };
        vec![format!("<code>{}</code>", esc(&column.name)), said]
    };
    let rows: Vec<_> = one.contract.columns.iter().map(row).collect();
    quiet_table(words.origin, &[words.column, words.sources], &rows)
}

fn sources(site: &Site<'_>, flow: &Flow, words: &Words) -> String {
    let mut told: Vec<String> = flow
        .from
        .iter()
        .map(|(source, kinds)| {
            let kinds: Vec<&str> = kinds.iter().map(|kind| words.kind_of(*kind)).collect();
            format!(
                "{}<code>.{}</code> <span class=\"soft\">({})</span>",
                table_link(site, &source.table),
                esc(&source.column),
                kinds.join(", ")
            )
        })
        .collect();
    if !flow.made_of.is_empty() {
        let made: Vec<String> = flow
            .made_of
            .iter()
            .map(|text| format!("<code>{}</code>", esc(text)))
            .collect();
        told.push(format!(
            "{} <span class=\"soft\">({})</span>",
            made.join(", "),
            words.literal
        ));
    }
    told.join("<br>")
}
