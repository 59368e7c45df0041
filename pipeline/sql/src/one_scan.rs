//! However many rules a table has, its rows are read once: rules, digest and profile are of one pass.

use std::{path::Path, sync::Arc};

use arrow::{
    array::{ArrayRef, Int64Array, StringArray},
    record_batch::RecordBatch,
    util::display::array_value_to_string,
};
use parquet::arrow::ArrowWriter;
use schemas::{Catalog, Contract, TableName, arrow_schema};

use crate::{Engine, EngineSettings, GoldRequest, Select, Session, Source, gold, silver};

const HEAD: &str = "version = \"1.0.0\"\ndescription = \"t\"\ngrain = \"one row per thing\"\nowner = \"t\"\n\
                    freshness = \"1d\"\nkey = [\"tenant\", \"id\"]\n";
const COLUMNS: &str = r#"
column = [
  { name = "tenant", type = "string", nullable = false, description = "t" },
  { name = "id", type = "string", nullable = false, description = "i" },
  { name = "size", type = "int", description = "s" },
]
"#;
/// One of each kind that a row can break by itself or with its like.
const RULES: &str = r#"
rule = [
  { name = "tenant_format", check = "tenant", columns = ["tenant"], action = "warn" },
  { name = "size_range", check = "range", columns = ["size"], min = 0, max = 10, action = "warn" },
  { name = "size_small", check = "range", columns = ["size"], max = 5, action = "warn" },
  { name = "id_pattern", check = "regex", columns = ["id"], pattern = "^[0-9]+$", action = "warn" },
  { name = "id_known", check = "allowed", columns = ["id"], values = ["1", "2"], action = "warn" },
  { name = "id_siren", check = "siren", columns = ["id"], action = "warn" },
  { name = "one_size", check = "unique", columns = ["size"], action = "warn" },
]
"#;

fn contract(dir: &Path, layer: &str) -> Contract {
    let schemas = dir.join("schemas");
    for (layer, text) in [
        ("landing", format!("{HEAD}{COLUMNS}")),
        (
            "silver",
            format!("{HEAD}extends = \"landing.things\"\n{RULES}"),
        ),
        (
            "gold",
            format!("{HEAD}extends = \"landing.things\"\n{RULES}"),
        ),
    ] {
        std::fs::create_dir_all(schemas.join(layer)).unwrap();
        std::fs::write(schemas.join(format!("{layer}/things.toml")), text).unwrap();
    }
    let catalog = Catalog::load(&schemas).unwrap();
    let table: TableName = format!("{layer}.things").parse().unwrap();
    catalog.get(&table).unwrap().clone()
}

fn session(dir: &Path, bronze: &Contract) -> Session {
    let texts =
        |values: [&'static str; 3]| -> ArrayRef { Arc::new(StringArray::from_iter_values(values)) };
    let numbers = |values: [i64; 3]| -> ArrayRef { Arc::new(Int64Array::from_iter_values(values)) };
    let batch = RecordBatch::try_from_iter([
        ("tenant", texts(["tenant_a", "tenant_a", "nobody"])),
        ("id", texts(["1", "2", "x"])),
        ("size", numbers([1, 7, 11])),
        ("_file", texts(["f", "f", "f"])),
        ("_line", numbers([1, 2, 3])),
        ("_file_digest", texts(["d", "d", "d"])),
    ])
    .unwrap();
    let file = std::fs::File::create(dir.join("bronze.parquet")).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let store = snapshot::Store::open(&dir.display().to_string()).unwrap();
    let source = Source {
        table: bronze.table.clone(),
        files: vec!["bronze.parquet".to_owned()],
        schema: arrow_schema(bronze),
    };
    let engine = Engine::new(&EngineSettings::default()).unwrap();
    engine.session(&store, &[source]).unwrap()
}

/// Returns how many times a query's plan opens the bronze file.
async fn scans(session: &Session, query: &str) -> usize {
    let plan = session
        .first_rows(&format!("EXPLAIN {query}"), 100)
        .await
        .unwrap();
    let texts = plan.iter().flat_map(|batch| {
        (0..batch.num_rows()).map(|row| {
            let text = |column: usize| array_value_to_string(batch.column(column), row).unwrap();
            (text(0), text(1))
        })
    });
    let physical: Vec<String> = texts
        .filter(|(kind, _)| kind == "physical_plan")
        .map(|(_, plan)| plan)
        .collect();
    assert_eq!(physical.len(), 1, "a plan is told");
    physical[0].matches("bronze.parquet").count()
}

#[tokio::test]
async fn the_rules_of_a_table_are_checked_in_one_scan() {
    let dir = tempfile::tempdir().unwrap();
    let bronze = contract(dir.path(), "landing").with_provenance();
    let session = session(dir.path(), &bronze);
    let select = Select::parse("SELECT * FROM bronze.things").unwrap();
    let of_silver = silver::query(&contract(dir.path(), "silver"), &select);
    let of_gold = gold::query(&contract(dir.path(), "gold"), &select);
    assert_eq!(scans(&session, &of_silver).await, 1);
    assert_eq!(scans(&session, &of_gold).await, 1);
    // A second scan would be seen.
    let twice = "SELECT a.id FROM bronze.things AS a JOIN bronze.things AS b ON a.size < b.size";
    assert_eq!(scans(&session, twice).await, 2);
}

#[tokio::test]
async fn the_same_pass_gives_rows_rules_digest_and_profile() {
    let dir = tempfile::tempdir().unwrap();
    let bronze = contract(dir.path(), "landing").with_provenance();
    let session = session(dir.path(), &bronze);
    let contract = contract(dir.path(), "gold");
    let select = Select::parse("SELECT * FROM bronze.things").unwrap();
    let report = session
        .build_gold(&GoldRequest {
            contract: &contract,
            select: &select,
            file: &dir.path().join("gold.parquet"),
        })
        .await
        .unwrap();
    assert_eq!(report.broken_by_rule.get("size_small"), Some(&2));
    assert_eq!(report.broken_by_rule.get("id_siren"), Some(&3));
    assert_eq!((report.rows, report.profile.rows), (3, 3));
    let size = &report.profile.columns["size"];
    assert_eq!((size.nulls, size.distinct), (0, 3));
    assert_eq!(size.numbers.as_ref().unwrap().total(), 3);
}
