//! One file of lines: `….jsonl.open` while it is written, `….jsonl` from the moment it is complete and on disk.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    time::Instant,
};

use chrono::{DateTime, Utc};

/// End of the name of a file that is being written; no source mapping picks it up.
pub(super) const OPEN: &str = ".jsonl.open";
/// End of the name of a complete one.
const COMPLETE: &str = ".jsonl";

/// A file that lines are appended to, locked while this process holds it.
#[derive(Debug)]
pub(super) struct OpenFile {
    file: File,
    path: PathBuf,
    bytes: u64,
    since: Instant,
}

impl OpenFile {
    /// Creates a file of a folder, named by the time, the process and the first `sequence` that is free.
    pub(super) fn create(dir: &Path, now: DateTime<Utc>, sequence: &mut u64) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        let stamp = now.format("%Y%m%dT%H%M%S%3fZ");
        let process = std::process::id();
        let (file, path) = loop {
            *sequence += 1;
            let path = dir.join(format!("{stamp}-{process}-{sequence:06}{OPEN}"));
            // Sealing renames, and a rename replaces: the final name must be free as well.
            if sealed_path(&path).exists() {
                continue;
            }
            match File::options().append(true).create_new(true).open(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                created => break (created?, path),
            }
        };
        if let Err(fs::TryLockError::Error(error)) = file.try_lock() {
            tracing::warn!(%error, "this file system has no locks: give every node another name");
        }
        Ok(Self {
            file,
            path,
            bytes: 0,
            since: Instant::now(),
        })
    }

    /// Appends whole lines; where that fails, what was half written is cut off again.
    pub(super) fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        let written = self.file.write_all(lines);
        match written {
            Ok(()) => self.bytes += lines.len() as u64,
            Err(_) => self.file.set_len(self.bytes)?,
        }
        written
    }

    /// Returns the bytes in the file.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns when the file was created.
    pub(super) fn since(&self) -> Instant {
        self.since
    }

    /// Brings the file to disk and gives it its final name; an empty one is removed.
    pub(super) fn seal(self) -> io::Result<PathBuf> {
        if self.bytes == 0 {
            fs::remove_file(&self.path)?;
            return Ok(self.path);
        }
        self.file.sync_all()?;
        seal(&self.path)
    }
}

/// Renames a file that is complete and on disk, and brings the rename to disk.
pub(super) fn seal(open: &Path) -> io::Result<PathBuf> {
    let sealed = sealed_path(open);
    fs::rename(open, &sealed)?;
    if let Some(dir) = sealed.parent() {
        File::open(dir)?.sync_all()?;
    }
    Ok(sealed)
}

fn sealed_path(open: &Path) -> PathBuf {
    let name = open.to_string_lossy();
    let stem = name.strip_suffix(OPEN).unwrap_or(&name);
    PathBuf::from(format!("{stem}{COMPLETE}"))
}
