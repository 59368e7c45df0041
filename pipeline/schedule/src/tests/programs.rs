//! Runs as real processes.

use std::process::Command;

use super::world::at;
use crate::{Ended, Exit, Programs, Request, Run as _, Running};

fn request() -> Request {
    Request {
        dag: "nightly".to_owned(),
        due: at("2026-11-02T01:00:00Z"),
        slot: "2026-11-02".parse().unwrap(),
        attempt: 1,
    }
}

/// Starts a shell script; how it ended comes back as the reason.
fn shell(script: &'static str) -> Box<dyn Running> {
    let command = move |request: &Request| {
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh", &request.dag, &request.slot.to_string()]);
        command
    };
    let judge = |exit: &Exit| Ended::Failed {
        reason: format!(
            "{:?} {:?} {} {}",
            exit.code,
            exit.signal,
            exit.stdout.join("|"),
            exit.stderr.join("|")
        ),
        may_help: false,
        run: None,
    };
    Programs::new(command, judge).start(&request()).unwrap()
}

fn ended(mut running: Box<dyn Running>) -> String {
    loop {
        match running.poll() {
            Some(Ended::Failed { reason, .. }) => return reason,
            Some(other) => panic!("{other:?}"),
            None => std::thread::yield_now(),
        }
    }
}

#[test]
fn a_program_is_told_its_slot_and_its_end_is_told_with_its_last_lines() {
    let reason = ended(shell("echo \"$1\"; echo \"$2\"; echo oops >&2; exit 5"));
    assert_eq!(reason, "Some(5) None nightly|2026-11-02 oops");
}

#[test]
fn a_hanging_program_is_killed_though_it_would_rather_not() {
    let mut running = shell("trap '' TERM; while :; do sleep 1; done");
    assert_eq!(running.poll(), None);
    running.kill();
    assert!(ended(running).starts_with("None Some(9)"));
}

#[test]
fn a_program_that_floods_its_output_keeps_only_the_end() {
    let reason = ended(shell(
        "i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done",
    ));
    assert!(reason.contains("line 4999") && !reason.contains("line 4799|"));
}

#[test]
fn a_program_whose_grandchild_keeps_its_output_open_has_ended_all_the_same() {
    assert!(ended(shell("sleep 30 & exit 0")).starts_with("Some(0)"));
}

#[test]
fn a_program_that_is_not_there_is_an_error_that_names_it() {
    let programs = Programs::new(|_| Command::new("/no/such/pipeline"), |_| Ended::Busy);
    let error = programs.start(&request()).err().unwrap();
    assert!(
        error.starts_with("/no/such/pipeline does not start"),
        "{error}"
    );
}
