//! Merging new bronze rows into a silver table gives what building it from all of them gives, however they were split into nights.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow::{
    array::{ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray},
    util::display::array_value_to_string,
};
use parquet::arrow::{ArrowWriter, arrow_reader::ParquetRecordBatchReader};
use proptest::prelude::*;
use schemas::{Catalog, Contract};
use snapshot::Store;
use sql::{
    Engine, EngineSettings, Segment, Select, Session, SilverMerge, SilverReport, SilverRequest,
    Source, Standing, may_merge,
};

const PARENTS: &str = r#"
version = "1.0.0"
description = "Parents."
grain = "one row per parent"
owner = "test"
freshness = "1d"
key = ["tenant", "id"]
column = [
  { name = "tenant", type = "string", nullable = false, description = "t" },
  { name = "id", type = "string", nullable = false, description = "i" },
]
"#;

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
  { name = "references_parents", check = "references", columns = ["tenant", "parent"], table = "silver.parents", to = ["tenant", "id"], action = "quarantine" },
  { name = "size_small", check = "range", columns = ["size"], max = 5, action = "warn" },
]
"#;

const SELECT: &str =
    "WITH t AS (SELECT * FROM bronze.things) SELECT * EXCEPT (size), size + 1 AS size FROM t";

/// A few, so that a table of a hundred rows has many segments.
const SEGMENT_ROWS: u64 = 4;

#[derive(Debug, Clone)]
struct Row {
    tenant: &'static str,
    id: Option<u8>,
    parent: Option<u8>,
    size: Option<i64>,
    seen: Option<i64>,
}

/// One night: the rows that landed, and up to which number parents are known.
#[derive(Debug, Clone)]
struct Night {
    rows: Vec<Row>,
    parents: u8,
}

struct World {
    dir: tempfile::TempDir,
    store: Store,
    catalog: Catalog,
}

/// A table as it stands after some nights.
struct Table {
    segments: Vec<Segment>,
    quarantined: Vec<String>,
    report: SilverReport,
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("landing/things", LANDING),
            ("silver/things", SILVER),
            ("silver/parents", PARENTS),
        ] {
            let path = dir.path().join(format!("schemas/{path}.toml"));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        std::fs::create_dir_all(dir.path().join("schemas/gold")).unwrap();
        Self {
            catalog: Catalog::load(&dir.path().join("schemas")).unwrap(),
            store: Store::open(&dir.path().display().to_string()).unwrap(),
            dir,
        }
    }

    fn contract(&self, name: &str) -> Contract {
        self.catalog.get(&name.parse().unwrap()).unwrap().clone()
    }

    fn bronze(&self) -> Contract {
        self.contract("landing.things").with_provenance()
    }

    fn write(&self, file: &str, columns: Vec<(&str, ArrayRef)>) -> String {
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let out = std::fs::File::create(self.dir.path().join(file)).unwrap();
        let mut writer = ArrowWriter::try_new(out, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        file.to_owned()
    }

    /// Writes the bronze file of a night.
    fn ingest(&self, night: usize, rows: &[Row]) -> String {
        let texts = |value: &dyn Fn(&Row) -> Option<String>| -> ArrayRef {
            Arc::new(rows.iter().map(value).collect::<StringArray>())
        };
        let numbers = |value: &dyn Fn(&Row) -> Option<i64>| -> ArrayRef {
            Arc::new(rows.iter().map(value).collect::<Int64Array>())
        };
        let lines: ArrayRef = Arc::new(Int64Array::from_iter_values(1..=rows.len() as i64));
        let slots: ArrayRef = Arc::new(Date32Array::from(vec![night as i32; rows.len()]));
        let columns = vec![
            ("tenant", texts(&|row| Some(row.tenant.to_owned()))),
            ("id", texts(&|row| row.id.map(|id| id.to_string()))),
            ("parent", texts(&|row| row.parent.map(|id| id.to_string()))),
            ("size", numbers(&|row| row.size)),
            ("seen", numbers(&|row| row.seen)),
            ("_file", texts(&|_| Some(landing_file(night)))),
            ("_line", lines),
            ("_file_digest", texts(&|_| Some("d".to_owned()))),
            ("_slot", slots),
        ];
        self.write(&format!("bronze-{night}.parquet"), columns)
    }

    fn session(&self, parents: u8, bronze: Option<Vec<String>>) -> Session {
        let ids = (0..parents).flat_map(|id| [("tenant_a", id), ("tenant_b", id)]);
        let (tenants, ids): (Vec<_>, Vec<_>) = ids.map(|(t, id)| (t, id.to_string())).unzip();
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("tenant", Arc::new(StringArray::from(tenants))),
            ("id", Arc::new(StringArray::from(ids))),
        ];
        let file = self.write(&format!("parents-{parents}.parquet"), columns);
        let source = |contract: &Contract, files| Source {
            table: contract.table.clone(),
            files,
            schema: schemas::arrow_schema(contract),
        };
        let mut sources = vec![source(&self.contract("silver.parents"), vec![file])];
        sources.extend(bronze.map(|files| source(&self.bronze(), files)));
        let settings = EngineSettings {
            threads: 2,
            ..EngineSettings::default()
        };
        Engine::new(&settings)
            .unwrap()
            .session(&self.store, &sources)
            .unwrap()
    }

    /// Moves what a build wrote into the store, under a name of its own.
    fn commit(&self, name: &str, kept: &Path, report: SilverReport) -> Table {
        let mut segments = report.segments.clone();
        for (index, segment) in segments.iter_mut().enumerate() {
            if segment.file.starts_with(kept) {
                let file = PathBuf::from(format!("{name}-{index}.parquet"));
                std::fs::rename(&segment.file, self.dir.path().join(&file)).unwrap();
                segment.file = file;
            }
        }
        Table {
            segments,
            quarantined: vec![format!("{name}-quarantine.parquet")],
            report,
        }
    }

    fn request<'a>(&self, parts: &'a Parts, rows: u64) -> SilverRequest<'a> {
        SilverRequest {
            contract: &parts.silver,
            bronze: &parts.bronze,
            bronze_rows: rows,
            select: &parts.select,
            segment_rows: SEGMENT_ROWS,
            kept: &parts.kept,
            quarantined: &parts.quarantined,
        }
    }

    fn parts(&self, name: &str) -> Parts {
        let kept = self.dir.path().join(format!("{name}-kept"));
        std::fs::create_dir_all(&kept).unwrap();
        Parts {
            silver: self.contract("silver.things"),
            bronze: self.bronze(),
            select: Select::parse(SELECT).unwrap(),
            quarantined: self.dir.path().join(format!("{name}-quarantine.parquet")),
            kept,
        }
    }

    async fn whole(&self, name: &str, files: Vec<String>, rows: u64, parents: u8) -> Table {
        let parts = self.parts(name);
        let session = self.session(parents, Some(files));
        let report = session.build_silver(&self.request(&parts, rows)).await;
        self.commit(name, &parts.kept, report.unwrap())
    }

    async fn night(&self, number: usize, night: &Night, before: &Before, parents: u8) -> Table {
        let name = format!("night-{number}");
        let parts = self.parts(&name);
        let fresh = [self.ingest(number, &night.rows)];
        let earlier = (0..number).map(|n| (landing_file(n), format!("bronze-{n}.parquet")));
        let earlier: BTreeMap<_, _> = earlier.collect();
        let fresh_rows = night.rows.len() as u64;
        let merge = SilverMerge {
            request: self.request(&parts, before.rows + fresh_rows),
            store: &self.store,
            standing: Standing {
                segments: &before.table.segments,
                quarantined: &before.table.quarantined,
                warned_by_rule: &before.table.report.warned_by_rule,
            },
            fresh: &fresh,
            fresh_rows,
            reconsider: (parents != before.parents).then_some(&earlier),
        };
        let session = self.session(parents, None);
        let report = session.merge_silver(&merge).await.unwrap();
        self.commit(&name, &parts.kept, report.expect("row by row"))
    }

    /// Returns every row of some files as text, each with all its columns.
    fn rows(&self, files: &[String]) -> Vec<String> {
        let batches = files.iter().flat_map(|file| {
            let file = std::fs::File::open(self.dir.path().join(file)).unwrap();
            ParquetRecordBatchReader::try_new(file, 1024).unwrap()
        });
        let text = |batch: RecordBatch| {
            let cell = |row, column| array_value_to_string(batch.column(column), row).unwrap();
            let row = |row| (0..batch.num_columns()).map(move |column| cell(row, column));
            let rows = (0..batch.num_rows()).map(|n| row(n).collect::<Vec<_>>().join("|"));
            rows.collect::<Vec<_>>()
        };
        batches.map(Result::unwrap).flat_map(text).collect()
    }

    fn kept(&self, table: &Table) -> Vec<String> {
        let files = table.segments.iter().map(|s| s.file.display().to_string());
        self.rows(&files.collect::<Vec<_>>())
    }
}

struct Parts {
    silver: Contract,
    bronze: Contract,
    select: Select,
    kept: PathBuf,
    quarantined: PathBuf,
}

struct Before {
    table: Table,
    rows: u64,
    parents: u8,
}

fn landing_file(night: usize) -> String {
    format!("things/{night}.csv")
}

/// Runs the nights one after the other, and all at once; returns the world with both tables.
async fn both(nights: &[Night]) -> (World, Table, Table) {
    let world = World::new();
    let mut parents = nights[0].parents;
    let first = vec![world.ingest(0, &nights[0].rows)];
    let mut before = Before {
        rows: nights[0].rows.len() as u64,
        table: world
            .whole("night-0", first, nights[0].rows.len() as u64, parents)
            .await,
        parents,
    };
    for (number, night) in nights.iter().enumerate().skip(1) {
        // A table that is referred to loses no key.
        parents = parents.max(night.parents);
        let table = world.night(number, night, &before, parents).await;
        let rows = before.rows + night.rows.len() as u64;
        before = Before {
            table,
            rows,
            parents,
        };
    }
    let files = (0..nights.len()).map(|n| format!("bronze-{n}.parquet"));
    let whole = world
        .whole("whole", files.collect(), before.rows, parents)
        .await;
    (world, before.table, whole)
}

fn row() -> impl Strategy<Value = Row> {
    let tenant = prop_oneof![
        10 => Just("tenant_a"),
        10 => Just("tenant_b"),
        1 => Just("nobody"),
    ];
    let id = prop_oneof![20 => (0_u8..60).prop_map(Some), 1 => Just(None)];
    let parent = prop_oneof![3 => Just(None), 2 => (0_u8..6).prop_map(Some)];
    let size = prop_oneof![9 => (0_i64..9).prop_map(Some), 1 => (-3_i64..20).prop_map(Some), 1 => Just(None)];
    let seen = prop_oneof![8 => (0_i64..5).prop_map(Some), 1 => Just(None)];
    (tenant, id, parent, size, seen).prop_map(|(tenant, id, parent, size, seen)| Row {
        tenant,
        id,
        parent,
        size,
        seen,
    })
}

fn nights() -> impl Strategy<Value = Vec<Night>> {
    let night = (prop::collection::vec(row(), 0..40), 0_u8..6)
        .prop_map(|(rows, parents)| Night { rows, parents });
    prop::collection::vec(night, 1..5)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nights_one_after_the_other_give_what_all_at_once_gives(nights in nights()) {
        let (world, merged, whole) = runtime().block_on(both(&nights));
        prop_assert_eq!(world.kept(&merged), world.kept(&whole));
        prop_assert_eq!(world.rows(&merged.quarantined), world.rows(&whole.quarantined));
        let told = |mut report: SilverReport| {
            report.segments.iter_mut().for_each(|segment| segment.file = PathBuf::new());
            report
        };
        prop_assert_eq!(told(merged.report), told(whole.report));
    }
}

fn thing(id: u8, parent: Option<u8>) -> Row {
    Row {
        tenant: "tenant_a",
        id: Some(id),
        parent,
        size: Some(1),
        seen: Some(1),
    }
}

fn night(rows: Vec<Row>, parents: u8) -> Night {
    Night { rows, parents }
}

#[test]
fn a_new_row_writes_only_the_segment_it_falls_into() {
    let first = night((0..200).map(|id| thing(id, None)).collect(), 0);
    let second = night(vec![thing(77, None)], 0);
    let (_world, merged, _) = runtime().block_on(both(&[first, second]));
    let name = |segment: &Segment| segment.file.display().to_string();
    let new = merged
        .segments
        .iter()
        .filter(|s| name(s).starts_with("night-1"));
    assert!(merged.segments.len() > 20, "{}", merged.segments.len());
    assert_eq!(new.count(), 1);
}

#[test]
fn a_row_that_came_before_what_it_refers_to_is_kept_once_that_has_come() {
    let first = night(vec![thing(1, Some(3)), thing(2, None)], 0);
    let second = night(vec![], 5);
    let (world, merged, _) = runtime().block_on(both(&[first, second]));
    assert_eq!(merged.report.rows_quarantined, 0);
    assert_eq!(world.kept(&merged).len(), 2);
}

#[test]
fn rules_over_several_rows_are_not_merged() {
    let world = World::new();
    let silver = world.contract("silver.things");
    assert!(may_merge(&silver));
    let own = SILVER.replace("silver.parents", "silver.things");
    let unique = SILVER.replace(
        "rule = [",
        "rule = [\n { name = \"one_parent\", check = \"unique\", columns = [\"parent\"], action = \"quarantine\" },",
    );
    for text in [own, unique] {
        let path = world.dir.path().join("schemas/silver/things.toml");
        std::fs::write(path, text).unwrap();
        let catalog = Catalog::load(&world.dir.path().join("schemas")).unwrap();
        let contract = catalog.get(&"silver.things".parse().unwrap()).unwrap();
        assert!(!may_merge(contract));
    }
}
