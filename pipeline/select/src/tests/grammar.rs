use super::{chosen, refused, select};

#[test]
fn a_job_is_known_by_its_name_and_by_what_it_writes() {
    assert_eq!(select("publish_snapshot"), ["publish_snapshot"]);
    assert_eq!(select("snapshot"), ["publish_snapshot"]);
    assert_eq!(select("models.prices"), ["fit_prices"]);
    assert_eq!(select("fqn:gold.offers"), ["gold.offers"]);
}

#[test]
fn a_glob_and_a_layer_take_many() {
    assert_eq!(select("silver.*"), ["silver.bids", "silver.offers"]);
    assert_eq!(select("silver"), select("silver.*"));
    assert_eq!(select("*.bids"), ["bronze.bids", "silver.bids"]);
    assert_eq!(select("gold.[a-p]*"), ["gold.offers"]);
    assert_eq!(select("*").len(), 8);
}

#[test]
fn plus_reaches_up_and_down_and_no_further_than_its_number() {
    assert_eq!(
        select("+gold.offers"),
        ["bronze.offers", "gold.offers", "silver.offers"]
    );
    assert_eq!(select("1+gold.offers"), ["gold.offers", "silver.offers"]);
    assert_eq!(select("0+gold.offers"), ["gold.offers"]);
    assert_eq!(
        select("gold.tainted_bids+"),
        ["fit_prices", "gold.tainted_bids", "publish_snapshot"]
    );
    assert_eq!(
        select("gold.tainted_bids+1"),
        ["fit_prices", "gold.tainted_bids"]
    );
    assert_eq!(
        select("1+fit_prices+1"),
        ["fit_prices", "gold.tainted_bids", "publish_snapshot"]
    );
    // Both ways from what is named, not down from all that is above.
    assert!(!select("+gold.offers+").contains(&"gold.tainted_bids".to_owned()));
}

#[test]
fn an_at_sign_takes_all_that_is_needed_to_make_what_hangs_on_it() {
    assert_eq!(select("@gold.offers").len(), 8);
    assert_eq!(select("@publish_snapshot").len(), 8);
    let whole = select("@silver.offers");
    assert!(whole.contains(&"bronze.bids".to_owned()), "{whole:?}");
}

#[test]
fn a_space_is_a_union_and_a_comma_an_intersection_that_binds_closer() {
    assert_eq!(
        select("gold.offers silver.bids"),
        ["gold.offers", "silver.bids"]
    );
    assert_eq!(
        select("+snapshot,silver.*"),
        ["silver.bids", "silver.offers"]
    );
    assert_eq!(
        select("fit_prices +snapshot,bronze.*,*.bids"),
        ["bronze.bids", "fit_prices"]
    );
    assert!(select("gold.offers,silver.*").is_empty());
    assert_eq!(
        chosen(&["gold.offers", "silver.bids"], &[]).unwrap(),
        select("gold.offers silver.bids")
    );
}

#[test]
fn what_is_excluded_goes_though_it_was_asked_for() {
    assert_eq!(
        chosen(&["+snapshot"], &["bronze.* silver", "gold.*,tag:bi"]).unwrap(),
        ["fit_prices", "publish_snapshot"]
    );
    assert_eq!(chosen(&[], &["+snapshot"]).unwrap(), Vec::<String>::new());
}

#[test]
fn an_error_points_at_the_character() {
    let said = refused("gold.offers,,silver.bids");
    assert!(said.contains("at character 13"), "{said}");
    assert!(
        said.ends_with("gold.offers,,silver.bids\n              ^"),
        "{said}"
    );
    for (text, position, problem) in [
        ("", 1, "it is empty"),
        ("a +", 4, "expected a name"),
        ("@gold.offers+", 13, "leave out the +"),
        ("@+gold.offers", 2, "leave out the +"),
        ("gold.of+fers", 8, "only before or after"),
        ("tag:", 5, "expected a value after `tag:`"),
        ("tags:bi", 1, "did you mean `tag:`?"),
        ("gold.offers state:changed", 19, "expected one of modified"),
        ("state:modified.yaml", 7, "modified.sql"),
        ("result:good", 8, "expected success"),
        ("source_status:stale", 15, "expected fresher"),
        ("gold.[a", 1, "is no glob"),
        ("99999999999999999999999+gold.offers", 1, "smaller number"),
    ] {
        let said = refused(text);
        assert!(
            said.contains(&format!("at character {position}:")),
            "{text}: {said}"
        );
        assert!(said.contains(problem), "{text}: {said}");
    }
}

#[test]
fn a_name_that_no_job_has_names_those_that_come_near() {
    let said = refused("+gold.ofers");
    assert!(
        said.contains("no job is called gold.ofers; did you mean gold.offers"),
        "{said}"
    );
    let said = refused("offers");
    assert!(
        said.contains("gold.offers") && said.contains("silver.offers"),
        "{said}"
    );
    assert!(refused("tag:bo").contains("did you mean bi?"));
    assert!(refused("owner:nobody").contains("there is deals, search"));
    assert!(refused("gold.x*").contains("no job is called gold.x*"));
    assert!(chosen(&["silver.*"], &["silver.ofers"]).is_err());
}
