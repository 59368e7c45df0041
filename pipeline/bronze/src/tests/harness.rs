//! A folder, a contract and an ingestion in a line each.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use schemas::{Catalog, Column, ColumnKind, Contract, Layer, Pii, TableName};
use serde_json::Value;
use tempfile::TempDir;

use crate::{BronzeError, Ingest, IngestReport, Mapping, ingest, source};

/// Makes a landing contract called `things`; columns are nullable.
pub(super) fn contract(columns: &[(&str, ColumnKind)]) -> Contract {
    let column = |&(name, kind): &(&str, ColumnKind)| Column {
        name: name.to_owned(),
        kind,
        unit: None,
        is_nullable: true,
        pii: Pii::None,
        description: String::new(),
    };
    Contract {
        table: TableName::new(Layer::Landing, "things"),
        version: "1.0.0".to_owned(),
        description: String::new(),
        grain: String::new(),
        owner: String::new(),
        freshness: "1d".to_owned(),
        key: Vec::new(),
        latest_by: Vec::new(),
        columns: columns.iter().map(column).collect(),
        rules: Vec::new(),
        tags: Vec::new(),
        gates: Vec::new(),
        on_failure: schemas::OnFailure::Block,
        carry_over_max: None,
    }
}

/// What an ingestion left behind.
pub(super) struct Ingested {
    pub(super) report: IngestReport,
    pub(super) rows: Vec<Value>,
    pub(super) rejects: Vec<Value>,
    pub(super) accepted: PathBuf,
    _folder: TempDir,
}

impl Ingested {
    /// Returns a column of the accepted rows.
    pub(super) fn column(&self, name: &str) -> Vec<Value> {
        self.rows.iter().map(|row| row[name].clone()).collect()
    }

    /// Returns a column of the rejected records.
    pub(super) fn rejected(&self, name: &str) -> Vec<Value> {
        self.rejects.iter().map(|row| row[name].clone()).collect()
    }
}

/// Ingests bytes as a file of that name with columns named as in the contract.
pub(super) fn run(contract: &Contract, file: &str, bytes: &[u8]) -> Result<Ingested, BronzeError> {
    run_mapped(contract, &Mapping::identity("things"), file, bytes)
}

/// Ingests bytes as a file of that name, checks that counts add up, and that a failure leaves no file.
pub(super) fn run_mapped(
    contract: &Contract,
    mapping: &Mapping,
    file: &str,
    bytes: &[u8],
) -> Result<Ingested, BronzeError> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("landing");
    std::fs::write(&path, bytes).unwrap();
    let out = folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    let (accepted, rejected) = (out.join("accepted.parquet"), out.join("rejected.parquet"));
    let outcome = ingest(&Ingest {
        contract,
        mapping,
        path: &path,
        file,
        file_digest: "d1",
        slot: "2026-11-20".parse().unwrap(),
        accepted: &accepted,
        rejected: &rejected,
    });
    let left = std::fs::read_dir(&out).unwrap().count();
    assert_eq!(left, if outcome.is_ok() { 2 } else { 0 }, "files left");
    let report = outcome?;
    let ingested = Ingested {
        rows: rows_of(&accepted),
        rejects: rows_of(&rejected),
        report,
        accepted,
        _folder: folder,
    };
    let report = &ingested.report;
    let sum = report.rows_accepted + report.rows_rejected + report.rows_not_selected;
    assert_eq!(report.rows_read, sum, "rows are conserved");
    assert_eq!(report.rows_accepted, ingested.rows.len() as u64);
    assert_eq!(report.rows_rejected, ingested.rejects.len() as u64);
    assert_eq!(
        report.rejected_by_rule.values().sum::<u64>(),
        report.rows_rejected
    );
    Ok(ingested)
}

/// Reads a Parquet file as JSON objects.
pub(super) fn rows_of(path: &Path) -> Vec<Value> {
    let mapping = Mapping::identity("things");
    let mut source = source::open(path, "x.parquet", &mapping, path).unwrap();
    let mut rows = Vec::new();
    while let Some(record) = source.next_record().unwrap() {
        match record.body {
            crate::record::Body::Object(row) => rows.push(row.clone()),
            other => panic!("a Parquet row is an object, not {other:?}"),
        }
    }
    rows
}

/// Reads a mapping that feeds `things` under a contract.
pub(super) fn mapping(contract: &Contract, text: &str) -> Result<Mapping, BronzeError> {
    let folder = TempDir::new().unwrap();
    for layer in ["landing", "silver", "gold"] {
        std::fs::create_dir(folder.path().join(layer)).unwrap();
    }
    let mut file = String::from(
        "version = \"1.0.0\"\ndescription = \"\"\ngrain = \"\"\nowner = \"\"\nfreshness = \"1d\"\nkey = []\n",
    );
    for column in &contract.columns {
        let kind = serde_json::to_value(column.kind).unwrap();
        file += &format!(
            "[[column]]\nname = \"{}\"\ntype = {kind}\nnullable = {}\ndescription = \"\"\n",
            column.name, column.is_nullable
        );
    }
    std::fs::write(folder.path().join("landing/things.toml"), file).unwrap();
    let catalog = Catalog::load(folder.path()).unwrap();
    Mapping::parse("sources/things.toml", text, &catalog)
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

/// Returns why a file could not be decoded.
pub(super) fn why_undecodable(outcome: Result<Ingested, BronzeError>) -> String {
    match outcome {
        Err(BronzeError::Undecodable { reason, .. }) => reason,
        Err(other) => panic!("undecodable was expected, not {other}"),
        Ok(ingested) => panic!("undecodable was expected, not {:?}", ingested.report),
    }
}
