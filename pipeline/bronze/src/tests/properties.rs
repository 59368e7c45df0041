//! Whatever bytes land: no panic, and every record is accounted for.

use proptest::prelude::*;
use schemas::{ColumnKind, Contract};

use super::harness::{contract, gzip, run};

fn things() -> Contract {
    contract(&[
        ("a", ColumnKind::String),
        ("b", ColumnKind::Int),
        ("c", ColumnKind::Strings),
        ("d", ColumnKind::Timestamp),
    ])
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9]{0,4}",
        "[a-z|é ]{0,6}",
        Just("2026-11-20 08:00:00".to_owned()),
        "[\",\n\r;x]{0,6}",
    ]
}

/// A cell as RFC 4180 writes it.
fn quoted(cell: &str) -> String {
    match cell.contains(['"', ',', '\n', '\r']) || cell.is_empty() {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn random_bytes_never_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        ending in prop::sample::select(vec![
            "csv", "json", "jsonl", "parquet", "csv.gz", "json.zst", "parquet.zst",
        ]),
    ) {
        drop(run(&things(), &format!("x.{ending}"), &bytes));
        let with_magic = [b"PAR1", &*bytes, b"PAR1"].concat();
        drop(run(&things(), "x.parquet", &with_magic));
        drop(run(&things(), "x.csv.gz", &gzip(&bytes)));
    }

    #[test]
    fn random_text_after_a_header_never_panics(text in "[a-d0-9\",\n\r\\[\\]{}:é ]{0,300}") {
        drop(run(&things(), "x.csv", format!("a,b,c,d\n{text}").as_bytes()));
        drop(run(&things(), "x.json", format!("[{{\"a\":1}},{text}").as_bytes()));
        run(&things(), "x.jsonl", text.replace('[', "").as_bytes()).unwrap();
    }

    #[test]
    fn every_csv_row_is_accepted_or_rejected_and_found_by_its_offset(
        rows in prop::collection::vec(prop::collection::vec(cell(), 3..6), 0..40),
        end in prop::sample::select(vec!["\n", "\r\n"]),
    ) {
        let mut content = format!("a,b,c,d{end}");
        let mut lines = Vec::new();
        for row in &rows {
            let line = row.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",");
            lines.push((content.len(), 1 + content.matches('\n').count(), line.clone()));
            content += &line;
            content += end;
        }
        let ingested = run(&things(), "x.csv", content.as_bytes()).unwrap();
        prop_assert_eq!(ingested.report.rows_read, rows.len() as u64);
        let places = ingested
            .rows
            .iter()
            .map(|row| (row["_offset"].as_u64(), row["_line"].as_u64(), None))
            .chain(ingested.rejects.iter().map(|row| {
                (row["offset"].as_u64(), row["line"].as_u64(), row["raw"].as_str())
            }));
        let mut seen: Vec<u64> = Vec::new();
        for (offset, line, raw) in places {
            let sent = lines.iter().find(|(at, _, _)| Some(*at as u64) == offset);
            let (at, number, text) = sent.expect("a record begins where a line does");
            prop_assert_eq!(Some(*number as u64), line);
            prop_assert!(raw.is_none_or(|raw| raw == text.trim_end_matches(['\r', '\n'])));
            seen.push(*at as u64);
        }
        seen.sort_unstable();
        prop_assert_eq!(seen, lines.iter().map(|(at, _, _)| *at as u64).collect::<Vec<_>>());
    }
}
