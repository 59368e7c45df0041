//! `state:modified` is about meaning.

use marketlounge_tests::Lake;
use serde_json::Value;

use super::{Project, land_company, plan, selected};

#[test]
fn only_a_change_of_meaning_is_a_modification() {
    let lake = Lake::published();
    let project = Project::new();
    let root = project.root();
    let of = |selector: &str| selected(&lake, &["--project", &root, "--select", selector]);
    assert!(
        of("state:modified").is_empty(),
        "{:?}",
        of("state:modified")
    );

    // Comments, white space, the case of keywords, descriptions, owners, freshness, tags, DAG settings.
    project.edit("dags/gold/offers.sql", |sql| {
        format!(
            "-- another comment\n{}",
            sql.replace("FROM silver.offers", "  from\n\n /* why */ silver.offers")
        )
    });
    project.edit("schemas/gold/offers.toml", |toml| {
        let toml = toml.replace(
            "description = \"Job offers as people",
            "description = \"Offers of jobs as people",
        );
        let toml = toml.replace("owner = \"search\"", "owner   = \"offers\"  # moved");
        let toml = toml.replace("tags = [\"bi\"]", "tags = [\"moved\"]");
        toml.replace("freshness = \"2d\"", "freshness = \"3d\"")
    });
    project.edit("dags/nightly.toml", |toml| {
        toml.replace("schedule = \"0 2 * * *\"", "schedule = \"0 3 * * *\"")
    });
    assert!(
        of("state:modified").is_empty(),
        "{:?}",
        of("state:modified")
    );
    assert_eq!(of("tag:moved"), ["gold.offers"]);

    // A table's SELECT and another one's rules.
    project.edit("dags/gold/offers.sql", |sql| {
        sql.replace("  title,\n", "  upper(title) AS title,\n")
    });
    assert_eq!(of("state:modified"), ["gold.offers"]);
    assert_eq!(of("state:modified.sql"), ["gold.offers"]);
    project.edit("schemas/silver/people.toml", |toml| format!("{toml}\n[[rule]]\nname = \"other\"\ncheck = \"unique\"\ncolumns = [\"tenant\"]\naction = \"warn\"\n"));
    assert_eq!(of("state:modified.contract"), ["silver.people"]);
    assert_eq!(of("state:modified"), ["gold.offers", "silver.people"]);
    assert!(of("state:modified.code").is_empty() && of("state:new").is_empty());
    assert!(of("state:modified+").contains(&"publish_snapshot".to_owned()));
    assert!(of("state:unmodified").contains(&"silver.offers".to_owned()));

    // Against a run of this lake, and against another lake.
    let named = selected(
        &lake,
        &[
            "--project",
            &root,
            "--select",
            "state:modified",
            "--state",
            "2026-11-20.0001",
        ],
    );
    assert_eq!(named, ["gold.offers", "silver.people"]);
    let fresh = Lake::with_demo(1);
    let there = lake.path().display().to_string();
    let against = [
        "--project",
        &root,
        "--state",
        &there,
        "--select",
        "state:modified",
    ];
    assert_eq!(
        selected_of_empty(&fresh, &against),
        ["gold.offers", "silver.people"]
    );
}

/// On a lake without artefacts what is selected needs its inputs; they are selected too and taken away again.
fn selected_of_empty(lake: &Lake, more: &[&str]) -> Vec<String> {
    let mut all = more.to_vec();
    let last = all.pop().unwrap();
    let above = format!("+{last}");
    all.push(&above);
    let with_inputs = selected(lake, &all);
    with_inputs
        .into_iter()
        .filter(|job| {
            ["gold.offers", "silver.people"].contains(&job.as_str())
                || !job.starts_with("bronze")
                    && job != "silver.offers"
                    && !job.starts_with("silver.")
        })
        .collect()
}

#[test]
fn a_machine_without_the_encoder_has_no_other_jobs() {
    let lake = Lake::published();
    let plan_of = |selector: &str| {
        // The encoder of models.toml, where its weights are there; the lake was made without.
        let folder = lake.path().display().to_string();
        let arguments = [
            "--json",
            "plan",
            "nightly",
            "--slot",
            "2026-11-20",
            "--lake",
            &folder,
            "--select",
            selector,
        ];
        let ran = marketlounge_tests::Ran::pipeline(&arguments, &[]);
        assert!(ran.is_success(), "{}", ran.stderr);
        ran.json()
            .iter()
            .filter(|line| !line["will"].is_null() && line["will"] != "held")
            .count()
    };
    assert_eq!(plan_of("state:modified"), 0);
    let weights = marketlounge_tests::project().join("models/weights/all-MiniLM-L6-v2");
    if weights.is_dir() {
        assert!(plan_of("state:modified.environment") > 0);
    }
}

#[test]
fn another_version_of_a_function_modifies_the_tables_that_call_it() {
    let lake = Lake::with_demo(1);
    super::nightly(&lake, &["--select", "+gold.offers +silver.slots"]);
    // As an earlier release, with another `salary_min_cents`, would have recorded it.
    let file = lake.file("runs/2026-11-20.0001/jobs/gold.offers.json");
    let mut record: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let code = record["depends_on"]["code"].as_str().unwrap();
    assert!(code.contains("salary_min_cents"), "{code}");
    record["depends_on"]["code"] = code
        .replace("salary_min_cents ", "salary_min_cents 0")
        .into();
    std::fs::write(&file, record.to_string()).unwrap();
    let modified = selected(&lake, &["--select", "state:modified,state:old"]);
    assert_eq!(modified, ["gold.offers"]);
    let silver =
        std::fs::read_to_string(lake.file("runs/2026-11-20.0001/jobs/silver.slots.json")).unwrap();
    assert!(!silver.contains("salary_min_cents"), "{silver}");
}

#[test]
fn new_landing_files_make_a_source_fresher_and_modify_nothing() {
    let lake = Lake::with_demo(1);
    super::nightly(&lake, &["--select", "+silver.companies +silver.people"]);
    let known = ["--select", "source_status:fresher,state:old"];
    assert!(selected(&lake, &known).is_empty());
    land_company(&lake, "ENT-NEUVE");
    assert_eq!(selected(&lake, &known), ["bronze.companies"]);
    assert!(selected(&lake, &["--select", "state:modified,state:old"]).is_empty());
    let (jobs, _) = plan(
        &lake,
        &[
            "--select",
            "source_status:fresher,state:old",
            "bronze.companies+1",
            "--exclude",
            "publish_snapshot gold.run_summary",
        ],
    );
    assert_eq!(
        (
            &jobs["bronze.companies"]["will"],
            &jobs["silver.companies"]["will"]
        ),
        (&"run".into(), &"perhaps".into())
    );
}

#[test]
fn an_edited_source_mapping_is_a_modification_and_brings_no_fresher_files() {
    let lake = Lake::published();
    let project = Project::new();
    let root = project.root();
    let of = |selector: &str| selected(&lake, &["--project", &root, "--select", selector]);
    let mapping = "schemas/sources/default/offers.toml";
    project.edit(mapping, |toml| format!("# another comment\n{toml}"));
    assert!(of("state:modified").is_empty());
    project.edit(mapping, |toml| {
        toml.replace("default = \"tenant_public\"", "default = \"tenant_other\"")
    });
    assert_eq!(of("state:modified"), ["bronze.offers"]);
    assert_eq!(of("state:modified.config"), ["bronze.offers"]);
    assert!(of("source_status:fresher").is_empty());
}
