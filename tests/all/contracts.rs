//! Contracts: all fit together, and one that breaks its readers is refused.

use marketlounge_tests::{Lake, Ran, project};

pub(super) fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

#[test]
fn every_contract_has_its_sql_and_every_dag_an_order() {
    let ran = Ran::pipeline(&["contracts", "check"], &[]);
    assert!(ran.is_success(), "{}", ran.stderr);
}

/// Copies the project's contracts, SQL and DAGs, without the column `users` of `gold.market_demand`.
fn without_users() -> Lake {
    let folder = Lake::empty();
    for room in [
        "schemas/landing",
        "schemas/silver",
        "schemas/gold",
        "schemas/sources",
        "dags",
    ] {
        copy(&project().join(room), &folder.file(room));
    }
    let text = std::fs::read_to_string(folder.file(CONTRACT)).unwrap();
    let start = text
        .find("[[column]]\nname = \"users\"")
        .expect("the column is there");
    let end = start + text[start + 1..].find("\n[[").expect("something follows") + 1;
    let without = format!("{}{}", &text[..start], &text[end..]);
    let parts = without
        .split("\n[[rule]]")
        .filter(|part| !part.contains("\"users\""));
    let without = parts.collect::<Vec<_>>().join("\n[[rule]]");
    std::fs::write(folder.file(CONTRACT), without).unwrap();
    folder
}

fn raise_major(folder: &Lake) {
    let text = std::fs::read_to_string(folder.file(CONTRACT)).unwrap();
    let raised = text.replacen("version = \"1.", "version = \"2.", 1);
    std::fs::write(folder.file(CONTRACT), raised).unwrap();
}

const CONTRACT: &str = "schemas/gold/market_demand.toml";

#[test]
fn a_removed_column_is_refused_until_the_major_version_rises() {
    let folder = without_users();
    let changed = folder.path().display().to_string();
    let before = project().join("schemas").display().to_string();
    let check = [
        "--project",
        &changed,
        "contracts",
        "check",
        "--against",
        &before,
    ];
    let ran = Ran::pipeline(&check, &[]);
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
    assert!(ran.stderr.contains("users was removed"), "{}", ran.stderr);
    raise_major(&folder);
    let ran = Ran::pipeline(&check, &[]);
    assert!(ran.is_success(), "{}", ran.stderr);
}

#[test]
fn a_run_refuses_contracts_that_break_the_readers_of_what_is_published() {
    let lake = Lake::with_demo(1);
    assert!(lake.nightly(&[]).is_success());
    let announced = lake.announced();
    let folder = without_users();
    let changed = folder.path().display().to_string();
    let run = || lake.run("nightly", &["--model", "none", "--project", &changed], &[]);
    let refused = run();
    assert_eq!(refused.code, Some(1));
    assert!(
        refused
            .stderr
            .contains("gold.market_demand: column users was removed"),
        "{}",
        refused.stderr
    );
    assert_eq!(lake.announced(), announced);
    raise_major(&folder);
    let ran = run();
    assert!(ran.is_success(), "{}", ran.stderr);
}
