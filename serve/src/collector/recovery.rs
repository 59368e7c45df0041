//! What a node that was killed left behind: its complete lines are kept, a torn last one is set aside.

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

use super::file::{OPEN, seal};

/// Bytes looked at in one step while the last line end is searched.
const STEP: u64 = 64 * 1024;

/// Recovers every open file of a folder that no living process holds; returns how many.
pub(super) fn recover(dir: &Path) -> io::Result<usize> {
    let mut recovered = 0;
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(OPEN) && recover_file(&path)? {
            recovered += 1;
        }
    }
    Ok(recovered)
}

fn recover_file(path: &Path) -> io::Result<bool> {
    let mut file = File::options().read(true).write(true).open(path)?;
    if matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock)) {
        tracing::info!(path = %path.display(), "another node is writing this file");
        return Ok(false);
    }
    let bytes = file.metadata()?.len();
    let complete = complete_bytes(&mut file, bytes)?;
    if complete < bytes {
        set_aside(&mut file, path, complete)?;
        file.set_len(complete)?;
    }
    if complete == 0 {
        fs::remove_file(path)?;
    } else {
        file.sync_all()?;
        seal(path)?;
    }
    tracing::info!(path = %path.display(), complete, torn = bytes - complete, "recovered a log file");
    Ok(true)
}

/// Returns the length of a file up to and with its last line end.
fn complete_bytes(file: &mut File, bytes: u64) -> io::Result<u64> {
    let mut end = bytes;
    while end > 0 {
        let start = end.saturating_sub(STEP);
        let mut step = Vec::new();
        file.seek(SeekFrom::Start(start))?;
        file.take(end - start).read_to_end(&mut step)?;
        if let Some(at) = step.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

/// Keeps the torn tail in `….torn`, for whoever wants to know what was cut off.
fn set_aside(file: &mut File, path: &Path, complete: u64) -> io::Result<()> {
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(complete))?;
    file.read_to_end(&mut tail)?;
    let mut torn = File::create(path.with_extension("torn"))?;
    torn.write_all(&tail)?;
    torn.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_torn_last_line_is_cut_off_and_the_others_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let long = format!("{{\"a\":1}}\n{}", "x".repeat(200_000));
        fs::write(dir.path().join("1.jsonl.open"), &long).unwrap();
        fs::write(dir.path().join("2.jsonl.open"), "{\"b\":2}\n").unwrap();
        fs::write(dir.path().join("3.jsonl.open"), "").unwrap();
        assert_eq!(recover(dir.path()).unwrap(), 3);
        assert_eq!(names(dir.path()), ["1.jsonl", "1.jsonl.torn", "2.jsonl"]);
        assert_eq!(
            fs::read(dir.path().join("1.jsonl")).unwrap(),
            b"{\"a\":1}\n"
        );
        assert_eq!(
            fs::metadata(dir.path().join("1.jsonl.torn")).unwrap().len(),
            200_000
        );
    }

    #[test]
    fn a_file_that_a_living_node_holds_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("1.jsonl.open");
        fs::write(&path, "{}\n").unwrap();
        let held = File::open(&path).unwrap();
        held.lock().unwrap();
        assert_eq!(recover(dir.path()).unwrap(), 0);
        drop(held);
        assert_eq!(recover(dir.path()).unwrap(), 1);
    }

    #[test]
    fn a_folder_that_does_not_exist_has_nothing_to_recover() {
        assert_eq!(recover(Path::new("/nonexistent/queries")).unwrap(), 0);
    }
}
