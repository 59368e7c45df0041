//! The same bits at every level that fuses, and the right numbers at all.

use super::attention::{Heads, Scratch, attend};
use super::elementwise::{Norm, activate, add_norm};
use super::level::{Kind, Level};
use super::product::{Out, Panels, Rows, pack, product};
use crate::folder::Activation;

/// Numbers in [-1, 1) by a linear congruence (Knuth, MMIX).
fn numbers(seed: u64, count: usize) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// Checks that all levels give the same bits, the baseline of x86, which cannot fuse, the same numbers; returns them.
fn at_every_level(run: impl Fn(Level) -> Vec<f32>) -> Vec<f32> {
    let levels = Level::available();
    let first = run(levels[0]);
    for &level in &levels[1..] {
        let found = run(level);
        assert_eq!(found.len(), first.len());
        for (&a, &b) in first.iter().zip(&found) {
            if level.kind() == Kind::Baseline && cfg!(target_arch = "x86_64") {
                assert!((a - b).abs() < 1e-4, "{level:?}: {b}, wanted {a}");
            } else {
                assert_eq!(a.to_bits(), b.to_bits(), "{level:?}: {b}, wanted {a}");
            }
        }
    }
    first
}

#[test]
fn a_product_is_right_and_the_same_at_every_level() {
    for (count, depth, columns) in [
        (1, 1, 1),
        (3, 5, 31),
        (8, 384, 32),
        (15, 40, 72),
        (29, 33, 100),
    ] {
        let (left, weight) = (numbers(1, count * depth), numbers(2, columns * depth));
        let bias = numbers(3, columns);
        let packed = pack(&weight, columns, depth);
        let found = at_every_level(|level| {
            let mut out = vec![f32::NAN; count * columns];
            let rows = Rows {
                values: &left,
                stride: depth,
                count,
            };
            let panels = Panels {
                values: &packed,
                depth,
                columns,
                bias: Some(&bias),
            };
            product(
                level,
                rows,
                panels,
                Out {
                    values: &mut out,
                    stride: columns,
                },
            );
            out
        });
        for (i, &found) in found.iter().enumerate() {
            let (row, column) = (i / columns, i % columns);
            let terms = left[row * depth..][..depth]
                .iter()
                .zip(&weight[column * depth..][..depth]);
            let sum: f64 = terms.map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
            let wanted = sum + f64::from(bias[column]);
            assert!(
                (f64::from(found) - wanted).abs() < 1e-4,
                "{found}, wanted {wanted}"
            );
        }
    }
}

#[test]
fn a_row_of_a_product_does_not_depend_on_its_company() {
    let (depth, columns) = (96, 70);
    let (left, weight) = (numbers(4, 40 * depth), numbers(5, columns * depth));
    let packed = pack(&weight, columns, depth);
    let multiply = |level, left: &[f32]| {
        let mut out = vec![0.0; left.len() / depth * columns];
        let rows = Rows {
            values: left,
            stride: depth,
            count: left.len() / depth,
        };
        let panels = Panels {
            values: &packed,
            depth,
            columns,
            bias: None,
        };
        product(
            level,
            rows,
            panels,
            Out {
                values: &mut out,
                stride: columns,
            },
        );
        out
    };
    for level in Level::available() {
        let together = multiply(level, &left);
        for (row, alone) in left.chunks_exact(depth).enumerate() {
            assert_eq!(
                multiply(level, alone),
                &together[row * columns..][..columns]
            );
        }
    }
}

#[test]
fn attention_is_a_weighted_mean_of_values_and_the_same_at_every_level() {
    for (tokens, count, width) in [(1, 1, 8), (9, 2, 20), (45, 3, 64)] {
        let heads = Heads { count, width };
        let stride = 3 * count * width;
        let projected = numbers(6, tokens * stride);
        let found = at_every_level(|level| {
            let mut context = vec![f32::NAN; tokens * count * width];
            attend(
                level,
                heads,
                &projected,
                &mut context,
                &mut Scratch::default(),
            );
            context
        });
        let part = |kind: usize, token: usize, head: usize| {
            &projected[token * stride + kind * count * width + head * width..][..width]
        };
        for (token, head) in (0..tokens).flat_map(|t| (0..count).map(move |h| (t, h))) {
            let score = |other: usize| -> f64 {
                let pairs = part(0, token, head).iter().zip(part(1, other, head));
                let dot: f64 = pairs.map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
                (dot / (width as f64).sqrt()).exp()
            };
            let total: f64 = (0..tokens).map(score).sum();
            for column in 0..width {
                let weigh = |other| score(other) / total * f64::from(part(2, other, head)[column]);
                let wanted: f64 = (0..tokens).map(weigh).sum();
                let found = f64::from(found[(token * count + head) * width + column]);
                assert!((found - wanted).abs() < 1e-5, "{found}, wanted {wanted}");
            }
        }
    }
}

#[test]
fn rows_are_normalised_the_same_at_every_level() {
    for width in [5, 40, 384] {
        let (values, residual) = (numbers(7, 3 * width), numbers(8, 3 * width));
        let norm = Norm {
            scale: vec![2.0; width],
            shift: vec![0.5; width],
            epsilon: 1e-12,
        };
        let found = at_every_level(|level| {
            let mut values = values.clone();
            add_norm(level, &mut values, &residual, &norm);
            values
        });
        for row in found.chunks_exact(width) {
            let mean = row.iter().sum::<f32>() / width as f32;
            let variance = row.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / width as f32;
            assert!(
                (mean - 0.5).abs() < 1e-4 && (variance - 4.0).abs() < 1e-3,
                "{mean} {variance}"
            );
        }
    }
}

#[test]
fn activations_are_the_same_at_every_level() {
    let inputs: Vec<f32> = numbers(9, 1003).iter().map(|x| 9.0 * x).collect();
    for activation in [Activation::Gelu, Activation::GeluTanh, Activation::Relu] {
        let found = at_every_level(|level| {
            let mut values = inputs.clone();
            activate(level, &mut values, activation);
            values
        });
        for (&x, &found) in inputs.iter().zip(&found) {
            // All three lie between 0 and x, but for rounding.
            assert!(
                found <= x.max(0.0) + 1e-6 && found >= x.min(0.0) - 1e-6,
                "{activation:?} {x} {found}"
            );
        }
    }
}
