//! The rooms keep their promises.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};
use marketlounge_tests::project;

/// Crates of the workspace, and what each names in its normal and build dependencies.
fn named() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = MetadataCommand::new()
        .manifest_path(project().join("Cargo.toml"))
        .other_options(["--offline".to_owned()])
        .exec()
        .unwrap();
    let mut named = BTreeMap::new();
    for package in metadata.workspace_packages() {
        // `unify` names everything so that features are the same for any selection; nothing depends on it.
        if package.name.as_str() == "unify" {
            continue;
        }
        let dependencies = package.dependencies.iter();
        let lasting = dependencies.filter(|d| d.kind != DependencyKind::Development);
        named.insert(
            package.name.to_string(),
            lasting.map(|d| d.name.clone()).collect(),
        );
    }
    named
}

/// All that a crate of the workspace needs, through crates of the workspace.
fn reached(named: &BTreeMap<String, BTreeSet<String>>, start: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut next = vec![start.to_owned()];
    while let Some(name) = next.pop() {
        for dependency in named.get(&name).into_iter().flatten() {
            if found.insert(dependency.clone()) {
                next.push(dependency.clone());
            }
        }
    }
    found
}

fn namers(named: &BTreeMap<String, BTreeSet<String>>, heavy: &[&str]) -> Vec<String> {
    let names_it = |all: &BTreeSet<String>| heavy.iter().any(|name| all.contains(*name));
    named
        .iter()
        .filter(|(_, all)| names_it(all))
        .map(|(name, _)| name.clone())
        .collect()
}

#[test]
fn each_heavy_crate_is_named_by_one_room() {
    let named = named();
    assert_eq!(namers(&named, &["polars"]), ["bronze"]);
    assert_eq!(namers(&named, &["datafusion", "ballista"]), ["sql"]);
    assert_eq!(namers(&named, &["lance"]), ["retrieval"]);
    assert_eq!(
        namers(
            &named,
            &[
                "candle-core",
                "candle-nn",
                "candle-transformers",
                "tokenizers"
            ]
        ),
        ["encoder"]
    );
    assert_eq!(namers(&named, &["actix-web"]), ["serve"]);
    // What may call the outside is in one room, where an operator says to whom.
    assert_eq!(
        namers(&named, &["reqwest", "ureq"]),
        ["marketlounge-tests", "pipeline"]
    );
    assert_eq!(
        namers(&named, &["tokio-cron-scheduler", "croner", "chrono-tz"]),
        ["schedule"]
    );
}

#[test]
fn serve_and_pipeline_never_meet() {
    let named = named();
    let serve = reached(&named, "serve");
    for own in [
        "pipeline", "canary", "lake", "quality", "lineage", "report", "schedule", "select",
        "bronze", "sql", "demo", "polars", "reqwest",
    ] {
        assert!(!serve.contains(own), "serve needs {own}");
    }
    for own in [
        "pipeline", "lake", "lineage", "report", "schedule", "select", "bronze", "sql", "demo",
    ] {
        assert!(!reached(&named, own).contains("serve"), "{own} needs serve");
    }
}

#[test]
fn models_know_no_table_and_contracts_know_no_engine() {
    let named = named();
    let workspace: BTreeSet<_> = named.keys().cloned().collect();
    let ours = |name: &str| {
        named[name]
            .intersection(&workspace)
            .cloned()
            .collect::<Vec<_>>()
    };
    assert!(ours("text").is_empty());
    assert!(ours("encoder").is_empty());
    assert_eq!(ours("retrieval"), ["text"]);
    assert_eq!(ours("suggest"), ["text"]);
    assert!(ours("tabular").is_empty());
    assert_eq!(ours("pricing"), ["tabular"]);
    assert_eq!(ours("likelihood"), ["tabular"]);
    assert_eq!(ours("anomaly"), ["tabular"]);
    assert_eq!(ours("ranking"), ["tabular", "tuning"]);
    assert_eq!(ours("collusion"), ["likelihood", "tabular"]);
    // What the node and the jobs both search with: the one model crate that puts others together.
    assert!(ours("tuning").is_empty());
    assert_eq!(ours("matching"), ["encoder", "retrieval", "text"]);
    assert!(ours("schemas").is_empty());
    assert_eq!(ours("snapshot"), ["schemas"]);
    assert_eq!(ours("quality"), ["schemas"]);
    for engine in ["polars", "datafusion", "lance", "object_store", "tokio"] {
        assert!(
            !reached(&named, "schemas").contains(engine),
            "schemas needs {engine}"
        );
    }
}

#[test]
fn the_top_level_is_the_one_agreed_on() {
    let listed = std::process::Command::new("git")
        .args(["ls-tree", "--name-only", "HEAD"])
        .current_dir(project())
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let visible: Vec<_> = listed
        .lines()
        .filter(|name| !name.starts_with('.'))
        .collect();
    let agreed = [
        "CHANGELOG.md",
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE",
        "Makefile",
        "README.fr.md",
        "README.md",
        "dags",
        "data",
        "docker-compose.yml",
        "models",
        "pipeline",
        "schemas",
        "serve",
        "tests",
    ];
    let others: Vec<_> = visible
        .iter()
        .filter(|name| !agreed.contains(name))
        .collect();
    assert!(others.is_empty(), "{others:?}");
}
