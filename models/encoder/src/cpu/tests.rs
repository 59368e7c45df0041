//! The same bits at every level that fuses, and the right numbers at all.

use super::attention::{Heads, Scratch, attend};
use super::elementwise::{Norm, activate, add_norm};
use super::integer_product::{IntegerPanels, integer_product};
use super::integers::{IntegerRows, LIMIT, round};
use super::level::Level;
use super::model::{CpuModel, Sequence};
use super::product::{Out, Panels, Rows, pack, product};
use crate::folder::{Activation, Folder};
use crate::tiny::{Family, TinyModel};
use crate::{Arithmetic, EncoderSettings};

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

/// Checks that all levels give the same bits, and returns them.
fn at_every_level(run: impl Fn(Level) -> Vec<f32>) -> Vec<f32> {
    let levels = Level::available();
    let first = run(levels[0]);
    for &level in &levels[1..] {
        let found = run(level);
        assert_eq!(found.len(), first.len());
        for (&a, &b) in first.iter().zip(&found) {
            assert_eq!(a.to_bits(), b.to_bits(), "{level:?}: {b}, wanted {a}");
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

fn multiply_integers(
    level: Level,
    left: &[f32],
    weight: &[f32],
    bias: &[f32],
    depth: usize,
) -> Vec<f32> {
    let mut rows = IntegerRows::default();
    // What an earlier product left behind must not matter.
    rows.fill(level, &numbers(20, 4000), 8);
    rows.fill(level, left, depth);
    let mut out = vec![f32::NAN; left.len() / depth * bias.len()];
    let panels = IntegerPanels::pack(weight, bias, depth);
    let stride = bias.len();
    let values = &mut out;
    integer_product(level, &rows, &panels, Out { values, stride });
    out
}

#[test]
fn a_product_of_integers_is_nearly_right_and_the_same_at_every_level() {
    for (count, depth, columns) in [
        (1, 1, 1),
        (3, 5, 31),
        (8, 192, 32),
        (15, 193, 72),
        (29, 384, 100),
        (13, 1001, 48),
    ] {
        let (left, weight) = (numbers(1, count * depth), numbers(2, columns * depth));
        let bias = numbers(3, columns);
        let found = at_every_level(|level| multiply_integers(level, &left, &weight, &bias, depth));
        for (i, &found) in found.iter().enumerate() {
            let (row, column) = (i / columns, i % columns);
            let terms = left[row * depth..][..depth]
                .iter()
                .zip(&weight[column * depth..][..depth]);
            let sum: f64 = terms.map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
            let wanted = sum + f64::from(bias[column]);
            let tolerance = 4e-4 * (depth as f64).sqrt();
            assert!(
                (f64::from(found) - wanted).abs() < tolerance,
                "{found}, wanted {wanted}"
            );
        }
    }
}

#[test]
fn the_largest_integers_do_not_overflow() {
    let depth = 384;
    for sign in [1.0, -1.0] {
        let (left, weight) = (vec![sign; 9 * depth], vec![1.0; 33 * depth]);
        for level in Level::available() {
            let found = multiply_integers(level, &left, &weight, &[0.0; 33], depth);
            let wanted = sign * depth as f32;
            assert!(
                found.iter().all(|v| (v / wanted - 1.0).abs() < 1e-6),
                "{level:?}"
            );
        }
    }
}

#[test]
fn a_row_of_a_product_of_integers_does_not_depend_on_its_company() {
    let (depth, columns) = (300, 70);
    let (left, weight) = (numbers(4, 23 * depth), numbers(5, columns * depth));
    let bias = numbers(6, columns);
    for level in Level::available() {
        let together = multiply_integers(level, &left, &weight, &bias, depth);
        for (row, alone) in left.chunks_exact(depth).enumerate() {
            assert_eq!(
                multiply_integers(level, alone, &weight, &bias, depth),
                &together[row * columns..][..columns]
            );
        }
    }
}

#[test]
fn what_is_not_finite_is_not_hidden_by_rounding_to_integers() {
    for fault in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut left = numbers(7, 3 * 40);
        left[45] = fault;
        for level in Level::available() {
            let found = multiply_integers(level, &left, &numbers(8, 33 * 40), &[0.5; 33], 40);
            assert!(found[..33].iter().all(|v| v.is_finite()));
            assert!(found[33..66].iter().all(|v| !v.is_finite()), "{level:?}");
            assert!(found[66..].iter().all(|v| v.is_finite()));
        }
    }
}

#[test]
fn integers_are_the_nearest_multiples_of_the_scale() {
    let mut values = numbers(10, 100);
    // A tie goes to the even integer; the largest magnitude is the limit.
    values.extend([0.0, -0.0, 1.0, -1.0, 0.5 / LIMIT as f32, 1.5 / LIMIT as f32]);
    let mut integers = vec![i16::MAX; values.len()];
    let scale = round(&values, LIMIT, &mut integers);
    assert_eq!(&integers[100..], [0, 0, 4000, -4000, 0, 2]);
    for (&value, &integer) in values.iter().zip(&integers) {
        assert!((f32::from(integer) * scale - value).abs() <= 0.500_1 * scale);
    }
    for tiny in [0.0, 1e-45, 1e-31] {
        let mut integers = vec![i16::MAX; 5];
        let scale = round(&[tiny, -tiny, tiny, 0.0, tiny], LIMIT, &mut integers);
        assert!(integers == [0; 5] && scale.is_finite());
    }
}

#[test]
fn vectors_are_the_same_at_every_level_in_either_arithmetic() {
    let tiny = TinyModel::write(Family::Roberta, 13);
    let folder = Folder::read(&tiny.path, &EncoderSettings::default()).unwrap();
    let bytes = std::fs::read(folder.file("model.safetensors")).unwrap();
    let texts: Vec<Vec<u32>> = (1..30u32)
        .map(|length| (0..length).map(|i| (i * i + length) % 20).collect())
        .collect();
    let texts: Vec<Sequence<'_>> = texts.iter().map(|ids| ids.as_slice().into()).collect();
    for arithmetic in [Arithmetic::Float32, Arithmetic::Int16] {
        at_every_level(|level| {
            let model = CpuModel::load(&folder, &bytes, Some(arithmetic), &[]).unwrap();
            model.at(level).forward(&texts).concat()
        });
    }
}
