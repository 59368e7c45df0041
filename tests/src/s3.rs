//! An S3 emulator for tests: `tests/store/s3.py`, which runs moto's server.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU32, Ordering},
    },
};

/// The variable that names the Python environment; `~/.cache/marketlounge/venv-moto` where it is not set.
const VENV: &str = "MARKETLOUNGE_MOTO_VENV";
/// The variable with which `make test` says that there is no emulator to be had.
const ABSENT: &str = "MARKETLOUNGE_NO_MOTO";

/// A running emulator with one bucket, `lake`; it ends with this value, and with the test that started it.
#[derive(Debug)]
pub struct S3 {
    process: Child,
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    port: u16,
}

impl S3 {
    /// Starts an emulator; none, with a notice, only where `make` found that it cannot be installed.
    ///
    /// # Panics
    /// The emulator is missing or does not start.
    #[must_use]
    pub fn start() -> Option<Self> {
        if std::env::var_os(ABSENT).is_some() {
            eprintln!("notice: not tested on S3: {ABSENT} says that moto cannot be had");
            return None;
        }
        let python = venv().join("bin/python");
        assert!(
            python.exists(),
            "{} is missing: run `make moto` first",
            python.display()
        );
        let mut process = Command::new(python)
            .arg(script())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python starts");
        let stdin = process.stdin.take().expect("a pipe was asked for");
        let mut stdout = BufReader::new(process.stdout.take().expect("a pipe was asked for"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("the emulator speaks");
        let port = line.trim().parse();
        Some(Self {
            process,
            pipes: Mutex::new((stdin, stdout)),
            port: port.expect("the emulator says its port, or above why it cannot run"),
        })
    }

    /// Returns an emulator that all tests share which run at one time; the last of them ends it.
    #[must_use]
    pub fn shared() -> Option<Arc<Self>> {
        static SHARED: Mutex<Weak<S3>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = shared.upgrade() {
            return Some(running);
        }
        let started = Arc::new(Self::start()?);
        *shared = Arc::downgrade(&started);
        Some(started)
    }

    /// Returns the URL of a place in the bucket that no other test uses.
    #[must_use]
    pub fn place(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        format!("s3://lake/place-{}", NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// Returns the address that requests are sent to.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Returns the variables with which programs reach the emulator.
    #[must_use]
    pub fn variables(&self) -> Vec<(String, String)> {
        let endpoint = self.endpoint();
        let said = [
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
        ];
        said.map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    /// Makes requests fail from now on, as the head of the script describes, `{}` none; returns how many did since the last call.
    ///
    /// # Panics
    /// The emulator is gone.
    pub fn fail(&self, rules: &str) -> u64 {
        let mut pipes = self.pipes.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(pipes.0, "{rules}").expect("the emulator listens");
        let mut line = String::new();
        pipes.1.read_line(&mut line).expect("the emulator answers");
        line.trim().parse().expect("a number of requests")
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn venv() -> PathBuf {
    let usual = || {
        let home = std::env::var_os("HOME").expect("a home folder");
        Path::new(&home).join(".cache/marketlounge/venv-moto")
    };
    std::env::var_os(VENV).map_or_else(usual, PathBuf::from)
}

/// Returns the script's path from wherever in the project the test runs.
fn script() -> PathBuf {
    let here = std::env::current_dir().expect("a current folder");
    let script = |folder: &Path| folder.join("tests/store/s3.py");
    let found = here.ancestors().map(script).find(|path| path.exists());
    found.expect("tests run inside the project")
}
