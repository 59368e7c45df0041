//! Writes the landing files and the truth file.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use crate::emit::{Emitter, Plan};
use crate::error::DemoError;
use crate::market::{Later, Settings};
use crate::planted;
use crate::report::{DemoReport, Progress, TableReport};
use crate::streams::{INTERRUPTED, LANDED_TWICE, STREAMS, Stream};
use crate::truth::{Truth, TruthWriter};
use crate::world::World;
use crate::writers::TableWriter;

/// Names the files of the last generation, so that the next one replaces them and nothing else.
const FILE_LIST: &str = ".demo-files";

/// Writes the demo market under `landing` and its ground truth to `truth`.
///
/// Files of an earlier demo market in the same place are removed first; other files stay.
///
/// # Errors
/// `Settings` when the settings cannot be used, `TruthInLanding` when a run would ingest the truth
/// file, `Io` when a file cannot be written: then the same call again starts afresh.
pub fn generate(
    landing: &Path,
    truth: &Path,
    settings: &Settings,
) -> Result<DemoReport, DemoError> {
    generate_with_progress(landing, truth, settings, &mut |_| {})
}

/// As [`generate`], telling how far it is.
///
/// # Errors
/// As [`generate`].
pub fn generate_with_progress(
    landing: &Path,
    truth: &Path,
    settings: &Settings,
    progress: &mut dyn FnMut(&Progress<'_>),
) -> Result<DemoReport, DemoError> {
    let world = World::new(settings)?;
    fs::create_dir_all(landing).map_err(DemoError::io(landing))?;
    refuse_truth_in_landing(landing, truth)?;
    let mut files = FileList::replace(landing)?;
    let mut truths = TruthWriter::create(truth)?;
    let mut tables: BTreeMap<String, TableReport> = BTreeMap::new();
    for stream in STREAMS {
        let report = tables.entry(stream.table.name.to_owned()).or_default();
        let later = world.later.as_ref().filter(|_| stream.table.is_scaled);
        let written = write_stream(
            &world,
            (landing, later),
            stream,
            (&mut truths, report),
            progress,
        )?;
        files.add(&written)?;
    }
    for (table, report) in &tables {
        truths.write(&table_truth(table, report))?;
    }
    write_interrupted(&world, landing, &mut files, &mut truths)?;
    land_twice(landing, &mut files, &mut truths)?;
    planted::write_truths(&world, &mut truths)?;
    let bad_rows = tables
        .values()
        .map(|table| table.bad_bronze + table.bad_silver)
        .sum();
    Ok(DemoReport {
        tables,
        bad_rows,
        truths: truths.finish()?,
    })
}

fn write_stream(
    world: &World,
    (landing, later): (&Path, Option<&Later>),
    stream: &Stream,
    sinks: (&mut TruthWriter, &mut TableReport),
    progress: &mut dyn FnMut(&Progress<'_>),
) -> Result<Vec<String>, DemoError> {
    let target = (stream.stem, stream.format);
    let mut writer = TableWriter::new(landing, stream.table, target, world.market.rows_per_file);
    if let Some(later) = later {
        let first = (count_rows(world, stream)? as f64 * (1.0 - later.share)).round();
        writer.move_after(first as u64, &later.folder);
    }
    let mut emitter = Emitter::new(writer, plan(world, stream), sinks, progress);
    (stream.write)(world, &mut emitter)?;
    emitter.finish()
}

fn plan(world: &World, stream: &Stream) -> Plan {
    Plan {
        expected: (stream.expected)(world),
        bad_rows: stream.bad_rows,
        copies: if stream.table.is_scaled {
            world.units
        } else {
            1
        },
    }
}

/// Counts the rows of a stream by making them: what streams expect is what they have at least.
fn count_rows(world: &World, stream: &Stream) -> Result<u64, DemoError> {
    let target = (stream.stem, stream.format);
    let mut writer = TableWriter::new(Path::new(""), stream.table, target, u64::MAX);
    writer.count_only();
    let (mut truths, mut report) = (TruthWriter::nowhere(), TableReport::default());
    let (sinks, mut quiet) = ((&mut truths, &mut report), |_: &Progress<'_>| {});
    let mut emitter = Emitter::new(writer, plan(world, stream), sinks, &mut quiet);
    (stream.write)(world, &mut emitter)?;
    Ok(emitter.writer.rows)
}

fn table_truth(table: &str, report: &TableReport) -> Truth {
    let refused = report.bad_bronze + report.bad_silver;
    Truth::Table {
        table: table.to_owned(),
        files: report.files,
        rows: report.rows,
        bad_bronze: report.bad_bronze,
        bad_silver: report.bad_silver,
        superseded: report.superseded,
        kept: report.rows - refused - report.superseded,
    }
}

/// Writes a good gzip file, then cuts it.
fn write_interrupted(
    world: &World,
    landing: &Path,
    files: &mut FileList,
    truths: &mut TruthWriter,
) -> Result<(), DemoError> {
    let mut uncounted = TableReport::default();
    let sinks = (&mut *truths, &mut uncounted);
    let written = write_stream(world, (landing, None), &INTERRUPTED, sinks, &mut |_| {})?;
    files.add(&written)?;
    for file in written {
        let path = landing.join(&file);
        let bytes = fs::read(&path).map_err(DemoError::io(&path))?;
        fs::write(&path, &bytes[..bytes.len() * 3 / 5]).map_err(DemoError::io(&path))?;
        truths.write(&Truth::TruncatedFile {
            table: INTERRUPTED.table.name.to_owned(),
            file,
        })?;
    }
    Ok(())
}

fn land_twice(
    landing: &Path,
    files: &mut FileList,
    truths: &mut TruthWriter,
) -> Result<(), DemoError> {
    let (original, file) = LANDED_TWICE;
    let (from, to) = (landing.join(original), landing.join(file));
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(DemoError::io(folder))?;
    }
    fs::copy(&from, &to).map_err(DemoError::io(&to))?;
    files.add(&[file.to_owned()])?;
    let table = original.split('/').next().unwrap_or_default().to_owned();
    truths.write(&Truth::DuplicateFile {
        table,
        file: file.to_owned(),
        original: original.to_owned(),
    })
}

fn refuse_truth_in_landing(landing: &Path, truth: &Path) -> Result<(), DemoError> {
    let folder = truth.parent().unwrap_or(Path::new(""));
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let absolute = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path));
    let folder = absolute(folder).map_err(DemoError::io(folder))?;
    let root = absolute(landing).map_err(DemoError::io(landing))?;
    if folder.starts_with(&root) {
        return Err(DemoError::TruthInLanding {
            path: truth.to_owned(),
        });
    }
    Ok(())
}

/// The files of this generation, kept on disk as they are completed.
struct FileList {
    file: fs::File,
    path: std::path::PathBuf,
}

impl FileList {
    /// Removes the files of the last generation and starts a new list.
    fn replace(landing: &Path) -> Result<Self, DemoError> {
        let path = landing.join(FILE_LIST);
        for file in fs::read_to_string(&path).unwrap_or_default().lines() {
            match fs::remove_file(landing.join(file)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(DemoError::Io {
                        path: landing.join(file),
                        source: error,
                    });
                }
                _ => {}
            }
        }
        let file = fs::File::create(&path).map_err(DemoError::io(&path))?;
        Ok(Self { file, path })
    }

    fn add(&mut self, files: &[String]) -> Result<(), DemoError> {
        files
            .iter()
            .try_for_each(|name| writeln!(self.file, "{name}"))
            .map_err(DemoError::io(&self.path))
    }
}
