//! Weights of n-grams in what a tenant sees.

use super::subwords::Subwords;

/// One tenant's passages, weighed by what the tenant sees: its own and the shared ones.
#[derive(Debug, Default)]
pub(crate) struct SubwordView {
    norms: Vec<f32>,
}

impl SubwordView {
    /// Norms of the passages of `own` where `base` (the shared texts, for a tenant of its own) counts for rarity too.
    pub(crate) fn new(own: &Subwords, base: Option<&Subwords>) -> Self {
        let all = own.passages() + base.map_or(0, |base| base.passages());
        let mut squares = vec![0.0_f64; own.passages()];
        for (number, key) in own.keys().iter().enumerate() {
            let having = own.frequency(*key) + base.map_or(0, |base| base.frequency(*key));
            let once = weight(1, having, all).powi(2);
            // The postings were validated when they were opened.
            let _validated = own.each_passage(number, |passage, frequency| {
                squares[passage] += match frequency {
                    1 => once,
                    _ => weight(frequency, having, all).powi(2),
                };
            });
        }
        Self {
            norms: squares
                .into_iter()
                .map(|square| square.sqrt() as f32)
                .collect(),
        }
    }

    pub(super) fn norm(&self, passage: u32) -> f32 {
        self.norms[passage as usize]
    }
}

/// tf-idf weight of an n-gram: sublinear frequency, smoothed rarity.
pub(super) fn weight(frequency: u32, having: u32, all: usize) -> f64 {
    let rarity = ((1.0 + all as f64) / (1.0 + f64::from(having))).ln() + 1.0;
    (1.0 + f64::from(frequency).ln()) * rarity
}
