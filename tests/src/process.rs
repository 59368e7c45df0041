//! Running the programs.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

/// Returns the project's folder. Cargo runs tests in their crate's folder; a path from when they were built may be another
/// checkout's, which shared the target folder.
///
/// # Panics
/// The crate's folder is no folder of the project.
#[must_use]
pub fn project() -> PathBuf {
    let folder = Path::new("..").canonicalize();
    let folder = folder.expect("the tests' folder is readable");
    let is_project = folder.join("schemas").is_dir();
    assert!(
        is_project,
        "tests run in tests/, not in {}",
        folder.display()
    );
    folder
}

/// Returns the path of a program built beside the running test.
///
/// # Panics
/// The program was not built.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a path");
    let folder = test
        .ancestors()
        .nth(2)
        .expect("tests run from <target>/<profile>/deps");
    let program = folder.join(name);
    assert!(
        program.exists(),
        "{} is missing: run `make build` first",
        program.display()
    );
    program
}

/// How a program ended and what it printed.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Ran {
    /// Runs `pipeline` in the project with the given arguments and variables.
    ///
    /// # Panics
    /// The program cannot be started.
    #[must_use]
    pub fn pipeline(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::program("pipeline", arguments, variables)
    }

    /// Runs `serve` with a subcommand.
    ///
    /// # Panics
    /// The program cannot be started.
    #[must_use]
    pub fn serve(arguments: &[&str]) -> Self {
        Self::program("serve", arguments, &[])
    }

    fn program(name: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(program(name));
        command
            .args(arguments)
            .envs(variables.iter().copied())
            .current_dir(project());
        command.output().expect("the program starts").into()
    }

    /// Says whether the exit code is 0.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.code == Some(0)
    }

    /// Returns the JSON objects printed on standard output, one a line.
    ///
    /// # Panics
    /// A line is not JSON.
    #[must_use]
    pub fn json(&self) -> Vec<Value> {
        let parse =
            |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        self.stdout.lines().map(parse).collect()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}
