//! Spherical k-means on codes, by seed: integer sums, so that any number of threads and any machine find the same centres.

use rayon::prelude::*;

use super::codes::{CodedQuery, Codes};
use crate::random::next_random;

/// Rows assigned by one task.
const CHUNK: usize = 512;

/// Centres of `rows`, `count` of them, after `rounds` rounds from rows drawn by `seed`.
pub(crate) fn centres(
    rows: &Codes,
    dimension: usize,
    count: usize,
    rounds: usize,
    seed: u64,
) -> Codes {
    let mut state = seed;
    let mut numbers: Vec<usize> = (0..rows.len()).collect();
    let mut centres = Codes::new(dimension);
    for at in 0..count.min(rows.len()) {
        let other = at + (next_random(&mut state) % (rows.len() - at) as u64) as usize;
        numbers.swap(at, other);
        centres.push(&floats(rows.query(numbers[at]).values(), dimension));
    }
    let mut centres = of_length_one(&centres);
    for _ in 0..rounds {
        let nearest = assign(rows, &centres);
        centres = moved(rows, dimension, &centres, &nearest);
    }
    centres
}

/// The nearest of `centres` for each of `rows`, ties by number.
fn assign(rows: &Codes, centres: &Codes) -> Vec<u32> {
    let mut nearest = vec![0_u32; rows.len()];
    nearest
        .par_chunks_mut(CHUNK)
        .enumerate()
        .for_each(|(chunk, nearest)| {
            let mut products = vec![0.0_f32; centres.len()];
            for (at, nearest) in nearest.iter_mut().enumerate() {
                centres.products(&rows.query(chunk * CHUNK + at), 0, &mut products);
                *nearest = best(&products);
            }
        });
    nearest
}

pub(super) fn best(products: &[f32]) -> u32 {
    let (mut best, mut most) = (0, f32::NEG_INFINITY);
    for (number, product) in (0_u32..).zip(products) {
        if *product > most {
            (best, most) = (number, *product);
        }
    }
    best
}

/// Each centre where its rows are on average; one without rows stays.
fn moved(rows: &Codes, dimension: usize, centres: &Codes, nearest: &[u32]) -> Codes {
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); centres.len()];
    for (row, centre) in (0_u32..).zip(nearest) {
        members[*centre as usize].push(row);
    }
    let means: Vec<Vec<f32>> = members
        .par_iter()
        .enumerate()
        .map(|(centre, members)| {
            if members.is_empty() {
                return floats(centres.query(centre).values(), dimension);
            }
            let mut sums = vec![0_i32; dimension];
            for row in members {
                let row: CodedQuery = rows.query(*row as usize);
                sums.iter_mut()
                    .zip(row.values())
                    .for_each(|(sum, value)| *sum += i32::from(*value));
            }
            sums.into_iter().map(|sum| sum as f32).collect()
        })
        .collect();
    let mut moved = Codes::new(dimension);
    means.iter().for_each(|mean| moved.push(mean));
    of_length_one(&moved)
}

fn floats(codes: &[i8], dimension: usize) -> Vec<f32> {
    codes[..dimension]
        .iter()
        .map(|code| f32::from(*code))
        .collect()
}

/// `centres` with scales that make each of them a unit vector.
fn of_length_one(centres: &Codes) -> Codes {
    centres.with_scales(|row| {
        let squares: i64 = row
            .iter()
            .map(|value| i64::from(*value) * i64::from(*value))
            .sum();
        (1.0 / (squares as f64).sqrt().max(1.0)) as f32
    })
}
