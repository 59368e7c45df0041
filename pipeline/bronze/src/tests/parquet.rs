//! Parquet: what we write is what others read, and what others damage is refused.

use std::fs::File;

use arrow::datatypes::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use schemas::{ColumnKind, Contract, QUARANTINE_COLUMNS, arrow_schema};

use super::harness::{contract, rows_of, run, why_undecodable};

const KINDS: [(&str, ColumnKind); 10] = [
    ("text", ColumnKind::String),
    ("int", ColumnKind::Int),
    ("float", ColumnKind::Float),
    ("bool", ColumnKind::Bool),
    ("date", ColumnKind::Date),
    ("timestamp", ColumnKind::Timestamp),
    ("cents", ColumnKind::Cents),
    ("strings", ColumnKind::Strings),
    ("floats", ColumnKind::Floats),
    ("json", ColumnKind::Json),
];
const CSV: &str = "text,int,float,bool,date,timestamp,cents,strings,floats,json\n\
    a,1,1.5,oui,2026-11-20,2026-11-20T08:00:00.5+01:00,995,x|y,1|2.5,{}\n\
    ,,,,,,,,,\n\
    b,x,,,,,,,,\n";

fn every_kind() -> Contract {
    contract(&KINDS)
}

#[test]
fn files_have_the_arrow_schema_of_the_contract_with_or_without_rows() {
    let header = CSV.split_inclusive('\n').next().unwrap();
    for content in [CSV, header] {
        let ingested = run(&every_kind(), "x.csv", content.as_bytes()).unwrap();
        let file = File::open(&ingested.accepted).unwrap();
        let found = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        let expected = arrow_schema(&every_kind().with_provenance());
        assert_eq!(found.schema().fields().len(), expected.fields().len());
        for (found, expected) in found.schema().fields().iter().zip(expected.fields()) {
            assert_eq!(found.name(), expected.name());
            assert!(found.is_nullable());
            let (found, expected) = (found.data_type(), expected.data_type());
            // The field inside a list is called `element`, as the Parquet format says; only its type counts.
            match (found, expected) {
                (DataType::List(found), DataType::List(expected)) => {
                    assert_eq!(found.data_type(), expected.data_type());
                }
                _ => assert_eq!(found, expected),
            }
        }
        let rejected = ingested.accepted.with_file_name("rejected.parquet");
        let file = File::open(rejected).unwrap();
        let found = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        let names: Vec<_> = found
            .schema()
            .fields()
            .iter()
            .map(|f| f.name().clone())
            .collect();
        let mut expected: Vec<_> = QUARANTINE_COLUMNS.iter().map(|(name, _)| *name).collect();
        expected.push("raw_bytes");
        assert_eq!(names, expected);
    }
}

#[test]
fn a_bronze_file_is_itself_a_landing_file_that_gives_the_same_rows() {
    let first = run(&every_kind(), "x.csv", CSV.as_bytes()).unwrap();
    let bytes = std::fs::read(&first.accepted).unwrap();
    let second = run(&every_kind(), "x.parquet", &bytes).unwrap();
    for (name, _) in KINDS {
        assert_eq!(first.column(name), second.column(name), "{name}");
    }
    assert_eq!(second.column("_line"), [1, 2]);
    assert!(
        second
            .column("_offset")
            .iter()
            .all(serde_json::Value::is_null)
    );
    let provenance = ["_file", "_file_digest", "_line", "_offset", "_slot"];
    assert_eq!(second.report.unknown_columns, provenance);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let rows: String = (0..3_000)
        .map(|n| format!("t{n},{n},,,,,,a|b,,\n"))
        .collect();
    let content = format!("{CSV}{rows}");
    let [one, two] = [(), ()].map(|()| {
        let ingested = run(&every_kind(), "x.csv", content.as_bytes()).unwrap();
        let rejected = ingested.accepted.with_file_name("rejected.parquet");
        [&ingested.accepted, &rejected].map(|path| std::fs::read(path).unwrap())
    });
    assert!(one == two);
}

#[test]
fn a_damaged_file_is_undecodable_or_read_but_never_a_crash() {
    let rows: String = (0..200).map(|n| format!("t{n},{n},,,,,,a|b,,\n")).collect();
    let whole = run(&every_kind(), "x.csv", format!("{CSV}{rows}").as_bytes()).unwrap();
    let bytes = std::fs::read(&whole.accepted).unwrap();
    why_undecodable(run(&every_kind(), "x.parquet", &bytes[..bytes.len() / 2]));
    why_undecodable(run(&every_kind(), "x.parquet", &bytes[..bytes.len() - 1]));
    for at in (0..bytes.len()).step_by(bytes.len() / 60) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x55;
        // What was damaged may be a page (refused) or a statistic (read): `run` checks that rows add up.
        drop(run(&every_kind(), "x.parquet", &damaged));
    }
}

#[test]
fn a_quarantine_row_carries_everything_needed_to_ingest_it_again() {
    let ingested = run(&every_kind(), "things/x.csv", CSV.as_bytes()).unwrap();
    let rejects = rows_of(&ingested.accepted.with_file_name("rejected.parquet"));
    let reject = &rejects[0];
    assert_eq!(reject["file"], "things/x.csv");
    assert_eq!(reject["file_digest"], "d1");
    assert_eq!(reject["slot"], "2026-11-20");
    assert_eq!(reject["rule"], "type_int");
    assert_eq!(reject["column"], "int");
    assert_eq!(reject["value"], "x");
    let header = CSV.split_inclusive('\n').next().unwrap();
    let mended = reject["raw"].as_str().unwrap().replace("b,x", "b,7");
    let again = run(
        &every_kind(),
        "x.csv",
        format!("{header}{mended}\n").as_bytes(),
    )
    .unwrap();
    assert_eq!(again.column("int"), [7]);
}
