//! The order of jobs, derived from what each reads and writes.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use petgraph::{algo::toposort, graph::DiGraph, visit::Dfs};

use crate::jobs::Job;

/// Returns the jobs that the targets need, each after those whose outputs it reads; by name where either order would do.
///
/// # Errors
/// Two jobs write the same thing, a job reads what none writes, the reads go round in a circle, or a target has no job.
pub(crate) fn order<'a>(jobs: &'a [Box<dyn Job>], targets: &[String]) -> Result<Vec<&'a dyn Job>> {
    let mut writers: BTreeMap<String, usize> = BTreeMap::new();
    for (index, job) in jobs.iter().enumerate() {
        if let Some(other) = writers.insert(job.writes(), index) {
            bail!(
                "two jobs write {}: {} and {}",
                job.writes(),
                jobs[other].name(),
                job.name()
            );
        }
    }
    // Edges go from a reader to what it reads, so that what a target needs is what can be reached from it.
    let mut graph = DiGraph::<usize, ()>::new();
    let mut by_name: Vec<usize> = (0..jobs.len()).collect();
    by_name.sort_by_key(|&index| jobs[index].name());
    let mut nodes = BTreeMap::new();
    for &index in &by_name {
        nodes.insert(index, graph.add_node(index));
    }
    for &index in &by_name {
        for read in jobs[index].reads() {
            let Some(writer) = writers.get(&read) else {
                bail!("{} reads {read}, which nothing writes", jobs[index].name());
            };
            graph.add_edge(nodes[&index], nodes[writer], ());
        }
    }
    let sorted = toposort(&graph, None).map_err(|cycle| {
        let job = &jobs[graph[cycle.node_id()]];
        anyhow::anyhow!(
            "{} reads, through others, what it writes itself",
            job.name()
        )
    })?;
    let mut needed = BTreeSet::new();
    for target in targets {
        let Some(&writer) = writers.get(target) else {
            let known: Vec<_> = writers.keys().map(String::as_str).collect();
            bail!(
                "no job makes the target {target}: there is {}",
                known.join(", ")
            );
        };
        let mut walk = Dfs::new(&graph, nodes[&writer]);
        while let Some(node) = walk.next(&graph) {
            needed.insert(node);
        }
    }
    let needed = sorted
        .into_iter()
        .rev()
        .filter(|node| needed.contains(node));
    Ok(needed.map(|node| jobs[graph[node]].as_ref()).collect())
}
