//! `pipeline lineage`.

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use lake::Lake;
use lineage::{ColumnId, Direction, Lineage, Tree, Walk, dot, mermaid, nearest, text};
use schemas::TableName;
use serde_json::json;

use super::{
    arguments::{Common, LakeArguments, Output},
    published_session,
};
use crate::{
    origins::{self, Origin, RowTracer},
    project::Project,
    report::print_json,
};

/// Where a column, a table or a row comes from.
///
/// Taken from the logical plans of dags/**/*.sql, the source mappings, and what jobs declare; no run is needed. A column is told with
/// how each source bears on it: identity, transformation, aggregation, or, with `--indirect`, only by deciding which rows meet, stay,
/// group and sort:
///
///   pipeline lineage gold.offers.salary_min_cents
///   pipeline lineage silver.offers.salary_label --down
///   pipeline lineage gold.offers --up --depth 1 --format mermaid
///
/// `rows` tells which records of which landing files a published row was made of:
///
///   pipeline lineage rows gold.offers --key tenant=tenant_demo,offer_id=OFF-000001
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
pub(crate) struct LineageArguments {
    /// The column, such as gold.offers.title, or the table, such as gold.offers.
    #[arg(required = true)]
    of: Option<String>,
    /// To what it is made of; so unless --down is said.
    #[arg(long)]
    up: bool,
    /// To what is made of it.
    #[arg(long)]
    down: bool,
    /// So many steps; to the ends unless said.
    #[arg(long, value_name = "N")]
    depth: Option<usize>,
    /// Follow what only decides which rows there are, too.
    #[arg(long)]
    indirect: bool,
    /// How to print it.
    #[arg(long, default_value = "text", value_name = "FORMAT")]
    format: LineageFormat,
    #[command(subcommand)]
    action: Option<LineageAction>,
}

/// How lineage is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LineageFormat {
    /// A tree for people.
    Text,
    /// One object.
    Json,
    /// A flowchart for Markdown.
    Mermaid,
    /// A graph for Graphviz.
    Dot,
}

/// Lineage of other things than columns and tables.
#[derive(Debug, Subcommand)]
enum LineageAction {
    /// Tell which records of landing files a published row was made of: its SELECT is run again for that row, with the keys of input
    /// rows carried along. Exact through joins, unions and aggregates; where a job in Rust, a window or a subquery looked at more, it says so.
    Rows {
        /// The table, such as gold.offers.
        table: TableName,
        /// The row's key, `column=value` with commas between; say it once for each part whose value holds a comma.
        #[arg(long, required = true, value_name = "COLUMN=VALUE")]
        key: Vec<String>,
        #[command(flatten)]
        lake: LakeArguments,
        /// So many rows of each input are told and followed; the count is of all.
        #[arg(long, default_value_t = 5, value_name = "N")]
        limit: usize,
    },
}

pub(super) async fn lineage(common: &Common, arguments: LineageArguments) -> Result<u8> {
    let project = Project::open(common.project.as_deref())?;
    let lineage = origins::lineage(&project).await?;
    if let Some(LineageAction::Rows {
        table,
        key,
        lake,
        limit,
    }) = arguments.action
    {
        let lake = Lake::open_existing(&lake.lake)?;
        let session = published_session(&project, &lake).await?;
        let tracer = RowTracer::new(&project, &lineage, session, limit)?;
        let origin = tracer
            .trace(&table, read_key(&project, &table, &key)?)
            .await?;
        match common.output() {
            Output::Json => print_json(&json!(origin)),
            Output::Text => print_origin(&origin, "", true),
        }
        return Ok(0);
    }
    let of = arguments
        .of
        .as_deref()
        .context("name a column or a table")?;
    let id = lineage.find(of)?;
    let walk = |direction| {
        let walk = Walk {
            direction,
            depth: arguments.depth,
            is_indirect: arguments.indirect,
        };
        (direction, lineage.walk(&id, walk))
    };
    let mut walks = Vec::new();
    if arguments.up || !arguments.down {
        walks.push(walk(Direction::Up));
    }
    if arguments.down {
        walks.push(walk(Direction::Down));
    }
    let format = match common.output() {
        Output::Json => LineageFormat::Json,
        Output::Text => arguments.format,
    };
    show(&lineage, &id, &walks, format);
    Ok(0)
}

fn show(lineage: &Lineage, id: &ColumnId, walks: &[(Direction, Tree)], format: LineageFormat) {
    let trees: Vec<(Direction, &Tree)> = walks.iter().map(|(way, tree)| (*way, tree)).collect();
    let shapes = lineage.table(&id.table).map(|table| &table.shapes);
    match format {
        LineageFormat::Mermaid => print!("{}", mermaid(&trees)),
        LineageFormat::Dot => print!("{}", dot(&trees)),
        LineageFormat::Json => {
            let walk = |wanted| {
                walks
                    .iter()
                    .find(|(way, _)| *way == wanted)
                    .map(|(_, tree)| tree)
            };
            let rows: Vec<_> = shapes
                .into_iter()
                .flatten()
                .map(|(source, kinds)| json!({ "id": source, "kinds": kinds }))
                .collect();
            print_json(&json!({
                "of": id, "up": walk(Direction::Up), "down": walk(Direction::Down), "rows_decided_by": rows,
            }));
        }
        LineageFormat::Text => {
            for (way, tree) in walks {
                print!("{}", text(tree, *way));
            }
            if walks.iter().any(|(way, _)| *way == Direction::Up)
                && let Some(shapes) = shapes.filter(|shapes| !shapes.is_empty())
            {
                println!("which rows there are is decided by:");
                for (source, kinds) in shapes {
                    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
                    println!("   {source} [{}]", kinds.join(", "));
                }
            }
        }
    }
}

/// Reads `a=1,b=2`; a part that begins no column of the key belongs to the value before it.
fn read_key(project: &Project, table: &TableName, said: &[String]) -> Result<sql::Key> {
    let contract = project.catalog().get(table)?;
    let near = |name: &str| nearest(name, contract.key.iter().map(String::as_str), 1);
    let mut key = sql::Key::new();
    for said in said {
        for part in said.split(',') {
            let named = part.split_once('=');
            let is_column = |name: &str| contract.column(name).is_some();
            match (named, key.last_mut()) {
                (Some((name, value)), None) => key.push((name.to_owned(), value.to_owned())),
                (Some((name, value)), _) if is_column(name) => {
                    key.push((name.to_owned(), value.to_owned()));
                }
                (Some((name, _)), _) if let [meant, ..] = near(name)[..] => {
                    bail!("{name} is not in the key of {table}: did you mean {meant}?");
                }
                (_, Some((_, value))) => *value = format!("{value},{part}"),
                (None, None) => {
                    let example: Vec<String> = contract
                        .key
                        .iter()
                        .map(|name| format!("{name}=…"))
                        .collect();
                    bail!("--key {said} is no key: say --key {}", example.join(","));
                }
            }
        }
    }
    Ok(key)
}

fn print_origin(origin: &Origin, indent: &str, is_first: bool) {
    let shown = origin.keys.len() as u64;
    let rows = match origin.rows {
        1 => "1 row".to_owned(),
        rows => format!("{rows} rows"),
    };
    let first = match origin.rows > shown && !is_first {
        true => format!(", the first {shown}"),
        false => String::new(),
    };
    println!("{indent}{rows} of {}{first}", origin.table);
    for key in &origin.keys {
        let parts: Vec<String> = key
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        println!("{indent}  {}", parts.join(" · "));
    }
    for note in &origin.notes {
        println!("{indent}  ({note})");
    }
    for record in &origin.landing {
        let offset = record
            .offset
            .map_or_else(String::new, |at| format!(", byte {at}"));
        let state = if record.is_kept {
            ""
        } else {
            ", replaced by a later state"
        };
        println!(
            "{indent}  ← landing {} line {}{offset} (blake3 {:.12}, slot {}){state}",
            record.file, record.line, record.file_digest, record.slot
        );
    }
    for input in &origin.inputs {
        print_origin(input, &format!("{indent}  "), false);
    }
}
