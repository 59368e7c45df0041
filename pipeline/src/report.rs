//! What a run tells its user while it works: bars on a terminal, plain lines elsewhere, JSON lines for machines.

use std::{fmt::Write as _, io::IsTerminal, sync::LazyLock, time::Duration};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use lake::{JobRecord, JobState, RunRecord};
use schemas::{GateReading, Verdict};
use serde_json::{Value, json};

use crate::artefact::Artefact;

/// Where a run tells what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reporter {
    /// Progress bars and lines for a person.
    Terminal,
    /// Lines for a log.
    Plain,
    /// One JSON object per line, on standard output.
    Json,
}

/// The bars of the terminal, of which a process has one: those of jobs side by side stand below each other, and lines above them.
static BARS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// The last of them: which jobs are under way.
static UNDER_WAY: LazyLock<ProgressBar> = LazyLock::new(|| {
    let style = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    let bar = BARS.add(ProgressBar::new_spinner().with_style(style));
    bar.enable_steady_tick(Duration::from_millis(250));
    bar
});

/// The progress of one long piece of work; gone when dropped.
pub(crate) struct Progress(Option<ProgressBar>);

impl Progress {
    /// Counts finished work.
    pub(crate) fn advance(&self, amount: u64) {
        if let Some(bar) = &self.0 {
            bar.inc(amount);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

impl Reporter {
    /// Chooses by what standard error is, unless JSON is wanted.
    pub(crate) fn new(output: crate::cli::Output) -> Self {
        match output {
            crate::cli::Output::Json => Self::Json,
            crate::cli::Output::Text if std::io::stderr().is_terminal() => Self::Terminal,
            crate::cli::Output::Text => Self::Plain,
        }
    }

    /// Shows progress over bytes.
    pub(crate) fn bytes(self, job: &str, total: u64) -> Progress {
        self.bar(job, total, "{binary_bytes}/{binary_total_bytes}")
    }

    /// Shows progress over things named `what`.
    pub(crate) fn items(self, job: &str, what: &str, total: u64) -> Progress {
        if self == Self::Plain && total > 0 {
            self.say(&format!("      {job}: {total} {what}\n"));
        }
        self.bar(job, total, &format!("{{pos}}/{{len}} {what}"))
    }

    fn bar(self, job: &str, total: u64, counts: &str) -> Progress {
        if self != Self::Terminal || total == 0 {
            return Progress(None);
        }
        let template = format!("{{prefix:24}} {{bar:30}} {counts} {{eta}}");
        let style = ProgressStyle::with_template(&template)
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = BARS.insert(0, ProgressBar::new(total).with_style(style));
        bar.set_prefix(job.to_owned());
        Progress(Some(bar))
    }

    /// Writes whole lines above the bars, at once: those of two jobs do not mix.
    fn say(self, lines: &str) {
        match self {
            Self::Terminal => BARS.suspend(|| eprint!("{lines}")),
            _ => eprint!("{lines}"),
        }
    }

    /// Shows, on a terminal, which jobs are under way.
    pub(crate) fn under_way(self, jobs: &[String], ended: usize, of: usize) {
        if self == Self::Terminal {
            UNDER_WAY.set_message(format!("{ended} of {of}  {}", jobs.join(", ")));
        }
    }

    /// Tells something that a person should know.
    pub(crate) fn note(self, text: &str) {
        match self {
            Self::Json => print_json(&json!({ "event": "note", "text": text })),
            _ => self.say(&format!("{text}\n")),
        }
    }

    /// Tells how a job ended.
    pub(crate) fn job(self, record: &JobRecord, made: Option<&Artefact>) {
        if self == Self::Json {
            let mut told = record.clone();
            told.gates.retain(|one| one.verdict >= Verdict::Warned);
            let mut event = json!({ "event": "job", "record": told });
            if let Some(made) = made {
                event["quarantined_by_rule"] = json!(made.quarantined_by_rule);
                event["notes"] = json!(made.notes);
            }
            return print_json(&event);
        }
        let state = match record.state {
            JobState::Made => "made",
            JobState::Skipped => "skip",
            JobState::Failed => "FAIL",
            JobState::Blocked => "stop",
            JobState::Held => "held",
            JobState::CarriedOver => "keep",
        };
        let counts = made.map(equation).unwrap_or_default();
        let seconds = record.elapsed_ms as f64 / 1000.0;
        let mut lines = String::new();
        let _ = match record.state {
            JobState::Made => writeln!(
                lines,
                "{state}  {:<24} {counts} [{seconds:.1} s]",
                record.job
            ),
            _ => writeln!(lines, "{state}  {:<24} {}", record.job, record.reason),
        };
        for note in made.iter().flat_map(|made| &made.notes) {
            let _ = writeln!(lines, "      {note}");
        }
        let is_open = |one: &&GateReading| one.verdict >= Verdict::Warned && !one.is_of_rule();
        for gate in record.gates.iter().filter(is_open) {
            let word = if gate.verdict == Verdict::Failed {
                "FAILED"
            } else {
                "warning"
            };
            let _ = writeln!(lines, "      {word}: {}: {}", gate.name(), gate.detail);
        }
        let told = made.filter(|_| record.state != JobState::Skipped);
        for (rule, rows) in told.iter().flat_map(|made| &made.quarantined_by_rule) {
            let _ = writeln!(lines, "      quarantined by {rule}: {rows}");
        }
        for (rule, rows) in told.iter().flat_map(|made| &made.warned_by_rule) {
            let _ = writeln!(lines, "      warning: {rows} rows break {rule}");
        }
        self.say(&lines);
    }

    /// Tells how the run ended.
    pub(crate) fn end(self, record: &RunRecord, made: u64, skipped: u64) {
        if self == Self::Json {
            return print_json(&json!({ "event": "end", "record": record }));
        }
        if self == Self::Terminal {
            UNDER_WAY.finish_and_clear();
        }
        let memory = record.peak_memory_bytes.map_or_else(String::new, |bytes| {
            format!(", peak memory {} MiB", bytes >> 20)
        });
        let seconds = record.elapsed_ms as f64 / 1000.0;
        let state = format!("{:?}", record.state).to_lowercase();
        eprintln!(
            "run {} {state}: {made} made, {skipped} skipped in {seconds:.1} s{memory}",
            record.run
        );
    }
}

/// Writes what became of the rows of a table as an equation.
fn equation(made: &Artefact) -> String {
    let rows = made.count("rows");
    match made.name.split_once('.') {
        Some(("bronze", _)) => {
            let selected = match made.count("not_selected") {
                0 => String::new(),
                rows => format!(" + {rows} not selected"),
            };
            let (read, refused) = (made.count("read"), made.count("quarantined"));
            format!("{read} read = {rows} bronze + {refused} quarantined{selected}")
        }
        Some(("silver", _)) => {
            let (read, superseded) = (made.count("read"), made.count("superseded"));
            let refused = made.count("quarantined");
            format!("{read} bronze = {rows} kept + {superseded} superseded + {refused} quarantined")
        }
        Some(("models", _)) if made.rows.contains_key("served") => {
            format!(
                "{} fitted, {} served",
                made.count("fitted"),
                made.count("served")
            )
        }
        Some(("models", _)) => format!("{rows} texts, {} embedded now", made.count("embedded")),
        Some(_) => format!("{rows} rows"),
        None => made.digest.clone(),
    }
}

/// Prints one JSON object on a line of standard output.
pub(crate) fn print_json(value: &Value) {
    println!("{value}");
}
