//! The site of a project: its tables, DAGs and source mappings, as pages with relative links.

mod dags;
mod index;
mod origins;
mod sources;
mod tables;
mod view;
mod words;

pub use view::{Audit, AuditGate, Dag, Site, SourceMapping, Table};
pub use words::Language;

use crate::html::{esc, page};
use words::Words;

/// A page: its path below the site's folder, and its bytes.
pub type Page = (String, String);

/// Writes every page of the site in the given languages.
#[must_use]
pub fn render(site: &Site<'_>, languages: &[Language]) -> Vec<Page> {
    let mut pages = vec![("index.html".to_owned(), index::door(site, languages))];
    for language in languages {
        let words = language.words();
        let mut add = |path: String, html: String| {
            pages.push((format!("{}/{path}", language.code()), html));
        };
        add("index.html".to_owned(), index::render(site, words));
        for table in &site.tables {
            add(
                table_path(&table.contract.table.to_string()),
                tables::render(site, table, words),
            );
        }
        for dag in &site.dags {
            add(dag_path(&dag.name), dags::render(site, dag, words));
        }
        for mapping in &site.mappings {
            add(mapping_path(mapping), sources::render(mapping, words));
        }
    }
    pages
}

fn table_path(table: &str) -> String {
    format!("tables/{table}.html")
}

fn dag_path(dag: &str) -> String {
    format!("dags/{dag}.html")
}

fn mapping_path(mapping: &SourceMapping) -> String {
    format!("sources/{}.{}.html", mapping.set, mapping.name)
}

/// A page one folder below the language's own.
fn below(words: &Words, kind: &str, title: &str, body: &str, script: &str) -> String {
    let head = format!(
        "<a class=\"skip\" href=\"#main\">{}</a><nav class=\"page\" aria-label=\"{}\"><a href=\"../index.html\">{}</a></nav>\
         <header><p class=\"soft small\">{kind}</p><h1>{}</h1></header>\n<main id=\"main\">\n",
        words.skip,
        words.navigation,
        words.contents,
        esc(title)
    );
    page(
        words.code,
        &format!("{title} · MarketLounge"),
        &format!("{head}{body}</main>\n"),
        script,
    )
}

/// The link to a table's page, from a page one folder below; plain where the table has none.
fn table_link(site: &Site<'_>, table: &str) -> String {
    match site.has_page(table) {
        true => format!(
            "<a href=\"../{}\"><code>{}</code></a>",
            esc(&table_path(table)),
            esc(table)
        ),
        false => format!("<code>{}</code>", esc(table)),
    }
}
