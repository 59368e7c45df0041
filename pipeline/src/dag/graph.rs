//! The order of jobs, derived from what each reads and writes.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use anyhow::{Result, bail};
use petgraph::{algo::toposort, graph::DiGraph, visit::Dfs};

use crate::jobs::Job;

/// Returns the jobs that the targets need, each after those whose outputs it reads; by name where either order would do.
///
/// # Errors
/// Two jobs write the same thing, a job reads what none writes, the reads go round in a circle, or a target has no job.
pub(crate) fn order(jobs: &[Arc<dyn Job>], targets: &[String]) -> Result<Vec<Arc<dyn Job>>> {
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
    Ok(needed.map(|node| Arc::clone(&jobs[graph[node]])).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap as Map;

    use futures::future::BoxFuture;

    use super::*;
    use crate::{
        artefact::Artefact,
        context::{Context, Inputs},
    };

    struct Fake(&'static str, &'static [&'static str], &'static str);

    impl Job for Fake {
        fn name(&self) -> String {
            self.0.to_owned()
        }

        fn reads(&self) -> Vec<String> {
            self.1.iter().map(|read| (*read).to_owned()).collect()
        }

        fn writes(&self) -> String {
            self.2.to_owned()
        }

        fn depends_on(&self, _: &Context) -> Result<Map<String, String>> {
            Ok(Map::new())
        }

        fn make<'a>(
            &'a self,
            _: &'a Context,
            _: &'a Inputs,
            _: &'a str,
        ) -> BoxFuture<'a, Result<Artefact>> {
            Box::pin(async { Ok(Artefact::default()) })
        }
    }

    fn names(jobs: Vec<Fake>, target: &str) -> Result<Vec<String>, String> {
        let jobs: Vec<Arc<dyn Job>> = jobs.into_iter().map(|job| Arc::new(job) as _).collect();
        order(&jobs, &[target.to_owned()])
            .map(|order| order.iter().map(|job| job.name()).collect())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn each_job_comes_after_what_it_reads_and_only_needed_ones_come() {
        let jobs = vec![
            Fake("c", &["b"], "c"),
            Fake("unneeded", &["a"], "d"),
            Fake("b", &["a"], "b"),
            Fake("a", &[], "a"),
        ];
        assert_eq!(names(jobs, "c").unwrap(), ["a", "b", "c"]);
    }

    #[test]
    fn two_writers_are_refused() {
        let error = names(vec![Fake("a", &[], "t"), Fake("b", &[], "t")], "t").unwrap_err();
        assert_eq!(error, "two jobs write t: a and b");
    }

    #[test]
    fn a_reader_without_a_writer_is_refused() {
        let error = names(vec![Fake("a", &["ghost"], "t")], "t").unwrap_err();
        assert_eq!(error, "a reads ghost, which nothing writes");
    }

    #[test]
    fn a_circle_is_refused() {
        let error = names(vec![Fake("a", &["u"], "t"), Fake("b", &["t"], "u")], "t").unwrap_err();
        assert!(error.contains("what it writes itself"), "{error}");
    }

    #[test]
    fn an_unknown_target_names_those_there_are() {
        let error = names(vec![Fake("a", &[], "t")], "snapshot").unwrap_err();
        assert_eq!(error, "no job makes the target snapshot: there is t");
    }
}
