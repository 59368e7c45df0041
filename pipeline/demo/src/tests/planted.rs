//! Planted behaviour shows in the rows as the truth file tells it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Generated, Row, generated, market, number, settings, text};
use crate::Truth;

/// Bids by project.
fn auctions(market: &Generated) -> BTreeMap<String, Vec<Row>> {
    let mut auctions: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for row in market.rows("bids") {
        auctions
            .entry(text(&row, "project_id").to_owned())
            .or_default()
            .push(row);
    }
    auctions
}

fn winner(bids: &[Row]) -> &str {
    bids.iter()
        .find(|bid| text(bid, "status") == "won")
        .map_or("", |bid| text(bid, "provider_id"))
}

#[test]
fn the_first_member_of_a_cover_ring_always_wins() {
    let market = generated(&settings(7, 2));
    let auctions = auctions(&market);
    let mut rings = 0;
    for truth in &market.truths {
        let Truth::CoverRing {
            providers,
            projects,
            winner: first,
            ..
        } = truth
        else {
            continue;
        };
        rings += 1;
        for project in projects {
            let bids = &auctions[project];
            assert_eq!(winner(bids), first);
            let bidders: BTreeSet<&str> = bids.iter().map(|bid| text(bid, "provider_id")).collect();
            assert!(
                providers
                    .iter()
                    .all(|provider| bidders.contains(provider.as_str()))
            );
        }
    }
    assert_eq!(rings, 2, "one ring per unit");
}

#[test]
fn the_members_of_a_rotating_ring_win_equally_often() {
    let market = market();
    let auctions = auctions(market);
    for truth in &market.truths {
        let Truth::RotationRing {
            providers,
            projects,
            ..
        } = truth
        else {
            continue;
        };
        let mut wins: BTreeMap<&str, usize> = BTreeMap::new();
        for project in projects {
            *wins.entry(winner(&auctions[project])).or_default() += 1;
        }
        let names: Vec<&str> = wins.keys().copied().collect();
        assert_eq!(
            names,
            providers.iter().map(String::as_str).collect::<Vec<_>>()
        );
        assert!(
            wins.values()
                .all(|count| *count == projects.len() / providers.len())
        );
    }
}

#[test]
fn a_dumper_bids_far_below_the_others() {
    let market = market();
    let auctions = auctions(market);
    for truth in &market.truths {
        let Truth::Dumping {
            provider, projects, ..
        } = truth
        else {
            continue;
        };
        for project in projects {
            let (own, others): (Vec<&Row>, Vec<&Row>) = auctions[project]
                .iter()
                .partition(|bid| text(bid, "provider_id") == provider);
            assert_eq!(
                (own.len(), winner(&auctions[project])),
                (1, provider.as_str())
            );
            let lowest = others
                .iter()
                .map(|bid| number(bid, "price_cents"))
                .fold(f64::MAX, f64::min);
            assert!(number(own[0], "price_cents") < 0.85 * lowest, "{project}");
        }
    }
}

#[test]
fn the_painting_project_is_under_priced_and_never_awarded() {
    let market = market();
    let projects = market.rows("projects");
    for truth in &market.truths {
        let Truth::UnderpricedProject {
            project,
            budget_cents,
            fair_price_cents,
            ..
        } = truth
        else {
            continue;
        };
        assert!(budget_cents * 5 < *fair_price_cents);
        let row = projects
            .iter()
            .find(|row| text(row, "project_id") == project)
            .unwrap();
        assert_eq!(number(row, "budget_cents"), *budget_cents as f64);
        assert_eq!(
            (text(row, "status"), text(row, "awarded_bid_id")),
            ("cancelled", "")
        );
    }
}

#[test]
fn each_unit_has_an_open_painting_project_with_far_too_low_a_budget() {
    let market = generated(&settings(7, 2));
    let (projects, bids) = (market.rows("projects"), auctions(&market));
    let mut found = 0;
    for truth in &market.truths {
        let Truth::OpenUnderpricedProject {
            project,
            category,
            budget_cents,
            fair_price_cents,
            ..
        } = truth
        else {
            continue;
        };
        found += 1;
        assert!(budget_cents * 5 < *fair_price_cents);
        let row = projects
            .iter()
            .find(|row| text(row, "project_id") == project)
            .unwrap();
        assert_eq!(number(row, "budget_cents"), *budget_cents as f64);
        assert_eq!(text(row, "category"), category);
        assert_eq!((text(row, "status"), text(row, "closed_at")), ("open", ""));
        let submitted = |bid: &Row| text(bid, "status") == "submitted";
        assert!(bids[project].iter().any(submitted));
    }
    assert_eq!(found, 2, "one per unit");
}

#[test]
fn each_unit_has_a_recent_introduction_at_a_quarter_of_its_price_or_less() {
    let market = generated(&settings(7, 2));
    let intros = market.rows("intros");
    let mut found = 0;
    for truth in &market.truths {
        let Truth::UnderpricedIntro {
            intro,
            price_cents,
            fair_price_cents,
            ..
        } = truth
        else {
            continue;
        };
        found += 1;
        let share = *price_cents as f64 / *fair_price_cents as f64;
        assert!((0.14..0.26).contains(&share), "{share}");
        let row = intros
            .iter()
            .find(|row| text(row, "intro_id") == intro)
            .unwrap();
        assert_eq!(number(row, "price_cents"), *price_cents as f64);
        assert_eq!(text(row, "status"), "proposed");
        assert!(text(row, "requested_at") > "2026-10-27");
    }
    assert_eq!(found, 2, "one per unit");
}

#[test]
fn planted_people_miss_most_of_their_bookings() {
    let market = market();
    let Some(people) = market.truths.iter().find_map(|truth| match truth {
        Truth::NoShowPeople { people, .. } => Some(people),
        _ => None,
    }) else {
        panic!("nobody is planted")
    };
    let share = |is_planted: bool| {
        let rows = market.rows("bookings");
        let due = rows.iter().filter(|row| {
            people.iter().any(|person| person == text(row, "person_id")) == is_planted
                && ["held", "no_show"].contains(&text(row, "status"))
        });
        let (missed, all) = due.fold((0.0, 0.0), |(missed, all), row| {
            (
                missed + f64::from(u8::from(text(row, "status") == "no_show")),
                all + 1.0,
            )
        });
        missed / all
    };
    assert!(share(true) > 0.5, "{}", share(true));
    assert!(share(false) < 0.1, "{}", share(false));
}

#[test]
fn spam_accounts_share_a_device_and_bid_within_minutes() {
    let market = market();
    for truth in &market.truths {
        let Truth::SpamAccounts {
            providers,
            companies,
            submissions,
            ..
        } = truth
        else {
            continue;
        };
        let is_spam = |row: &Row| providers.iter().any(|id| id == text(row, "provider_id"));
        let rows: Vec<Row> = market
            .rows("providers")
            .into_iter()
            .filter(is_spam)
            .collect();
        let devices: BTreeSet<&str> = rows.iter().map(|row| text(row, "device_hash")).collect();
        assert_eq!((rows.len(), devices.len()), (providers.len(), 1));
        let bids: Vec<Row> = market.rows("bids").into_iter().filter(is_spam).collect();
        let hours: BTreeSet<&str> = bids
            .iter()
            .map(|bid| &text(bid, "submitted_at")[..13])
            .collect();
        assert!(
            bids.len() >= 40 && hours.len() == 1,
            "{} bids in {hours:?}",
            bids.len()
        );
        assert!(bids.iter().all(|bid| text(bid, "status") != "won"));
        assert_eq!((companies.len(), submissions.len()), (5, 6));
    }
}

#[test]
fn honest_prices_follow_size_and_an_award_always_has_its_bid() {
    let market = market();
    let auctions = auctions(market);
    let mut pairs = Vec::new();
    for project in market.rows("projects") {
        let bids = auctions
            .get(text(&project, "project_id"))
            .map_or(&[][..], Vec::as_slice);
        let won = bids.iter().find(|bid| text(bid, "status") == "won");
        let awarded = ["awarded", "done"].contains(&text(&project, "status"));
        assert_eq!(awarded, won.is_some());
        if let Some(won) = won {
            assert_eq!(text(&project, "awarded_bid_id"), text(won, "bid_id"));
            pairs.push((
                number(&project, "budget_cents").ln(),
                number(won, "price_cents").ln(),
            ));
        }
        for bid in bids {
            assert!(text(bid, "submitted_at") > text(&project, "published_at"));
        }
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (left, right): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
    let (x, y) = (mean(&left), mean(&right));
    let cross = |a: &[f64], b: &[f64], x: f64, y: f64| -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - x) * (b - y)).sum()
    };
    let correlation = cross(&left, &right, x, y)
        / (cross(&left, &left, x, x) * cross(&right, &right, y, y)).sqrt();
    assert!(correlation > 0.9, "{correlation}");
}
