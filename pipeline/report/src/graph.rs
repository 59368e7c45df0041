//! Layered pictures of graphs as SVG: columns from left to right, what is read before what reads it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use crate::html::esc;

const BOX_WIDTH: usize = 166;
const BOX_HEIGHT: usize = 24;
const GAP: usize = 8;
const BETWEEN: usize = 44;
const HEAD: usize = 30;
/// Rounds of putting nodes near to what they are tied to.
const SWEEPS: usize = 6;
/// Letters that fit into a box.
const LETTERS: usize = 22;

/// One box.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) id: String,
    /// The group of columns it stands in, by name; groups stand in the order in which they are given.
    pub(crate) group: String,
    /// What is written in it; too long a text is cut.
    pub(crate) label: String,
    /// What is told of it on hover and to screen readers.
    pub(crate) title: String,
    pub(crate) class: String,
    /// Where it leads.
    pub(crate) href: Option<String>,
}

/// A picture to be drawn.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    /// Names of the groups, from left to right.
    pub(crate) groups: Vec<String>,
    pub(crate) nodes: Vec<Node>,
    /// From what is read to what reads it.
    pub(crate) edges: BTreeSet<(String, String)>,
}

/// Where a node stands.
struct Place {
    column: usize,
    y: usize,
}

impl Graph {
    /// Leaves out each edge that a longer way says, too: of a DAG what is left is the least that says the same (Aho, Garey and Ullman, 1972).
    pub(crate) fn reduce(&mut self) {
        let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (from, to) in &self.edges {
            next.entry(from).or_default().push(to);
        }
        // What can be reached from a node in one step or more.
        let reach = |start: &str| {
            let (mut met, mut edge) = (BTreeSet::new(), vec![start]);
            while let Some(at) = edge.pop() {
                for to in next.get(at).into_iter().flatten() {
                    if met.insert(*to) {
                        edge.push(to);
                    }
                }
            }
            met
        };
        let reached: BTreeMap<&str, BTreeSet<&str>> =
            next.keys().map(|from| (*from, reach(from))).collect();
        let is_said = |from: &str, to: &str| {
            let others = next
                .get(from)
                .into_iter()
                .flatten()
                .filter(|other| **other != to);
            others
                .filter_map(|other| reached.get(other))
                .any(|beyond| beyond.contains(to))
        };
        let least = self.edges.iter().filter(|(from, to)| !is_said(from, to));
        self.edges = least.cloned().collect();
    }

    /// Draws it; the same graph gives the same bytes. `what` is what a screen reader says of the whole.
    pub(crate) fn draw(&self, what: &str) -> String {
        let columns = self.columns();
        let places = self.places(&columns);
        let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
        let width =
            columns.len() * (BOX_WIDTH + BETWEEN) - BETWEEN.min(columns.len() * BETWEEN) + 8;
        let height = HEAD + rows * (BOX_HEIGHT + GAP) + 8;
        let mut svg = format!(
            "<svg class=\"graph\" role=\"group\" aria-label=\"{}\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">",
            esc(what)
        );
        self.heads(&columns, &mut svg);
        for (from, to) in &self.edges {
            if let (Some(a), Some(b)) = (places.get(from.as_str()), places.get(to.as_str())) {
                let _ = write!(
                    svg,
                    "<path class=\"edge\" data-from=\"{}\" data-to=\"{}\" d=\"{}\"/>",
                    esc(from),
                    esc(to),
                    curve(a, b)
                );
            }
        }
        for node in &self.nodes {
            if let Some(place) = places.get(node.id.as_str()) {
                draw_node(node, place, &mut svg);
            }
        }
        svg.push_str("</svg>");
        svg
    }

    /// Columns of nodes: groups in order, and in a group one column after another where nodes of it read each other.
    fn columns(&self) -> Vec<Vec<&Node>> {
        let mut columns = Vec::new();
        for group in &self.groups {
            let members: BTreeMap<&str, &Node> = self
                .nodes
                .iter()
                .filter(|node| node.group == *group)
                .map(|node| (node.id.as_str(), node))
                .collect();
            let mut depth: BTreeMap<&str, usize> = members.keys().map(|id| (*id, 0)).collect();
            // The longest way to a node; a circle, which no DAG has, ends with the rounds.
            for _ in 0..members.len() {
                let mut is_still = true;
                for (from, to) in &self.edges {
                    let after = depth.get(from.as_str()).map(|a| a + 1);
                    if let (Some(after), Some(own)) = (after, depth.get_mut(to.as_str()))
                        && *own < after
                        && after < members.len()
                    {
                        (*own, is_still) = (after, false);
                    }
                }
                if is_still {
                    break;
                }
            }
            let last = depth.values().max().copied().unwrap_or(0);
            for at in 0..=last {
                let column = members
                    .values()
                    .filter(|node| depth[node.id.as_str()] == at);
                let column: Vec<&Node> = column.copied().collect();
                if !column.is_empty() {
                    columns.push(column);
                }
            }
        }
        self.untangle(&mut columns);
        columns
    }

    /// Orders each column by where the neighbours of its nodes stand (Sugiyama, Tagawa and Toda, 1981: barycentres).
    fn untangle(&self, columns: &mut [Vec<&Node>]) {
        let mut ties: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (from, to) in &self.edges {
            ties.entry(from).or_default().push(to);
            ties.entry(to).or_default().push(from);
        }
        for _ in 0..SWEEPS {
            let mut heights: BTreeMap<String, f64> = BTreeMap::new();
            for column in columns.iter() {
                for (place, node) in column.iter().enumerate() {
                    heights.insert(node.id.clone(), (place as f64 + 0.5) / column.len() as f64);
                }
            }
            for column in columns.iter_mut() {
                let mean = |node: &Node| {
                    let near = ties.get(node.id.as_str()).into_iter().flatten();
                    let near: Vec<f64> = near.filter_map(|id| heights.get(*id).copied()).collect();
                    match near.is_empty() {
                        true => heights[&node.id],
                        false => near.iter().sum::<f64>() / near.len() as f64,
                    }
                };
                column.sort_by(|a, b| mean(a).total_cmp(&mean(b)).then_with(|| a.id.cmp(&b.id)));
            }
        }
    }

    fn places<'a>(&self, columns: &[Vec<&'a Node>]) -> BTreeMap<&'a str, Place> {
        let mut places = BTreeMap::new();
        for (at, column) in columns.iter().enumerate() {
            for (row, node) in column.iter().enumerate() {
                let place = Place {
                    column: at,
                    y: HEAD + row * (BOX_HEIGHT + GAP),
                };
                places.insert(node.id.as_str(), place);
            }
        }
        places
    }

    fn heads(&self, columns: &[Vec<&Node>], svg: &mut String) {
        let mut told = "";
        for (at, column) in columns.iter().enumerate() {
            let Some(node) = column.first() else { continue };
            if node.group != told {
                told = &node.group;
                let _ = write!(
                    svg,
                    "<text class=\"head\" x=\"{}\" y=\"18\">{}</text>",
                    left(at),
                    esc(told)
                );
            }
        }
    }
}

fn left(column: usize) -> usize {
    column * (BOX_WIDTH + BETWEEN) + 2
}

fn curve(a: &Place, b: &Place) -> String {
    let middle = BOX_HEIGHT / 2;
    let (x1, y1) = (left(a.column) + BOX_WIDTH, a.y + middle);
    let (x2, y2) = (left(b.column), b.y + middle);
    let bend = BETWEEN / 2;
    // An edge that goes back, between columns of one group, leaves and arrives on the outside.
    format!(
        "M{x1},{y1} C{},{y1} {},{y2} {x2},{y2}",
        x1 + bend,
        x2.saturating_sub(bend)
    )
}

fn draw_node(node: &Node, place: &Place, svg: &mut String) {
    let (x, y) = (left(place.column), place.y);
    let label: String = match node.label.chars().count() > LETTERS {
        true => node.label.chars().take(LETTERS - 1).chain(['…']).collect(),
        false => node.label.clone(),
    };
    let drawn = format!(
        "<g class=\"node {}\" data-id=\"{}\"{}><title>{}</title><rect x=\"{x}\" y=\"{y}\" width=\"{BOX_WIDTH}\" height=\"{BOX_HEIGHT}\"/>\
         <text x=\"{}\" y=\"{}\">{}</text></g>",
        esc(&node.class),
        esc(&node.id),
        if node.href.is_some() {
            ""
        } else {
            " tabindex=\"0\" role=\"img\""
        },
        esc(&node.title),
        x + 9,
        y + 16,
        esc(&label)
    );
    match &node.href {
        Some(href) => {
            let _ = write!(svg, "<a href=\"{}\">{drawn}</a>", esc(href));
        }
        None => svg.push_str(&drawn),
    }
}

/// Lights the edges of the node that is pointed at or has the focus.
pub(crate) const SCRIPT: &str = "for(const g of document.querySelectorAll('svg.graph')){const lit=(n,on)=>{const id=n.dataset.id;\
for(const e of g.querySelectorAll('.edge'))if(e.dataset.from===id||e.dataset.to===id)e.classList.toggle('lit',on)};\
for(const n of g.querySelectorAll('.node')){const t=n.parentNode.tagName==='a'?n.parentNode:n;\
t.addEventListener('mouseenter',()=>lit(n,true));t.addEventListener('mouseleave',()=>lit(n,false));\
t.addEventListener('focus',()=>lit(n,true));t.addEventListener('blur',()=>lit(n,false))}}";
