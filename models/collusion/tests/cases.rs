//! Learning from decided cases: only where there is enough, and only where it is better on firms unseen.

mod market;

use collusion::{
    Bids, CaseModel, CaseParams, CaseVerdict, DetectParams, Detection, Level, ParamGuard, Split,
    Subject, Verdict, detect, fit_cases,
};
use market::{DAY, Market, Plan};
use tabular::{Random, from_bytes, to_bytes};

/// A market of thirty groups of four; the first half of the groups collude, at close prices only and honestly a third of the time.
fn market(seed: u64) -> (Bids, Detection) {
    let mut market = Market::new(200, seed);
    market.background(0..200, 400);
    for group in 0..30_u32 {
        let own: Vec<u32> = (4 * group..4 * group + 4).collect();
        for turn in 0..18 {
            if group < 15 && turn % 3 > 0 {
                let plan = Plan {
                    winner: turn % 4,
                    margin: 1.1,
                    above: (0.01, 0.12),
                    within: None,
                };
                market.rigged(group % 8, &own, plan);
            } else {
                market.honest(group % 8, &own, 0.08);
            }
        }
    }
    let bids = market.finish();
    let params = DetectParams::new(3).check().expect("defaults are good");
    let found = detect(&bids, &params);
    (bids, found)
}

/// What people decided of pairs within groups, in no order of time.
fn verdicts(found: &Detection, groups: std::ops::Range<u32>) -> Vec<Verdict> {
    let mut random = Random::new(5);
    let within = found.pairs.iter().filter(|pair| {
        let [one, other] = pair.firms.map(|firm| firm / 4);
        one == other && groups.contains(&one)
    });
    within
        .map(|pair| Verdict {
            subject: Subject::Pair(pair.firms),
            is_confirmed: pair.firms[0] / 4 < 15,
            decided_at: random.below(700) as i64 * DAY,
        })
        .collect()
}

fn fit(bids: &Bids, found: &Detection, verdicts: &[Verdict]) -> CaseModel {
    let params = CaseParams::new(9).check().expect("defaults are good");
    fit_cases(bids, found, verdicts, &params).expect("no subject is decided twice")
}

#[test]
fn what_is_learnt_is_better_on_firms_that_were_not_seen() {
    let (bids, found) = market(1);
    // Firms of groups 12 to 17 are in no case.
    let mut cases = verdicts(&found, 0..12);
    cases.extend(verdicts(&found, 18..30));
    let model = fit(&bids, &found, &cases);
    let card = &model.cards[0];
    assert_eq!(card.verdict, CaseVerdict::Learned, "{card:?}");
    assert_eq!((card.confirmed, card.cleared), (72, 72));
    let (old, new) = (card.combination.unwrap(), card.learned.unwrap());
    assert!(
        new.log_loss < old.log_loss && new.auc.unwrap() > 0.9,
        "{card:?}"
    );
    let firms = card.folds.iter().filter(|fold| fold.split == Split::Firms);
    assert_eq!(firms.map(|fold| fold.judged).sum::<usize>(), 144);
    assert!(card.folds.iter().any(|fold| fold.split == Split::Time));
    let scores = model.score(&found);
    let mean = |groups: std::ops::Range<u32>| {
        let own = found.pairs.iter().zip(&scores.pairs).filter(|(pair, _)| {
            let [one, other] = pair.firms.map(|firm| firm / 4);
            one == other && groups.contains(&one)
        });
        let (n, sum) = own.fold((0, 0.0), |(n, sum), (_, score)| (n + 1, sum + score));
        sum / f64::from(n)
    };
    assert!(
        mean(12..15) > 0.7 && mean(15..18) < 0.3,
        "{} {}",
        mean(12..15),
        mean(15..18)
    );
    assert!(
        scores
            .pairs
            .iter()
            .chain(&scores.firms)
            .all(|score| (0.0..=1.0).contains(score))
    );
    assert_eq!(scores.rings.len(), found.rings.len());
}

#[test]
fn too_few_cases_leave_the_combination_and_say_so() {
    let (bids, found) = market(2);
    for cases in [vec![], verdicts(&found, 0..15), verdicts(&found, 13..17)] {
        let model = fit(&bids, &found, &cases);
        assert!(
            model
                .cards
                .iter()
                .all(|card| card.verdict == CaseVerdict::TooFew)
        );
        let scores = model.score(&found);
        assert!(
            scores
                .pairs
                .iter()
                .zip(&found.pairs)
                .all(|(score, pair)| *score == pair.score)
        );
    }
}

#[test]
fn shuffled_verdicts_teach_nothing() {
    for seed in 3..7 {
        let (bids, found) = market(seed);
        let mut cases = verdicts(&found, 0..30);
        let mut decided: Vec<bool> = cases.iter().map(|case| case.is_confirmed).collect();
        Random::new(seed).shuffle(&mut decided);
        cases
            .iter_mut()
            .zip(decided)
            .for_each(|(case, decided)| case.is_confirmed = decided);
        let model = fit(&bids, &found, &cases);
        assert_ne!(
            model.cards[0].verdict,
            CaseVerdict::Learned,
            "{:?}",
            model.cards[0]
        );
    }
}

#[test]
fn auctions_are_learnt_from_too() {
    let (bids, found) = market(8);
    let cases: Vec<Verdict> = (400..found.auctions.len() as u32)
        .map(|at| {
            let group = (at - 400) / 18;
            Verdict {
                subject: Subject::Auction(at),
                is_confirmed: group < 15 && (at - 400) % 18 % 3 > 0,
                decided_at: i64::from(at % 37) * DAY,
            }
        })
        .collect();
    let model = fit(&bids, &found, &cases);
    let card = &model.cards[1];
    assert_eq!(card.subject, "auction");
    assert!(
        card.learned.unwrap().auc.unwrap() > card.combination.unwrap().auc.unwrap() - 0.02,
        "{card:?}"
    );
    assert_eq!(card.verdict, CaseVerdict::Learned, "{card:?}");
}

#[test]
fn a_model_is_the_same_bytes_twice_and_comes_back() {
    let (bids, found) = market(9);
    let mut cases = verdicts(&found, 0..30);
    let one = fit(&bids, &found, &cases);
    cases.reverse();
    let bytes = to_bytes(&one).unwrap();
    assert_eq!(bytes, to_bytes(&fit(&bids, &found, &cases)).unwrap());
    let back: CaseModel = from_bytes(&bytes).unwrap();
    assert_eq!(back.score(&found), one.score(&found));
    assert!(from_bytes::<CaseModel>(&bytes[..bytes.len() - 1]).is_err());
}

#[test]
fn a_subject_that_is_confirmed_and_cleared_is_refused() {
    let (bids, found) = market(10);
    let mut cases = verdicts(&found, 0..30);
    let again = Verdict {
        is_confirmed: !cases[0].is_confirmed,
        ..cases[0]
    };
    cases.push(again);
    let params = CaseParams::new(9).check().unwrap();
    assert!(fit_cases(&bids, &found, &cases, &params).is_err());
}

#[test]
fn what_is_learnt_moves_no_level() {
    let (_, found) = market(11);
    let flagged = found
        .pairs
        .iter()
        .filter(|pair| pair.level == Level::Flagged);
    let honest = flagged.filter(|pair| pair.firms[0] / 4 >= 15).count();
    assert!(honest <= 2, "{honest} honest pairs are flagged");
}
