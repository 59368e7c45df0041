//! Unit tests of SQL files through the command line: the project's own pass, a wrong SQL file fails them, and new ones come from a lake.

use std::collections::BTreeSet;

use marketlounge_tests::{Lake, Ran, project};

use super::contracts::copy;

#[test]
fn the_tests_of_our_sql_files_pass_and_are_of_six_files_and_more() {
    let ran = Ran::pipeline(&["--json", "test"], &[]);
    assert!(ran.is_success(), "{}", ran.stdout);
    let told = ran.json();
    assert!(told.iter().all(|one| one["is_passed"] == true));
    let tables: BTreeSet<&str> = told
        .iter()
        .filter_map(|one| one["table"].as_str())
        .collect();
    assert!(
        tables.len() >= 6 && tables.iter().any(|table| table.starts_with("gold.")),
        "{tables:?}"
    );
    let one = Ran::pipeline(&["--json", "test", "silver.bids"], &[]).json();
    assert!(!one.is_empty() && one.len() < told.len());
    let none = Ran::pipeline(&["test", "silver.nothing"], &[]);
    assert!(
        none.code == Some(1) && none.stderr.contains("no SQL test is of"),
        "{}",
        none.stderr
    );
}

#[test]
fn a_slip_in_a_sql_file_fails_its_test_with_the_difference_by_key() {
    let folder = Lake::empty();
    for room in ["schemas", "dags"] {
        copy(&project().join(room), &folder.file(room));
    }
    let changed = folder.path().display().to_string();
    let slip = |file: &str, from: &str, to: &str| {
        let path = folder.file(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from}");
        std::fs::write(&path, text.replace(from, to)).unwrap();
    };
    let test = |selector: &str| Ran::pipeline(&["--project", &changed, "test", selector], &[]);
    slip(
        "dags/gold/bid_ranking.sql",
        "ORDER BY price_cents)",
        "ORDER BY price_cents DESC)",
    );
    let ran = test("gold.bid_ranking");
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
    assert!(
        ran.stdout
            .contains("tenant_a · B1: price_rank is 2, expected 1"),
        "{}",
        ran.stdout
    );
    slip(
        "schemas/silver/bids.toml",
        "latest_by = [\"submitted_at\"]",
        "latest_by = []",
    );
    slip(
        "dags/tests/silver_bids.yaml",
        "price_cents: 0,",
        "price_cents: 5,",
    );
    let ran = test("silver.bids");
    assert!(
        ran.stdout.contains("quarantine: expected, and not there"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("status is"), "{}", ran.stdout);
}

#[test]
fn a_test_that_cannot_fail_or_names_what_is_not_there_is_refused() {
    let folder = Lake::empty();
    let path = folder.file("bad.yaml").display().to_string();
    let head = "table: silver.people\ntests:\n  - name: t\n    given:\n";
    for (text, said) in [
        (
            format!("{head}      bronze.people: []\n    expect: {{}}\n"),
            "cannot fail",
        ),
        (
            format!("{head}      bronze.bids: []\n    expect: {{ rows: [] }}\n"),
            "does not read bronze.bids",
        ),
        (
            format!("{head}      bronze.people: [{{ nom: x }}]\n    expect: {{ rows: [] }}\n"),
            "no column nom",
        ),
        (format!("{head}      bronze.people: [\n"), "no SQL test"),
    ] {
        std::fs::write(&path, text).unwrap();
        let ran = Ran::pipeline(&["test", &path], &[]);
        assert_eq!(ran.code, Some(1), "{said}");
        assert!(
            format!("{}{}", ran.stdout, ran.stderr).contains(said),
            "{said}: {}{}",
            ran.stdout,
            ran.stderr
        );
    }
}

#[test]
fn a_test_made_from_a_lake_passes_as_written_and_says_that_nothing_is_anonymised() {
    let lake = Lake::published();
    let (place, folder) = (lake.path().display().to_string(), Lake::empty());
    for table in ["silver.bids", "gold.offers", "gold.bid_ranking"] {
        let out = folder.file(&format!("{table}.yaml")).display().to_string();
        let make = [
            "create-test",
            table,
            "--where",
            "tenant = 'tenant_demo'",
            "--rows",
            "3",
            "--out",
            &out,
            "--lake",
            &place,
        ];
        let ran = Ran::pipeline(&make, &[]);
        assert!(ran.is_success(), "{}", ran.stderr);
        assert!(
            ran.stderr.contains("nothing was anonymised"),
            "{}",
            ran.stderr
        );
        let again = Ran::pipeline(&make, &[]);
        assert!(
            again.stderr.contains("is there already"),
            "{}",
            again.stderr
        );
        let ran = Ran::pipeline(&["test", &out], &[]);
        assert!(ran.is_success(), "{}", ran.stdout);
        let text = std::fs::read_to_string(&out).unwrap();
        assert!(text.matches("tenant_demo").count() > 3, "{text}");
    }
}
