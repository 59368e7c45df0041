use std::collections::BTreeSet;

use super::{market, refused, select};
use crate::{Facts, JobFacts, Needs, Outcome, Part, Selection, Standing};

#[test]
fn methods_look_at_what_a_job_has() {
    assert_eq!(select("tag:bi"), ["gold.offers", "gold.tainted_bids"]);
    assert_eq!(select("tag:bi,owner:deals"), ["gold.tainted_bids"]);
    assert_eq!(select("layer:models"), ["fit_prices"]);
    assert_eq!(select("resource_type:table").len(), 8);
    assert_eq!(select("dag:nightly"), ["fit_prices"]);
    assert_eq!(select("source:offers"), ["bronze.offers"]);
    assert_eq!(
        select("source:landing.offers+1"),
        ["bronze.offers", "silver.offers"]
    );
}

#[test]
fn a_path_is_a_file_a_folder_or_a_glob() {
    assert_eq!(select("path:dags/gold/offers.sql"), ["gold.offers"]);
    assert_eq!(select("dags/gold"), ["gold.offers", "gold.tainted_bids"]);
    assert_eq!(select("path:dags/gold/"), select("dags/gold"));
    assert_eq!(
        select("path:dags/*/offers.sql,path:dags/gold"),
        ["gold.offers"]
    );
    assert_eq!(select("path:**/*_bids.sql"), ["gold.tainted_bids"]);
    assert_eq!(select("tainted_bids.sql"), ["gold.tainted_bids"]);
    assert_eq!(select("file:tainted_bids"), ["gold.tainted_bids"]);
    assert!(refused("path:dags/gold/offer.sql").contains("dags/gold/offers.sql"));
}

fn facts() -> Facts {
    let one = |standing, outcome| JobFacts {
        standing: Some(standing),
        outcome,
        is_fresher: false,
    };
    let changed = |part| Standing::Changed(BTreeSet::from([part]));
    let fresher = JobFacts {
        is_fresher: true,
        ..one(Standing::Same, Some(Outcome::Success))
    };
    [
        ("bronze.offers", fresher),
        (
            "silver.offers",
            one(changed(Part::Sql), Some(Outcome::Success)),
        ),
        (
            "silver.bids",
            one(changed(Part::Contract), Some(Outcome::Error)),
        ),
        ("gold.offers", one(Standing::Same, Some(Outcome::Skipped))),
        ("fit_prices", one(changed(Part::Environment), None)),
        (
            "gold.tainted_bids",
            one(Standing::New, Some(Outcome::Blocked)),
        ),
    ]
    .map(|(name, facts)| (name.to_owned(), facts))
    .into()
}

fn with_facts(text: &str) -> Vec<String> {
    let selection = Selection::parse(&[text], &[]).unwrap();
    selection
        .of(&market(), &facts())
        .unwrap()
        .into_iter()
        .collect()
}

#[test]
fn state_and_result_look_at_an_earlier_run() {
    assert_eq!(
        with_facts("state:modified"),
        ["gold.tainted_bids", "silver.bids", "silver.offers"]
    );
    assert_eq!(with_facts("state:modified.sql"), ["silver.offers"]);
    assert_eq!(with_facts("state:modified.contract"), ["silver.bids"]);
    assert!(with_facts("state:modified.code").is_empty());
    // An encoder that another machine lacks is no change of the job.
    assert_eq!(with_facts("state:modified.environment"), ["fit_prices"]);
    assert_eq!(with_facts("state:new"), ["gold.tainted_bids"]);
    assert_eq!(
        with_facts("state:unmodified"),
        ["bronze.offers", "fit_prices", "gold.offers"]
    );
    assert_eq!(with_facts("state:old,gold.*"), ["gold.offers"]);
    assert_eq!(
        with_facts("result:error+1"),
        ["gold.tainted_bids", "silver.bids"]
    );
    assert_eq!(with_facts("result:fail"), with_facts("result:error"));
    assert_eq!(with_facts("result:blocked"), ["gold.tainted_bids"]);
    assert_eq!(
        with_facts("source_status:fresher+1"),
        ["bronze.offers", "silver.offers"]
    );
}

#[test]
fn only_what_is_asked_for_must_be_found_out() {
    let needs = |text| Selection::parse(&[text], &[]).unwrap().needs();
    assert_eq!(needs("+gold.offers"), Needs::default());
    assert!(!needs("+gold.offers").any());
    assert!(needs("gold.*,state:new").standing);
    assert!(needs("result:error").outcome && !needs("result:error").standing);
    let left: Selection = Selection::parse(&[], &["source_status:fresher+"]).unwrap();
    assert!(left.needs().sources && !left.is_all());
}
