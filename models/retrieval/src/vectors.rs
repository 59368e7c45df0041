//! Embeddings of one tenant's documents: an exact scan and the background that cosines stand out from.

use rayon::prelude::*;

use crate::dot::{dot, dot_rows};

/// Rows scanned by one task.
const CHUNK: usize = 1024;
/// Random pairs that the background is taken from.
const BACKGROUND_PAIRS: usize = 4096;
/// Seed of those pairs.
const BACKGROUND_SEED: u64 = 7;
/// Documents that the prior background counts for.
const PRIOR_COUNT: f64 = 32.0;
/// Standard deviation assumed where there are too few vectors to tell, and the least one believed.
const LEAST_DEVIATION: f64 = 0.03;

/// Vectors of the documents that have one.
#[derive(Debug, Default)]
pub(crate) struct VectorBlock {
    dimension: usize,
    /// Document of each row, ascending.
    documents: Vec<u32>,
    values: Vec<f32>,
}

/// What a cosine is by chance: mean and standard deviation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Background {
    mean: f64,
    deviation: f64,
}

impl Default for Background {
    fn default() -> Self {
        Self {
            mean: 0.0,
            deviation: LEAST_DEVIATION,
        }
    }
}

impl VectorBlock {
    pub(crate) fn new(dimension: usize) -> Self {
        Self {
            dimension,
            ..Self::default()
        }
    }

    /// Appends the unit vector of `document`; documents come in ascending order.
    pub(crate) fn push(&mut self, document: u32, row: &[f32]) {
        self.documents.push(document);
        self.values.extend_from_slice(row);
    }

    pub(crate) fn len(&self) -> usize {
        self.documents.len()
    }

    /// The vector of `document`.
    pub(crate) fn row_of(&self, document: u32) -> Option<&[f32]> {
        self.documents
            .binary_search(&document)
            .ok()
            .map(|row| self.row(row))
    }

    fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.dimension..(row + 1) * self.dimension]
    }

    /// Rows as (document, values), in order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (u32, &[f32])> {
        self.documents
            .iter()
            .enumerate()
            .map(|(row, document)| (*document, self.row(row)))
    }

    /// Cosine of `query` (a unit vector) with every row, exactly; the same on any number of threads.
    pub(crate) fn cosines(&self, query: &[f32]) -> Vec<(u32, f32)> {
        let mut scores = vec![0.0_f32; self.len()];
        scores
            .par_chunks_mut(CHUNK)
            .zip(self.values.par_chunks(CHUNK * self.dimension.max(1)))
            .for_each(|(scores, rows)| dot_rows(rows, query, scores));
        self.documents.iter().copied().zip(scores).collect()
    }

    /// Sum, sum of squares and number of the cosines of random pairs.
    fn background_sums(&self) -> (f64, f64, f64) {
        let rows = self.len() as u64;
        if rows < 2 {
            return (0.0, 0.0, 0.0);
        }
        let mut state = BACKGROUND_SEED;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..BACKGROUND_PAIRS {
            let left = next_random(&mut state) % rows;
            let right = (left + 1 + next_random(&mut state) % (rows - 1)) % rows;
            let cosine = f64::from(dot(self.row(left as usize), self.row(right as usize)));
            sum += cosine;
            squares += cosine * cosine;
        }
        // Each tenant weighs by its documents.
        let scale = rows as f64 / BACKGROUND_PAIRS as f64;
        (sum * scale, squares * scale, rows as f64)
    }

    /// Cosines between documents of `blocks` taken at random.
    pub(crate) fn background<'a>(blocks: impl Iterator<Item = &'a VectorBlock>) -> Background {
        let (mut sum, mut squares, mut count) = (0.0, 0.0, 0.0);
        for (s, q, n) in blocks.map(VectorBlock::background_sums) {
            (sum, squares, count) = (sum + s, squares + q, count + n);
        }
        if count == 0.0 {
            return Background::default();
        }
        Background::of_sums(sum, squares, count)
    }
}

impl Background {
    fn of_sums(sum: f64, squares: f64, count: f64) -> Self {
        let mean = sum / count;
        let variance = (squares / count - mean * mean).max(0.0);
        Self {
            mean,
            deviation: variance.sqrt().max(LEAST_DEVIATION),
        }
    }

    /// The background of one query: its `cosines` with all that the tenant sees, filtered or not. Queries differ from
    /// documents (a short question, a long text), so their own cosines tell chance better than pairs of documents do; those
    /// are the prior where there are few.
    pub(crate) fn of_query(&self, cosines: impl Iterator<Item = f32>) -> Self {
        let mut sum = PRIOR_COUNT * self.mean;
        let mut squares = PRIOR_COUNT * (self.deviation * self.deviation + self.mean * self.mean);
        let mut count = PRIOR_COUNT;
        for cosine in cosines.map(f64::from) {
            (sum, squares, count) = (sum + cosine, squares + cosine * cosine, count + 1.0);
        }
        Self::of_sums(sum, squares, count)
    }

    /// Share of the way from the background to identity: 0 at the mean, 1 at cosine 1.
    pub(crate) fn calibrated(&self, cosine: f64) -> f64 {
        let room = (1.0 - self.mean).max(1e-6);
        ((cosine - self.mean) / room).clamp(0.0, 1.0)
    }

    /// How many deviations a cosine stands above the background.
    pub(crate) fn deviations(&self, cosine: f64) -> f64 {
        (cosine - self.mean) / self.deviation
    }
}

/// A unit copy of `vector`, or `None` where it has another dimension, is not finite or has no direction.
pub(crate) fn unit(vector: &[f32], dimension: usize) -> Option<Vec<f32>> {
    let norm = vector
        .iter()
        .map(|value| f64::from(*value) * f64::from(*value))
        .sum::<f64>()
        .sqrt();
    if vector.len() != dimension || dimension == 0 || !norm.is_finite() || norm < 1e-9 {
        return None;
    }
    // A row that its encoder normalised keeps its bits.
    if (norm - 1.0).abs() < 1e-4 {
        return Some(vector.to_vec());
    }
    Some(
        vector
            .iter()
            .map(|value| (f64::from(*value) / norm) as f32)
            .collect(),
    )
}

/// SplitMix64 (Steele, Lea, Flood 2014).
fn next_random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
