//! One content, every format and compression.

use schemas::ColumnKind;
use serde_json::{Value, json};

use super::harness::{contract, gzip, run, why_undecodable, zstd};
use crate::{Ingest, Mapping, ingest};

const CSV: &str = "id,name,skills,size\na,Été,tour|fraise,1\nb,,,2\nc,\"x, y\",meule,x\n";
const LINES: &str = concat!(
    r#"{"id":"a","name":"Été","skills":["tour","fraise"],"size":1}"#,
    "\n",
    r#"{"id":"b","name":null,"size":2}"#,
    "\n",
    r#"{"id":"c","name":"x, y","skills":["meule"],"size":"x"}"#,
    "\n"
);

fn things() -> schemas::Contract {
    contract(&[
        ("id", ColumnKind::String),
        ("name", ColumnKind::String),
        ("skills", ColumnKind::Strings),
        ("size", ColumnKind::Int),
    ])
}

fn array() -> String {
    format!("[\n{}\n]", LINES.trim_end().replace('\n', ",\n"))
}

/// A Parquet file with the same three rows, `size` being text: what a contract of texts makes of the lines.
fn parquet() -> Vec<u8> {
    let folder = tempfile::TempDir::new().unwrap();
    let [path, accepted, rejected] = ["in", "out", "no"].map(|name| folder.path().join(name));
    std::fs::write(&path, LINES).unwrap();
    let contract = contract(&[
        ("id", ColumnKind::String),
        ("name", ColumnKind::String),
        ("skills", ColumnKind::Strings),
        ("size", ColumnKind::String),
    ]);
    ingest(&Ingest {
        contract: &contract,
        mapping: &Mapping::identity("things"),
        path: &path,
        file: "x.jsonl",
        file_digest: "d0",
        slot: "2026-11-19".parse().unwrap(),
        accepted: &accepted,
        rejected: &rejected,
    })
    .unwrap();
    std::fs::read(accepted).unwrap()
}

#[test]
fn every_format_and_compression_gives_the_same_rows() {
    let contents = [
        ("csv", CSV.as_bytes().to_vec()),
        ("jsonl", LINES.as_bytes().to_vec()),
        ("ndjson", LINES.as_bytes().to_vec()),
        ("json", LINES.as_bytes().to_vec()),
        ("json", array().into_bytes()),
        ("parquet", parquet()),
    ];
    for (format, plain) in contents {
        let packed = [
            (String::new(), plain.clone()),
            (".gz".to_owned(), gzip(&plain)),
            (".zst".to_owned(), zstd(&plain)),
        ];
        for (ending, bytes) in packed {
            let file = format!("things/day=1/f.{format}{ending}");
            let ingested = run(&things(), &file, &bytes).unwrap();
            assert_eq!(ingested.column("id"), ["a", "b"], "{file}");
            assert_eq!(
                ingested.column("name"),
                [json!("Été"), Value::Null],
                "{file}"
            );
            let skills = [json!(["tour", "fraise"]), Value::Null];
            assert_eq!(ingested.column("skills"), skills, "{file}");
            assert_eq!(ingested.column("size"), [1, 2], "{file}");
            assert_eq!(ingested.column("_file"), [json!(file), json!(file)]);
            assert_eq!(ingested.column("_file_digest"), ["d1", "d1"]);
            assert_eq!(ingested.column("_slot"), ["2026-11-20", "2026-11-20"]);
            assert_eq!(ingested.rejected("rule"), ["type_size"], "{file}");
            assert_eq!(ingested.rejected("value"), ["x"], "{file}");
            assert_eq!(ingested.rejected("layer"), ["bronze"], "{file}");
            assert_eq!(ingested.rejected("table"), ["things"], "{file}");
        }
    }
}

#[test]
fn a_record_is_found_again_by_line_and_offset() {
    for (file, content) in [("x.csv", CSV.to_owned()), ("x.jsonl", LINES.to_owned())] {
        let ingested = run(&things(), file, content.as_bytes()).unwrap();
        let reject = &ingested.rejects[0];
        let offset = usize::try_from(reject["offset"].as_u64().unwrap()).unwrap();
        let line = usize::try_from(reject["line"].as_u64().unwrap()).unwrap();
        let raw = reject["raw"].as_str().unwrap();
        assert_eq!(&content[offset..offset + raw.len()], raw);
        assert_eq!(content.lines().nth(line - 1), Some(raw));
    }
}

#[test]
fn a_compressed_stream_cut_short_is_undecodable_and_writes_nothing() {
    let long: String = (0..5_000).map(|n| format!("{n},n{n},,{n}\n")).collect();
    let content = format!("id,name,skills,size\n{long}");
    for (file, bytes) in [
        ("x.csv.gz", gzip(content.as_bytes())),
        ("x.csv.zst", zstd(content.as_bytes())),
        ("x.parquet.gz", gzip(&parquet())),
    ] {
        for keep in [bytes.len() / 2, bytes.len() - 3] {
            let reason = why_undecodable(run(&things(), file, &bytes[..keep]));
            assert!(reason.contains("cut short"), "{file}: {reason}");
        }
    }
}

#[test]
fn a_file_that_is_not_what_its_name_says_is_undecodable() {
    for (file, bytes) in [
        ("x.csv.gz", &b"id,name\na,b\n"[..]),
        ("x.csv.zst", b"id,name\na,b\n"),
        ("x.parquet", b"id,name\na,b\n and more"),
        ("x.parquet", b""),
        ("x.xlsx", b"PK"),
        ("x", b"id"),
        ("x.csv", b"\x89PNG\r\n\x1a\n\0\0\0"),
        ("x.csv", b"<html>\n<body>\n"),
    ] {
        assert!(
            !why_undecodable(run(&things(), file, bytes)).is_empty(),
            "{file}"
        );
    }
}

#[test]
fn a_damaged_gzip_is_told_from_a_missing_file() {
    let mut bytes = gzip(CSV.as_bytes());
    let last = bytes.len() - 6;
    bytes[last] ^= 1;
    let reason = why_undecodable(run(&things(), "x.csv.gz", &bytes));
    assert!(reason.contains("damaged"), "{reason}");
    let missing = ingest(&Ingest {
        contract: &things(),
        mapping: &Mapping::identity("things"),
        path: "/nowhere/at/all.csv".as_ref(),
        file: "all.csv",
        file_digest: "",
        slot: "2026-11-20".parse().unwrap(),
        accepted: "/nowhere/a".as_ref(),
        rejected: "/nowhere/r".as_ref(),
    });
    assert!(matches!(missing, Err(crate::BronzeError::Io { .. })));
}

#[test]
fn an_empty_file_is_a_file_without_rows() {
    for file in ["x.csv", "x.json", "x.jsonl"] {
        let ingested = run(&things(), file, b"").unwrap();
        assert_eq!(ingested.report, crate::IngestReport::default(), "{file}");
    }
}

#[test]
fn more_rows_than_a_chunk_holds_keep_their_order() {
    let rows = 2 * (1 << 16) + 5;
    let content: String = (0..rows).map(|n| format!("{n},n,,{n}\n")).collect();
    let ingested = run(
        &things(),
        "x.csv",
        format!("id,name,skills,size\n{content}").as_bytes(),
    );
    let ingested = ingested.unwrap();
    let sizes: Vec<_> = (0..rows).map(Value::from).collect();
    assert_eq!(ingested.column("size"), sizes);
    assert_eq!(ingested.report.rows_accepted, rows);
}
