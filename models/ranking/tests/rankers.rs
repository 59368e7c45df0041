//! What holds for every learned ranker, and for its contest with the formula.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use linfa::traits::Fit;
use proptest::prelude::*;
use ranking::{Candidate, ListwiseParams, RankModel, RankParams, Scorer, Verdict};
use tabular::{
    Column, Direction, GateParams, Lists, Random, Refusal, Table, digest, folds, from_bytes, judge,
    lists, to_bytes, training,
};

/// Auctions of three to eight bids, in which the bid of most worth wins; also each bid's formula score.
///
/// Worth falls with the price within the auction and rises with earlier wins, the more where the work is `soudage`; `bend` is how much more.
/// The formula knows the price alone.
struct Market {
    auctions: usize,
    bend: f64,
    noise: f64,
}

impl Market {
    fn draw(&self, seed: u64) -> (Lists, Vec<f64>) {
        let mut random = Random::new(seed);
        let (mut prices, mut wins, mut trades, mut noise) = (vec![], vec![], vec![], vec![]);
        let (mut gains, mut groups, mut formula) = (vec![], vec![], vec![]);
        for auction in 0..self.auctions {
            let trade = random.below(2);
            let start = gains.len();
            let mut worths = vec![];
            for _ in 0..3 + random.below(6) {
                let (price, won) = (random.share(), random.below(10) as f64);
                let bend = if trade == 1 { self.bend } else { 0.0 };
                let luck = self.noise * (random.share() + random.share() - 1.0);
                worths.push(-price + bend * (won / 10.0) + luck);
                prices.push(price);
                wins.push(if random.share() < 0.05 { f64::NAN } else { won });
                trades.push(Some(["peinture", "soudage"][trade].to_owned()));
                noise.push(random.share());
                formula.push(1.0 - price);
                groups.push(auction);
                gains.push(0.0);
            }
            let best = (0..worths.len()).max_by(|a, b| worths[*a].total_cmp(&worths[*b]));
            gains[start + best.unwrap()] = 1.0;
        }
        let columns = [
            Column::numbers("price", prices),
            Column::numbers("wins", wins),
            Column::labels("trade", trades),
            Column::numbers("noise", noise),
        ];
        let data = training(Table::new(&columns).unwrap(), gains, None).unwrap();
        (lists(data, groups).unwrap(), formula)
    }
}

const BENT: Market = Market {
    auctions: 500,
    bend: 1.5,
    noise: 0.3,
};

fn candidates() -> Vec<Candidate> {
    vec![
        Candidate::Listwise(ListwiseParams::new(3)),
        Candidate::boosted(3),
    ]
}

fn params(data: &Lists, formula: Vec<f64>) -> RankParams {
    let folds = folds::by_group(data.records.groups(), 5, 7).unwrap();
    RankParams::new(11, candidates(), folds, formula).monotone("price", Direction::Falling)
}

fn fitted(market: &Market, seed: u64) -> RankModel {
    let (data, formula) = market.draw(seed);
    params(&data, formula).fit(&data).unwrap()
}

fn model() -> &'static RankModel {
    static MODEL: std::sync::OnceLock<RankModel> = std::sync::OnceLock::new();
    MODEL.get_or_init(|| fitted(&BENT, 1))
}

fn listwise() -> &'static Scorer {
    static MODEL: std::sync::OnceLock<RankModel> = std::sync::OnceLock::new();
    let model = MODEL.get_or_init(|| {
        let (data, formula) = BENT.draw(1);
        let folds = folds::by_group(data.records.groups(), 5, 7).unwrap();
        let alone = candidates()[..1].to_vec();
        let params = RankParams::new(11, alone, folds, formula);
        params
            .monotone("price", Direction::Falling)
            .fit(&data)
            .unwrap()
    });
    model.learned().unwrap()
}

fn any_row() -> impl Strategy<Value = Vec<f64>> {
    let number = |to: f64| prop_oneof![9 => 0.0..to, 1 => Just(f64::NAN)];
    let category = prop_oneof![9 => (0..2_u8).prop_map(f64::from), 1 => Just(f64::NAN)];
    (number(2.0), number(20.0), category, number(1.0))
        .prop_map(|(price, wins, trade, noise)| vec![price, wins, trade, noise])
}

proptest! {
    #[test]
    fn contributions_sum_to_the_score(row in any_row()) {
        for scorer in [model().learned().unwrap(), listwise()] {
            let sum = scorer.contributions(&row).sum();
            prop_assert!((sum - scorer.predict(&row)).abs() < 1e-9);
        }
    }

    #[test]
    fn a_cheaper_bid_never_ranks_lower(row in any_row(), a in 0.0..2.0_f64, b in 0.0..2.0_f64) {
        for scorer in [model().learned().unwrap(), listwise()] {
            let at = |price: f64| scorer.predict(&[price, row[1], row[2], row[3]]);
            prop_assert!(at(a.max(b)) <= at(a.min(b)));
        }
    }
}

#[test]
fn what_the_formula_cannot_know_is_learned_and_used() {
    let report = model().report();
    assert_eq!(report.verdict, Verdict::Learned, "{report:?}");
    assert_eq!(report.champion.name, "boosted", "{report:?}");
    assert!(report.random + 0.1 < report.formula, "{report:?}");
    assert!(report.gain > 0.03 && report.interval.0 > 0.0, "{report:?}");
    assert!(report.chance <= 0.001, "{report:?}");
    assert!((report.champion.ndcg_5 - report.formula - report.gain).abs() < 1e-12);
    assert_eq!(
        report.folds.iter().map(|fold| fold.lists).sum::<usize>(),
        500
    );
    assert!(judge(report.evidence(None), GateParams::default()).is_empty());
    assert_eq!(report.chosen(), report.champion.ndcg_5);
}

#[test]
fn what_was_measured_out_of_fold_holds_on_new_auctions() {
    let (new, _) = BENT.draw(77);
    let table = new.records.table();
    let scorer = model().learned().unwrap();
    let figures: Vec<f64> = new
        .records
        .rows_by_list()
        .iter()
        .map(|rows| {
            let scores: Vec<f64> = rows
                .iter()
                .map(|row| scorer.predict(&table.row(*row)))
                .collect();
            let gains: Vec<f64> = rows.iter().map(|row| new.targets[*row]).collect();
            ranking::ndcg(&scores, &gains)
        })
        .collect();
    let mean = figures.iter().sum::<f64>() / figures.len() as f64;
    assert!(
        (mean - model().report().champion.ndcg_5).abs() < 0.04,
        "{mean}"
    );
}

#[test]
fn a_formula_that_is_right_stays() {
    let straight = Market { bend: 0.0, ..BENT };
    let model = fitted(&straight, 2);
    let report = model.report();
    assert!(
        matches!(report.verdict, Verdict::NoGain | Verdict::Chance),
        "{report:?}"
    );
    assert!(model.learned().is_none());
    assert_eq!(report.chosen(), report.formula);
}

#[test]
fn shuffled_awards_are_refused() {
    let (data, formula) = BENT.draw(3);
    let mut gains = data.targets.to_vec();
    let mut random = Random::new(9);
    for rows in data.records.rows_by_list() {
        let mut mine: Vec<f64> = rows.iter().map(|row| gains[*row]).collect();
        random.shuffle(&mut mine);
        rows.iter()
            .zip(mine)
            .for_each(|(row, gain)| gains[*row] = gain);
    }
    let rows = training(data.records.table().clone(), gains, None).unwrap();
    let poisoned = lists(rows, data.records.groups().to_vec()).unwrap();
    // A formula that is wrong throughout must not make nothing look like something.
    for formula in [
        formula.clone(),
        formula.iter().map(|score| -score).collect(),
    ] {
        let model = params(&poisoned, formula).fit(&poisoned).unwrap();
        let report = model.report();
        assert_eq!(report.verdict, Verdict::LearntNothing, "{report:?}");
        assert!(model.learned().is_none());
        let refusals = judge(report.evidence(None), GateParams::default());
        assert!(
            matches!(refusals[..], [Refusal::LearntNothing { .. }]),
            "{report:?}"
        );
    }
}

#[test]
fn few_auctions_are_too_few() {
    let few = Market {
        auctions: 49,
        ..BENT
    };
    assert_eq!(fitted(&few, 4).report().verdict, Verdict::TooFew);
}

#[test]
fn a_rankers_bytes_are_the_same_on_any_number_of_threads_and_read_back() {
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let fit = || to_bytes(&fitted(&BENT, 1)).unwrap();
        pool.build().unwrap().install(fit)
    };
    let bytes = on(1);
    assert!(bytes == on(3), "the threads show");
    assert_eq!(&from_bytes::<RankModel>(&bytes).unwrap(), model());
    assert_ne!(digest(&fitted(&BENT, 2)).unwrap(), digest(model()).unwrap());
    let mut damaged = bytes.clone();
    damaged[100] ^= 1;
    assert!(from_bytes::<RankModel>(&damaged).is_err());
}

#[test]
fn the_order_of_the_rows_is_no_evidence() {
    // Winners first, and nothing else to learn from: any order is as good.
    let auctions = 200;
    let constant = vec![1.0; 4 * auctions];
    let gains = (0..4 * auctions).map(|row| f64::from(u8::from(row % 4 == 0)));
    let table = Table::new(&[Column::numbers("constant", constant.clone())]).unwrap();
    let data = training(table, gains.collect(), None).unwrap();
    let data = lists(data, (0..4 * auctions).map(|row| row / 4).collect()).unwrap();
    let folds = folds::by_group(data.records.groups(), 4, 1).unwrap();
    let boosted = vec![Candidate::boosted(1)];
    let model = RankParams::new(1, boosted, folds, constant)
        .fit(&data)
        .unwrap();
    let report = model.report();
    assert_eq!(report.verdict, Verdict::LearntNothing);
    assert!(
        (report.champion.ndcg_5 - report.random).abs() < 1e-9,
        "{report:?}"
    );
}

#[test]
fn contests_that_would_cheat_are_refused() {
    let (data, formula) = Market {
        auctions: 60,
        ..BENT
    }
    .draw(5);
    let rows = formula.len();
    let leaking = folds::random(rows, 5, 1).unwrap();
    let refused = |params: RankParams| params.fit(&data).is_err();
    assert!(refused(RankParams::new(
        1,
        candidates(),
        leaking,
        formula.clone()
    )));
    assert!(refused(params(&data, formula[1..].to_vec())));
    assert!(refused(params(&data, vec![f64::NAN; rows])));
    assert!(refused(params(&data, formula.clone()).largest_chance(0.0)));
    assert!(refused(
        params(&data, formula.clone()).monotone("trade", Direction::Rising)
    ));
    assert!(refused(
        params(&data, formula.clone()).monotone("colour", Direction::Rising)
    ));
    let folds = folds::by_group(data.records.groups(), 5, 7).unwrap();
    assert!(refused(RankParams::new(1, vec![], folds, formula)));
}
