//! Embeddings of one tenant's documents: exact cosines, the nearest of many, and the background that they stand out from.

use rayon::prelude::*;

use crate::background::Background;
use crate::best::best;
use crate::dot::{dot, dot_rows};
use crate::facets::DocumentSet;
use crate::ivf::{Filter, Ivf};
use crate::map::Section;
use crate::prefetch::prefetch;
use crate::random::next_random;

/// Rows scanned by one task.
const CHUNK: usize = 1024;
/// Random pairs that the background is taken from.
const BACKGROUND_PAIRS: usize = 4096;
/// Seed of those pairs, and of the sample.
const BACKGROUND_SEED: u64 = 7;
/// Rows of a large part that stand for all in a query's background.
const SAMPLE: usize = 1024;
/// Rows that are asked for before they are read.
const AHEAD: usize = 4;
/// Rows that the lists give for each one asked for: bits err, and exact cosines decide.
const OVERSAMPLING: usize = 4;

/// Vectors of the documents that have one.
#[derive(Debug)]
pub(crate) struct VectorBlock {
    dimension: usize,
    /// Document of each row, ascending.
    documents: Section,
    values: Section,
    /// Lists of near vectors; none where all are compared.
    lists: Option<Ivf>,
    /// Copies of some rows, drawn by seed; empty where all are compared.
    sample: Vec<f32>,
}

impl VectorBlock {
    /// The vectors `values` of `documents`; none where they do not fit each other.
    pub(crate) fn new(
        dimension: usize,
        documents: Section,
        values: Section,
        lists: Option<Ivf>,
    ) -> Option<Self> {
        let numbers = documents.numbers();
        let is_sound = numbers.is_sorted_by(|a, b| a < b)
            && 4 * numbers.len() == documents.bytes().len()
            && numbers.len() * dimension == values.floats().len();
        let mut block = Self {
            dimension,
            documents,
            values,
            lists,
            sample: Vec::new(),
        };
        if is_sound && block.lists.is_some() {
            let (mut state, rows) = (BACKGROUND_SEED, block.len() as u64);
            for _ in 0..SAMPLE {
                let row = (next_random(&mut state) % rows) as usize;
                let row = block.row(row).to_vec();
                block.sample.extend(row);
            }
        }
        is_sound.then_some(block)
    }

    fn documents(&self) -> &[u32] {
        self.documents.numbers()
    }

    pub(crate) fn len(&self) -> usize {
        self.documents().len()
    }

    /// The last document that has a vector.
    pub(crate) fn last(&self) -> Option<u32> {
        self.documents().last().copied()
    }

    /// The vector of `document`.
    pub(crate) fn row_of(&self, document: u32) -> Option<&[f32]> {
        let documents = self.documents();
        // Most often all documents have one.
        let row = match documents.get(document as usize) {
            Some(same) if *same == document => document as usize,
            _ => documents.binary_search(&document).ok()?,
        };
        Some(self.row(row))
    }

    /// All vectors, in order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &[f32]> {
        (0..self.len()).map(|row| self.row(row))
    }

    fn row(&self, row: usize) -> &[f32] {
        &self.values.floats()[row * self.dimension..(row + 1) * self.dimension]
    }

    /// Cosine of `query` (a unit vector) with every row, exactly; the same on any number of threads.
    pub(crate) fn cosines(&self, query: &[f32]) -> Vec<(u32, f32)> {
        let mut scores = vec![0.0_f32; self.len()];
        scores
            .par_chunks_mut(CHUNK)
            .zip(
                self.values
                    .floats()
                    .par_chunks(CHUNK * self.dimension.max(1)),
            )
            .for_each(|(scores, rows)| dot_rows(rows, query, scores));
        self.documents().iter().copied().zip(scores).collect()
    }

    /// Exact cosine of `query` with `document`; the same bits as in [`cosines`](Self::cosines).
    pub(crate) fn cosine(&self, query: &[f32], document: u32) -> Option<f32> {
        let mut cosine = [0.0_f32];
        dot_rows(self.row_of(document)?, query, &mut cosine);
        Some(cosine[0])
    }

    /// Exact cosine of `query` with each of `documents`; not a number for those without a vector.
    pub(crate) fn cosines_of(&self, query: &[f32], documents: &[u32]) -> Vec<f32> {
        let cosines = documents.iter().enumerate().map(|(at, document)| {
            if let Some(later) = documents.get(at + AHEAD) {
                prefetch(self.row_of(*later).unwrap_or_default());
            }
            self.cosine(query, *document).unwrap_or(f32::NAN)
        });
        cosines.collect()
    }

    /// The `depth` documents of `eligible`, which are `share` of all, that are nearest to `query`: exactly, or as far as the
    /// lists tell.
    pub(crate) fn nominate(
        &self,
        query: &[f32],
        depth: usize,
        eligible: &DocumentSet,
        share: f64,
    ) -> Vec<u32> {
        let documents = self.documents();
        if let Some(lists) = &self.lists {
            let filter = Filter {
                eligible,
                documents,
                share,
            };
            let filter = (share < 1.0).then_some(&filter);
            let rows = lists.nearest(query, OVERSAMPLING * depth, filter);
            let found: Vec<u32> = rows
                .into_iter()
                .map(|row| documents[row as usize])
                .collect();
            let cosines = self.cosines_of(query, &found);
            let found = best(found.into_iter().zip(cosines).collect(), depth);
            return found.into_iter().map(|(document, _)| document).collect();
        }
        let mut cosines = self.cosines(query);
        cosines.retain(|(document, _)| eligible.contains(*document));
        best(cosines, depth)
            .into_iter()
            .map(|(document, _)| document)
            .collect()
    }

    /// Cosines of `query` with all rows, or with a sample of many, and how many rows each stands for.
    pub(crate) fn sampled(&self, query: &[f32]) -> (Vec<f32>, f64) {
        if self.lists.is_none() {
            return (
                self.cosines(query)
                    .into_iter()
                    .map(|(_, cosine)| cosine)
                    .collect(),
                1.0,
            );
        }
        let mut cosines = vec![0.0; SAMPLE];
        dot_rows(&self.sample, query, &mut cosines);
        (cosines, self.len() as f64 / SAMPLE as f64)
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
