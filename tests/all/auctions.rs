//! Bids ranked, explained and guided, asked as clients ask.

use marketlounge_tests::{Answer, Lake, Node, truths};
use serde_json::{Value, json};

const TENANT: &str = "tenant_demo";

fn planted(lake: &Lake, kind: &str) -> Value {
    let mut all = truths(lake).into_iter().map(|truth| json!(truth));
    all.find(|truth| truth["kind"] == kind)
        .unwrap_or_else(|| panic!("no {kind} is planted"))
}

fn texts(of: &Value) -> Vec<&str> {
    of.as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_str().unwrap())
        .collect()
}

fn bids(node: &Node, project: &str, more: &str) -> Value {
    let answer = node.get(&format!(
        "/api/projects/{project}/bids?tenant={TENANT}{more}"
    ));
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

fn refused(answer: &Answer, status: u16, field: &str) {
    assert_eq!(
        (answer.status, answer.body["field"].as_str()),
        (status, Some(field)),
        "{}",
        answer.body
    );
}

/// The parts of a score sum to it; returns it.
fn check_score(bid: &Value) -> f64 {
    let parts = bid["breakdown"].as_array().unwrap().iter();
    let base = bid["base"].as_f64().unwrap();
    let sum = parts.fold(base, |sum, part| {
        sum + part["contribution"].as_f64().unwrap()
    });
    let score = bid["score"].as_f64().unwrap();
    assert!((sum - score).abs() < 1e-12, "{bid}");
    score
}

/// A price's value as GlobalScore defines it: 1 to p10, ½ at p50, 0 from p90; the budget, and a quarter above it.
fn price_value(price: f64, quantiles: [f64; 3], budget: Option<f64>) -> f64 {
    let [p10, p50, p90] = quantiles;
    let cheap = if price <= p10 {
        1.0
    } else if price <= p50 {
        1.0 - (price - p10) / (p50 - p10) / 2.0
    } else {
        (0.5 - (price - p50) / (p90 - p50) / 2.0).max(0.0)
    };
    let held = budget.map_or(1.0, |budget| {
        (1.0 - (price - budget) / (0.25 * budget)).clamp(0.0, 1.0)
    });
    cheap * held
}

#[test]
fn the_ranking_is_what_the_documented_formula_gives() {
    let lake = Lake::published();
    let node = Node::ready(&lake);
    let budgets = lake.query(&format!(
        "SELECT project_id, max(budget_cents) AS budget, count(*) AS bids FROM gold.project_bids
         WHERE tenant = '{TENANT}' GROUP BY project_id ORDER BY bids DESC, project_id LIMIT 8"
    ));
    for row in budgets {
        let project = row["project_id"].as_str().unwrap();
        let body = bids(&node, project, "&weights=price:0.4,quality:0.2");
        assert_eq!(body["snapshot_id"].as_str(), lake.announced().as_deref());
        assert_eq!(body["ranked_by"]["by"], "formula");
        assert_eq!(body["count"], row["bids"]);
        let of = &body["reference"];
        let quantiles =
            ["p10_cents", "p50_cents", "p90_cents"].map(|name| of[name].as_f64().unwrap());
        let mut placed = Vec::new();
        for bid in body["bids"].as_array().unwrap() {
            let score = check_score(bid);
            let parts = bid["breakdown"].as_array().unwrap();
            let mut weights = 0.0;
            for part in parts {
                let (value, weight) = (
                    part["value"].as_f64().unwrap(),
                    part["weight"].as_f64().unwrap(),
                );
                weights += weight;
                assert!(
                    (part["contribution"].as_f64().unwrap() - value * weight).abs() < 1e-11,
                    "{part}"
                );
            }
            assert!((weights - 1.0).abs() < 1e-12, "{bid}");
            let price = parts.iter().find(|part| part["term"] == "price").unwrap();
            let expected = price_value(
                bid["price_cents"].as_f64().unwrap(),
                quantiles,
                row["budget"].as_f64(),
            );
            assert!(
                (price["value"].as_f64().unwrap() - expected).abs() < 1e-9,
                "{bid}"
            );
            if let Some(rank) = bid["rank"].as_u64() {
                placed.push((rank, score, bid["bid_id"].as_str().unwrap().to_owned()));
            }
        }
        let mut again = placed.clone();
        again.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.2.cmp(&b.2)));
        assert_eq!(placed, again);
        let ranks: Vec<u64> = placed.iter().map(|(rank, ..)| *rank).collect();
        assert_eq!(ranks, (1..=placed.len() as u64).collect::<Vec<_>>());
        assert_eq!(body["standing"].as_u64(), Some(placed.len() as u64));
    }
}

#[test]
fn a_shorter_list_is_the_start_of_a_longer_one() {
    let lake = Lake::published();
    let node = Node::ready(&lake);
    let ring = planted(&lake, "cover_ring");
    let project = ring["projects"][0].as_str().unwrap();
    let all = bids(&node, project, "");
    let all = all["bids"].as_array().unwrap();
    assert!(all.len() >= 3);
    for limit in 1..=all.len() {
        let some = bids(&node, project, &format!("&limit={limit}"));
        assert_eq!(some["bids"].as_array().unwrap()[..], all[..limit]);
    }
    // Whoever ranks, each score is a sum, and a place for signs of abuse is there.
    for bid in all {
        check_score(bid);
        assert!(bid["abuse"]["flags"].is_array(), "{bid}");
        assert!(!texts(&bid["reasons"]).is_empty());
    }
}

#[test]
fn the_planted_dumper_is_flagged_with_evidence_and_honest_bids_hardly_ever() {
    let lake = Lake::published();
    let node = Node::ready(&lake);
    let dumping = planted(&lake, "dumping");
    for project in texts(&dumping["projects"]) {
        let body = bids(&node, project, "");
        let of_dumper = |bid: &&Value| bid["provider_id"] == dumping["provider"];
        let bid = body["bids"]
            .as_array()
            .unwrap()
            .iter()
            .find(of_dumper)
            .unwrap();
        let low = &bid["abnormally_low"];
        assert_eq!(low["is_flagged"], true, "{bid}");
        let raised: Vec<_> = low["evidence"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["is_raised"] == true)
            .collect();
        assert!(raised.len() >= 2);
        for one in raised {
            let price = bid["price_cents"].as_f64().unwrap();
            let below = 1.0 - price / one["against_cents"].as_f64().unwrap();
            assert!(
                (below - one["below"].as_f64().unwrap()).abs() < 1e-4,
                "{one}"
            );
            assert!(!one["source"].as_str().unwrap().is_empty());
        }
        assert!(low["advice"].as_str().unwrap().contains("L2152-6"));
        assert!(
            texts(&bid["reasons"])
                .iter()
                .any(|said| said.contains("au-dessous")),
            "{bid}"
        );
    }
    // Of auctions in which nobody was planted, the flag is rare.
    let mut planted: Vec<String> = Vec::new();
    for truth in truths(&lake).into_iter().map(|truth| json!(truth)) {
        if truth["kind"] != "unmet_demand" && truth["projects"].is_array() {
            planted.extend(texts(&truth["projects"]).into_iter().map(str::to_owned));
        }
    }
    let projects = lake.query(&format!(
        "SELECT DISTINCT project_id FROM gold.project_bids WHERE tenant = '{TENANT}' ORDER BY project_id"
    ));
    let (mut flagged, mut seen) = (0, 0);
    for row in projects {
        let project = row["project_id"].as_str().unwrap();
        if planted.iter().any(|one| one == project) {
            continue;
        }
        for bid in bids(&node, project, "&limit=200")["bids"]
            .as_array()
            .unwrap()
        {
            seen += 1;
            flagged += u32::from(bid["abnormally_low"]["is_flagged"] == true);
        }
    }
    assert!(
        seen > 100 && f64::from(flagged) < 0.08 * f64::from(seen),
        "{flagged} of {seen}"
    );
}

#[test]
fn an_explanation_sums_to_the_difference_of_the_scores() {
    let lake = Lake::published();
    let node = Node::ready(&lake);
    let project = planted(&lake, "dumping")["projects"][0]
        .as_str()
        .unwrap()
        .to_owned();
    for weights in ["", "&weights=price:0.1,delay:0.9"] {
        let ranked = bids(&node, &project, weights);
        let ranked = ranked["bids"].as_array().unwrap();
        for (place, bid) in ranked.iter().enumerate() {
            let id = bid["bid_id"].as_str().unwrap();
            let answer = node.get(&format!(
                "/api/projects/{project}/explain?tenant={TENANT}&bid={id}{weights}"
            ));
            assert_eq!(answer.status, 200, "{}", answer.body);
            assert_eq!(answer.body["bid"]["score"], bid["score"]);
            assert_eq!(answer.body["bid"]["rank"], bid["rank"]);
            let against = answer.body["against"].as_array().unwrap();
            let expected: Vec<&Value> = ranked
                .iter()
                .filter(|other| other["rank"].is_u64() && other["bid_id"] != id)
                .take(2)
                .map(|other| &other["bid_id"])
                .collect();
            assert_eq!(
                against.iter().map(|one| &one["bid_id"]).collect::<Vec<_>>(),
                expected
            );
            for one in against {
                let parts = one["differences"].as_array().unwrap().iter();
                let sum: f64 = parts.map(|part| part["difference"].as_f64().unwrap()).sum();
                let said = one["score_difference"].as_f64().unwrap();
                assert!((sum - said).abs() < 1e-12, "{one}");
                let apart = bid["score"].as_f64().unwrap() - one["score"].as_f64().unwrap();
                assert!((apart - said).abs() < 1e-12);
                assert!(place > 0 || said >= 0.0, "the best is not behind: {one}");
                assert!(one["reason"].as_str().unwrap().contains("Face à"));
            }
        }
    }
}

#[test]
fn guidance_places_a_bid_and_its_levers_do_what_they_say() {
    let lake = Lake::published();
    let node = Node::ready(&lake);
    let open = lake.query(&format!(
        "SELECT project_id, max(price_cents) AS dearest, count(*) AS bids FROM gold.project_bids
         WHERE tenant = '{TENANT}' AND project_status = 'open' GROUP BY project_id ORDER BY bids DESC, project_id LIMIT 1"
    ));
    let (project, dearest) = (
        open[0]["project_id"].as_str().unwrap(),
        open[0]["dearest"].as_i64().unwrap(),
    );
    let ask = |price: i64, more: &str| {
        let answer = node.get(&format!(
            "/api/projects/{project}/guidance?tenant={TENANT}&bid={price}{more}"
        ));
        assert_eq!(answer.status, 200, "{}", answer.body);
        check_score(&answer.body);
        assert!(answer.body["abuse"]["flags"].is_array());
        answer.body
    };
    let body = ask(dearest + 100_000, "&delay_days=400");
    assert_eq!(body["clock"]["is_open"], true);
    assert_eq!(body["rank_by_price"], body["of"]);
    let score = body["score"].as_f64().unwrap();
    let mut names = Vec::new();
    for lever in body["levers"].as_array().unwrap() {
        let name = lever["lever"].as_str().unwrap();
        names.push(name.to_owned());
        let then = match name {
            "delay" => ask(
                dearest + 100_000,
                &format!("&delay_days={}", lever["value"]),
            ),
            "know_how" => continue,
            _ => ask(lever["value"].as_i64().unwrap(), "&delay_days=400"),
        };
        for field in ["rank_by_price", "rank_by_score", "score"] {
            assert_eq!(then[field], lever[field], "{field} of {lever}");
        }
        assert!(
            (then["score"].as_f64().unwrap() - score - lever["score_gain"].as_f64().unwrap()).abs()
                < 1e-12
        );
        if name == "price_for_price_rank" {
            assert!(then["rank_by_price"].as_u64() < body["rank_by_price"].as_u64());
        }
        if name == "price_for_score_rank" {
            assert!(then["rank_by_score"].as_u64() < body["rank_by_score"].as_u64());
        }
    }
    assert!(
        names.iter().any(|name| name == "price_for_price_rank"),
        "{names:?}"
    );
    // A third of the low end is abnormally low, and is told so, not refused.
    let p10 = body["reference"]["p10_cents"].as_i64().unwrap();
    let dumped = ask(p10 / 3, "");
    assert_eq!(dumped["abnormally_low"]["is_flagged"], true, "{dumped}");
    assert_eq!(dumped["rank_by_price"], 1);
    assert_eq!(dumped["distance"]["place"], "below_p10");
    // Whoever bid already is counted once.
    let own = lake.query(&format!(
        "SELECT bid_id, provider_id, price_cents FROM gold.project_bids
         WHERE tenant = '{TENANT}' AND project_id = '{project}' AND NOT is_withdrawn AND NOT is_late ORDER BY bid_id LIMIT 1"
    ));
    let again = ask(
        own[0]["price_cents"].as_i64().unwrap(),
        &format!("&provider={}", own[0]["provider_id"].as_str().unwrap()),
    );
    assert_eq!(again["replaces"], own[0]["bid_id"]);
    assert_eq!(
        again["of"].as_u64().unwrap() + 1,
        body["of"].as_u64().unwrap()
    );
}

#[test]
fn another_tenant_and_bad_parameters_are_refused_by_name() {
    let lake = Lake::published();
    let node = Node::ready(&lake);
    let project = planted(&lake, "cover_ring")["projects"][0]
        .as_str()
        .unwrap()
        .to_owned();
    let id = bids(&node, &project, "")["bids"][0]["bid_id"]
        .as_str()
        .unwrap()
        .to_owned();
    for path in [
        "bids?".to_owned(),
        format!("explain?bid={id}&"),
        "guidance?bid=100000&".to_owned(),
    ] {
        let ask = |more: &str| node.get(&format!("/api/projects/{project}/{path}{more}"));
        assert_eq!(ask(&format!("tenant={TENANT}&lang=en")).status, 200);
        refused(&ask("tenant=tenant_nord"), 404, "project_id");
        refused(&ask(""), 404, "project_id");
        refused(
            &ask(&format!("tenant={TENANT}&weights=prix:1")),
            422,
            "weights.prix",
        );
        refused(
            &ask(&format!("tenant={TENANT}&weights=price:7")),
            422,
            "weights.price",
        );
        refused(&ask(&format!("tenant={TENANT}&poids=1")), 422, "poids");
    }
    let ask = |path: &str| node.get(&format!("/api/projects/{project}/{path}&tenant={TENANT}"));
    refused(&ask("bids?limit=0"), 422, "limit");
    refused(&ask("explain?bid=OFF-0"), 404, "bid");
    refused(&ask("explain?lang=fr"), 422, "bid");
    refused(&ask("guidance?lang=fr"), 422, "bid");
    refused(&ask("guidance?bid=-5"), 422, "bid");
    refused(&ask("guidance?bid=100000&provider=PRE-0"), 404, "provider");
    refused(
        &ask("guidance?bid=100000&delay_days=abc"),
        422,
        "delay_days",
    );
}

#[test]
fn the_manifest_says_who_ranks_and_why() {
    let lake = Lake::published();
    let node = Node::ready(&lake);
    let project = planted(&lake, "cover_ring")["projects"][0]
        .as_str()
        .unwrap()
        .to_owned();
    let ranked_by = bids(&node, &project, "")["ranked_by"].clone();
    let contest = ranked_by["contest"].as_str().unwrap();
    assert!(
        contest.contains("ndcg_5") && contest.contains("formula"),
        "{contest}"
    );
    match ranked_by["by"].as_str().unwrap() {
        "model" => assert!(contest.contains(ranked_by["model_version"].as_str().unwrap())),
        by => {
            assert_eq!(by, "formula");
            assert!(
                contest.contains("the formula ranks")
                    && ranked_by["weights"].as_array().unwrap().len() == 6
            );
        }
    }
}
