//! Who is cheating: what the demo hides is found, told with its evidence, decided on and learnt from.

use std::collections::{BTreeMap, BTreeSet};

use demo::Truth;
use marketlounge_tests::{Answer, Lake, Node, Ran, truths};
use serde_json::{Value, json};

const TENANT: &str = "tenant_demo";

fn good_night(lake: &Lake, day: u32) {
    let slot = format!("2026-11-{day}");
    let ran = lake.run_for(&slot, "nightly", &["--model", "none"], &[]);
    assert!(ran.is_success(), "{}", ran.stderr);
}

fn cases(lake: &Lake, arguments: &[&str]) -> Ran {
    let folder = lake.path().display().to_string();
    let mut all = vec!["--json", "cases", "--lake", &folder];
    all.extend(arguments);
    Ran::pipeline(&all, &[])
}

fn good_cases(lake: &Lake, arguments: &[&str]) -> Vec<Value> {
    let ran = cases(lake, arguments);
    assert!(ran.is_success(), "{}", ran.stderr);
    ran.json()
}

/// The case of a thing, as its table has it.
fn case_of(lake: &Lake, kind: &str, id: &str) -> Option<Value> {
    let sql = format!(
        "SELECT * FROM gold.abuse_cases
         WHERE tenant = '{TENANT}' AND entity_kind = '{kind}' AND entity_id = '{id}'"
    );
    lake.query(&sql).pop()
}

fn texts(of: &Value) -> Vec<&str> {
    let all = of.as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().filter_map(Value::as_str).collect()
}

/// The identifiers of a kind that are flagged as a family.
fn flagged(lake: &Lake, kind: &str, family: &str) -> BTreeSet<String> {
    let sql = format!(
        "SELECT entity_id FROM gold.abuse_cases
         WHERE is_flagged AND entity_kind = '{kind}' AND family = '{family}'"
    );
    let rows = lake.query(&sql).into_iter();
    rows.map(|row| row["entity_id"].as_str().unwrap().to_owned())
        .collect()
}

/// What is planted: rings, dumpers, spam accounts.
#[derive(Default)]
struct Planted {
    rings: Vec<BTreeSet<String>>,
    dumpers: BTreeSet<String>,
    spam: BTreeSet<String>,
}

impl Planted {
    fn of(lake: &Lake) -> Self {
        let mut planted = Self::default();
        for truth in truths(lake) {
            match truth {
                Truth::CoverRing { providers, .. } | Truth::RotationRing { providers, .. } => {
                    planted.rings.push(providers.into_iter().collect());
                }
                Truth::Dumping { provider, .. } => {
                    planted.dumpers.insert(provider);
                }
                Truth::SpamAccounts { providers, .. } => planted.spam.extend(providers),
                _ => {}
            }
        }
        planted
    }
}

fn check_found(found: &BTreeSet<String>, planted: &BTreeSet<String>, what: &str) {
    let right = found.intersection(planted).count() as f64;
    assert!(
        right >= 0.9 * planted.len() as f64,
        "{what}: {found:?} of {planted:?}"
    );
    assert!(
        right >= 0.8 * found.len() as f64,
        "{what}: {found:?} for {planted:?}"
    );
}

/// What `pipeline cases` prints as strongest is of planted rings, with bids and signals to look at.
fn check_strongest(lake: &Lake, planted: &Planted) {
    let folder = lake.path().display().to_string();
    let strongest = |what| {
        let limit = ["--limit", "5", "--json", "--lake", &folder];
        let ran = Ran::pipeline(&[&["cases", what][..], &limit].concat(), &[]);
        assert!(ran.is_success(), "{}", ran.stderr);
        ran.json()
    };
    let pairs = strongest("pairs");
    assert_eq!(pairs.len(), 5);
    for pair in pairs {
        let own: BTreeSet<String> = pair["bidders"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["provider_id"].as_str().unwrap().to_owned())
            .collect();
        assert!(
            planted.rings.iter().any(|ring| own.is_subset(ring)),
            "{pair}"
        );
        assert_eq!(
            pair["signals"][0]["is_raised"], true,
            "raised ones come first"
        );
    }
    let auctions = strongest("auctions");
    assert_eq!(auctions.len(), 5);
    for auction in auctions {
        let bids = auction["bids"].as_array().unwrap();
        let prices: Vec<_> = bids.iter().map(|bid| bid["price_cents"].as_i64()).collect();
        assert!(prices.is_sorted() && !prices.is_empty(), "{auction}");
        let suspects = bids.iter().filter(|bid| bid["is_suspect"] == true);
        assert!(suspects.count() >= 2, "{auction}");
    }
}

#[test]
fn every_ring_is_found_with_dumpers_and_spam_and_hardly_an_honest_provider_is_flagged() {
    let lake = Lake::with_demo(3);
    good_night(&lake, 20);
    let planted = Planted::of(&lake);
    let rings = lake.query("SELECT provider_ids, kind FROM gold.collusion_rings");
    let found: Vec<BTreeSet<String>> = rings
        .iter()
        .map(|ring| {
            texts(&ring["provider_ids"])
                .into_iter()
                .map(str::to_owned)
                .collect()
        })
        .collect();
    assert_eq!(planted.rings.len(), 6);
    check_strongest(&lake, &planted);
    for ring in &planted.rings {
        assert!(found.contains(ring), "{ring:?} is not among {found:?}");
    }
    check_found(
        &flagged(&lake, "provider", "dumping"),
        &planted.dumpers,
        "dumping",
    );
    check_found(&flagged(&lake, "provider", "spam"), &planted.spam, "spam");
    let guilty: BTreeSet<String> = planted
        .rings
        .into_iter()
        .flatten()
        .chain(planted.dumpers)
        .chain(planted.spam)
        .collect();
    let all = lake.query("SELECT provider_id FROM silver.providers").len();
    let wrongly: Vec<String> = ["collusion", "dumping", "spam", "conduct"]
        .iter()
        .flat_map(|family| flagged(&lake, "provider", family))
        .filter(|provider| !guilty.contains(provider))
        .collect();
    assert!(wrongly.len() * 100 <= all - guilty.len(), "{wrongly:?}");
}

#[test]
fn prices_are_learnt_without_what_rings_and_spam_accounts_ask() {
    let lake = Lake::published();
    let [count] = &lake.query(
        "SELECT count(*) AS tainted, count(DISTINCT o.deal_id) AS projects
         FROM gold.price_observations o WHERE o.is_tainted",
    )[..] else {
        panic!("one row")
    };
    assert!(count["tainted"].as_i64().unwrap() > 100, "{count}");
    let of_ring = lake.query(
        "SELECT c.deal_id FROM gold.comparables c
         INNER JOIN gold.price_observations o
           ON o.tenant = c.tenant AND o.deal_id = c.deal_id AND o.is_tainted AND o.is_agreed",
    );
    assert!(of_ring.is_empty(), "a tainted price is nobody's comparable");
}

fn abuse(node: &Node, entity: &str, id: &str, more: &str) -> Answer {
    node.get(&format!("/api/abuse/{entity}/{id}?tenant={TENANT}{more}"))
}

/// The score is what its sources come to.
fn check_case(body: &Value) {
    let sources = body["sources"].as_array().unwrap().iter();
    let doubt: f64 = sources
        .map(|one| 1.0 - one["chance"].as_f64().unwrap())
        .product();
    assert!(
        (body["score"].as_f64().unwrap() - (1.0 - doubt)).abs() < 1e-12,
        "{body}"
    );
}

#[test]
fn a_flag_is_told_with_its_evidence_in_french_and_in_english() {
    let lake = Lake::published();
    let node = Node::ready(&lake);
    let planted = Planted::of(&lake);
    let dumper = planted.dumpers.first().unwrap();
    let body = abuse(&node, "provider", dumper, "").body;
    assert_eq!(
        (&body["level"], &body["family"]),
        (&json!("flag"), &json!("dumping")),
        "{body}"
    );
    assert_eq!(body["snapshot_id"].as_str(), lake.announced().as_deref());
    check_case(&body);
    let signals = body["signals"].as_array().unwrap();
    let raised: Vec<&Value> = signals
        .iter()
        .filter(|one| one["is_raised"] == true)
        .collect();
    assert!(
        raised.iter().any(|one| one["sign"] == "below_others"),
        "{body}"
    );
    for signal in raised {
        assert!(
            !signal["evidence"].as_array().unwrap().is_empty(),
            "{signal}"
        );
        assert!(signal["support"].as_i64().unwrap() >= 3, "{signal}");
        for shown in signal["evidence"].as_array().unwrap() {
            let (kind, id) = (
                shown["kind"].as_str().unwrap(),
                shown["id"].as_str().unwrap(),
            );
            assert_eq!(abuse(&node, kind, id, "").status, 200, "{shown}");
        }
    }
    let said =
        |language: &str| abuse(&node, "provider", dumper, language).body["reasons"][0].clone();
    assert!(
        said("").as_str().unwrap().contains("prix anormalement bas"),
        "{body}"
    );
    assert!(
        said("&lang=en")
            .as_str()
            .unwrap()
            .contains("abnormally low prices")
    );

    let spam = planted.spam.first().unwrap();
    let body = abuse(&node, "provider", spam, "").body;
    assert_eq!(
        (&body["level"], &body["family"]),
        (&json!("flag"), &json!("spam")),
        "{body}"
    );
    check_case(&body);
    assert!(body["sources"].as_array().unwrap().len() >= 2, "{body}");

    let honest = lake.query(&format!(
        "SELECT provider_id FROM silver.providers p WHERE tenant = '{TENANT}' AND NOT EXISTS (
           SELECT 1 FROM gold.abuse_cases c
           WHERE c.tenant = p.tenant AND c.entity_kind = 'provider' AND c.entity_id = p.provider_id)
         ORDER BY provider_id LIMIT 1"
    ));
    let honest = honest[0]["provider_id"].as_str().unwrap();
    let body = abuse(&node, "provider", honest, "").body;
    assert_eq!(
        (&body["level"], &body["score"]),
        (&json!("none"), &json!(0.0)),
        "{body}"
    );
    assert_eq!(body["reasons"], json!(["Aucun signe d'abus."]));
}

#[test]
fn a_rings_auction_shows_the_flag_and_the_ring_is_told_with_nodes_and_edges() {
    let lake = Lake::published();
    let node = Node::ready(&lake);
    for truth in truths(&lake) {
        let Truth::CoverRing {
            providers,
            projects,
            winner,
            ..
        } = truth
        else {
            continue;
        };
        let body = node
            .get(&format!(
                "/api/projects/{}/bids?tenant={TENANT}&weights=risk:1",
                projects[0]
            ))
            .body;
        let mut of_ring = 0;
        for bid in body["bids"].as_array().unwrap() {
            let is_member = providers
                .iter()
                .any(|one| bid["provider_id"] == one.as_str());
            let flags = bid["abuse"]["flags"].as_array().unwrap();
            let tells = flags.iter().any(|flag| flag["kind"] == "collusion");
            assert!(tells || !is_member, "{bid}");
            let value = bid["breakdown"][0]["value"].as_f64().unwrap();
            assert!(!is_member || value <= 0.5, "a flag is a risk: {bid}");
            of_ring += usize::from(is_member);
        }
        assert!(of_ring >= 3, "{body}");
        let body = abuse(&node, "provider", &winner, "").body;
        let ring = body["ring_id"].as_str().unwrap_or_else(|| panic!("{body}"));
        let body = node
            .get(&format!("/api/abuse/rings/{ring}?tenant={TENANT}"))
            .body;
        assert_eq!(body["kind"], "cover", "{body}");
        let nodes = body["nodes"].as_array().unwrap();
        let members: BTreeSet<&str> = nodes
            .iter()
            .map(|one| one["provider_id"].as_str().unwrap())
            .collect();
        assert_eq!(members, providers.iter().map(String::as_str).collect());
        let wins: BTreeMap<&str, i64> = nodes
            .iter()
            .map(|one| {
                (
                    one["provider_id"].as_str().unwrap(),
                    one["wins"].as_i64().unwrap(),
                )
            })
            .collect();
        assert!(wins[winner.as_str()] >= 10, "{wins:?}");
        assert!(body["edges"].as_array().unwrap().len() >= 3, "{body}");
        assert!(
            body["summary"].as_str().unwrap().contains("un seul gagne"),
            "{body}"
        );
        check_case(&body);
    }
}

#[test]
fn what_is_unknown_malformed_or_anothers_is_refused_alike() {
    let lake = Lake::published();
    let node = Node::ready(&lake);
    let other = lake.query(
        "SELECT provider_id FROM silver.providers WHERE tenant = 'tenant_nord' ORDER BY 1 LIMIT 1",
    );
    let other = other[0]["provider_id"].as_str().unwrap();
    let stripped = |mut answer: Answer, id: &str| {
        let body = answer.body.as_object_mut().unwrap();
        body.remove("request_id");
        body.remove("instance");
        (answer.status, answer.body.to_string().replace(id, "ID"))
    };
    let unknown = stripped(abuse(&node, "provider", "PRE-999999", ""), "PRE-999999");
    assert_eq!(unknown.0, 404);
    assert_eq!(
        stripped(abuse(&node, "provider", other, ""), other),
        unknown
    );
    for (entity, id, field) in [
        ("provider", "a%20b", "id"),
        ("provider", "%C3%A9", "id"),
        ("provider", "a%3Cscript%3E", "id"),
        ("provider", &"x".repeat(129), "id"),
        ("firm", "PRE-000001", "entity"),
        ("ring", "RNG-0", "entity"),
        ("rings", "a%20b", "id"),
    ] {
        let answer = abuse(&node, entity, id, "");
        assert_eq!(
            (answer.status, &answer.body["field"]),
            (422, &json!(field)),
            "{entity} {id}"
        );
    }
    assert_eq!(abuse(&node, "rings", "RNG-0123456789", "").status, 404);
}

#[test]
fn a_cleared_case_stays_quiet_until_there_is_news_and_decisions_move_what_signs_weigh() {
    let lake = Lake::with_demo(1);
    good_night(&lake, 20);
    let planted = Planted::of(&lake);
    let dumper = planted.dumpers.first().unwrap().as_str();
    let spam: Vec<&String> = planted.spam.iter().collect();
    let before = case_of(&lake, "provider", dumper).unwrap();
    assert_eq!(before["level"], "flag");
    let weighed = case_of(&lake, "provider", spam[4]).unwrap();

    let entity = format!("provider:{dumper}");
    let decided = good_cases(
        &lake,
        &[
            "clear",
            &entity,
            "--by",
            "M. Test",
            "--note",
            "stock à écouler",
        ],
    );
    assert_eq!(decided[0]["verdict"], "cleared");
    for account in &spam[..4] {
        let id = case_of(&lake, "provider", account).unwrap();
        good_cases(&lake, &["confirm", id["case_id"].as_str().unwrap()]);
    }
    good_night(&lake, 21);
    let cleared = case_of(&lake, "provider", dumper).unwrap();
    assert_eq!(
        (&cleared["level"], &cleared["is_flagged"]),
        (&json!("cleared"), &json!(false))
    );
    assert_eq!(
        (&cleared["verdict"], &cleared["news"]),
        (&json!("cleared"), &json!(0))
    );
    assert_eq!(
        case_of(&lake, "provider", spam[0]).unwrap()["level"],
        "confirmed"
    );
    let after = case_of(&lake, "provider", spam[4]).unwrap();
    assert!(
        after["score"].as_f64() > weighed["score"].as_f64(),
        "what was confirmed of others makes the same signs count for more: {weighed} {after}"
    );
    let learnt = lake.query("SELECT * FROM gold.case_models WHERE subject = 'shared_identifiers'");
    assert_eq!(
        (&learnt[0]["confirmed"], &learnt[0]["cleared"]),
        (&json!(4), &json!(0))
    );
    assert!(learnt[0]["precision"].as_f64() > learnt[0]["prior"].as_f64());

    // Four more auctions of the same sort are news.
    let low = lake.query(&format!(
        "SELECT b.* FROM silver.bids b INNER JOIN silver.projects p
           ON p.tenant = b.tenant AND p.project_id = b.project_id
         WHERE b.tenant = '{TENANT}' AND b.status = 'lost' AND NOT EXISTS (
           SELECT 1 FROM silver.bids own WHERE own.tenant = b.tenant
             AND own.project_id = b.project_id AND own.provider_id = '{dumper}')
           AND p.project_id > 'PRJ-0000100'
         ORDER BY b.project_id, b.bid_id"
    ));
    let mut rows: BTreeMap<String, Value> = BTreeMap::new();
    for mut bid in low {
        let project = bid["project_id"].as_str().unwrap().to_owned();
        bid["bid_id"] = json!(format!("OFF-BIS-{}", rows.len()));
        bid["provider_id"] = json!(dumper);
        bid["price_cents"] = json!(bid["price_cents"].as_i64().unwrap() * 35 / 100);
        if rows.len() < 8 {
            rows.entry(project).or_insert(bid);
        }
    }
    let rows: Vec<Value> = rows.into_values().collect();
    assert_eq!(rows.len(), 8);
    lake.land("bids/encore", &rows);
    good_night(&lake, 22);
    let again = case_of(&lake, "provider", dumper).unwrap();
    assert_eq!(again["level"], "flag", "{again}");
    assert!(again["news"].as_i64().unwrap() >= 3, "{again}");
}

#[test]
fn a_case_is_shown_with_its_ring_drawn_and_a_bad_name_is_explained() {
    let lake = Lake::published();
    let rings = good_cases(&lake, &["list", "--kind", "ring"]);
    let ring = rings[0]["case_id"].as_str().unwrap();
    let file = tempfile::tempdir().unwrap();
    let picture = file.path().join("ring.svg");
    let shown = good_cases(
        &lake,
        &["show", ring, "--picture", &picture.display().to_string()],
    );
    assert_eq!(shown[0]["case"]["case_id"], ring);
    let members = texts(&shown[0]["ring"]["provider_ids"]);
    let svg = std::fs::read_to_string(&picture).unwrap();
    assert!(svg.starts_with("<svg") && members.iter().all(|member| svg.contains(member)));
    for (arguments, told) in [
        (
            vec!["show", "provider:PRE-999999"],
            "pipeline cases list --all",
        ),
        (vec!["clear", "no-such-case"], "pipeline cases list --all"),
    ] {
        let ran = cases(&lake, &arguments);
        assert!(
            !ran.is_success() && ran.stderr.contains(told),
            "{}",
            ran.stderr
        );
    }
    let dumping = good_cases(
        &lake,
        &["list", "--family", "dumping", "--kind", "provider"],
    );
    let id = dumping[0]["case_id"].as_str().unwrap();
    let ran = cases(&lake, &["show", id, "--picture", "/dev/null"]);
    assert!(
        !ran.is_success() && ran.stderr.contains("is of no ring"),
        "{}",
        ran.stderr
    );
}
