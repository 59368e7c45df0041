//! The sub-word cosine of a query with every document of a part, or with those that its rarest n-grams nominate.

use std::collections::{HashMap, HashSet};

use super::grams::grams;
use super::subword_view::{SubwordView, weight};
use super::subwords::{Postings, Subwords};
use crate::accumulator::Window;
use crate::best::Best;
use crate::facets::DocumentSet;
use crate::reach::Reach;

/// Passages scored exactly for each document nominated.
const OVERSAMPLING: usize = 1;

/// The n-grams of a query, weighed for one part.
pub(crate) struct SubwordQuery<'a> {
    own: &'a Subwords,
    view: &'a SubwordView,
    /// Passages that the tenant sees.
    all: usize,
    /// N-grams that the part has, ascending.
    grams: Vec<Gram>,
    norm: f32,
}

struct Gram {
    number: u32,
    weight: f64,
    having: u32,
    /// What one occurrence adds: most n-grams come once.
    once: f32,
}

/// Cosines of passages, each computed once.
pub(crate) type PassageCosines = HashMap<u32, f32>;

impl<'a> SubwordQuery<'a> {
    /// The n-grams of `text` for `own`, where `base` (the shared texts, for a tenant of its own) counts for rarity too.
    pub(crate) fn new(
        text: &str,
        own: &'a Subwords,
        base: Option<&Subwords>,
        view: &'a SubwordView,
    ) -> Self {
        let all = own.passages() + base.map_or(0, |base| base.passages());
        let (mut square, mut known) = (0.0, Vec::new());
        for (key, frequency) in grams(text) {
            let having = own.frequency(key) + base.map_or(0, |base| base.frequency(key));
            let own_weight = weight(frequency, having, all);
            square += own_weight * own_weight;
            if let Ok(number) = own.keys().binary_search(&key) {
                let once = (own_weight * weight(1, having, all)) as f32;
                known.push(Gram {
                    number: number as u32,
                    weight: own_weight,
                    having,
                    once,
                });
            }
        }
        Self {
            own,
            view,
            all,
            grams: known,
            norm: square.sqrt() as f32,
        }
    }

    /// Best cosine of each of `documents` documents, 0 where no n-gram is shared.
    pub(crate) fn scores(&self, documents: usize) -> Vec<f32> {
        let mut products = vec![0.0_f32; self.own.passages()];
        for gram in &self.grams {
            // The postings were validated when they were opened.
            let _validated = self
                .own
                .each_passage(gram.number as usize, |passage, frequency| {
                    products[passage] += self.product(gram, frequency);
                });
        }
        let mut scores = vec![0.0_f32; documents];
        for (passage, product) in products
            .into_iter()
            .enumerate()
            .filter(|(_, product)| *product > 0.0)
        {
            let cosine = self.cosine_of(passage as u32, product);
            let _validated = self.own.each_document(passage, |document| {
                if let Some(score) = scores.get_mut(document as usize) {
                    *score = score.max(cosine);
                }
            });
        }
        scores
    }

    fn product(&self, gram: &Gram, frequency: u32) -> f32 {
        match frequency {
            1 => gram.once,
            _ => (gram.weight * weight(frequency, gram.having, self.all)) as f32,
        }
    }

    fn cosine_of(&self, passage: u32, product: f32) -> f32 {
        (product / (self.norm * self.view.norm(passage))).min(1.0)
    }

    /// The cosine of one passage: the same bits as in [`scores`](Self::scores).
    fn cosine(&self, passage: u32) -> f32 {
        let (mut at, mut product) = (0, 0.0_f32);
        self.own.forward().each_gram(passage, |number, frequency| {
            while at < self.grams.len() && self.grams[at].number < number {
                at += 1;
            }
            let Some(gram) = self.grams.get(at) else {
                return false;
            };
            if gram.number == number {
                product += self.product(gram, frequency);
            }
            true
        });
        if product > 0.0 {
            self.cosine_of(passage, product)
        } else {
            0.0
        }
    }

    /// The best cosine of one document; those of passages are kept in `known`.
    pub(crate) fn score(&self, document: u32, known: &mut PassageCosines) -> f32 {
        let passages = self.own.forward().passages_of(document).iter();
        passages
            .map(|passage| {
                *known
                    .entry(*passage)
                    .or_insert_with(|| self.cosine(*passage))
            })
            .fold(0.0, f32::max)
    }

    /// Documents of `eligible` with the passages that are best as far as the rarest n-grams tell, `reach.depth` of them, whose
    /// exact cosine is at least `floor`.
    pub(crate) fn nominate(
        &self,
        reach: &Reach,
        eligible: &DocumentSet,
        floor: f64,
        known: &mut PassageCosines,
    ) -> Vec<u32> {
        let mut passages: Vec<(u32, f32)> = self.passages(reach);
        for (passage, cosine) in &mut passages {
            *cosine = *known
                .entry(*passage)
                .or_insert_with(|| self.cosine(*passage));
        }
        passages.retain(|(_, cosine)| f64::from(*cosine) >= floor);
        passages.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let mut found = Vec::new();
        for (passage, _) in passages {
            if found.len() >= reach.depth {
                break;
            }
            // A passage of very many documents is cut off; words find those.
            let room = reach.depth - found.len();
            let mut own = Vec::new();
            let _validated = self.own.each_document(passage as usize, |document| {
                if own.len() < room && eligible.contains(document) {
                    own.push(document);
                }
            });
            found.extend(own);
        }
        found
    }

    /// The passages that are best as far as the rarest n-grams tell.
    fn passages(&self, reach: &Reach) -> Vec<(u32, f32)> {
        let mut best = Best::new(OVERSAMPLING * reach.depth);
        let mut rarest = self.rarest(reach);
        let fill = |window: &mut Window, end: u32| {
            for (gram, postings) in &mut rarest {
                postings.before(end, |passage, frequency| {
                    let product = self.product(gram, frequency);
                    window.add(passage, product.max(f32::MIN_POSITIVE));
                });
            }
        };
        Window::each(self.own.passages(), fill, |passage, product| {
            best.offer(passage, product / self.view.norm(passage));
        });
        best.finish()
    }

    /// The n-grams that are read to find passages, rarest first: all of them, or as many as have more than `reach.grams` postings with
    /// the next one and are in `reach.depth` passages.
    fn rarest(&self, reach: &Reach) -> Vec<(&Gram, Postings<'a>)> {
        let postings = |gram: &Gram| self.own.postings(gram.number as usize);
        let mut rarest: Vec<(&Gram, Postings<'a>)> = self
            .grams
            .iter()
            .map(|gram| (gram, postings(gram)))
            .collect();
        rarest.sort_by_key(|(gram, postings)| (postings.count(), gram.number));
        let mut read = 0;
        for taken in 0..rarest.len() {
            read += rarest[taken].1.count();
            if read > reach.grams && have(&rarest[..taken], reach.depth) {
                rarest.truncate(taken);
                break;
            }
        }
        rarest
    }
}

/// Whether n-grams are in `count` passages: most often the last of them, which is the most frequent, tells.
fn have(grams: &[(&Gram, Postings<'_>)], count: usize) -> bool {
    let mut passages = HashSet::new();
    for (_, postings) in grams.iter().rev() {
        if passages.len().max(postings.count()) >= count {
            return true;
        }
        postings.clone().before(u32::MAX, |passage, _| {
            passages.insert(passage);
        });
    }
    passages.len() >= count
}
