//! A slot's run as a process: `pipeline run <dag> --slot <day>`.

use std::process::Command;

use anyhow::{Context as _, Result};
use schedule::{Ended, Exit, Programs, Request};
use serde_json::Value;

use super::super::{arguments::Common, exit};
use crate::project::Project;

/// The exit code of a Rust program that panicked.
const PANICKED: i32 = 101;
/// Signals by which somebody else ends a process: nothing is wrong with what it did. Hang-up, interrupt, kill, terminate.
const FROM_OUTSIDE: [i32; 4] = [1, 2, 9, 15];

/// Returns what starts runs on a lake.
pub(super) fn runner(common: &Common, project: &Project, lake: &str) -> Result<Programs> {
    let program = std::env::current_exe().context("this program does not know where it lies")?;
    let (root, lake, log) = (project.path(""), lake.to_owned(), common.log.clone());
    let log_format = common.log_format.as_str();
    let command = move |request: &Request| {
        let mut command = Command::new(&program);
        command
            .args(["--json", "--log", &log, "--log-format", log_format])
            .arg("--project")
            .arg(&root)
            .args(["run", &request.dag])
            .args(["--slot", &request.slot.to_string()])
            .args(["--lake", &lake]);
        // Ctrl-c is for the scheduler, which then gives the run its time.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command
    };
    Ok(Programs::new(command, judge))
}

/// Says what the end of a run means, by its exit code and by what it printed.
fn judge(ended: &Exit) -> Ended {
    let events = ended.stdout.iter().map(String::as_str);
    let events: Vec<Value> = events
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let run = events
        .iter()
        .rev()
        .find_map(|event| event["record"]["run"].as_str())
        .map(str::to_owned);
    let known = |code: u8| ended.code == Some(i32::from(code));
    if known(0) {
        return Ended::Succeeded { run };
    }
    if known(exit::BUSY) {
        return Ended::Busy;
    }
    let is_from_outside = ended
        .signal
        .is_some_and(|signal| FROM_OUTSIDE.contains(&signal));
    let how = match (ended.code, ended.signal) {
        (Some(PANICKED), _) => "it panicked".to_owned(),
        (Some(_), _) if known(exit::CANCELLED) => "somebody cancelled it".to_owned(),
        (Some(code), _) if known(exit::REFUSED) => format!("a gate refused the snapshot ({code})"),
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal} ended it"),
        (None, None) => "it ended in an unknown way".to_owned(),
    };
    Ended::Failed {
        reason: match why(&events, ended) {
            Some(why) => format!("{how}: {why}"),
            None => how,
        },
        may_help: known(exit::STORE) || is_from_outside,
        run,
    }
}

/// Returns the first failed job with its reason, or the last that was said on standard error.
fn why(events: &[Value], ended: &Exit) -> Option<String> {
    let failed = events
        .iter()
        .find(|event| event["record"]["job"].is_string() && event["record"]["state"] == "failed");
    if let Some(event) = failed {
        let text = |name: &str| {
            event["record"][name]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        return Some(format!("{}: {}", text("job"), text("reason")));
    }
    // Where the program panicked its words follow the line that says where; a note on backtraces ends them.
    let mut said = ended.stderr.iter().filter(|line| !line.trim().is_empty());
    let panic = said.clone().position(|line| line.contains("panicked at"));
    match panic {
        Some(position) => said.nth(position + 1).cloned(),
        None => said.next_back().cloned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exit(code: Option<i32>, signal: Option<i32>, stdout: &[&str], stderr: &[&str]) -> Ended {
        let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
        judge(&Exit {
            code,
            signal,
            stdout: lines(stdout),
            stderr: lines(stderr),
        })
    }

    fn reason(ended: Ended) -> (String, bool) {
        match ended {
            Ended::Failed {
                reason, may_help, ..
            } => (reason, may_help),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn success_names_the_run_and_a_busy_lake_is_no_failure() {
        let end = r#"{"event":"end","record":{"run":"2026-11-20.0001","state":"succeeded"}}"#;
        let run = Some("2026-11-20.0001".to_owned());
        assert_eq!(
            exit(Some(0), None, &["{}", end], &[]),
            Ended::Succeeded { run }
        );
        assert_eq!(
            exit(Some(6), None, &[], &["error: another run"]),
            Ended::Busy
        );
    }

    #[test]
    fn only_a_store_or_a_signal_from_outside_is_worth_another_try() {
        let helps = |code, signal| reason(exit(code, signal, &[], &[])).1;
        assert!(helps(Some(5), None) && helps(None, Some(9)) && helps(None, Some(15)));
        assert!(!helps(Some(1), None) && !helps(Some(3), None) && !helps(Some(101), None));
        assert!(!helps(None, Some(11)) && !helps(None, Some(6)));
    }

    #[test]
    fn a_failure_is_told_by_its_job_a_panic_by_its_words_and_else_the_last_line() {
        let job = r#"{"event":"job","record":{"job":"silver.offers","state":"failed","reason":"no space"}}"#;
        let (told, _) = reason(exit(Some(1), None, &[job], &["error: x"]));
        assert_eq!(told, "exit code 1: silver.offers: no space");
        let panic = [
            "thread 'main' (7) panicked at src/a.rs:1:2:",
            "index out of bounds",
            "note: run with `RUST_BACKTRACE=1`",
        ];
        let (told, _) = reason(exit(Some(101), None, &[], &panic));
        assert_eq!(told, "it panicked: index out of bounds");
        let (told, _) = reason(exit(
            Some(1),
            None,
            &[],
            &["note", "error: no DAG named x", ""],
        ));
        assert_eq!(told, "exit code 1: error: no DAG named x");
        let (told, _) = reason(exit(None, Some(11), &[], &[]));
        assert_eq!(told, "signal 11 ended it");
    }
}
