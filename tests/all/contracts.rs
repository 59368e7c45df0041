//! Contracts: all fit together, and one that breaks its readers is refused.

use marketlounge_tests::{Lake, Ran, project};

fn copy(from: &std::path::Path, to: &std::path::Path) {
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

#[test]
fn a_removed_column_is_refused_until_the_major_version_rises() {
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
    let contract = folder.file("schemas/gold/market_demand.toml");
    let text = std::fs::read_to_string(&contract).unwrap();
    let start = text
        .find("[[column]]\nname = \"users\"")
        .expect("the column is there");
    let end = start + text[start + 1..].find("\n[[").expect("something follows") + 1;
    let without = format!("{}{}", &text[..start], &text[end..]);
    let without = without
        .split("\n[[rule]]")
        .filter(|part| !part.contains("\"users\""))
        .collect::<Vec<_>>()
        .join("\n[[rule]]");
    std::fs::write(&contract, &without).unwrap();
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
    std::fs::write(
        &contract,
        without.replacen("version = \"1.", "version = \"2.", 1),
    )
    .unwrap();
    let ran = Ran::pipeline(&check, &[]);
    assert!(ran.is_success(), "{}", ran.stderr);
}
