//! The real files of the workplace, where it has them: counts known from elsewhere come out again.

use std::path::{Path, PathBuf};

use schemas::{Catalog, Layer, TableName};

use super::harness::rows_of;
use crate::{Ingest, IngestReport, Mapping, ingest};

/// Returns the folder of real files, or says that the test is skipped.
fn landing() -> Option<PathBuf> {
    let default = PathBuf::from("../../../shared/data");
    let root = std::env::var_os("MARKETLOUNGE_SHARED_DATA").map_or(default, PathBuf::from);
    let is_there = root.join("market").is_dir();
    if !is_there {
        eprintln!("skipped: no real files at {}", root.display());
    }
    is_there.then_some(root)
}

fn ingest_real(
    landing: &Path,
    mapping: &str,
    file: &str,
) -> (IngestReport, Vec<serde_json::Value>) {
    let schemas = Path::new("../../schemas");
    let catalog = Catalog::load(schemas).unwrap();
    let mappings = Mapping::load_set(&schemas.join("sources/open_data"), &catalog).unwrap();
    let mapping = mappings.iter().find(|m| m.name() == mapping).unwrap();
    assert!(mapping.matches(file), "{file}");
    let folder = tempfile::TempDir::new().unwrap();
    let (accepted, rejected) = (folder.path().join("a"), folder.path().join("r"));
    let table = TableName::new(Layer::Landing, mapping.table());
    let report = ingest(&Ingest {
        contract: catalog.get(&table).unwrap(),
        mapping,
        path: &landing.join(file),
        file,
        file_digest: "",
        slot: "2026-11-20".parse().unwrap(),
        accepted: &accepted,
        rejected: &rejected,
    })
    .unwrap();
    assert_eq!(report.rows_read, report.rows_accepted, "{report:?}");
    assert!(report.unknown_columns.is_empty(), "{report:?}");
    assert!(report.missing_columns.is_empty(), "{report:?}");
    let rows = rows_of(&accepted);
    (report, rows)
}

#[test]
fn real_establishments_have_sirens_of_nine_digits() {
    let Some(landing) = landing() else { return };
    let (report, rows) = ingest_real(&landing, "companies", "market/companies/etablissements.csv");
    assert_eq!(report.rows_accepted, 17_091);
    let is_valid =
        |row: &serde_json::Value| schemas::is_valid_siren(row["siren"].as_str().unwrap());
    assert!(rows.iter().all(is_valid));
}

#[test]
fn real_offers_keep_their_skills_and_places() {
    let Some(landing) = landing() else { return };
    let file = "market/offers/france_travail_offers.jsonl.gz";
    let (report, rows) = ingest_real(&landing, "offers", file);
    assert_eq!(report.rows_accepted, 3_381);
    let with_skills = rows.iter().filter(|row| row["skills"].is_array()).count();
    assert_eq!(with_skills, 1_022);
    let with_place = rows
        .iter()
        .filter(|row| row["department"].is_string())
        .count();
    assert_eq!(with_place, 2_789, "as many as name a commune");
}

#[test]
fn real_vocabularies_have_unique_ids_and_known_parents() {
    let Some(landing) = landing() else { return };
    let rome = |name: &str| format!("market/vocabulary/rome/unix_referentiel_{name}_v347_utf8.csv");
    let mut nodes = std::collections::BTreeSet::new();
    for (mapping, distinct) in [
        ("glossary_rome_1_families", 14),
        ("glossary_rome_2_domains", 110),
        ("glossary_rome_3_occupations", 531),
    ] {
        let (_, rows) = ingest_real(&landing, mapping, &rome("code_rome"));
        let before = nodes.len();
        for row in rows {
            let parent = row["parent_id"].as_str();
            assert!(parent.is_none_or(|parent| nodes.contains(parent)), "{row}");
            assert_ne!(
                row["label"],
                row["node_id"].as_str().unwrap()[5..],
                "a label, not a code"
            );
            nodes.insert(row["node_id"].as_str().unwrap().to_owned());
        }
        assert_eq!(nodes.len() - before, distinct, "{mapping}");
    }
    let mut concepts = std::collections::BTreeSet::new();
    let mut count = 0;
    for (mapping, file) in [
        ("concepts_rome_occupations", rome("code_rome")),
        ("concepts_rome_appellations", rome("appellation")),
        ("concepts_rome_skills", rome("competence")),
        (
            "concepts_esco_skills",
            "market/vocabulary/esco/skills_fr.csv".to_owned(),
        ),
    ] {
        let (_, rows) = ingest_real(&landing, mapping, &file);
        count += rows.len();
        concepts.extend(
            rows.iter()
                .map(|row| row["concept_id"].as_str().unwrap().to_owned()),
        );
    }
    assert_eq!(concepts.len(), count, "ids are unique across sources");
    assert_eq!(count, 531 + 10_990 + 4_947 + 13_485);
}
