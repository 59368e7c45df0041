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

/// Remainders that tell most n-grams of a passage from those of a query.
const REMAINDERS: u32 = 4096;
/// Passages that are asked for before their n-grams are read.
const AHEAD: usize = 4;

/// The n-grams of a query, weighed for one part.
pub(crate) struct SubwordQuery<'a> {
    own: &'a Subwords,
    view: &'a SubwordView,
    /// Passages that the tenant sees.
    all: usize,
    /// N-grams that the part has, ascending.
    grams: Vec<Gram>,
    norm: f32,
    /// Which remainders of n-grams' numbers by [`REMAINDERS`] there are, a bit each.
    remainders: [u64; REMAINDERS as usize / 64],
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
        let mut remainders = [0; REMAINDERS as usize / 64];
        for (key, frequency) in grams(text) {
            let number = own.keys().binary_search(&key).map(|number| number as u32);
            let own_having = number.map_or(0, |number| own.count(number));
            let having = own_having + base.map_or(0, |base| base.frequency(key));
            let own_weight = weight(frequency, having, all);
            square += own_weight * own_weight;
            if let Ok(number) = number {
                let once = (own_weight * weight(1, having, all)) as f32;
                let remainder = number % REMAINDERS;
                remainders[remainder as usize / 64] |= 1 << (remainder % 64);
                known.push(Gram {
                    number,
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
            remainders,
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
        let mut product = 0.0_f32;
        self.own.forward().each_gram(passage, |number, frequency| {
            let remainder = number % REMAINDERS;
            if self.remainders[remainder as usize / 64] >> (remainder % 64) & 1 == 1
                && let Ok(at) = self.grams.binary_search_by_key(&number, |gram| gram.number)
            {
                product += self.product(&self.grams[at], frequency);
            }
        });
        if product > 0.0 {
            self.cosine_of(passage, product)
        } else {
            0.0
        }
    }

    /// Adds the cosines of `passages` to `known`.
    fn learn(&self, passages: impl Iterator<Item = u32>, known: &mut PassageCosines) {
        let missing = passages.filter(|passage| !known.contains_key(passage));
        let missing: Vec<u32> = missing.collect();
        for (at, passage) in missing.iter().enumerate() {
            if let Some(later) = missing.get(at + AHEAD) {
                self.own.forward().ask_for(*later);
            }
            known.insert(*passage, self.cosine(*passage));
        }
    }

    /// The best cosine of each of `documents`; those of passages are kept in `known`.
    pub(crate) fn scores_of(&self, documents: &[u32], known: &mut PassageCosines) -> Vec<f32> {
        let passages = |document: &u32| self.own.forward().passages_of(*document).iter().copied();
        self.learn(documents.iter().flat_map(passages), known);
        let best = |document| {
            passages(document)
                .map(|passage| known[&passage])
                .fold(0.0, f32::max)
        };
        documents.iter().map(best).collect()
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
        self.learn(passages.iter().map(|(passage, _)| *passage), known);
        for (passage, cosine) in &mut passages {
            *cosine = known[passage];
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
