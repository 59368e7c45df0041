//! Training: centres, lists, bits and how many lists a query must read.

use rayon::prelude::*;

use super::bits::{BLOCK, block_bytes, write_signs};
use super::codes::{CodedQuery, Codes};
use super::rotation::Rotation;
use super::{EMPTY, IvfParts, SEED, kmeans};
use crate::dot::dot;
use crate::random::next_random;

/// Rows of a list: a few whole blocks of bits, or what fills up the last one is most of what a query reads.
const LIST: usize = 160;
/// Most lists per square root of the rows, so that training stays short. Many small lists follow a query that lies far from all rows
/// better than few large ones: at 1 M, 6,000 lists reach recall@10 0.991 in 3.8 ms of one thread, where 2,000 take 4.5 ms to 0.989.
const LISTS: usize = 6;
/// Rows per centre that k-means sees.
const SAMPLE: usize = 64;
/// Rounds of k-means.
const ROUNDS: usize = 8;
/// Documents taken as queries to learn how many lists must be read.
const QUERIES: usize = 256;
/// Neighbours of each that are looked for.
const NEIGHBOURS: usize = 10;
/// Share of them that must be found. More than a search needs: queries are not documents.
const RECALL: f64 = 0.992;

/// Trains the index of `rows`.
pub(super) fn train(rows: &[&[f32]], dimension: usize) -> IvfParts {
    let count = (rows.len() / LIST).clamp(1, LISTS * rows.len().isqrt().max(1));
    let centres = {
        let mut sample = Codes::new(dimension);
        drawn(rows.len(), SAMPLE * count).for_each(|row| sample.push(rows[row]));
        kmeans::centres(&sample, dimension, count, ROUNDS, SEED)
    };
    let nearest: Vec<u32> = rows
        .par_iter()
        .map_init(
            || vec![0.0_f32; centres.len()],
            |products, row| {
                centres.products(&CodedQuery::new(row), 0, products);
                kmeans::best(products)
            },
        )
        .collect();
    let mut lists: Vec<Vec<u32>> = vec![Vec::new(); centres.len()];
    (0_u32..)
        .zip(&nearest)
        .for_each(|(row, list)| lists[*list as usize].push(row));
    let probes = probes(rows, &centres, &nearest) as u64;
    let mut parts = IvfParts {
        probes,
        ..fill(rows, dimension, &centres, &lists)
    };
    parts.centres = centres.bytes().to_vec();
    parts.scales = centres.scales().to_vec();
    parts
}

/// `count` rows of `rows`, by seed; some may come twice.
fn drawn(rows: usize, count: usize) -> impl Iterator<Item = usize> {
    let mut state = SEED;
    (0..count.min(rows)).map(move |_| (next_random(&mut state) % rows as u64) as usize)
}

/// All lists, nearest to `query` first, ties by number.
pub(super) fn order(centres: &Codes, query: &CodedQuery) -> Vec<u32> {
    let mut products = vec![0.0_f32; centres.len()];
    centres.products(query, 0, &mut products);
    let mut order: Vec<u32> = (0..centres.len() as u32).collect();
    order.sort_unstable_by(|a, b| {
        products[*b as usize]
            .total_cmp(&products[*a as usize])
            .then(a.cmp(b))
    });
    order
}

/// Lists that must be read to find the share [`RECALL`] of the true neighbours of a sample of rows.
fn probes(rows: &[&[f32]], centres: &Codes, nearest: &[u32]) -> usize {
    let queries: Vec<usize> = drawn(rows.len(), QUERIES).collect();
    let mut needed: Vec<usize> = queries
        .par_iter()
        .flat_map_iter(|query| {
            let order = order(centres, &CodedQuery::new(rows[*query]));
            let mut places = vec![0; order.len()];
            order
                .iter()
                .enumerate()
                .for_each(|(place, list)| places[*list as usize] = place + 1);
            let others = neighbours(rows, *query).into_iter();
            others
                .map(move |row| places[nearest[row as usize] as usize])
                .collect::<Vec<_>>()
        })
        .collect();
    needed.sort_unstable();
    let at = (needed.len() as f64 * RECALL).ceil() as usize;
    needed.get(at.saturating_sub(1)).copied().unwrap_or(1)
}

/// The nearest of the other rows, by exact search.
fn neighbours(rows: &[&[f32]], query: usize) -> Vec<u32> {
    let cosines = rows.iter().enumerate().filter(|(row, _)| *row != query);
    let cosines = cosines.map(|(row, values)| (row as u32, dot(values, rows[query])));
    let best = crate::best::best(cosines.collect(), NEIGHBOURS);
    best.into_iter().map(|(row, _)| row).collect()
}

/// The slots of all lists: each list fills whole blocks.
fn fill(rows: &[&[f32]], dimension: usize, centres: &Codes, lists: &[Vec<u32>]) -> IvfParts {
    let rotation = Rotation::new(dimension, SEED);
    let filled: Vec<(Vec<u32>, Vec<f32>, Vec<u8>)> = lists
        .par_iter()
        .enumerate()
        .map(|(list, members)| {
            let centre = rotation.rotated(&centres.floats(list, dimension));
            let blocks = members.len().div_ceil(BLOCK);
            let mut slots = members.clone();
            slots.resize(blocks * BLOCK, EMPTY);
            let mut factors = vec![0.0_f32; slots.len()];
            let size = block_bytes(rotation.padded());
            let mut bits = vec![0_u8; blocks * size];
            for (slot, row) in members.iter().enumerate() {
                let mut rest = rotation.rotated(rows[*row as usize]);
                rest.iter_mut()
                    .zip(&centre)
                    .for_each(|(value, centre)| *value -= centre);
                factors[slot] = factor(&rest);
                write_signs(
                    &rest,
                    slot % BLOCK,
                    &mut bits[slot / BLOCK * size..][..size],
                );
            }
            (slots, factors, bits)
        })
        .collect();
    let mut parts = IvfParts::default();
    for (slots, factors, bits) in filled {
        parts.rows.extend(slots);
        parts.factors.extend(factors);
        parts.bits.extend(bits);
        parts.ends.push((parts.rows.len() / BLOCK) as u64);
    }
    parts
}

/// What a product with the signs of `rest` is multiplied by to be one with `rest` on average (RaBitQ, equation 12): its
/// squared length over its sum of sizes.
fn factor(rest: &[f32]) -> f32 {
    let (mut squares, mut sizes) = (0.0_f64, 0.0_f64);
    for value in rest {
        squares += f64::from(*value) * f64::from(*value);
        sizes += f64::from(value.abs());
    }
    (squares / sizes.max(1e-12)) as f32
}
