//! Values made of several fields: joined texts and the first flag that is true.

use schemas::{ColumnKind, Contract};
use serde_json::{Value, json};

use super::harness::{Ingested, contract, mapping, run_mapped};
use crate::BronzeError;

fn things() -> Contract {
    contract(&[("id", ColumnKind::String), ("tags", ColumnKind::Strings)])
}

fn ingest_as(column: &str, file: &str, content: &str) -> Ingested {
    let text = format!("table = \"things\"\nfiles = \"*\"\n[column]\n{column}\n");
    let mapping = mapping(&things(), &text).unwrap();
    run_mapped(&things(), &mapping, file, content.as_bytes()).unwrap()
}

fn refusal(column: &str) -> String {
    let text = format!("table = \"things\"\nfiles = \"*\"\n[column]\n{column}\n");
    match mapping(&things(), &text) {
        Err(BronzeError::Mapping { reason, .. }) => reason,
        other => panic!("a refusal was expected, not {other:?}"),
    }
}

#[test]
fn fields_are_joined_in_their_order_and_an_empty_one_keeps_its_place() {
    let mapped = ingest_as(
        r#"id = { join = ["auction", "firm", "price"], prefix = "bid:" }"#,
        "x.csv",
        "firm,price,auction\n7,100,a\n7,,a\n, 100 ,a\n,,\n \t,,\n",
    );
    assert_eq!(
        mapped.column("id"),
        [
            json!("bid:a/7/100"),
            json!("bid:a/7/"),
            json!("bid:a//100"),
            Value::Null,
            Value::Null,
        ],
    );
    assert!(mapped.report.unknown_columns.is_empty());
    assert!(mapped.report.missing_columns.is_empty());
}

#[test]
fn a_joined_text_goes_through_the_steps_that_follow() {
    let mapped = ingest_as(
        r#"id = { join = ["a", "b"], separator = " – ", cast = "upper", values = { "X – Y" = "xy" }, default = "none" }"#,
        "x.csv",
        "a,b\nx,y\nx,z\n,\n",
    );
    assert_eq!(mapped.column("id"), ["xy", "X – Z", "none"]);
    let mapped = ingest_as(
        r#"tags = { join = ["a", "b"], separator = ";", split = ";" }"#,
        "x.csv",
        "a,b\nx,y\nx,\n",
    );
    assert_eq!(mapped.column("tags"), [json!(["x", "y"]), json!(["x"])]);
}

#[test]
fn a_part_that_is_no_text_or_not_in_the_file_is_refused_by_its_name() {
    let join = r#"id = { join = ["a.b", "c"] }"#;
    let mapped = ingest_as(
        join,
        "x.jsonl",
        "{\"a\":{\"b\":1},\"c\":true}\n{\"c\":\"z\"}\n{\"a\":{\"b\":[1,2]},\"c\":3}\n{\"a\":{\"b\":{}}}\n",
    );
    assert_eq!(mapped.column("id"), ["1/true", "/z"]);
    assert_eq!(mapped.rejected("rule"), ["type_id", "type_id"]);
    for reason in mapped.rejected("reason") {
        assert!(
            reason.as_str().unwrap().contains("field a.b"),
            "{reason} names the field"
        );
    }
    let mapped = ingest_as(
        r#"id = { join = ["a", "gone"] }"#,
        "x.csv",
        "a,b\nx,y\nz,\n",
    );
    assert_eq!(
        mapped.rejected("reason"),
        ["id: the file has no field gone"; 2],
        "an id without a part would be another's"
    );
    assert_eq!(mapped.report.missing_columns, ["id"]);
}

#[test]
fn the_first_flag_that_is_true_gives_its_name() {
    let first = r#"id = { first_true = ["sewer", "road"], values = { road = "voirie" }, prefix = "work:", default = "work:other" }"#;
    let mapped = ingest_as(
        first,
        "x.csv",
        "road,sewer\n1,1\n1,0\noui,\n0,0\n,\n1,maybe\n",
    );
    assert_eq!(
        mapped.column("id"),
        [
            "work:sewer",
            "work:voirie",
            "work:voirie",
            "work:other",
            "work:other",
        ]
    );
    let reasons = mapped.rejected("reason");
    let reason = reasons[0].as_str().unwrap();
    assert!(
        reason.contains("field sewer") && reason.contains("maybe"),
        "{reason}"
    );
    let mapped = ingest_as(first, "x.jsonl", "{\"road\":true}\n{\"sewer\":false}\n");
    assert_eq!(mapped.column("id"), ["work:voirie", "work:other"]);
    let mapped = ingest_as(first, "x.csv", "road\n1\n");
    assert_eq!(
        mapped.rejected("reason"),
        ["id: the file has no field sewer"]
    );
}

#[test]
fn a_composition_that_cannot_work_is_refused_with_its_reason() {
    for (column, reason) in [
        (
            r#"id = { join = ["a", "b"], from = "c" }"#,
            "both from and join",
        ),
        (
            r#"id = { join = ["a", "b"], first_true = ["c"] }"#,
            "both join and first_true",
        ),
        (
            r#"id = { first_true = ["a"], constant = 1 }"#,
            "both first_true and constant",
        ),
        (r#"id = { join = [] }"#, "join names no field"),
        (r#"id = { join = ["a"] }"#, "one field only"),
        (r#"id = { first_true = [] }"#, "first_true names no field"),
        (r#"id = { from = "a", separator = "-" }"#, "for join"),
        (
            r#"id = { join = ["a", "b"], separator = "" }"#,
            "separator is empty",
        ),
        (r#"id = { default = "a" }"#, "neither"),
    ] {
        let refused = refusal(column);
        assert!(refused.contains(reason), "{column}\n{refused}");
        assert!(refused.contains("column id"), "{refused}");
    }
}

#[test]
fn a_star_ignores_what_other_mappings_of_the_file_know() {
    let text =
        "table = \"things\"\nfiles = \"*\"\nignore = [\"*\"]\n[column]\nid = { from = \"a\" }\n";
    let mapping = mapping(&things(), text).unwrap();
    for (file, content) in [
        ("x.csv", "a,b\nx,y\n"),
        ("x.jsonl", "{\"a\":\"x\",\"b\":1}\n"),
    ] {
        let mapped = run_mapped(&things(), &mapping, file, content.as_bytes()).unwrap();
        assert_eq!(mapped.column("id"), ["x"]);
        assert!(mapped.report.unknown_columns.is_empty(), "{file}");
    }
}
