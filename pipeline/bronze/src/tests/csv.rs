//! CSV: whatever spreadsheets and databases write.

use schemas::ColumnKind;
use serde_json::{Value, json};

use super::harness::{contract, mapping, run, run_mapped, why_undecodable};

fn pair() -> schemas::Contract {
    contract(&[("a", ColumnKind::String), ("b", ColumnKind::Int)])
}

#[test]
fn a_header_alone_is_a_file_without_rows() {
    let ingested = run(&pair(), "x.csv", b"a,b\n").unwrap();
    assert_eq!(ingested.report.rows_read, 0);
    assert!(ingested.report.missing_columns.is_empty());
}

#[test]
fn byte_order_mark_and_carriage_returns_are_no_content() {
    let ingested = run(&pair(), "x.csv", b"\xef\xbb\xbfa,b\r\nx,1\r\n\r\ny,z\r\n").unwrap();
    assert_eq!(ingested.column("a"), ["x"]);
    assert_eq!(ingested.column("_line"), [2]);
    assert_eq!(ingested.column("_offset"), [8]);
    assert_eq!(ingested.rejected("raw"), ["y,z"]);
    assert_eq!(ingested.rejected("line"), [4]);
    assert_eq!(ingested.rejected("offset"), [15]);
}

#[test]
fn old_line_ends_part_records_too() {
    let ingested = run(&pair(), "x.csv", b"a,b\rx,1\ry,2").unwrap();
    assert_eq!(ingested.column("a"), ["x", "y"]);
}

#[test]
fn a_quoted_cell_may_hold_separators_quotes_and_newlines() {
    let content = "a,b\n\"one\n\"\"two\"\", three\",1\nx,2\n\"p\nq\",no\n";
    let ingested = run(&pair(), "x.csv", content.as_bytes()).unwrap();
    assert_eq!(ingested.column("a"), ["one\n\"two\", three", "x"]);
    assert_eq!(ingested.column("_line"), [2, 4]);
    assert_eq!(ingested.rejected("raw"), ["\"p\nq\",no"]);
    assert_eq!(ingested.rejected("line"), [5]);
}

#[test]
fn a_ragged_row_is_quarantined_whole() {
    let ingested = run(&pair(), "x.csv", b"a,b\nx\ny,1\nz,2,3\n").unwrap();
    assert_eq!(ingested.column("a"), ["y"]);
    assert_eq!(ingested.rejected("rule"), ["ragged_row", "ragged_row"]);
    assert_eq!(ingested.rejected("raw"), ["x", "z,2,3"]);
    assert_eq!(
        ingested.rejected("reason")[1],
        "3 cells where the header has 2"
    );
    assert_eq!(ingested.rejected("column"), [Value::Null, Value::Null]);
}

#[test]
fn a_row_that_is_no_utf_8_is_quarantined_with_its_bytes() {
    let ingested = run(&pair(), "x.csv", b"a,b\n\xe9t\xe9,1\nok,2\n").unwrap();
    assert_eq!(ingested.column("a"), ["ok"]);
    assert_eq!(ingested.rejected("rule"), ["invalid_utf8"]);
    assert_eq!(ingested.rejected("reason"), ["cell 1 (a) is not UTF-8"]);
    assert_eq!(ingested.rejected("raw"), ["\u{fffd}t\u{fffd},1"]);
    assert!(!ingested.rejects[0]["raw_bytes"].is_null());
}

#[test]
fn another_encoding_and_delimiter_are_read_as_the_mapping_says() {
    let mapping = mapping(
        &pair(),
        "table = \"things\"\nfiles = \"*\"\n[csv]\ndelimiter = \";\"\nencoding = \"windows-1252\"\n",
    );
    let content = b"a;b\n\xe9t\xe9 \x80;1\n\xe0;deux\n";
    let ingested = run_mapped(&pair(), &mapping.unwrap(), "x.csv", content).unwrap();
    assert_eq!(ingested.column("a"), ["été €"]);
    assert_eq!(ingested.rejected("raw"), ["à;deux"]);
    assert!(
        !ingested.rejects[0]["raw_bytes"].is_null(),
        "the bytes are no UTF-8"
    );
}

#[test]
fn a_file_without_header_numbers_its_columns() {
    let mapping = mapping(
        &pair(),
        "table = \"things\"\nfiles = \"*\"\nformat = \"csv\"\n[csv]\nheader = false\n[column]\na = { from = \"2\" }\nb = { from = \"1\" }\n",
    );
    let ingested = run_mapped(&pair(), &mapping.unwrap(), "x.txt", b"1,x\n2,y\n").unwrap();
    assert_eq!(ingested.column("a"), ["x", "y"]);
    assert_eq!(ingested.column("_line"), [1, 2]);
    assert_eq!(ingested.column("_offset"), [0, 4]);
}

#[test]
fn columns_that_are_missing_or_unknown_are_reported() {
    let ingested = run(&pair(), "x.csv", b"A,b,c\nx,1,2\n").unwrap();
    assert_eq!(ingested.report.missing_columns, ["a"]);
    assert_eq!(ingested.report.unknown_columns, ["A", "c"]);
    assert_eq!(ingested.column("a"), [Value::Null]);
    let reason = why_undecodable(run(&pair(), "x.csv", b"x,y\n1,2\n"));
    assert!(
        reason.contains("none of the columns that table things reads"),
        "{reason}"
    );
    assert!(reason.contains("x, y"), "{reason}");
}

#[test]
fn a_header_that_names_a_column_twice_is_refused() {
    let reason = why_undecodable(run(&pair(), "x.csv", b"a,b,a\n1,2,3\n"));
    assert!(reason.contains("two columns are called \"a\""), "{reason}");
}

#[test]
fn blank_cells_are_null_and_texts_stay_as_sent() {
    let ingested = run(&pair(), "x.csv", b"a,b\n  x  , 7 \n,\n\"\",\"\"\n").unwrap();
    assert_eq!(
        ingested.column("a"),
        [json!("  x  "), Value::Null, Value::Null]
    );
    assert_eq!(ingested.column("b"), [json!(7), Value::Null, Value::Null]);
}

#[test]
fn a_long_line_is_read_and_an_endless_one_refused() {
    let long = "x".repeat(600_000);
    let content = format!("a,b\n{long},1\n{long},2\n");
    let ingested = run(&pair(), "x.csv", content.as_bytes()).unwrap();
    assert_eq!(ingested.column("a"), [long.as_str(), long.as_str()]);
    let unclosed = format!("a,b\n\"{}", "x,1\n".repeat(500_000));
    let reason = why_undecodable(run(&pair(), "x.csv", unclosed.as_bytes()));
    assert!(reason.contains("a quote is never closed"), "{reason}");
}

#[test]
fn every_column_at_fault_is_named_in_the_reason() {
    let contract = contract(&[("a", ColumnKind::Date), ("b", ColumnKind::Bool)]);
    let ingested = run(&contract, "x.csv", b"a,b\n31/12/2026,peut-etre\n").unwrap();
    assert_eq!(ingested.rejected("rule"), ["type_a"]);
    assert_eq!(ingested.rejected("column"), ["a"]);
    let reason = ingested.rejected("reason")[0].to_string();
    assert!(
        reason.contains("b: ") && reason.contains("YYYY-MM-DD"),
        "{reason}"
    );
}
