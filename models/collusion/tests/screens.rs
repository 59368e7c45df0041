//! Screens are what scipy says, and what their definitions promise.

use collusion::{Screen, benford, screens};
use proptest::prelude::*;
use serde_json::Value;

/// Made by `tests/peers/collusion/screens.py --golden`.
const GOLDEN: &str = include_str!("screens.json");

#[test]
fn screens_are_those_of_scipy() {
    let rows: Vec<Value> = serde_json::from_str(GOLDEN).unwrap();
    assert_eq!(rows.len(), 300);
    let mut defined = [0; 9];
    for row in &rows {
        let prices: Vec<f64> = serde_json::from_value(row["prices"].clone()).unwrap();
        for (screen, found) in screens(&prices).iter() {
            let wanted = row["screens"][screen.name()].as_f64();
            assert_eq!(
                found.is_some(),
                wanted.is_some(),
                "{} of {prices:?}",
                screen.name()
            );
            if let (Some(found), Some(wanted)) = (found, wanted) {
                let far = (found - wanted).abs() / wanted.abs().max(1.0);
                assert!(
                    far <= 1e-9,
                    "{} of {prices:?}: {found} not {wanted}",
                    screen.name()
                );
                defined[screen as usize] += 1;
            }
        }
    }
    assert!(defined.iter().all(|n| *n > 150), "{defined:?}");
}

#[test]
fn what_is_not_defined_is_not_told() {
    let defined = |prices: &[f64]| {
        screens(prices)
            .iter()
            .filter(|(_, value)| value.is_some())
            .count()
    };
    assert_eq!(defined(&[]), 0);
    assert_eq!(defined(&[100.0]), 0);
    // Two prices have a variation, a spread, a difference, a normalised distance and a distance from uniformity.
    assert_eq!(defined(&[100.0, 120.0]), 5);
    // Without spread there is no shape: variation, spread and difference are 0.
    assert_eq!(defined(&[100.0, 100.0, 100.0, 100.0]), 3);
    assert_eq!(
        screens(&[100.0; 4]).get(Screen::VariationCoefficient),
        Some(0.0)
    );
    // Losing bids that are all equal have no deviation.
    assert_eq!(
        screens(&[90.0, 100.0, 100.0]).get(Screen::RelativeDistance),
        None
    );
}

#[test]
fn first_digits_are_read_where_the_law_holds() {
    let powers: Vec<f64> = (0..1_000)
        .map(|at| 10f64.powf(2.0 + 4.0 * f64::from(at) / 1_000.0))
        .collect();
    let natural = benford(&powers).unwrap();
    assert!(
        natural.chi_square < 1.0 && natural.mean_deviation < 0.002,
        "{natural:?}"
    );
    let invented: Vec<f64> = (0..1_000).map(|at| f64::from(100 + at * 99)).collect();
    let invented = benford(&invented).unwrap();
    assert!(
        invented.chi_square > 20.09 && invented.mean_deviation > 0.015,
        "{invented:?}"
    );
    assert!(benford(&powers[..99]).is_none(), "too few");
    assert!(
        benford(&vec![500.0; 200]).is_none(),
        "no orders of magnitude"
    );
}

proptest! {
    #[test]
    fn screens_know_neither_order_nor_currency(mut prices in prop::collection::vec(1_u32..1_000_000, 2..20), by in 2_u32..9) {
        let of = |prices: &[u32], by: u32| {
            let prices: Vec<f64> = prices.iter().map(|price| f64::from(price * by)).collect();
            screens(&prices)
        };
        let found = of(&prices, 1);
        prices.reverse();
        prop_assert_eq!(found, of(&prices, 1));
        for (screen, value) in of(&prices, by).iter() {
            let before = found.get(screen);
            prop_assert_eq!(value.is_some(), before.is_some());
            let (value, before) = (value.unwrap_or(0.0), before.unwrap_or(0.0));
            prop_assert!((value - before).abs() <= 1e-9 * before.abs().max(1.0), "{} {} {}", screen.name(), value, before);
        }
    }
}
