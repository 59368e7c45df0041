//! An S3 emulator for tests: `tests/python/s3.py`, which runs moto's server.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU32, Ordering},
    },
};

use crate::{python, script};

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
        let mut process = Command::new(python("S3")?)
            .arg(script("s3.py"))
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
