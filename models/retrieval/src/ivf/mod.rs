//! An inverted file over one bit per value, for parts too large to scan: lists of near vectors, of which a query reads the
//! nearest. What it finds is scored exactly by the caller.

mod bits;
mod codes;
mod kmeans;
mod rotation;
mod training;

use crate::best::Best;
use crate::dot::dot_rows;
use crate::facets::DocumentSet;
use crate::map::Section;
use crate::prefetch::prefetch;
use bits::{BLOCK, Tables, block_bytes};
use codes::{CodedQuery, Codes};
use rotation::Rotation;

/// Seed of rotation, training and calibration.
const SEED: u64 = 11;
/// Blocks, centres or rows that are asked for before they are read.
pub(crate) const AHEAD: usize = 2;
/// Slot of a block without a vector.
const EMPTY: u32 = u32::MAX;

/// The lists of one part's vectors.
#[derive(Debug)]
pub(crate) struct Ivf {
    dimension: usize,
    rotation: Rotation,
    codes: Codes,
    /// Centres, row after row.
    centres: Vec<f32>,
    /// Lists that a query reads.
    probes: usize,
    /// End of each list, in blocks.
    ends: Vec<u64>,
    /// Row of each slot.
    rows: Section,
    /// What makes a slot's product with its signs one with its vector.
    factors: Section,
    bits: Section,
}

/// The parts of a file as they are written.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct IvfParts {
    pub(crate) probes: u64,
    pub(crate) centres: Vec<u8>,
    pub(crate) scales: Vec<f32>,
    pub(crate) ends: Vec<u64>,
    pub(crate) rows: Vec<u32>,
    pub(crate) factors: Vec<f32>,
    pub(crate) bits: Vec<u8>,
}

/// Sections of a file, as [`IvfParts`] names them.
pub(crate) struct IvfSections {
    pub(crate) probes: u64,
    pub(crate) centres: Section,
    pub(crate) scales: Section,
    pub(crate) ends: Section,
    pub(crate) rows: Section,
    pub(crate) factors: Section,
    pub(crate) bits: Section,
}

impl Ivf {
    /// Trains lists for `rows` (unit vectors of `dimension` values); the same for the same rows on any machine.
    pub(crate) fn train(rows: &[&[f32]], dimension: usize) -> IvfParts {
        training::train(rows, dimension)
    }

    /// Opens what was trained for `row_count` rows; none where the sections do not fit each other.
    pub(crate) fn open(sections: IvfSections, dimension: usize, row_count: usize) -> Option<Self> {
        let rotation = Rotation::new(dimension, SEED);
        let scales = sections.scales.floats().to_vec();
        let codes = Codes::from_parts(dimension, sections.centres.bytes().to_vec(), scales)?;
        let ends = sections.ends.longs().to_vec();
        let slots = sections.rows.numbers().len();
        let is_sound = ends.len() == codes.len()
            && ends.is_sorted()
            && ends
                .last()
                .is_some_and(|last| *last as usize * BLOCK == slots)
            && sections.factors.floats().len() == slots
            && sections.bits.bytes().len() == slots / BLOCK * block_bytes(rotation.padded())
            && sections
                .rows
                .numbers()
                .iter()
                .all(|row| *row == EMPTY || (*row as usize) < row_count);
        is_sound.then(|| Self {
            dimension,
            rotation,
            centres: (0..codes.len())
                .flat_map(|list| codes.floats(list, dimension))
                .collect(),
            codes,
            probes: sections.probes as usize,
            ends,
            rows: sections.rows,
            factors: sections.factors,
            bits: sections.bits,
        })
    }

    /// The `depth` rows that are nearest to `query` as far as the bits of the nearest lists tell, in no order, of those
    /// whose document is in `eligible` when there is a filter. A filter that admits few makes it read more lists.
    /// It finds `depth` rows where there are so many.
    pub(crate) fn nearest(
        &self,
        query: &[f32],
        depth: usize,
        filter: Option<&Filter<'_>>,
    ) -> Vec<u32> {
        let share = filter.map_or(1.0, |filter| filter.share.max(1e-6));
        let probes = ((self.probes as f64 / share).ceil() as usize).min(self.ends.len());
        let tables = Tables::new(&self.rotation.rotated(query));
        let order = self.order(query);
        let (first, rest) = order.split_at(probes);
        // Every other one, so that both cores meet near rows early.
        let half = |from: usize| {
            first
                .iter()
                .copied()
                .skip(from)
                .step_by(2)
                .collect::<Vec<_>>()
        };
        let scan = |lists: &[u32]| {
            let mut best = Best::new(depth);
            self.scan(lists, query, &tables, filter, &mut best);
            best
        };
        let (mut best, other) = rayon::join(|| scan(&half(0)), || scan(&half(1)));
        other
            .finish()
            .into_iter()
            .for_each(|(row, cosine)| best.offer(row, cosine));
        for list in rest.chunks(1) {
            if best.len() >= depth {
                break;
            }
            self.scan(list, query, &tables, filter, &mut best);
        }
        best.finish().into_iter().map(|(row, _)| row).collect()
    }

    /// All lists, nearest first, ties by number.
    fn order(&self, query: &[f32]) -> Vec<u32> {
        training::order(&self.codes, &CodedQuery::new(query))
    }

    /// The blocks of `lists`, in their order, each with the product of its list's centre with `query`.
    fn blocks(&self, lists: &[u32], query: &[f32]) -> Vec<(usize, f32)> {
        let centre =
            |list: &u32| &self.centres[*list as usize * self.dimension..][..self.dimension];
        let mut blocks = Vec::with_capacity(4 * lists.len());
        for (at, list) in lists.iter().enumerate() {
            if let Some(later) = lists.get(at + AHEAD) {
                prefetch(centre(later));
            }
            let mut near = [0.0_f32];
            dot_rows(centre(list), query, &mut near);
            let list = *list as usize;
            let start = list
                .checked_sub(1)
                .map_or(0, |before| self.ends[before] as usize);
            blocks.extend((start..self.ends[list] as usize).map(|block| (block, near[0])));
        }
        blocks
    }

    fn scan(
        &self,
        lists: &[u32],
        query: &[f32],
        tables: &Tables,
        filter: Option<&Filter<'_>>,
        best: &mut Best,
    ) {
        let size = block_bytes(self.rotation.padded());
        let (bits, rows) = (
            self.bits.bytes(),
            self.rows.numbers().as_chunks::<BLOCK>().0,
        );
        let factors = self.factors.floats().as_chunks::<BLOCK>().0;
        let mut cosines = [0.0_f32; BLOCK];
        let blocks = self.blocks(lists, query);
        for (at, (block, near)) in blocks.iter().enumerate() {
            if let Some((later, _)) = blocks.get(at + AHEAD) {
                prefetch(&bits[later * size..][..size]);
                prefetch(&factors[*later]);
            }
            tables.products(&bits[block * size..][..size], &mut cosines);
            let mut most = f32::NEG_INFINITY;
            for (cosine, factor) in cosines.iter_mut().zip(&factors[*block]) {
                *cosine = near + *cosine * factor;
                most = if *cosine > most { *cosine } else { most };
            }
            if most >= best.least() {
                for (row, cosine) in rows[*block].iter().zip(&cosines) {
                    let is_admitted = *cosine >= best.least() && *row != EMPTY;
                    if is_admitted && filter.is_none_or(|filter| filter.admits(*row)) {
                        best.offer(*row, *cosine);
                    }
                }
            }
        }
    }
}

/// Which rows may be found.
pub(crate) struct Filter<'a> {
    pub(crate) eligible: &'a DocumentSet,
    /// Document of each row.
    pub(crate) documents: &'a [u32],
    /// Share of all documents that are eligible.
    pub(crate) share: f64,
}

impl Filter<'_> {
    fn admits(&self, row: u32) -> bool {
        self.eligible.contains(self.documents[row as usize])
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::dot::dot;
    use crate::map::Map;
    use crate::random::next_random;
    use crate::vectors::unit;

    const DIMENSION: usize = 48;

    /// Vectors around some centres, as embeddings are.
    fn clustered(seed: u64, count: usize) -> Vec<Vec<f32>> {
        let mut state = seed;
        let mut vector = || -> Vec<f32> {
            (0..DIMENSION)
                .map(|_| (next_random(&mut state) % 2001) as f32 / 1000.0 - 1.0)
                .collect()
        };
        let centres: Vec<Vec<f32>> = (0..20).map(|_| vector()).collect();
        let rows = (0..count).map(|at| {
            let (centre, own) = (&centres[at % centres.len()], vector());
            let mixed: Vec<f32> = centre
                .iter()
                .zip(own)
                .map(|(centre, own)| centre + own)
                .collect();
            unit(&mixed, DIMENSION).unwrap()
        });
        rows.collect()
    }

    fn open(parts: &IvfParts, rows: usize) -> Ivf {
        fn section<const N: usize>(values: impl Iterator<Item = [u8; N]>) -> Section {
            let bytes: Vec<u8> = values.flatten().collect();
            Section::whole(Arc::new(Map::of_bytes(&bytes).unwrap()))
        }
        let sections = IvfSections {
            probes: parts.probes,
            centres: section(parts.centres.iter().map(|byte| [*byte])),
            scales: section(parts.scales.iter().map(|value| value.to_le_bytes())),
            ends: section(parts.ends.iter().map(|value| value.to_le_bytes())),
            rows: section(parts.rows.iter().map(|value| value.to_le_bytes())),
            factors: section(parts.factors.iter().map(|value| value.to_le_bytes())),
            bits: section(parts.bits.iter().map(|byte| [*byte])),
        };
        Ivf::open(sections, DIMENSION, rows).unwrap()
    }

    #[test]
    fn nearly_all_true_neighbours_are_among_those_found() {
        let mut rows = clustered(1, 6100);
        let queries = rows.split_off(6000);
        let slices: Vec<&[f32]> = rows.iter().map(Vec::as_slice).collect();
        let lists = open(&Ivf::train(&slices, DIMENSION), rows.len());
        let (mut hits, mut wanted) = (0, 0);
        for query in queries {
            let all = rows
                .iter()
                .enumerate()
                .map(|(row, values)| (row as u32, dot(values, &query)));
            let exact = crate::best::best(all.collect(), 10);
            let found = lists.nearest(&query, 200, None);
            assert_eq!(found.len(), 200);
            hits += exact.iter().filter(|(row, _)| found.contains(row)).count();
            wanted += exact.len();
        }
        assert!(hits as f64 >= 0.99 * wanted as f64, "{hits} of {wanted}");
    }

    #[test]
    fn the_same_rows_give_the_same_lists_on_any_number_of_threads() {
        let rows = clustered(3, 2000);
        let slices: Vec<&[f32]> = rows.iter().map(Vec::as_slice).collect();
        let alone = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()
            .unwrap();
        let one = alone.install(|| Ivf::train(&slices, DIMENSION));
        assert_eq!(one, Ivf::train(&slices, DIMENSION));
    }

    #[test]
    fn a_filter_finds_its_own_only_and_enough_of_them() {
        let rows = clustered(4, 3000);
        let slices: Vec<&[f32]> = rows.iter().map(Vec::as_slice).collect();
        let lists = open(&Ivf::train(&slices, DIMENSION), rows.len());
        let documents: Vec<u32> = (0..3000).collect();
        let mut eligible = DocumentSet::none(3000);
        (0..3000)
            .filter(|document| document % 50 == 3)
            .for_each(|document| eligible.insert(document));
        let filter = Filter {
            eligible: &eligible,
            documents: &documents,
            share: 0.02,
        };
        let found = lists.nearest(&rows[3], 100, Some(&filter));
        assert_eq!(found.len(), 60);
        assert!(found.iter().all(|row| eligible.contains(*row)));
    }
}
