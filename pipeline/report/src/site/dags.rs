//! The page of a DAG.

use std::fmt::Write as _;

use super::{
    below, table_link,
    view::{Dag, Site},
    words::Words,
};
use crate::html::{esc, prose, quiet_table};

pub(super) fn render(site: &Site<'_>, dag: &Dag, words: &Words) -> String {
    let mut body = format!("<p>{}</p>\n<dl class=\"facts\">", prose(&dag.description));
    for (name, value) in [
        (words.schedule, &dag.schedule),
        (words.zone, &dag.time_zone),
        (words.freshness, &dag.freshness),
        (words.source_list, &dag.sources),
    ] {
        let _ = write!(
            body,
            "<div><dt>{name}</dt><dd class=\"small\">{}</dd></div>",
            esc(value)
        );
    }
    body.push_str("</dl>");
    let targets: Vec<String> = dag
        .targets
        .iter()
        .map(|target| table_link(site, target))
        .collect();
    let _ = write!(
        body,
        "<h2>{}</h2><p>{}</p>",
        words.targets,
        targets.join(", ")
    );
    let rows: Vec<_> = dag
        .jobs
        .iter()
        .map(|(job, writes)| {
            vec![
                format!("<code>{}</code>", esc(job)),
                table_link(site, writes),
            ]
        })
        .collect();
    let _ = write!(
        body,
        "<h2>{} ({})</h2>{}",
        words.jobs,
        dag.jobs.len(),
        quiet_table(words.jobs_caption, &[words.job, words.writes], &rows)
    );
    below(words, words.dag, &dag.name, &body, "")
}
