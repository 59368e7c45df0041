//! What deals cost and how they end, planted and found.
#![expect(clippy::unwrap_used, reason = "tests")]

use deals::{
    DealModels, FittedLikelihood, FittedPrice, Kind, Observed, Previous, PriceRules, Purpose, Rows,
    Values, Verdict, WhatIf, fit_likelihood, fit_price,
};
use likelihood::Answer;
use tabular::{Random, Refusal, Value};

const FAMILIES: [&str; 3] = ["peinture", "tôlerie", "usinage"];
const SLOT: &str = "2026-11-21";

/// A made-up project: its price follows family, size and urgency; the poorer its budget, the less it is completed.
struct Project {
    family: &'static str,
    size: f64,
    lead_days: f64,
    price: f64,
    budget: f64,
    is_done: bool,
}

fn projects(count: usize, seed: u64, level: f64) -> Vec<Project> {
    let mut random = Random::new(seed);
    let one = |_| {
        let family = FAMILIES[random.below(3)];
        let size = (random.share() * 5.0).exp();
        let lead_days = 20.0 + 80.0 * random.share();
        let fair = [2_000.0, 9_000.0, 5_000.0][FAMILIES.iter().position(|f| *f == family).unwrap()]
            * size.powf(0.9)
            * (1.0 + (-lead_days / 20.0).exp());
        let noise = (random.share() + random.share() - 1.0) * 0.25;
        let tightness = (random.share() - 0.5) * 1.6;
        let likely = 1.0 / (1.0 + (-(1.0 + 3.0 * tightness)).exp());
        Project {
            family,
            size,
            lead_days,
            price: level * fair * noise.exp(),
            budget: fair * tightness.exp(),
            is_done: random.share() < likely,
        }
    };
    (0..count).map(one).collect()
}

fn values(project: &Project) -> Values<'static> {
    Values::from([
        ("family", Value::Text(project.family)),
        ("size", Value::Number(project.size)),
        ("lead_days", Value::Number(project.lead_days)),
    ])
}

fn price_rows(projects: &[Project], from_day: i64, target: impl Fn(usize) -> f64) -> Rows {
    let mut rows = Rows::new(Kind::Project, Purpose::Price, "planted");
    for (at, project) in projects.iter().enumerate() {
        let (deal, day) = (at as u64, from_day + at as i64 / 4);
        rows.push(
            &values(project),
            Observed {
                deal,
                day,
                target: target(at),
                weight: 1.0,
            },
        );
    }
    rows
}

fn prices(projects: &[Project]) -> FittedPrice {
    fit_price(
        &price_rows(projects, 0, |at| projects[at].price),
        SLOT,
        None,
    )
    .unwrap()
}

fn likelihoods(
    projects: &[Project],
    fitted: &FittedPrice,
    is_done: impl Fn(usize) -> bool,
) -> FittedLikelihood {
    let mut rows = Rows::new(Kind::Project, Purpose::Likelihood, "planted");
    for (at, project) in projects.iter().enumerate() {
        let mut known = values(project);
        let reference = fitted.unseen[at].as_ref().unwrap()[1];
        known.insert(
            "price_to_reference",
            Value::Number(project.budget / reference),
        );
        let target = f64::from(u8::from(is_done(at)));
        rows.push(
            &known,
            Observed {
                deal: at as u64,
                day: at as i64 / 4,
                target,
                weight: 1.0,
            },
        );
    }
    fit_likelihood(&rows, SLOT, None).unwrap()
}

fn models(projects: &[Project]) -> DealModels {
    let price = prices(projects);
    let likelihood = likelihoods(projects, &price, |at| projects[at].is_done);
    let mut models = DealModels {
        rules: serde_json::from_str::<PriceRules>(
            r#"{"floor": [{"name": "least", "kind": "project", "cents": 500000, "french": "le plancher", "english": "the floor"}]}"#,
        )
        .unwrap(),
        ..DealModels::default()
    };
    let previous = Previous {
        model: price.model.unwrap(),
        card: price.card,
    };
    models.prices.insert(Kind::Project, previous);
    let previous = Previous {
        model: likelihood.model.unwrap(),
        card: likelihood.card,
    };
    models.likelihoods.insert(Kind::Project, previous);
    models
}

#[test]
fn what_is_planted_is_learnt_and_promoted() {
    let projects = projects(600, 1, 1.0);
    let price = prices(&projects);
    assert!(price.card.is_promoted(), "{}", price.card.sentence());
    assert!((price.card.metrics["coverage"] - 0.8).abs() < 0.05);
    assert_eq!(price.card.by_time.len(), 4);
    let likelihood = likelihoods(&projects, &price, |at| projects[at].is_done);
    assert!(
        likelihood.card.is_promoted(),
        "{}",
        likelihood.card.sentence()
    );
    assert!(likelihood.card.metrics["loss"] < 0.9 * likelihood.card.metrics["constant_loss"]);
}

#[test]
fn the_same_rows_give_the_same_digests() {
    let projects = projects(200, 2, 1.0);
    assert_eq!(prices(&projects).card, prices(&projects).card);
    let (one, other) = (models(&projects), models(&projects));
    assert_eq!(one.cards(), other.cards());
}

#[test]
fn shuffled_outcomes_are_refused() {
    let projects = projects(600, 3, 1.0);
    let shuffled = |at: usize| (at * 241 + 77) % projects.len();
    let rows = price_rows(&projects, 0, |at| projects[shuffled(at)].price);
    let price = fit_price(&rows, SLOT, None).unwrap();
    let learnt_nothing = |verdict: &Verdict| match verdict {
        Verdict::Refused { reasons } => reasons
            .iter()
            .any(|r| matches!(r, Refusal::LearntNothing { .. })),
        _ => false,
    };
    assert!(
        learnt_nothing(&price.card.verdict),
        "{}",
        price.card.sentence()
    );
    let likelihood = likelihoods(&projects, &prices(&projects), |at| {
        projects[shuffled(at)].is_done
    });
    assert!(
        learnt_nothing(&likelihood.card.verdict),
        "{}",
        likelihood.card.sentence()
    );
}

#[test]
fn a_worse_challenger_is_refused_on_what_neither_had_seen() {
    let old = projects(400, 4, 1.0);
    let price = prices(&old);
    let previous = Previous {
        model: price.model.unwrap(),
        card: price.card,
    };
    // The challenger is fitted on rows of which most say double; the new ones are as the old model says.
    let (doubled, new) = (projects(400, 5, 2.0), projects(100, 6, 1.0));
    let mut rows = price_rows(&doubled, 0, |at| doubled[at].price);
    for (at, project) in new.iter().enumerate() {
        let day = previous.card.data_until_day + 1 + at as i64;
        let deal = 10_000 + at as u64;
        rows.push(
            &values(project),
            Observed {
                deal,
                day,
                target: project.price,
                weight: 1.0,
            },
        );
    }
    let challenger = fit_price(&rows, SLOT, Some(&previous)).unwrap().card;
    let Verdict::Refused { reasons } = &challenger.verdict else {
        panic!("{}", challenger.sentence());
    };
    assert!(
        reasons.iter().any(|r| matches!(r, Refusal::Worse { .. })),
        "{reasons:?}"
    );
    assert_eq!(
        challenger.parent.as_deref(),
        Some(previous.card.version.as_str())
    );
}

#[test]
fn too_few_deals_and_slips_of_the_keyboard_are_no_lesson() {
    let few = projects(39, 7, 1.0);
    let price = prices(&few);
    assert!(
        price.model.is_none()
            && matches!(
                price.card.verdict,
                Verdict::TooFew {
                    deals: 39,
                    wanted: 40
                }
            )
    );
    let projects = projects(300, 8, 1.0);
    let rows = price_rows(&projects, 0, |at| {
        if at == 5 { 1e15 } else { projects[at].price }
    });
    let fitted = fit_price(&rows, SLOT, None).unwrap();
    assert_eq!((fitted.card.rows, fitted.card.deals), (299, 299));
    assert!(fitted.unseen[5].is_none());
}

#[test]
fn answers_are_sums_within_the_rules() {
    let projects = projects(400, 9, 1.0);
    let models = models(&projects);
    for project in projects.iter().take(50) {
        let known = values(project);
        for budget in [None, Some(600_000)] {
            let price = models.price(Kind::Project, &known, budget).unwrap();
            let mut before = 0.0;
            for level in &price.levels {
                let sum = level
                    .parts
                    .iter()
                    .fold(level.base, |sum, (_, part)| sum + part);
                assert!((sum - level.price).abs() < 1e-6 * level.price);
                assert!(level.price >= 500_000.0 && level.price >= before);
                assert!(budget.is_none() || level.price <= 600_000.0);
                before = level.price;
            }
        }
        let said = models
            .likelihood(Kind::Project, &known, Some(project.budget))
            .unwrap();
        let parts = said.explanation.parts.iter();
        let sum = parts.fold(said.explanation.base, |sum, (_, part)| sum + part);
        assert!((sum - said.explanation.probability).abs() < 1e-9);
        assert!((0.0..=1.0).contains(&said.explanation.probability));
        // Without what makes them, they are the same.
        let bare = models.probability(Kind::Project, &known, Some(project.budget));
        assert!((bare.unwrap() - said.explanation.probability).abs() < 1e-9);
        let bare = models.prices(Kind::Project, &known).unwrap();
        let told = models.price(Kind::Project, &known, None).unwrap().levels;
        assert_eq!(bare.len(), told.len());
        let mut both = bare.iter().zip(&told);
        assert!(both.all(|(bare, told)| (bare - told.price).abs() < 1e-6 * told.price));
    }
    assert!(models.price(Kind::Booking, &Values::new(), None).is_none());
}

#[test]
fn what_if_is_monotone_in_price_and_reaches_what_it_says() {
    let projects = projects(600, 10, 1.0);
    let models = models(&projects);
    for project in projects.iter().take(30) {
        let known = values(project);
        let likely = |price: f64| {
            let said = models
                .likelihood(Kind::Project, &known, Some(price))
                .unwrap();
            said.explanation.probability
        };
        let reference = models.reference_cents(Kind::Project, &known).unwrap();
        let ladder: Vec<f64> = (1..40)
            .map(|step| likely(reference * 0.06 * f64::from(step)))
            .collect();
        assert!(
            ladder.windows(2).all(|pair| pair[0] <= pair[1] + 1e-12),
            "{ladder:?}"
        );
        let question = WhatIf {
            of: WhatIf::PRICE,
            within: (reference * 0.1, reference * 4.0),
            wanted: 0.8,
        };
        match models
            .what_if(Kind::Project, &known, None, question)
            .unwrap()
            .unwrap()
        {
            Answer::Reached { value, probability } => {
                assert!(probability >= 0.8 && (likely(value) - probability).abs() < 1e-6);
                assert!(likely(value * 0.98) <= probability);
            }
            Answer::OutOfReach { value, .. } => assert!(likely(value) < 0.8),
        }
    }
    let question = WhatIf {
        of: "family",
        within: (0.0, 1.0),
        wanted: 0.5,
    };
    assert!(
        models
            .what_if(Kind::Project, &Values::new(), None, question)
            .is_err()
    );
}

#[test]
fn models_come_back_from_their_folder_and_a_damaged_one_is_refused() {
    let models = models(&projects(200, 11, 1.0));
    let folder = tempfile::tempdir().unwrap();
    models.save(folder.path()).unwrap();
    let read = DealModels::open(folder.path()).unwrap();
    assert_eq!(read.cards(), models.cards());
    let known = Values::from([("size", Value::Number(30.0))]);
    assert_eq!(
        read.price(Kind::Project, &known, None),
        models.price(Kind::Project, &known, None)
    );
    let file = folder.path().join("price_project.model");
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let error = DealModels::open(folder.path()).unwrap_err();
    assert!(error.to_string().contains("price_project") && !error.is_transient());
}
