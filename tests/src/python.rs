//! The Python environment of tests: `make python` installs it.

use std::path::{Path, PathBuf};

/// The variable that names the environment; `~/.cache/marketlounge/venv-tests` where it is not set.
const VENV: &str = "MARKETLOUNGE_TESTS_VENV";
/// The variable with which `make test` says that it cannot be had.
const ABSENT: &str = "MARKETLOUNGE_NO_PYTHON";

/// Returns the interpreter; none, with a notice of what is not tested, only where `make` found that it cannot be installed.
///
/// # Panics
/// The environment is missing.
#[must_use]
pub fn python(what: &str) -> Option<PathBuf> {
    if std::env::var_os(ABSENT).is_some() {
        eprintln!(
            "notice: not tested: {what}: {ABSENT} says that its Python packages cannot be had"
        );
        return None;
    }
    let usual = || {
        let home = std::env::var_os("HOME").expect("a home folder");
        Path::new(&home).join(".cache/marketlounge/venv-tests")
    };
    let python = std::env::var_os(VENV).map_or_else(usual, PathBuf::from);
    let python = python.join("bin/python");
    assert!(
        python.exists(),
        "{} is missing: run `make python` first",
        python.display()
    );
    Some(python)
}

/// Returns the path of a script of `tests/python` from wherever in the project the test runs.
///
/// # Panics
/// The test runs elsewhere.
#[must_use]
pub fn script(name: &str) -> PathBuf {
    let here = std::env::current_dir().expect("a current folder");
    let script = |folder: &Path| folder.join("tests/python").join(name);
    let found = here.ancestors().map(script).find(|path| path.exists());
    found.expect("tests run inside the project")
}
