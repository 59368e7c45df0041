//! Ingests every file of a landing root that a set of source mappings matches, and prints what became of each.
//!
//! `cargo run --release -p bronze --example ingest -- schemas schemas/sources/open_data ../shared/data /tmp/bronze`

use std::{
    error::Error,
    fs, io,
    path::{Path, PathBuf},
};

use bronze::{BronzeError, Ingest, IngestReport, Mapping, ingest};
use schemas::{Catalog, Contract, Layer, Slot, TableName};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [schemas, set, landing, out] = arguments.as_slice() else {
        return Err("usage: ingest <schemas> <mapping set> <landing root> <output folder>".into());
    };
    let catalog = Catalog::load(schemas)?;
    let mappings = Mapping::load_set(set, &catalog)?;
    fs::create_dir_all(out)?;
    for file in files_below(landing, landing)? {
        for mapping in mappings.iter().filter(|mapping| mapping.matches(&file)) {
            let contract = catalog.get(&TableName::new(Layer::Landing, mapping.table()))?;
            match ingest_one(contract, mapping, landing, &file, out) {
                Ok(report) => print(&file, mapping, &report),
                Err(error @ BronzeError::Undecodable { .. }) => println!("{error}"),
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

fn ingest_one(
    contract: &Contract,
    mapping: &Mapping,
    landing: &Path,
    file: &str,
    out: &Path,
) -> Result<IngestReport, BronzeError> {
    let path = landing.join(file);
    let io = |source| BronzeError::Io {
        action: "read",
        path: path.clone(),
        source,
    };
    let mut hasher = blake3::Hasher::new();
    io::copy(&mut fs::File::open(&path).map_err(io)?, &mut hasher).map_err(io)?;
    ingest(&Ingest {
        contract,
        mapping,
        path: &path,
        file,
        file_digest: &hasher.finalize().to_hex(),
        slot: Slot::new(chrono::NaiveDate::default()),
        accepted: &out.join(format!("{}.parquet", mapping.name())),
        rejected: &out.join(format!("{}.rejected.parquet", mapping.name())),
    })
}

fn print(file: &str, mapping: &Mapping, report: &IngestReport) {
    println!(
        "{file} → {} ({}): {} read = {} accepted + {} rejected + {} not selected",
        mapping.table(),
        mapping.name(),
        report.rows_read,
        report.rows_accepted,
        report.rows_rejected,
        report.rows_not_selected
    );
    for (what, count) in &report.rejected_by_rule {
        println!("    rejected by {what}: {count}");
    }
    if !report.unknown_columns.is_empty() {
        println!("    unknown columns: {}", report.unknown_columns.join(", "));
    }
    if !report.missing_columns.is_empty() {
        println!("    missing columns: {}", report.missing_columns.join(", "));
    }
}

fn files_below(root: &Path, folder: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_below(root, &path)?);
        } else {
            files.push(path.strip_prefix(root)?.to_string_lossy().into_owned());
        }
    }
    files.sort();
    Ok(files)
}
