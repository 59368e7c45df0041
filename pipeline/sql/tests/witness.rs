//! Which rows a row was made of.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::{path::Path, sync::Arc};

use arrow::{
    array::{ArrayRef, Int64Array, StringArray},
    record_batch::RecordBatch,
};
use parquet::arrow::ArrowWriter;
use schemas::{Catalog, Contract, TableName};
use snapshot::Store;
use sql::{Engine, EngineSettings, Key, Select, Session, Source, Witnesses};

struct Lake {
    folder: tempfile::TempDir,
    sources: Vec<Source>,
}

impl Lake {
    fn new() -> Self {
        let mut lake = Self {
            folder: tempfile::tempdir().unwrap(),
            sources: Vec::new(),
        };
        lake.table(
            "silver.bids",
            &["b1 p1 10", "b2 p1 20", "b3 p2 30", "b4 p3 40"],
        );
        lake.table("silver.projects", &["p1 - 0", "p2 - 0", "p3 - 0"]);
        lake
    }

    /// Writes a table of (id, parent, size).
    fn table(&mut self, name: &str, rows: &[&str]) {
        let part = |at: usize| -> ArrayRef {
            let parts = rows.iter().map(|row| row.split(' ').nth(at).unwrap());
            match at {
                2 => Arc::new(
                    parts
                        .map(|n| n.parse::<i64>().unwrap())
                        .collect::<Int64Array>(),
                ),
                _ => Arc::new(StringArray::from_iter_values(parts)),
            }
        };
        let columns = [("id", part(0)), ("parent", part(1)), ("size", part(2))];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let file = format!("{name}.parquet");
        let out = std::fs::File::create(self.folder.path().join(&file)).unwrap();
        let mut writer = ArrowWriter::try_new(out, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        self.sources.push(Source {
            table: name.parse().unwrap(),
            files: vec![file],
            schema: batch.schema().as_ref().clone(),
        });
    }

    fn session(&self) -> Session {
        let store = Store::open(&self.folder.path().display().to_string()).unwrap();
        Engine::new(&EngineSettings::default())
            .unwrap()
            .session(&store, &self.sources)
            .unwrap()
    }
}

fn contract() -> Contract {
    let catalog = Catalog::load(&Path::new("../..").join("schemas")).unwrap();
    catalog
        .get(&"gold.offers".parse().unwrap())
        .unwrap()
        .clone()
}

async fn witnesses(sql: &str, key: (&str, &str)) -> Witnesses {
    let key: Key = vec![(key.0.to_owned(), key.1.to_owned())];
    let select = Select::parse(sql).unwrap();
    let key_of = |_: &TableName| Some(vec!["id".to_owned()]);
    Lake::new()
        .session()
        .witnesses(&contract(), &select, &[key], &key_of, 3)
        .await
        .unwrap()
}

/// The input rows as `table: ids`.
fn told(found: &Witnesses) -> Vec<String> {
    let ids = |keys: &[Key]| keys.iter().map(|key| key[0].1.clone()).collect::<Vec<_>>();
    found
        .inputs
        .iter()
        .map(|one| format!("{} {}: {}", one.rows, one.table, ids(&one.keys).join(" ")))
        .collect()
}

#[tokio::test]
async fn a_row_of_an_aggregate_is_made_of_the_rows_of_its_group_and_what_they_met() {
    let found = witnesses(
        "WITH big AS (SELECT * FROM silver.bids WHERE size > 5)
         SELECT p.id AS project, count(*) AS bids FROM silver.projects AS p
         JOIN big AS b ON b.parent = p.id GROUP BY p.id",
        ("project", "p1"),
    )
    .await;
    assert_eq!(found.found, 1);
    assert_eq!(
        told(&found),
        ["2 silver.bids: b1 b2", "1 silver.projects: p1"]
    );
    assert!(found.notes.is_empty());
}

#[tokio::test]
async fn branches_of_a_union_and_rows_without_a_partner_are_told_apart() {
    let sql = "SELECT id, size FROM silver.bids
               UNION ALL
               SELECT p.id, sum(b.size) FROM silver.projects AS p
               LEFT JOIN silver.bids AS b ON b.parent = p.id AND b.size < 40 GROUP BY p.id";
    assert_eq!(
        told(&witnesses(sql, ("id", "b3")).await),
        ["1 silver.bids: b3", "0 silver.projects: "]
    );
    let alone = witnesses(sql, ("id", "p3")).await;
    assert_eq!(told(&alone), ["0 silver.bids: ", "1 silver.projects: p3"]);
}

#[tokio::test]
async fn aggregates_of_aggregates_distinct_and_examples_are_whole() {
    let found = witnesses(
        "SELECT 'all' AS id, max(total) AS most FROM (
           SELECT DISTINCT parent, total FROM (
             SELECT parent, sum(size) AS total FROM silver.bids GROUP BY parent))",
        ("id", "all"),
    )
    .await;
    assert_eq!(told(&found), ["4 silver.bids: b1 b2 b3"]);
}

#[tokio::test]
async fn the_chosen_row_of_a_window_is_the_witness_and_the_others_are_noted() {
    let sql = "SELECT parent AS id, size FROM (
                 SELECT *, row_number() OVER (PARTITION BY parent ORDER BY size DESC) AS place FROM silver.bids)
               WHERE place = 1";
    let found = witnesses(sql, ("id", "p1")).await;
    assert_eq!(told(&found), ["1 silver.bids: b2"]);
    assert_eq!(found.notes.len(), 1);
    let none = witnesses(sql, ("id", "nobody")).await;
    assert_eq!(none.found, 0);
}

#[tokio::test]
async fn a_key_that_the_select_does_not_give_is_refused() {
    let select = Select::parse("SELECT id FROM silver.bids").unwrap();
    let key: Key = vec![("name".to_owned(), "x".to_owned())];
    let lake = Lake::new();
    let asked = lake
        .session()
        .witnesses(&contract(), &select, &[key], &|_: &TableName| None, 3)
        .await;
    let error = std::error::Error::source(&asked.unwrap_err())
        .unwrap()
        .to_string();
    assert!(error.contains("gives no column name"), "{error}");
}
