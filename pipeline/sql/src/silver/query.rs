//! The queries of a silver table.

use schemas::{Action, Contract};

use crate::{
    Select,
    rules::{Marks, all_given, ident, literal, names, unique_rules},
};

/// Builds the query of the whole table: each staged row with the rules it breaks, in the order of the key, of one key the latest first.
pub(crate) fn whole(contract: &Contract, select: &Select) -> String {
    format!(
        "{} {}",
        marked(contract, select),
        latest_first(contract, "marked")
    )
}

/// Builds the query of the staged rows with the rules they break, without their rank.
pub(super) fn staged(contract: &Contract, select: &Select) -> String {
    format!("{} SELECT * FROM marked", marked(contract, select))
}

/// Builds the query that puts staged rows, `_delta`, among those that stand, `_standing`, in the order of `whole`.
pub(super) fn merged(contract: &Contract) -> String {
    let warning = warning(contract);
    let columns: Vec<_> = contract.columns.iter().map(|c| ident(&c.name)).collect();
    let columns = columns.join(", ");
    format!(
        "WITH marked AS (
           SELECT {columns}, _file, _line, _file_digest, _broken, _warned, false AS _stands FROM _delta
           UNION ALL
           SELECT {columns}, _file, _line, '', '', {warned}, true FROM _standing AS s {joins})
         {latest_first}",
        warned = warning.broken,
        joins = warning.joins.join(" "),
        latest_first = latest_first(contract, "marked"),
    )
}

fn warning(contract: &Contract) -> Marks {
    let actions = [Action::Warn, Action::FailJob, Action::FailSnapshot];
    Marks::of(contract, &actions)
}

fn marked(contract: &Contract, select: &Select) -> String {
    let (refusing, warning) = (
        Marks::of(contract, &[Action::Quarantine]),
        warning(contract),
    );
    format!(
        "WITH staged AS ({select}),
         marked AS (SELECT s.*, {broken} AS _broken, {warned} AS _warned FROM staged AS s {joins})",
        select = select.text(),
        broken = refusing.broken,
        warned = warning.broken,
        joins = [refusing.joins, warning.joins].concat().join(" "),
    )
}

fn latest_first(contract: &Contract, marked: &str) -> String {
    let (key, latest) = (names(&contract.key), latest(contract));
    let rows = match unique_rules(contract).next() {
        None => marked.to_owned(),
        Some(_) => format!("({})", ranked(contract, marked)),
    };
    format!("SELECT * FROM {rows} ORDER BY {key}, {latest}")
}

fn latest(contract: &Contract) -> String {
    let columns = contract.latest_by.iter();
    let latest: String = columns
        .map(|column| format!("{} DESC NULLS LAST, ", ident(column)))
        .collect();
    format!("{latest}_file DESC, _line DESC")
}

/// Ranks the rows of each key as `_rank`, and marks those of rank 1 that share values that a rule wants unique: among them only the
/// latest stays, and nothing takes the place of the others.
fn ranked(contract: &Contract, marked: &str) -> String {
    let latest = latest(contract);
    let mut ranked = format!(
        "SELECT *, CASE WHEN _broken = '' THEN row_number() OVER
           (PARTITION BY {key}, _broken = '' ORDER BY {latest}) ELSE 0 END AS _rank FROM {marked}",
        key = names(&contract.key)
    );
    for rule in unique_rules(contract) {
        ranked = format!(
            "SELECT * EXCEPT (_broken, _twin),
               CASE WHEN _rank = 1 AND _twin > 1 AND {given} THEN {name} ELSE _broken END AS _broken
             FROM (SELECT *, row_number() OVER
                    (PARTITION BY {columns}, _rank = 1 ORDER BY {latest}) AS _twin FROM ({ranked}))",
            columns = names(&rule.columns),
            given = all_given(&rule.columns),
            name = literal(&rule.name)
        );
    }
    ranked
}
