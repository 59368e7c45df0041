//! The pictures of a run: its jobs, and its time.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use super::view::{Job, RunView, State};
use crate::{
    graph::{Graph, Node},
    html::{esc, time},
};

/// Bars of the time line; the slowest jobs that ran.
const BARS: usize = 40;
const LABELS: u64 = 210;
const WIDTH: u64 = 640;
const ROW: u64 = 20;

/// Draws the jobs; those of a layer that were skipped are one box, unless nothing ran.
pub(super) fn jobs(view: &RunView) -> String {
    if view.jobs.is_empty() {
        return String::new();
    }
    let mut groups: Vec<String> = Vec::new();
    for layer in ["bronze", "silver", "gold", "models", "snapshot"] {
        if view.jobs.iter().any(|job| job.layer == layer) {
            groups.push(layer.to_owned());
        }
    }
    let others = view.jobs.iter().map(|job| &job.layer);
    let others: BTreeSet<&String> = others.filter(|layer| !groups.contains(layer)).collect();
    groups.extend(others.into_iter().cloned());
    let mut graph = Graph {
        groups,
        ..Graph::default()
    };
    let mut folded: BTreeMap<&str, Vec<&Job>> = BTreeMap::new();
    let mut boxes: BTreeMap<&str, String> = BTreeMap::new();
    for job in &view.jobs {
        if job.state == State::Skipped {
            folded.entry(&job.layer).or_default().push(job);
            boxes.insert(&job.writes, format!("skipped {}", job.layer));
        } else {
            graph.nodes.push(node(job));
            boxes.insert(&job.writes, job.job.clone());
        }
    }
    for (layer, jobs) in &folded {
        let names: Vec<&str> = jobs.iter().map(|job| job.job.as_str()).collect();
        graph.nodes.push(Node {
            id: format!("skipped {layer}"),
            group: (*layer).to_owned(),
            label: format!("↷ {} unchanged", jobs.len()),
            title: format!(
                "{} skipped, nothing they depend on changed: {}",
                jobs.len(),
                names.join(", ")
            ),
            class: "skipped".to_owned(),
            href: None,
        });
    }
    for job in &view.jobs {
        let Some(to) = boxes.get(job.writes.as_str()) else {
            continue;
        };
        for read in &job.reads {
            match boxes.get(read.as_str()) {
                Some(from) if from != to => {
                    graph.edges.insert((from.clone(), to.clone()));
                }
                _ => {}
            }
        }
    }
    graph.reduce();
    let ran = view.jobs.len() - folded.values().map(Vec::len).sum::<usize>();
    let said = format!(
        "The jobs of the run by layer: {ran} ran or were to run, {} were skipped",
        view.jobs.len() - ran
    );
    format!(
        "<figure><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Picture of the jobs\">{}</div>\
         <figcaption>What is read stands left of what reads it; what a longer way says is not drawn again. Point at a box, or go to it with Tab, to light its ties. \
         What was skipped is folded into one box for each layer; the table below tells each job.</figcaption></figure>",
        graph.draw(&said)
    )
}

fn node(job: &Job) -> Node {
    let sign = job.state.word().chars().next().unwrap_or(' ');
    let own = job
        .job
        .split_once('.')
        .map_or(job.job.as_str(), |(_, own)| own);
    Node {
        id: job.job.clone(),
        group: job.layer.clone(),
        label: format!("{sign} {own}"),
        title: format!(
            "{}: {}, {}. {}",
            job.job,
            job.state.word(),
            time(job.elapsed_ms),
            job.reason
        ),
        class: job.state.class().to_owned(),
        href: None,
    }
}

/// Draws when jobs ran.
pub(super) fn time_line(view: &RunView) -> String {
    let mut ran: Vec<&Job> = view
        .jobs
        .iter()
        .filter(|job| job.started_ms.is_some() && matches!(job.state, State::Made | State::Failed))
        .collect();
    if ran.is_empty() {
        return String::new();
    }
    ran.sort_by(|a, b| {
        b.elapsed_ms
            .cmp(&a.elapsed_ms)
            .then_with(|| a.job.cmp(&b.job))
    });
    let left_out = ran.len().saturating_sub(BARS);
    ran.truncate(BARS);
    ran.sort_by(|a, b| (a.started_ms, &a.job).cmp(&(b.started_ms, &b.job)));
    let ends = ran
        .iter()
        .map(|job| job.started_ms.unwrap_or(0) + job.elapsed_ms);
    let total = ends.max().unwrap_or(0).max(view.elapsed_ms).max(1);
    let at = |ms: u64| LABELS + ms * WIDTH / total;
    let height = ROW * (ran.len() as u64 + 1) + 12;
    let width = LABELS + WIDTH + 70;
    let mut svg = format!(
        "<svg role=\"img\" aria-label=\"When each job ran\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">"
    );
    for tick in 0..=4 {
        let (x, ms) = (LABELS + WIDTH * tick / 4, total * tick / 4);
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{x}\" y1=\"{ROW}\" x2=\"{x}\" y2=\"{height}\"/><text class=\"soft\" x=\"{x}\" y=\"13\" text-anchor=\"middle\">{}</text>",
            time(ms)
        );
    }
    for (row, job) in ran.iter().enumerate() {
        let (start, y) = (job.started_ms.unwrap_or(0), ROW * (row as u64 + 1) + 5);
        let long = (job.elapsed_ms * WIDTH / total).max(2);
        let _ = write!(
            svg,
            "<g><title>{0}: {1}, from {2}</title><text x=\"{3}\" y=\"{4}\" text-anchor=\"end\">{0}</text>\
             <rect class=\"bar {5}\" x=\"{6}\" y=\"{y}\" width=\"{long}\" height=\"12\"/><text class=\"soft\" x=\"{7}\" y=\"{4}\">{1}</text></g>",
            esc(&job.job),
            time(job.elapsed_ms),
            time(start),
            LABELS - 8,
            y + 10,
            job.state.class(),
            at(start),
            at(start) + long + 6
        );
    }
    svg.push_str("</svg>");
    let rest = match left_out {
        0 => String::new(),
        more => format!(" {more} shorter jobs are left out."),
    };
    format!(
        "<figure><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Time line\">{svg}</div>\
         <figcaption>When each job ran, since the run started; those above each other ran side by side.{rest}</figcaption></figure>"
    )
}
