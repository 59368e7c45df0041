//! The file that keeps quotas over a restart: a line per subject and day, appended as it is spent, rewritten when it grows.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
};

use access::SpentLine;

const NAME: &str = "quotas.jsonl";
/// A file of this size is rewritten with one line per subject and day.
const LARGE_BYTES: u64 = 1 << 20;

/// The file, open for appending.
#[derive(Debug)]
pub(crate) struct QuotaLog {
    path: PathBuf,
    file: File,
    bytes: u64,
    /// Whether the last write failed: the next one is of everything.
    is_behind: bool,
}

impl QuotaLog {
    /// Opens the file of a folder, which is made, and reads its lines. A line that was cut off by a crash is left out.
    pub(crate) fn open(dir: &Path) -> io::Result<(Self, Vec<SpentLine>)> {
        fs::create_dir_all(dir)?;
        let path = dir.join(NAME);
        let lines = match File::open(&path) {
            Ok(file) => read(file)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let file = append_to(&path)?;
        // A torn last line must not swallow the next one.
        let log = Self {
            bytes: file.metadata()?.len(),
            is_behind: true,
            path,
            file,
        };
        Ok((log, lines))
    }

    /// Writes what was spent lately and brings it to disk; `all` gives everything where the file has to be written anew.
    pub(crate) fn append(
        &mut self,
        lately: &[SpentLine],
        all: impl FnOnce() -> Vec<SpentLine>,
    ) -> io::Result<()> {
        if lately.is_empty() && !self.is_behind {
            return Ok(());
        }
        let written = if self.is_behind || self.bytes > LARGE_BYTES {
            self.rewrite(&text(&all()))
        } else {
            self.add(&text(lately))
        };
        self.is_behind = written.is_err();
        written
    }

    fn add(&mut self, text: &[u8]) -> io::Result<()> {
        self.file.write_all(text)?;
        self.bytes += text.len() as u64;
        self.file.sync_data()
    }

    /// Replaces the file: whoever is killed meanwhile leaves the old one.
    fn rewrite(&mut self, text: &[u8]) -> io::Result<()> {
        let new = self.path.with_extension("new");
        let mut file = File::create(&new)?;
        file.write_all(text)?;
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        if let Some(dir) = self.path.parent() {
            File::open(dir)?.sync_all()?;
        }
        self.file = append_to(&self.path)?;
        self.bytes = text.len() as u64;
        Ok(())
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    File::options().append(true).create(true).open(path)
}

fn text(lines: &[SpentLine]) -> Vec<u8> {
    let mut text = Vec::new();
    for line in lines {
        serde_json::to_writer(&mut text, line).expect("a struct of texts and numbers");
        text.push(b'\n');
    }
    text
}

fn read(file: File) -> io::Result<Vec<SpentLine>> {
    let (mut lines, mut bad) = (Vec::new(), 0);
    for line in BufReader::new(file).split(b'\n') {
        match serde_json::from_slice(&line?) {
            Ok(line) => lines.push(line),
            Err(_) => bad += 1,
        }
    }
    if bad > 0 {
        tracing::warn!(
            bad,
            "lines of the quota file cannot be read, and are left out"
        );
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use access::Subject;

    use super::*;

    fn line(account: &str, cost: u64) -> SpentLine {
        SpentLine {
            day: "2026-11-20".parse().unwrap(),
            who: Subject::Account(account.to_owned()),
            requests: 1,
            cost,
        }
    }

    fn kept(dir: &Path) -> Vec<SpentLine> {
        QuotaLog::open(dir).unwrap().1
    }

    #[test]
    fn what_was_appended_is_there_after_a_restart_and_a_torn_line_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let (mut log, lines) = QuotaLog::open(dir.path()).unwrap();
        assert!(lines.is_empty());
        log.append(&[line("a", 1)], || vec![line("a", 1)]).unwrap();
        log.append(&[line("a", 2), line("b", 3)], || unreachable!())
            .unwrap();
        assert_eq!(kept(dir.path()), [line("a", 1), line("a", 2), line("b", 3)]);
        log.file.write_all(b"{\"day\":\"2026-11-").unwrap();
        let (mut again, lines) = QuotaLog::open(dir.path()).unwrap();
        assert_eq!(lines.len(), 3);
        again
            .append(&[line("a", 4)], || vec![line("a", 7), line("b", 3)])
            .unwrap();
        assert_eq!(kept(dir.path()), [line("a", 7), line("b", 3)]);
    }

    #[test]
    fn a_large_file_is_written_anew() {
        let dir = tempfile::tempdir().unwrap();
        let (mut log, _) = QuotaLog::open(dir.path()).unwrap();
        log.append(&[], || vec![line("a", 1); 20_000]).unwrap();
        assert!(log.bytes > LARGE_BYTES);
        log.append(&[line("a", 1)], || vec![line("a", 20_001)])
            .unwrap();
        assert_eq!(kept(dir.path()), [line("a", 20_001)]);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_could_not_be_written_is_written_with_the_next() {
        let dir = tempfile::tempdir().unwrap();
        let (mut log, _) = QuotaLog::open(dir.path()).unwrap();
        log.append(&[line("a", 1)], || vec![line("a", 1)]).unwrap();
        log.file = File::open(dir.path().join(NAME)).unwrap();
        assert!(log.append(&[line("a", 2)], || unreachable!()).is_err());
        log.append(&[], || vec![line("a", 3)]).unwrap();
        assert_eq!(kept(dir.path()), [line("a", 3)]);
    }
}
