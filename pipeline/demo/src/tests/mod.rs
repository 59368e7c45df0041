//! The generator as a whole: what it writes is read back and compared with the truth file.

mod landing;
mod market;
mod outcomes;
mod planted;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use arrow::datatypes::DataType;
use serde_json::Value as Json;

use crate::{DemoReport, Market, Settings, Truth, generate};

/// A generated market.
struct Generated {
    folder: tempfile::TempDir,
    report: DemoReport,
    truths: Vec<Truth>,
}

/// A row read back: its cells by column, as text or JSON.
type Row = BTreeMap<String, Json>;

fn settings(seed: u64, scale: u32) -> Settings {
    Settings {
        seed,
        scale,
        market: Market::default(),
        later: None,
    }
}

/// The market of seed 7 and scale 1, written once for all tests.
fn market() -> &'static Generated {
    static MARKET: OnceLock<Generated> = OnceLock::new();
    MARKET.get_or_init(|| generated(&settings(7, 1)))
}

fn generated(settings: &Settings) -> Generated {
    let folder = tempfile::tempdir().unwrap();
    let (landing, truth) = (
        folder.path().join("landing"),
        folder.path().join("truth.jsonl"),
    );
    let report = generate(&landing, &truth, settings).unwrap();
    let truths = std::fs::read_to_string(truth)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    Generated {
        folder,
        report,
        truths,
    }
}

impl Generated {
    fn landing(&self) -> PathBuf {
        self.folder.path().join("landing")
    }

    fn files(&self, table: &str) -> Vec<String> {
        files_under(&self.landing(), &self.landing().join(table))
    }

    /// Whole files by name, compressed ones included.
    fn bytes(&self) -> BTreeMap<String, Vec<u8>> {
        let landing = self.landing();
        let names = files_under(&landing, &landing);
        names
            .into_iter()
            .map(|name| (name.clone(), std::fs::read(landing.join(name)).unwrap()))
            .collect()
    }

    /// Lines that must be refused, by file.
    fn bad_lines(&self, file: &str) -> Vec<(u64, String)> {
        let bad = self.truths.iter().filter_map(|truth| match truth {
            Truth::BadRow {
                file: name,
                line,
                rule,
                ..
            } if name == file => Some((*line, rule.clone())),
            _ => None,
        });
        bad.collect()
    }

    /// Good rows of a table, in file order, without the truncated and the repeated file.
    fn rows(&self, table: &str) -> Vec<Row> {
        let skipped = |file: &&String| file.contains("interrompu") || file.contains("renvoi");
        let mut rows = Vec::new();
        for file in self.files(table).iter().filter(|file| !skipped(file)) {
            let bad: Vec<u64> = self
                .bad_lines(file)
                .into_iter()
                .map(|(line, _)| line)
                .collect();
            for (line, row) in read(&self.landing().join(file)) {
                if !bad.contains(&line) {
                    rows.push(row.unwrap_or_else(|| panic!("{file}:{line} is broken")));
                }
            }
        }
        rows
    }
}

fn files_under(root: &Path, folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_under(root, &path));
        } else {
            files.push(
                path.strip_prefix(root)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned(),
            );
        }
    }
    files.sort();
    files
}

fn decompressed(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap();
    let mut text = Vec::new();
    match path.extension().and_then(|suffix| suffix.to_str()) {
        Some("gz") => {
            flate2::read::GzDecoder::new(bytes.as_slice())
                .read_to_end(&mut text)
                .unwrap();
        }
        Some("zst") => text = zstd::decode_all(bytes.as_slice()).unwrap(),
        _ => text = bytes,
    }
    text
}

/// Rows with their line, as `_line` counts; `None` where a row cannot be decoded.
fn read(path: &Path) -> Vec<(u64, Option<Row>)> {
    let name = path.to_str().unwrap().to_owned();
    if name.ends_with(".parquet") {
        return read_parquet(path);
    }
    let bytes = decompressed(path);
    if name.contains(".csv") {
        return read_csv(&bytes);
    }
    if name.ends_with(".json") {
        let rows: Vec<Row> = serde_json::from_slice(&bytes).unwrap();
        return (1..).zip(rows.into_iter().map(Some)).collect();
    }
    let lines = bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    (1..)
        .zip(lines.map(|line| serde_json::from_slice(line).ok()))
        .collect()
}

fn read_csv(bytes: &[u8]) -> Vec<(u64, Option<Row>)> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let header = reader.headers().unwrap().clone();
    let mut rows = Vec::new();
    for record in reader.byte_records() {
        let record = record.unwrap();
        let line = record.position().unwrap().line();
        let cells: Result<Vec<&str>, _> = record.iter().map(std::str::from_utf8).collect();
        let row = cells
            .ok()
            .filter(|cells| cells.len() == header.len())
            .map(|cells| {
                let named = header
                    .iter()
                    .zip(cells)
                    .filter(|(_, cell)| !cell.is_empty());
                named
                    .map(|(name, cell)| (name.to_owned(), Json::from(cell)))
                    .collect()
            });
        rows.push((line, row));
    }
    rows
}

fn read_parquet(path: &Path) -> Vec<(u64, Option<Row>)> {
    let file = std::fs::File::open(path).unwrap();
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file)
        .unwrap()
        .build()
        .unwrap();
    let mut buffer = Vec::new();
    for batch in reader {
        let batch = batch.unwrap();
        // The JSON writer knows no named time zone without a crate for it.
        let kept = (0..batch.num_columns()).filter(|place| {
            !matches!(
                batch.schema().field(*place).data_type(),
                DataType::Timestamp(..)
            )
        });
        let batch = batch.project(&kept.collect::<Vec<_>>()).unwrap();
        let mut writer = arrow::json::LineDelimitedWriter::new(&mut buffer);
        writer.write(&batch).unwrap();
        writer.finish().unwrap();
    }
    let lines = buffer
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    (1..)
        .zip(lines.map(|line| serde_json::from_slice(line).ok()))
        .collect()
}

fn text<'a>(row: &'a Row, column: &str) -> &'a str {
    row.get(column).and_then(Json::as_str).unwrap_or_default()
}

fn number(row: &Row, column: &str) -> f64 {
    match row.get(column) {
        Some(Json::Number(number)) => number.as_f64().unwrap(),
        Some(Json::String(text)) => text.parse().unwrap(),
        _ => f64::NAN,
    }
}
