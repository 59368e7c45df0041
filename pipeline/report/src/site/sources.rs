//! The page of a source mapping.

use std::fmt::Write as _;

use super::{below, view::SourceMapping, words::Words};
use crate::html::{esc, prose, quiet_table};

pub(super) fn render(mapping: &SourceMapping, words: &Words) -> String {
    let feeds = format!("landing.{}", mapping.table);
    let files: Vec<String> = mapping
        .files
        .iter()
        .map(|glob| format!("<code>{}</code>", esc(glob)))
        .collect();
    let mut body = format!(
        "<p>{}</p>\n<dl class=\"facts\"><div><dt>{}</dt><dd class=\"small\"><a href=\"../tables/{2}.html\"><code>{2}</code></a></dd></div>\
         <div><dt>{3}</dt><dd class=\"small\">{4}</dd></div></dl>",
        prose(&mapping.description),
        words.feeds,
        esc(&feeds),
        words.files,
        files.join("<br>")
    );
    let rows: Vec<_> = mapping
        .columns
        .iter()
        .map(|(column, field)| {
            vec![
                format!("<code>{}</code>", esc(column)),
                format!("<code>{}</code>", esc(&field.fields.join(", "))),
                esc(&field.steps),
            ]
        })
        .collect();
    let _ = write!(
        body,
        "<h2>{}</h2>{}",
        words.columns,
        quiet_table(
            words.columns,
            &[words.column, words.fields, words.steps],
            &rows
        )
    );
    below(
        words,
        words.source,
        &format!("{}/{}", mapping.set, mapping.name),
        &body,
        "",
    )
}
