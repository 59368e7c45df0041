//! Mappings: files, columns, conversions, and what is refused.

use std::path::Path;

use schemas::{Catalog, ColumnKind, Contract};
use serde_json::{Value, json};

use super::harness::{Ingested, contract, mapping, run_mapped};
use crate::{BronzeError, Mapping};

fn things() -> Contract {
    contract(&[
        ("id", ColumnKind::String),
        ("name", ColumnKind::String),
        ("tags", ColumnKind::Strings),
        ("amount", ColumnKind::Cents),
        ("day", ColumnKind::Date),
        ("at", ColumnKind::Timestamp),
        ("size", ColumnKind::Float),
    ])
}

fn ingest_as(text: &str, file: &str, content: &str) -> Ingested {
    let text = format!("table = \"things\"\nfiles = \"*\"\n{text}");
    let mapping = mapping(&things(), &text).unwrap();
    run_mapped(&things(), &mapping, file, content.as_bytes()).unwrap()
}

fn refusal(text: &str) -> String {
    match mapping(&things(), text) {
        Err(BronzeError::Mapping { reason, .. }) => reason,
        other => panic!("a refusal was expected, not {other:?}"),
    }
}

#[test]
fn steps_apply_in_their_order() {
    let mapped = ingest_as(
        r#"
        ignore = ["other"]
        [column]
        id = { from = "siret", cast = "digits", slice = [0, 9], prefix = "siren:" }
        name = { from = ["brand", "name"], default = "sans nom" }
        tags = { from = "kind", split = ";", values = { T = "tour" }, prefix = "k:" }
        size = { constant = 1.5 }
        "#,
        "x.csv",
        "siret,brand,name,kind,other\n123 456 789 00012, ,ACME,T; F ;,1\n,,,,\n",
    );
    assert_eq!(mapped.column("id"), [json!("siren:123456789"), Value::Null]);
    assert_eq!(mapped.column("name"), ["ACME", "sans nom"]);
    assert_eq!(
        mapped.column("tags"),
        [json!(["k:tour", "k:F"]), Value::Null]
    );
    assert_eq!(mapped.column("size"), [1.5, 1.5]);
    assert!(mapped.report.unknown_columns.is_empty());
    assert!(
        mapped.report.missing_columns.is_empty(),
        "unmapped is not missing"
    );
}

#[test]
fn casts_convert_or_reject() {
    let cases = [
        ("amount", "euros", "1 234,50 €", json!(123_450)),
        ("amount", "euros", "1.234.567,895", json!(123_456_790)),
        ("amount", "euros", "-0.5", json!(-50)),
        ("amount", "euros", "12015.03", json!(1_201_503)),
        ("amount", "euros", "1\u{202f}200 EUR", json!(120_000)),
        ("amount", "whole_number", "1 200.0", json!(1_200)),
        ("size", "decimal_comma", "1 234,5", json!(1_234.5)),
        ("day", "french_date", "1/2/2026", json!("2026-02-01")),
        ("day", "compact_date", "20260201", json!("2026-02-01")),
        (
            "at",
            "french_date",
            "01/02/2026 08:30",
            json!("2026-02-01T08:30:00"),
        ),
        ("at", "unix_seconds", "1", json!("1970-01-01T00:00:01")),
        (
            "at",
            "unix_millis",
            "1500",
            json!("1970-01-01T00:00:01.500"),
        ),
        ("name", "sql_text", "l''été", json!("l'été")),
        ("name", "trim", "  x ", json!("x")),
        ("name", "upper", "été", json!("ÉTÉ")),
        ("name", "lower", "ÉTÉ", json!("été")),
        ("name", "department", "2A004", json!("2A")),
        ("name", "department", "97110", json!("971")),
        ("name", "department", "69003", json!("69")),
    ];
    for (column, cast, sent, expected) in cases {
        let text = format!("[column]\n{column} = {{ from = \"v\", cast = \"{cast}\" }}\n");
        let mapped = ingest_as(&text, "x.jsonl", &json!({ "v": sent }).to_string());
        assert_eq!(mapped.column(column), [expected], "{cast} of {sent}");
    }
    for (column, cast, sent) in [
        ("amount", "euros", "douze"),
        ("amount", "euros", "1,2,3"),
        ("amount", "euros", "99999999999999999999"),
        ("amount", "whole_number", "1.5"),
        ("size", "decimal_comma", ","),
        ("day", "french_date", "31/02/2026"),
        ("day", "french_date", "2026-02-01"),
        ("day", "compact_date", "2026020é"),
        ("at", "unix_seconds", "9223372036854775807"),
        ("name", "department", "Paris"),
    ] {
        let text = format!("[column]\n{column} = {{ from = \"v\", cast = \"{cast}\" }}\n");
        let mapped = ingest_as(&text, "x.jsonl", &json!({ "v": sent }).to_string());
        assert_eq!(
            mapped.rejected("rule"),
            [format!("type_{column}")],
            "{cast} of {sent}"
        );
        assert_eq!(mapped.rejected("value"), [sent]);
    }
}

#[test]
fn paths_lead_into_json() {
    let mapped = ingest_as(
        r#"
        [column]
        id = { from = "a.b" }
        name = { from = "x.y.z" }
        tags = { from = "items[].label" }
        "#,
        "x.jsonl",
        concat!(
            r#"{"a":{"b":1},"x.y.z":"key","items":[{"label":"p"},{},{"label":"q"}],"more":0}"#,
            "\n",
            r#"{"a":1,"x":{"y":{"z":"path"}},"items":[]}"#,
        ),
    );
    assert_eq!(mapped.column("id"), [json!("1"), Value::Null]);
    assert_eq!(mapped.column("name"), ["key", "path"]);
    assert_eq!(mapped.column("tags"), [json!(["p", "q"]), json!([])]);
    assert_eq!(mapped.report.unknown_columns, ["more"]);
}

#[test]
fn records_that_are_not_kept_are_counted() {
    let mapped = ingest_as(
        "keep = [{ column = \"k\", values = [\"a\", \"\"] }]\n[column]\nid = { from = \"i\" }\n",
        "x.csv",
        "k,i\na,1\nb,2\n,3\nb\n",
    );
    assert_eq!(mapped.column("id"), ["1", "3"]);
    assert_eq!(mapped.report.rows_not_selected, 1);
    assert_eq!(
        mapped.rejected("rule"),
        ["ragged_row"],
        "what cannot be read is never left out"
    );
}

#[test]
fn a_mapping_that_cannot_work_is_refused_with_its_reason() {
    let head = "table = \"things\"\nfiles = \"*\"\n";
    for (text, reason) in [
        ("table = \"nothings\"\nfiles = \"*\"", "no contract"),
        ("table = \"things\"\nfiles = \"a{b\"", "alternate"),
        ("table = \"things\"\nfiles = []", "no file"),
        (&*format!("{head}typo = 1"), "typo"),
        (
            &*format!("{head}[column]\nnope = {{ from = \"a\" }}"),
            "no column nope",
        ),
        (
            &*format!("{head}[column]\nid = {{ prefix = \"a\" }}"),
            "neither from nor constant",
        ),
        (
            &*format!("{head}[column]\nid = {{ from = \"a\", constant = 1 }}"),
            "both",
        ),
        (
            &*format!("{head}[column]\nid = {{ from = \"a\", split = \"|\" }}"),
            "split",
        ),
        (
            &*format!("{head}[column]\nid = {{ from = \"a\", cast = \"roman\" }}"),
            "roman",
        ),
        (
            &*format!("{head}[column]\nid = {{ from = \"a\", slice = [2, 2] }}"),
            "keeps nothing",
        ),
        (
            &*format!("{head}csv = {{ encoding = \"utf-16\" }}"),
            "encoding",
        ),
        (
            &*format!("{head}csv = {{ delimiter = \"é\" }}"),
            "delimiter",
        ),
        (
            &*format!("{head}json = {{ pointer = \"rows\" }}"),
            "pointer",
        ),
    ] {
        let refused = refusal(text);
        assert!(refused.contains(reason), "{text}\n{refused}");
    }
    let mut strict = things();
    strict.columns[1].is_nullable = false;
    let outcome = mapping(&strict, &format!("{head}[column]\nid = {{ from = \"a\" }}"));
    let refused = outcome.unwrap_err().to_string();
    assert!(
        refused.contains("column name of landing.things may not be missing"),
        "{refused}"
    );
}

#[test]
fn the_identity_mapping_takes_data_files_of_its_folder_only() {
    let mapping = Mapping::identity("queries");
    for file in [
        "queries/a.csv",
        "queries/node=n1/20261120-1.jsonl",
        "queries/x/y/z.parquet.zst",
        "queries/a.ndjson.gz",
    ] {
        assert!(mapping.matches(file), "{file}");
    }
    for file in [
        "queries.csv",
        "bids/a.csv",
        "queries/node=n1/20261120-1.jsonl.open",
        "queries/README.md",
        "queries/.a.csv",
        "queries/_tmp/a.csv",
        "queries/../bids/a.csv",
        "/queries/a.csv",
    ] {
        assert!(!mapping.matches(file), "{file}");
    }
}

#[test]
fn a_digest_changes_with_what_is_said_and_not_with_how() {
    let digest = |text: &str| {
        let text = format!("table = \"things\"\nfiles = \"*\"\n{text}");
        mapping(&things(), &text).unwrap().digest()
    };
    let plain = digest("[column]\nid = { from = \"a\" }");
    assert_eq!(plain, digest("# words\n[column.id]\nfrom = \"a\""));
    assert_eq!(
        plain,
        digest("description = \"words\"\n[column.id]\nfrom = \"a\"")
    );
    assert_ne!(plain, digest("[column]\nid = { from = \"b\" }"));
    assert_ne!(
        plain,
        digest("[column]\nid = { from = \"a\", cast = \"trim\" }")
    );
}

#[test]
fn every_mapping_of_the_project_fits_its_contract() {
    let schemas = Path::new("../../schemas");
    let catalog = Catalog::load(schemas).unwrap();
    for (set, least) in [("default", 1), ("open_data", 10), ("sealed_bids", 7)] {
        let mappings = Mapping::load_set(&schemas.join("sources").join(set), &catalog).unwrap();
        assert!(mappings.len() >= least, "{set}");
        assert!(
            mappings
                .iter()
                .all(|mapping| mapping.description().is_some()),
            "{set}"
        );
    }
}
