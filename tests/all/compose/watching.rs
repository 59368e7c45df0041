//! Prometheus and Grafana of the profile `cluster`: they ask for nothing that a node does not tell, and alerts fire when they should.

use std::{collections::BTreeSet, process::Command};

use marketlounge_tests::project;
use serde_json::Value;

use super::{text, yaml};

/// The names of metrics in a text: ours, and those of the process.
fn metrics(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words
        .filter(|word| word.starts_with("marketlounge_") || word.starts_with("process_"))
        .collect()
}

#[test]
fn dashboard_and_alerts_ask_for_what_a_node_tells() {
    let endpoint = text("serve/src/endpoints/prometheus.rs");
    let told = metrics(&endpoint);
    for path in [
        ".docker/grafana/marketlounge.json",
        ".docker/prometheus/alerts.yml",
    ] {
        let asks = text(path);
        let asked = metrics(&asks);
        assert!(asked.len() >= 5, "{path}: {asked:?}");
        for name in asked {
            let family = name.strip_suffix("_bucket").unwrap_or(name);
            assert!(
                told.contains(family),
                "{path} asks for {name}, which no node tells"
            );
        }
    }
}

#[test]
fn every_panel_says_what_it_shows_and_reads_from_the_source_that_is_provisioned() {
    let sources = yaml(".docker/grafana/datasource.yml");
    let uid = sources["datasources"][0]["uid"].as_str().unwrap();
    let dashboard: Value =
        serde_json::from_str(&text(".docker/grafana/marketlounge.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let (rows, panels): (Vec<_>, Vec<_>) = panels.partition(|panel| panel["type"] == "row");
    assert!(rows.len() >= 3 && panels.len() >= 10);
    let mut ids = BTreeSet::new();
    for panel in panels.iter().chain(&rows) {
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{panel}");
    }
    for panel in panels {
        let is_said = |name: &str| panel[name].as_str().is_some_and(|words| words.len() > 3);
        assert!(is_said("title") && is_said("description"), "{panel}");
        for target in panel["targets"].as_array().unwrap() {
            assert_eq!(target["datasource"]["uid"], uid, "{panel}");
        }
    }
}

#[test]
fn alerts_fire_on_trouble_and_on_nothing_else() {
    if Command::new("promtool").arg("--version").output().is_err() {
        eprintln!("notice: no promtool here: alerts are not tried");
        return;
    }
    for arguments in [
        ["check", "config", ".docker/prometheus/prometheus.yml"],
        ["test", "rules", "tests/all/compose/alerts.yml"],
    ] {
        let mut promtool = Command::new("promtool");
        let ran = promtool
            .args(arguments)
            .current_dir(project())
            .output()
            .unwrap();
        let complaints = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{arguments:?}: {complaints}");
    }
}
