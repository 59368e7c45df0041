//! Pairs of documents whose vectors nearly coincide, found without comparing all with all.

use rayon::prelude::*;

use crate::build::Prepared;
use crate::document::{Document, Vectors};
use crate::error::RetrievalError;
use crate::facets::DocumentSet;
use crate::reach::Reach;
use crate::vector_file;
use crate::vectors::VectorBlock;

/// Vectors of a tenant up to which all are compared with all; more are looked up in lists of near ones.
const COMPARED: usize = 2_048;

/// Which pairs are near.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nearness {
    /// The least cosine of a pair.
    pub least_cosine: f32,
    /// How many of a document's nearest others are looked at.
    pub neighbours: usize,
}

/// Two documents of one tenant.
#[derive(Debug, Clone, PartialEq)]
pub struct NearPair {
    /// Owner of both.
    pub tenant: String,
    /// The document whose id comes first.
    pub id: String,
    /// The other one.
    pub other_id: String,
    /// Cosine of their vectors; the same bits on every machine.
    pub cosine: f32,
}

/// Finds the pairs of near documents, tenant by tenant, in the order of their ids. Only ids, tenants and vectors matter. Of more
/// than some two thousand documents of a tenant, each is looked up in lists of near vectors, which are read until 99.6 % of the
/// ten nearest of a sample are found: a pair is missed only where both of its lookups miss it.
///
/// # Errors
/// `Invalid` where two documents of a tenant share an id, or `vectors` do not fit `documents`.
pub fn near_pairs(
    documents: Vec<Document>,
    vectors: Vectors,
    nearness: &Nearness,
) -> Result<Vec<NearPair>, RetrievalError> {
    near_pairs_by_lists(documents, vectors, nearness, COMPARED)
}

/// The same, with lists for tenants of more than `compared` vectors.
fn near_pairs_by_lists(
    documents: Vec<Document>,
    vectors: Vectors,
    nearness: &Nearness,
    compared: usize,
) -> Result<Vec<NearPair>, RetrievalError> {
    let prepared = Prepared::new(documents, Some(vectors))?;
    let reach = Reach {
        listed: compared,
        ..Reach::default()
    };
    let blocks = vector_file::in_memory(&prepared, &reach)?;
    let groups = prepared.documents.chunk_by(|a, b| a.tenant == b.tenant);
    let pairs = groups.zip(&blocks).flat_map(|(group, (tenant, block))| {
        let found = of_block(block, group.len(), nearness).into_iter();
        found.map(|(left, right, cosine)| NearPair {
            tenant: tenant.clone(),
            id: group[left as usize].id.clone(),
            other_id: group[right as usize].id.clone(),
            cosine,
        })
    });
    Ok(pairs.collect())
}

/// The near pairs of one tenant's `count` documents, by position.
fn of_block(block: &VectorBlock, count: usize, nearness: &Nearness) -> Vec<(u32, u32, f32)> {
    let all = DocumentSet::all(count);
    let near = |document: u32| {
        let row = block.row_of(document)?;
        // A document is the nearest to itself.
        let found = block.nominate(row, nearness.neighbours + 1, &all, 1.0);
        let pairs = found.into_iter().filter(|other| *other != document);
        let pairs = pairs.filter_map(|other| {
            let cosine = block.cosine(row, other)?;
            let (left, right) = (document.min(other), document.max(other));
            (cosine >= nearness.least_cosine).then_some((left, right, cosine))
        });
        Some(pairs.collect::<Vec<_>>())
    };
    let mut pairs: Vec<(u32, u32, f32)> = (0..count as u32)
        .into_par_iter()
        .filter_map(near)
        .flatten_iter()
        .collect();
    pairs.sort_unstable_by_key(|(left, right, _)| (*left, *right));
    pairs.dedup_by_key(|(left, right, _)| (*left, *right));
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::next_random;

    const DIMENSION: usize = 32;
    const NEARNESS: Nearness = Nearness {
        least_cosine: 0.95,
        neighbours: 10,
    };

    /// Documents at random, every tenth of them followed by one that is nearly the same.
    fn planted(count: usize) -> (Vec<Document>, Vectors) {
        let mut state = 3;
        let mut random = move || (next_random(&mut state) % 2001) as f32 / 1000.0 - 1.0;
        let (mut documents, mut rows) = (Vec::new(), Vec::<Option<Vec<f32>>>::new());
        for number in 0..count {
            let is_twin = number % 10 == 1;
            let row = match rows.last() {
                Some(Some(last)) if is_twin => {
                    let size = last.iter().map(|value| value * value).sum::<f32>().sqrt();
                    let noise = 0.2 * size / (DIMENSION as f32).sqrt();
                    last.iter().map(|value| value + noise * random()).collect()
                }
                _ => (0..DIMENSION).map(|_| random()).collect(),
            };
            documents.push(Document {
                id: format!("d{number:06}"),
                tenant: ["tenant_a", "tenant_public"][number / 10 % 2].to_owned(),
                ..Document::default()
            });
            rows.push(Some(row));
        }
        let vectors = Vectors {
            model: "random".to_owned(),
            dimension: DIMENSION,
            rows,
        };
        (documents, vectors)
    }

    #[test]
    fn lists_find_the_pairs_that_comparing_all_finds() {
        let (documents, vectors) = planted(4_000);
        let of = |compared| {
            let (documents, vectors) = (documents.clone(), vectors.clone());
            near_pairs_by_lists(documents, vectors, &NEARNESS, compared).unwrap()
        };
        let (all, by_lists) = (of(usize::MAX), of(100));
        let twins: Vec<_> = (0..400)
            .map(|ten| (format!("d{:06}", 10 * ten), format!("d{:06}", 10 * ten + 1)))
            .collect();
        let mut found: Vec<_> = all
            .iter()
            .map(|pair| (pair.id.clone(), pair.other_id.clone()))
            .collect();
        found.sort();
        assert_eq!(found, twins);
        assert!(all.iter().all(|pair| pair.cosine >= 0.95));
        assert_eq!(by_lists, all);
    }

    #[test]
    fn another_tenants_twin_is_no_pair_and_a_document_without_vector_has_none() {
        let document = |tenant: &str, id: &str| Document {
            id: id.to_owned(),
            tenant: tenant.to_owned(),
            ..Document::default()
        };
        let documents = vec![
            document("tenant_a", "x"),
            document("tenant_b", "y"),
            document("tenant_b", "z"),
        ];
        let rows = vec![Some(vec![1.0, 0.0]), Some(vec![1.0, 0.0]), None];
        let vectors = Vectors {
            model: "m".to_owned(),
            dimension: 2,
            rows,
        };
        let found = near_pairs(documents, vectors, &NEARNESS).unwrap();
        assert_eq!(found, []);
    }
}
