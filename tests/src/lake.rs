//! Lakes in temporary folders.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, Weak},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::Ran;

/// The slot of every run of the tests.
pub const SLOT: &str = "2026-11-20";

/// A lake in a temporary folder, gone with this value.
#[derive(Debug)]
pub struct Lake {
    dir: TempDir,
}

impl Lake {
    /// Makes an empty lake.
    ///
    /// # Panics
    /// The folder cannot be made.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            dir: TempDir::with_prefix("marketlounge-test-").expect("a temporary folder"),
        }
    }

    /// Makes a lake in which the demo market of seed 7 has landed.
    ///
    /// # Panics
    /// The demo fails.
    #[must_use]
    pub fn with_demo(scale: u32) -> Self {
        let lake = Self::empty();
        let (landing, truth) = (lake.text("landing"), lake.text("demo_truth.jsonl"));
        let scale = scale.to_string();
        let arguments = [
            "demo",
            "--scale",
            &scale,
            "--landing",
            &landing,
            "--truth",
            &truth,
        ];
        let ran = Ran::pipeline(&arguments, &[]);
        assert!(ran.is_success(), "{}", ran.stderr);
        lake
    }

    /// Makes a copy of a lake as it is, but for its scratch files.
    ///
    /// # Panics
    /// The files cannot be copied.
    #[must_use]
    pub fn copy_of(other: &Self) -> Self {
        let lake = Self::empty();
        copy_folder(other.path(), lake.path());
        let _ = std::fs::remove_dir_all(lake.file("_scratch"));
        lake
    }

    /// Returns a lake whose demo market was run to an announced snapshot: the same one for all tests that only read it
    /// at one time, gone with the last of them.
    ///
    /// # Panics
    /// The run fails.
    #[must_use]
    pub fn published() -> Arc<Self> {
        static PUBLISHED: Mutex<Weak<Lake>> = Mutex::new(Weak::new());
        let mut published = PUBLISHED.lock().unwrap_or_else(PoisonError::into_inner);
        published.upgrade().unwrap_or_else(|| {
            let lake = Arc::new(Self::with_demo(1));
            let ran = lake.nightly(&[]);
            assert!(ran.is_success(), "{}", ran.stderr);
            *published = Arc::downgrade(&lake);
            lake
        })
    }

    /// Lands rows as the JSON lines of `landing/<file>.jsonl`.
    ///
    /// # Panics
    /// The file cannot be written.
    pub fn land(&self, file: &str, rows: &[Value]) {
        let path = self.file(&format!("landing/{file}.jsonl"));
        std::fs::create_dir_all(path.parent().expect("a file in a folder")).expect("a folder");
        let lines: String = rows.iter().map(|row| format!("{row}\n")).collect();
        std::fs::write(path, lines).expect("a file");
    }

    /// Returns the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Returns a path below the folder.
    #[must_use]
    pub fn file(&self, relative: &str) -> PathBuf {
        self.path().join(relative)
    }

    fn text(&self, relative: &str) -> String {
        self.file(relative).display().to_string()
    }

    /// Runs the nightly DAG, lexical only, with JSON events.
    #[must_use]
    pub fn nightly(&self, variables: &[(&str, &str)]) -> Ran {
        self.run("nightly", &["--model", "none"], variables)
    }

    /// Runs a DAG with JSON events.
    #[must_use]
    pub fn run(&self, dag: &str, more: &[&str], variables: &[(&str, &str)]) -> Ran {
        self.run_for(SLOT, dag, more, variables)
    }

    /// Runs a DAG for a slot, with JSON events.
    #[must_use]
    pub fn run_for(&self, slot: &str, dag: &str, more: &[&str], variables: &[(&str, &str)]) -> Ran {
        let lake = self.text("");
        let mut arguments = vec!["--json", "run", dag, "--slot", slot, "--lake", &lake];
        arguments.extend(more);
        Ran::pipeline(&arguments, variables)
    }

    /// Runs `pipeline snapshot …` on the lake.
    #[must_use]
    pub fn snapshot(&self, arguments: &[&str]) -> Ran {
        let lake = self.text("");
        let mut all = vec!["snapshot", "--lake", &lake];
        all.extend(arguments);
        Ran::pipeline(&all, &[])
    }

    /// Returns the rows of a query over the lake.
    ///
    /// # Panics
    /// The query fails.
    #[must_use]
    pub fn query(&self, sql: &str) -> Vec<Value> {
        let lake = self.text("");
        let arguments = [
            "--json", "query", sql, "--lake", &lake, "--limit", "1000000",
        ];
        let ran = Ran::pipeline(&arguments, &[]);
        assert!(ran.is_success(), "{}", ran.stderr);
        ran.json()
    }

    /// Returns the id of the announced snapshot; none where there is none.
    ///
    /// # Panics
    /// The pointer is not JSON.
    #[must_use]
    pub fn announced(&self) -> Option<String> {
        let bytes = std::fs::read(self.file("snapshots/CURRENT")).ok()?;
        let pointer: Value = serde_json::from_slice(&bytes).expect("a pointer is JSON");
        Some(pointer["id"].as_str()?.to_owned())
    }
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let (path, name) = entry
            .map(|entry| (entry.path(), entry.file_name()))
            .expect("an entry");
        match path.is_dir() {
            true => copy_folder(&path, &to.join(name)),
            false => drop(std::fs::copy(&path, to.join(name)).expect("a copy")),
        }
    }
}
