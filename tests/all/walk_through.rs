//! Every command of `pipeline/docs/walk-through.md` does what the page shows.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::{fmt::Write as _, process::Command};

use marketlounge_tests::{program, project};

/// Stands for what differs from machine to machine.
const ELLIPSIS: char = '…';

/// One command of the page, and what the page shows of its output.
#[derive(Debug)]
struct Step {
    command: String,
    shown: Vec<String>,
    fails: bool,
}

fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut block: Option<bool> = None;
    for line in page.lines() {
        match (block, line.strip_prefix("```")) {
            (None, Some(language)) if language.starts_with("console") => {
                block = Some(language.ends_with("fails"));
            }
            (_, Some(_)) => block = None,
            (Some(fails), None) => match line.strip_prefix("$ ") {
                Some(command) => steps.push(Step {
                    command: command.to_owned(),
                    shown: Vec::new(),
                    fails,
                }),
                None => steps.last_mut().unwrap().shown.push(line.to_owned()),
            },
            (None, None) => {}
        }
    }
    steps
}

/// Says whether a line has the parts between ellipses, in order, from its start to its end.
fn matches(shown: &str, line: &str) -> bool {
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (shown, line) = (squeezed(shown), squeezed(line));
    let parts: Vec<&str> = shown.split(ELLIPSIS).map(str::trim).collect();
    let (first, last) = (parts[0], parts[parts.len() - 1]);
    if !line.starts_with(first) || !line.ends_with(last) {
        return false;
    }
    let mut rest = line.as_str();
    parts.iter().all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

#[test]
fn every_command_of_the_walk_through_shows_what_the_page_shows() {
    let page = std::fs::read_to_string(project().join("pipeline/docs/walk-through.md")).unwrap();
    let steps = steps(&page);
    assert!(steps.len() > 30, "{} commands", steps.len());
    let mut script = String::new();
    for (index, step) in steps.iter().enumerate() {
        let _ = writeln!(
            script,
            "echo '@@ {index}'\n{}\necho \"@= $?\"",
            step.command
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let programs = program("pipeline");
    let target = programs.ancestors().nth(2).unwrap();
    let ran = Command::new("bash")
        .args(["-c", &format!("exec 2>&1\n{script}")])
        .current_dir(folder.path())
        .env("CARGO_TARGET_DIR", target)
        .env("MARKETLOUNGE_PROJECT", project())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    for (index, step) in steps.iter().enumerate() {
        let from = said
            .find(&format!("@@ {index}\n"))
            .unwrap_or_else(|| panic!("{said}"));
        let (output, rest) = said[from..].split_once("@= ").unwrap();
        let code = rest.lines().next().unwrap();
        assert_eq!(
            code != "0",
            step.fails,
            "{}: exit {code}\n{output}",
            step.command
        );
        let mut lines = output.lines();
        for shown in &step.shown {
            assert!(
                lines.any(|line| matches(shown, line)),
                "{}: nothing like {shown:?} where it should be in\n{output}",
                step.command
            );
        }
    }
}

#[test]
fn an_ellipsis_stands_for_anything_and_nothing_else_does() {
    assert!(matches(
        "run … made, 0 skipped",
        "run 7 succeeded: 98 made, 0 skipped"
    ));
    assert!(matches("…", ""));
    assert!(!matches("run … made", "run 7 made, more"));
    assert!(!matches("a … c … b", "a b c"));
}
