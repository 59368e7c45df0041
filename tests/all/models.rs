//! Every fit is kept and told, people's decisions hold from the next run on, and other tools read what is known.

use std::{collections::BTreeMap, fs, path::Path};

use marketlounge_tests::{Lake, Ran};
use serde_json::{Value, json};

/// The model that the tests decide on.
const MODEL: &str = "price_intro";

fn models(lake: &Lake, arguments: &[&str]) -> Ran {
    let folder = lake.path().display().to_string();
    let mut all = vec!["--json", "models", "--lake", &folder];
    all.extend(arguments);
    Ran::pipeline(&all, &[])
}

/// Runs the night of a day of November 2026.
fn night(lake: &Lake, day: u32) -> Ran {
    let slot = format!("2026-11-{day}");
    lake.run_for(&slot, "nightly", &["--model", "none"], &[])
}

fn good_night(lake: &Lake, day: u32) {
    let ran = night(lake, day);
    assert!(ran.is_success(), "{}", ran.stderr);
}

fn decide(lake: &Lake, arguments: &[&str]) -> Value {
    let ran = models(lake, arguments);
    assert!(ran.is_success(), "{}", ran.stderr);
    ran.json().remove(0)
}

fn text<'a>(row: &'a Value, column: &str) -> &'a str {
    row[column]
        .as_str()
        .unwrap_or_else(|| panic!("no {column} in {row}"))
}

/// The rows of a model in `pipeline models list`, by version.
fn listed(lake: &Lake, name: &str) -> BTreeMap<String, Value> {
    let ran = models(lake, &["list", name]);
    assert!(ran.is_success(), "{}", ran.stderr);
    let rows = ran.json().into_iter();
    rows.map(|row| (text(&row, "version").to_owned(), row))
        .collect()
}

/// The version of a model that the announced snapshot serves.
pub(super) fn served(lake: &Lake, name: &str) -> String {
    let id = lake.announced().unwrap();
    let cards = fs::read(lake.file(&format!("snapshots/{id}/models/cards.json"))).unwrap();
    let cards: Vec<Value> = serde_json::from_slice(&cards).unwrap();
    let card = cards.iter().find(|card| card["name"] == name).unwrap();
    text(card, "version").to_owned()
}

/// Lands introductions again under other names and dearer, on the same days: another fit, with nothing to compare it by.
pub(super) fn more_intros(lake: &Lake) {
    let known = lake.query(
        "SELECT tenant, intro_id, client_id, person_id, price_cents, status, requested_at, answered_at
         FROM silver.intros ORDER BY tenant, intro_id LIMIT 60",
    );
    let rows: Vec<Value> = known
        .into_iter()
        .map(|mut row| {
            row["intro_id"] = json!(format!("{}-BIS", text(&row, "intro_id")));
            row["price_cents"] = json!(row["price_cents"].as_i64().unwrap() * 21 / 20);
            row
        })
        .collect();
    assert_eq!(rows.len(), 60);
    lake.land("intros/encore", &rows);
}

#[test]
fn every_fit_is_told_with_its_measures_and_what_is_served_is_among_them() {
    let lake = Lake::published();
    let rows = lake.query("SELECT * FROM gold.model_versions ORDER BY name, version");
    assert!(rows.len() >= 4, "{rows:?}");
    for row in &rows {
        let (name, version) = (text(row, "name"), text(row, "version"));
        assert_eq!(version.len(), 16, "{row}");
        let says = text(row, "says");
        let is = |says_it: &str| says == says_it;
        let has = |measure: &str| row[measure].is_number();
        // A ranker is judged by NDCG, which its card tells.
        assert_eq!(has("loss"), !is("ranking"), "{row}");
        assert_eq!(has("coverage"), is("price"), "{row}");
        assert_eq!(has("calibration_error"), is("likelihood"), "{row}");
        let folder = format!("models/registry/{name}/{version}");
        let model = fs::read(lake.file(&format!("{folder}/{name}.model"))).unwrap();
        let card = fs::read(lake.file(&format!("{folder}/card.json"))).unwrap();
        let card: Value = serde_json::from_slice(&card).unwrap();
        assert_eq!(
            card["digest"],
            json!(blake3::hash(&model).to_hex().as_str())
        );
        assert!(text(&card, "digest").starts_with(version));
        if row["is_served"] == true {
            assert_eq!(served(&lake, name), version);
        }
    }
    assert_eq!(
        rows.iter().filter(|row| row["is_served"] == true).count(),
        {
            let id = lake.announced().unwrap();
            let cards = fs::read(lake.file(&format!("snapshots/{id}/models/cards.json"))).unwrap();
            serde_json::from_slice::<Vec<Value>>(&cards).unwrap().len()
        }
    );
}

#[test]
fn a_pinned_version_is_served_on_the_next_run_whatever_is_fitted_until_it_is_unpinned() {
    let lake = Lake::with_demo(1);
    good_night(&lake, 20);
    let first = served(&lake, MODEL);
    let decided = decide(&lake, &["pin", &first[..8], "--note", "elle dit juste"]);
    assert_eq!(
        (text(&decided, "name"), text(&decided, "version")),
        (MODEL, first.as_str())
    );
    more_intros(&lake);
    good_night(&lake, 21);
    assert_eq!(served(&lake, MODEL), first);
    let versions = listed(&lake, MODEL);
    let (second, other) = versions
        .iter()
        .find(|(version, _)| **version != first)
        .unwrap();
    assert_eq!(other["is_served"], false, "{other}");
    assert_eq!(other["verdict"], "promoted", "{other}");
    let states = &versions[&first]["states"];
    assert_eq!(states, &json!(["served", "pinned"]));
    let manifest = lake.snapshot(&["show"]).stdout;
    assert!(
        manifest.contains(&format!("version {first} is pinned")),
        "{manifest}"
    );
    // The other models go on as before, and prices are told by the pinned version.
    let told = lake.query(
        "SELECT DISTINCT model_version, is_unseen FROM gold.price_reference WHERE kind = 'intro'",
    );
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(text(&told[0], "model_version"), first);
    assert_eq!(told[0]["is_unseen"], false);

    decide(&lake, &["unpin", MODEL]);
    good_night(&lake, 22);
    assert_eq!(&served(&lake, MODEL), second);
    assert_eq!(listed(&lake, MODEL).len(), 2);
    let again = models(&lake, &["unpin", MODEL]);
    assert!(!again.is_success() && again.stderr.contains("no version of price_intro is pinned"));

    // A pin needs its bytes, and says what to do where they are gone.
    decide(&lake, &["pin", &first]);
    fs::remove_dir_all(lake.file(&format!("models/registry/{MODEL}/{first}"))).unwrap();
    let ran = night(&lake, 23);
    assert!(!ran.is_success());
    let all = format!("{}{}", ran.stdout, ran.stderr);
    for said in [
        format!("version {first} of {MODEL} is gone from the registry"),
        format!("pipeline models unpin {MODEL}"),
    ] {
        assert!(all.contains(&said), "{said}: {all}");
    }
    assert_eq!(&served(&lake, MODEL), second);
    let refused = models(&lake, &["promote", &first]);
    assert!(!refused.is_success() && refused.stderr.contains("is gone"));
}

#[test]
fn a_promoted_version_stays_until_a_fit_can_be_compared_with_it_and_the_refused_one_is_listed() {
    let lake = Lake::with_demo(1);
    good_night(&lake, 20);
    let first = served(&lake, MODEL);
    decide(&lake, &["promote", MODEL]);
    more_intros(&lake);
    // Two folders and two days give one snapshot, with decisions and versions carried over too.
    let other = Lake::empty();
    copy(lake.path(), other.path());
    good_night(&lake, 21);
    good_night(&other, 25);
    assert_eq!(lake.announced(), other.announced());
    assert_eq!(served(&lake, MODEL), first);
    let refused = |lake: &Lake| {
        let versions = listed(lake, MODEL);
        let refused = versions.values().filter(|row| row["verdict"] == "refused");
        refused.cloned().collect::<Vec<Value>>()
    };
    let [second] = &refused(&lake)[..] else {
        panic!("{:?}", refused(&lake));
    };
    assert_eq!(second["parent"], json!(first));
    let reasons = second["reasons"].to_string();
    assert!(reasons.contains("too little came after"), "{reasons}");
    // A night without news changes nothing: what was promoted stays in place.
    let announced = lake.announced();
    good_night(&lake, 22);
    assert_eq!(served(&lake, MODEL), first);
    assert_eq!(lake.announced(), announced);
    // Somebody promotes the other one.
    decide(&lake, &["promote", text(second, "version")]);
    good_night(&lake, 23);
    assert_eq!(served(&lake, MODEL), text(second, "version"));
    let compared = decide(&lake, &["compare", &first, MODEL]);
    let loss = &compared["metrics"]["loss"];
    let [a, b, difference] = ["a", "b", "difference"].map(|of| loss[of].as_f64().unwrap());
    assert!((b - a - difference).abs() < 1e-12, "{loss}");
    assert_eq!(compared["a"]["version"], json!(first));
    assert_eq!(compared["b"]["version"], second["version"]);
}

#[test]
fn models_are_exported_as_runs_of_mlflow_with_the_values_of_their_cards() {
    let lake = Lake::published();
    let out = tempfile::tempdir().unwrap();
    let export = || {
        let (folder, to) = (
            lake.path().display().to_string(),
            out.path().display().to_string(),
        );
        let ran = Ran::pipeline(&["--json", "export", "mlflow", &to, "--lake", &folder], &[]);
        assert!(ran.is_success(), "{}", ran.stderr);
        ran.json().remove(0)
    };
    let runs = export()["runs"].as_u64().unwrap();
    let files = contents(out.path());
    assert_eq!(export()["runs"], runs);
    assert_eq!(
        contents(out.path()),
        files,
        "exporting again changes nothing"
    );
    let metas = files.keys().filter(|file| file.ends_with("/meta.yaml"));
    let runs_of = metas.filter(|file| file.split('/').count() == 4);
    assert_eq!(runs_of.count() as u64, runs);

    let version = served(&lake, MODEL);
    let card = decide(&lake, &["show", &version]);
    let of_version = |(file, bytes): (&String, &Vec<u8>)| {
        let is_it = file.ends_with("tags/marketlounge.version") && *bytes == version.as_bytes();
        is_it.then(|| {
            file.trim_end_matches("/tags/marketlounge.version")
                .to_owned()
        })
    };
    let run = files.iter().find_map(of_version).unwrap();
    let [_, experiment, id] = run.split('/').collect::<Vec<_>>()[..] else {
        panic!("{run}");
    };
    let read = |part: &str| String::from_utf8(files[&format!("{run}/{part}")].clone()).unwrap();
    let meta = read("meta.yaml");
    for line in [
        format!("run_id: \"{id}\""),
        format!("experiment_id: \"{experiment}\""),
    ] {
        assert!(meta.contains(&line), "{meta}");
    }
    let loss: Vec<String> = read("metrics/loss")
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    assert_eq!(
        loss[1].parse::<f64>().unwrap(),
        card["metrics"]["loss"].as_f64().unwrap()
    );
    assert_eq!(read("params/champion"), text(&card, "champion"));
    assert_eq!(read("tags/marketlounge.is_served"), "true");
    let blocks = read("metrics/by_time/coverage").lines().count();
    assert_eq!(blocks, card["by_time"].as_array().unwrap().len());
    let model = &files[&format!("{run}/artifacts/{MODEL}.model")];
    assert_eq!(blake3::hash(model).to_hex().as_str(), text(&card, "digest"));
}

#[test]
fn likelihoods_and_prices_are_drawn_from_their_cards() {
    let lake = Lake::published();
    let out = tempfile::tempdir().unwrap();
    let rows =
        lake.query("SELECT name, says FROM gold.model_versions WHERE is_served ORDER BY name");
    for says in ["price", "likelihood"] {
        let row = rows.iter().find(|row| row["says"] == says).unwrap();
        let name = text(row, "name");
        let draw = |file: &str| {
            let out = out.path().join(file);
            decide(&lake, &["plot", name, "--out", out.to_str().unwrap()]);
            fs::read_to_string(out).unwrap()
        };
        let svg = draw("once.svg");
        assert_eq!(svg, draw("twice.svg"));
        let card = decide(&lake, &["show", name]);
        let loss = format!("loss {:.4}", card["metrics"]["loss"].as_f64().unwrap());
        for said in [name, &served(&lake, name), &loss] {
            assert!(svg.contains(said), "{said}: {svg:.600}");
        }
        // Prices have a panel for coverage and one for loss.
        let dots = match says {
            "price" => 2 * card["by_time"].as_array().unwrap().len(),
            _ => card["reliability"].as_array().unwrap().len(),
        };
        assert!(dots > 0, "{card}");
        assert_eq!(svg.matches("<circle").count(), dots, "{name}");
    }
}

/// The files of a folder, by path.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

fn copy(from: &Path, to: &Path) {
    for (file, bytes) in contents(from) {
        let target = to.join(file);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, bytes).unwrap();
    }
}
