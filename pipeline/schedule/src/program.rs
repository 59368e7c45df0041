//! Runs as programs of their own: a panic, a hang or the memory of a job stays in its process.

use std::{
    collections::VecDeque,
    io::{BufRead as _, BufReader, Read},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use crate::run::{Ended, Request, Run, Running};

/// Lines of each stream that are kept, from the end.
const KEPT_LINES: usize = 200;
/// How long a stream may stay open after its program has ended: a grandchild may hold it.
const STREAM_GRACE: Duration = Duration::from_secs(2);

/// What a program left when it ended.
#[derive(Debug, Clone)]
pub struct Exit {
    /// The exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it, where one did.
    pub signal: Option<i32>,
    /// The last lines of its standard output.
    pub stdout: Vec<String>,
    /// The last lines of its standard error, which were passed on as they came.
    pub stderr: Vec<String>,
}

/// Makes the command of a run.
type Commands = Box<dyn Fn(&Request) -> Command + Send>;
/// Says what an exit means.
type Judge = Arc<dyn Fn(&Exit) -> Ended + Send + Sync>;

/// Starts each run as a program.
pub struct Programs {
    command: Commands,
    judge: Judge,
}

impl Programs {
    /// Makes a runner that starts what `command` says, and asks `judge` what its exit means.
    #[must_use]
    pub fn new(
        command: impl Fn(&Request) -> Command + Send + 'static,
        judge: impl Fn(&Exit) -> Ended + Send + Sync + 'static,
    ) -> Self {
        Self {
            command: Box::new(command),
            judge: Arc::new(judge),
        }
    }
}

impl Run for Programs {
    fn start(&self, request: &Request) -> Result<Box<dyn Running>, String> {
        let mut command = (self.command)(request);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let program = command.get_program().display().to_string();
        let mut child = command
            .spawn()
            .map_err(|error| format!("{program} does not start: {error}"))?;
        let stdout = child.stdout.take().map(|stream| Tail::of(stream, false));
        let stderr = child.stderr.take().map(|stream| Tail::of(stream, true));
        Ok(Box::new(Process {
            child,
            stdout,
            stderr,
            judge: self.judge.clone(),
            exited: None,
        }))
    }
}

struct Process {
    child: Child,
    stdout: Option<Tail>,
    stderr: Option<Tail>,
    judge: Judge,
    exited: Option<(ExitStatus, Instant)>,
}

impl Running for Process {
    fn poll(&mut self) -> Option<Ended> {
        if self.exited.is_none() {
            match self.child.try_wait() {
                Ok(status) => self.exited = Some((status?, Instant::now())),
                Err(error) => {
                    return Some(Ended::Failed {
                        reason: format!("its process cannot be waited for: {error}"),
                        may_help: false,
                        run: None,
                    });
                }
            }
        }
        let (status, at) = self.exited?;
        let is_read = [&self.stdout, &self.stderr]
            .iter()
            .all(|tail| tail.as_ref().is_none_or(Tail::is_read));
        if !is_read && at.elapsed() < STREAM_GRACE {
            return None;
        }
        let lines = |tail: &Option<Tail>| tail.as_ref().map(Tail::lines).unwrap_or_default();
        Some((self.judge)(&Exit {
            code: status.code(),
            signal: signal(status),
            stdout: lines(&self.stdout),
            stderr: lines(&self.stderr),
        }))
    }

    fn kill(&mut self) {
        // An error says that it has ended already.
        let _ = self.child.kill();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        let _ = self.child.wait();
    }
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}

/// The last lines of a stream.
struct Tail {
    lines: Arc<Mutex<VecDeque<String>>>,
    reader: JoinHandle<()>,
}

impl Tail {
    fn of(stream: impl Read + Send + 'static, is_passed_on: bool) -> Self {
        let lines = Arc::new(Mutex::new(VecDeque::new()));
        let kept = lines.clone();
        let read = move || {
            let mut stream = BufReader::new(stream);
            let mut line = Vec::new();
            while stream
                .read_until(b'\n', &mut line)
                .is_ok_and(|read| read > 0)
            {
                let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                line.clear();
                if is_passed_on {
                    eprintln!("{text}");
                }
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.push_back(text);
                if kept.len() > KEPT_LINES {
                    kept.pop_front();
                }
            }
        };
        Self {
            lines,
            reader: std::thread::spawn(read),
        }
    }

    fn is_read(&self) -> bool {
        self.reader.is_finished()
    }

    fn lines(&self) -> Vec<String> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().cloned().collect()
    }
}
