//! Dot products: the same bits on every machine, whatever the width of its registers.

/// Values added side by side; more than any register holds, so that wide machines keep their pipelines full.
const LANES: usize = 32;

/// Writes the dot product of `query` with each row of `rows` (row after row of `query.len()` values) into `scores`.
pub(crate) fn dot_rows(rows: &[f32], query: &[f32], scores: &mut [f32]) {
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx512f") {
            // SAFETY: the feature was just found on this machine.
            return unsafe { dot_rows_avx512(rows, query, scores) };
        }
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the feature was just found on this machine.
            return unsafe { dot_rows_avx2(rows, query, scores) };
        }
    }
    dot_rows_portable(rows, query, scores);
}

/// The dot product of two vectors of one length.
pub(crate) fn dot(left: &[f32], right: &[f32]) -> f32 {
    dot_lanes(left, right)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn dot_rows_avx512(rows: &[f32], query: &[f32], scores: &mut [f32]) {
    dot_rows_portable(rows, query, scores);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn dot_rows_avx2(rows: &[f32], query: &[f32], scores: &mut [f32]) {
    dot_rows_portable(rows, query, scores);
}

#[inline(always)]
fn dot_rows_portable(rows: &[f32], query: &[f32], scores: &mut [f32]) {
    for (row, score) in rows.chunks_exact(query.len().max(1)).zip(scores) {
        *score = dot_lanes(row, query);
    }
}

/// Adds in a fixed order: lane by lane, then the lanes by halves. No fused multiply-add, which would round otherwise.
#[inline(always)]
fn dot_lanes(left: &[f32], right: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    let ((left, left_rest), (right, right_rest)) =
        (left.as_chunks::<LANES>(), right.as_chunks::<LANES>());
    let rest: f32 = left_rest.iter().zip(right_rest).map(|(l, r)| l * r).sum();
    for (left, right) in left.iter().zip(right) {
        for lane in 0..LANES {
            lanes[lane] += left[lane] * right[lane];
        }
    }
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            lanes[lane] += lanes[lane + width];
        }
        width /= 2;
    }
    lanes[0] + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_of_register_gives_the_same_bits() {
        let rows: Vec<f32> = (0..7 * 101)
            .map(|i| ((i * 37 % 101) as f32 - 50.0) / 17.0)
            .collect();
        let query: Vec<f32> = (0..101)
            .map(|i| ((i * 53 % 97) as f32 - 48.0) / 13.0)
            .collect();
        let (mut wide, mut portable) = ([0.0; 7], [0.0; 7]);
        dot_rows(&rows, &query, &mut wide);
        dot_rows_portable(&rows, &query, &mut portable);
        assert_eq!(wide.map(f32::to_bits), portable.map(f32::to_bits));
        let exact: f64 = rows[..101]
            .iter()
            .zip(&query)
            .map(|(a, b)| f64::from(*a) * f64::from(*b))
            .sum();
        assert!((f64::from(wide[0]) - exact).abs() < 1e-3);
    }
}
