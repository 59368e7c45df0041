//! Every gold table opens in BI tools with the types that its contract promises.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use marketlounge_tests::{Lake, Ran, python, script};

#[test]
fn every_gold_table_opens_with_its_types_in_every_tool() {
    let Some(python) = python("BI tools") else {
        return;
    };
    let lake = Lake::published();
    let place = lake.path().display().to_string();
    let views = Ran::pipeline(&["bi", "sql", "--lake", &place], &[]);
    assert!(views.is_success(), "{}", views.stderr);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &views.stdout).unwrap();
    let contracts = Ran::pipeline(&["--json", "contracts", "render"], &[]);
    assert!(contracts.is_success(), "{}", contracts.stderr);

    let mut opening = Command::new(python)
        .arg(script("open_tables.py"))
        .args([lake.file("gold").as_path(), file.path()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = opening.stdin.take().unwrap();
    stdin.write_all(contracts.stdout.as_bytes()).unwrap();
    drop(stdin);
    let opened = Ran::from(opening.wait_with_output().unwrap());
    assert!(opened.is_success(), "{}", opened.stderr);
    let tables = opened.json();
    let published = std::fs::read_dir(lake.file("gold")).unwrap();
    let published = published.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        !name.to_string_lossy().starts_with('_')
    });
    assert_eq!(tables.len(), published.count());
    assert!(
        tables
            .iter()
            .all(|table| table["comments"].as_u64() > Some(0))
    );
    let offers = tables.iter().find(|table| table["table"] == "gold.offers");
    assert!(offers.is_some_and(|table| table["rows"].as_u64() > Some(0)));
}
