//! A silver table from bronze rows: kept, superseded and quarantined add up, and each rule catches its rows.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::{collections::BTreeMap, path::Path, sync::Arc};

use arrow::{
    array::{ArrayRef, Int64Array, StringArray},
    record_batch::RecordBatch,
};
use parquet::arrow::ArrowWriter;
use schemas::{Catalog, Contract, TableName};
use sql::{Engine, EngineSettings, Select, Session, SilverReport, SilverRequest, Source, SqlError};

const LANDING: &str = r#"
version = "1.0.0"
description = "Things."
grain = "one row per thing"
owner = "test"
freshness = "1d"
key = ["tenant", "id"]
column = [
  { name = "tenant", type = "string", nullable = false, description = "t" },
  { name = "id", type = "string", nullable = false, description = "i" },
  { name = "parent", type = "string", description = "p" },
  { name = "size", type = "int", description = "s" },
  { name = "seen", type = "int", description = "when" },
]
"#;

const SILVER: &str = r#"
version = "1.0.0"
description = "Things."
grain = "one row per thing, latest state"
owner = "test"
freshness = "1d"
key = ["tenant", "id"]
latest_by = ["seen"]
extends = "landing.things"
rule = [
  { name = "tenant_format", check = "tenant", columns = ["tenant"], action = "quarantine" },
  { name = "size_range", check = "range", columns = ["size"], min = 0, max = 10, action = "quarantine" },
  { name = "references_things", check = "references", columns = ["tenant", "parent"], table = "silver.things", to = ["tenant", "id"], action = "quarantine" },
  { name = "size_small", check = "range", columns = ["size"], max = 5, action = "warn" },
]
"#;

type Row = (
    Option<&'static str>,
    Option<&'static str>,
    Option<&'static str>,
    Option<i64>,
    Option<i64>,
);

struct Bench {
    dir: tempfile::TempDir,
    silver: Contract,
    bronze: Contract,
    rows: u64,
}

impl Bench {
    fn new(silver: &str, rows: &[Row]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (layer, text) in [("landing", LANDING), ("silver", silver)] {
            std::fs::create_dir_all(dir.path().join("schemas").join(layer)).unwrap();
            std::fs::write(
                dir.path().join(format!("schemas/{layer}/things.toml")),
                text,
            )
            .unwrap();
        }
        std::fs::create_dir_all(dir.path().join("schemas/gold")).unwrap();
        let catalog = Catalog::load(&dir.path().join("schemas")).unwrap();
        let contract = |name: &str| {
            catalog
                .get(&name.parse::<TableName>().unwrap())
                .unwrap()
                .clone()
        };
        let bench = Self {
            silver: contract("silver.things"),
            bronze: contract("landing.things").with_provenance(),
            rows: rows.len() as u64,
            dir,
        };
        bench.write(rows);
        bench
    }

    fn write(&self, rows: &[Row]) {
        let texts = |value: fn(&Row) -> Option<&'static str>| -> ArrayRef {
            Arc::new(rows.iter().map(value).collect::<StringArray>())
        };
        let numbers = |value: fn(&Row) -> Option<i64>| -> ArrayRef {
            Arc::new(rows.iter().map(value).collect::<Int64Array>())
        };
        let lines: ArrayRef = Arc::new(Int64Array::from_iter_values(1..=rows.len() as i64));
        let batch = RecordBatch::try_from_iter([
            ("tenant", texts(|row| row.0)),
            ("id", texts(|row| row.1)),
            ("parent", texts(|row| row.2)),
            ("size", numbers(|row| row.3)),
            ("seen", numbers(|row| row.4)),
            ("_file", texts(|_| Some("things.csv"))),
            ("_line", lines),
            ("_file_digest", texts(|_| Some("d"))),
        ])
        .unwrap();
        let file = std::fs::File::create(self.dir.path().join("bronze.parquet")).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    }

    fn session(&self) -> Session {
        let store = snapshot::Store::open(&self.dir.path().display().to_string()).unwrap();
        let schema = schemas::arrow_schema(&self.bronze);
        let table = self.bronze.table.clone();
        let sources = [Source {
            table,
            files: vec!["bronze.parquet".to_owned()],
            schema,
        }];
        Engine::new(&EngineSettings::default())
            .unwrap()
            .session(&store, &sources)
            .unwrap()
    }

    async fn build(&self, sql: &str) -> Result<SilverReport, SqlError> {
        let select = Select::parse(sql).unwrap();
        let request = SilverRequest {
            contract: &self.silver,
            bronze: &self.bronze,
            bronze_rows: self.rows,
            select: &select,
            segment_rows: 1_000_000,
            kept: &self.kept(),
            quarantined: &self.dir.path().join("quarantined"),
        };
        self.session().build_silver(&request).await
    }

    fn kept(&self) -> std::path::PathBuf {
        let folder = self.dir.path().join("kept");
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn column(&self, file: &str, column: &str) -> Vec<String> {
        read(&self.dir.path().join(file), column)
    }
}

fn read(path: &Path, column: &str) -> Vec<String> {
    let file = std::fs::File::open(path).unwrap();
    let reader =
        parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(file, 1024).unwrap();
    let batches: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
    let text = |batch: &RecordBatch, row: usize| {
        arrow::util::display::array_value_to_string(batch.column_by_name(column).unwrap(), row)
            .unwrap()
    };
    batches
        .iter()
        .flat_map(|b| (0..b.num_rows()).map(move |row| text(b, row)))
        .collect()
}

const ALL: &str = "SELECT * FROM bronze.things";

const ROWS: [Row; 8] = [
    (Some("tenant_a"), Some("1"), None, Some(1), Some(1)),
    (Some("tenant_a"), Some("1"), None, Some(2), Some(2)),
    (Some("tenant_a"), Some("2"), Some("1"), Some(7), None),
    (Some("tenant_a"), Some("3"), Some("ghost"), Some(1), None),
    (Some("tenant_a"), Some("4"), None, Some(11), None),
    (Some("nobody"), Some("5"), None, None, None),
    (Some("tenant_a"), None, None, None, None),
    // The newest state of `1` is bad: the one before it stays the latest.
    (Some("tenant_a"), Some("1"), None, Some(-1), Some(3)),
];

#[tokio::test]
async fn every_row_is_kept_superseded_or_quarantined_under_its_rule() {
    let bench = Bench::new(SILVER, &ROWS);
    let report = bench.build(ALL).await.unwrap();
    let counts = (
        report.rows_read,
        report.rows_kept,
        report.rows_superseded,
        report.rows_quarantined,
    );
    assert_eq!(counts, (8, 2, 1, 5));
    let rules = |name: &str| report.quarantined_by_rule.get(name).copied();
    assert_eq!(rules("size_range"), Some(2));
    assert_eq!(rules("references_things"), Some(1));
    assert_eq!(rules("tenant_format"), Some(1));
    assert_eq!(rules("not_null_id"), Some(1));
    assert_eq!(
        report.warned_by_rule,
        BTreeMap::from([("size_small".to_owned(), 1)])
    );
    assert_eq!(bench.column("kept/00000", "id"), ["1", "2"]);
    assert_eq!(bench.column("kept/00000", "size"), ["2", "7"]);
    assert_eq!(
        bench.column("quarantined", "line"),
        ["4", "5", "6", "7", "8"]
    );
    let raw: serde_json::Value =
        serde_json::from_str(&bench.column("quarantined", "raw")[0]).unwrap();
    assert_eq!(raw["parent"], "ghost");
    assert_eq!(raw["id"], "3");
}

#[tokio::test]
async fn the_order_of_bronze_rows_changes_no_digest() {
    let one = Bench::new(SILVER, &ROWS[..5]).build(ALL).await.unwrap();
    let two = Bench::new(SILVER, &[ROWS[4], ROWS[2], ROWS[3], ROWS[1], ROWS[0]]);
    let two = two.build(ALL).await.unwrap();
    assert_eq!(one.digest, two.digest);
    let other = Bench::new(SILVER, &ROWS[1..2]).build(ALL).await.unwrap();
    assert_ne!(one.digest, other.digest);
}

#[tokio::test]
async fn a_select_that_drops_or_multiplies_rows_is_refused() {
    let bench = Bench::new(SILVER, &ROWS);
    for sql in [
        "SELECT * FROM bronze.things WHERE id = '1'",
        "SELECT * FROM bronze.things UNION ALL SELECT * FROM bronze.things",
    ] {
        let error = bench.build(sql).await.unwrap_err();
        assert!(
            matches!(error, SqlError::NotOneToOne { bronze: 8, .. }),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_select_without_a_promised_column_is_refused_by_name() {
    let bench = Bench::new(SILVER, &ROWS[..1]);
    let error = bench
        .build("SELECT * EXCEPT (seen) FROM bronze.things")
        .await
        .unwrap_err();
    let mut said = error.to_string();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(source) = cause.source() {
        said.push_str(&source.to_string());
        cause = source;
    }
    assert!(said.contains("seen"), "{said}");
}

#[tokio::test]
async fn a_rule_that_fails_the_job_fails_it() {
    let strict = SILVER.replace("action = \"warn\"", "action = \"fail_job\"");
    let error = Bench::new(&strict, &ROWS).build(ALL).await.unwrap_err();
    assert!(
        matches!(error, SqlError::RuleBroken { ref rule, rows: 1, .. } if rule == "size_small"),
        "{error}"
    );
}
