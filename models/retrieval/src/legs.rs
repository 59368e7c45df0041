//! The legs of a query over one part: who is scored, and what each leg says of them.

use crate::admission::Way;
use crate::evidence::{LEGS, PartEvidence, SUBWORD_FLOOR};
use crate::facets::DocumentSet;
use crate::lexical::{PassageCosines, SubwordQuery, Subwords, WordQuery};
use crate::neighbours::nominated;
use crate::query::Query;
use crate::reach::Reach;
use crate::tenant_index::TenantIndex;

/// A query, leg by leg.
pub(crate) struct Legs<'a, 'q> {
    pub(crate) query: &'q Query<'q>,
    pub(crate) words: &'q WordQuery<'a>,
    /// The unit vector, where there is something to compare it with.
    pub(crate) vector: Option<&'q [f32]>,
    /// The same where the documents nearest to it are heard.
    pub(crate) asking: Option<&'q [f32]>,
    pub(crate) is_on: [bool; LEGS],
    pub(crate) weights: [f64; LEGS],
    pub(crate) reach: &'q Reach,
}

/// What the legs say of one part.
pub(crate) struct Read<'a> {
    pub(crate) evidence: PartEvidence<'a>,
    /// In a large part, the documents nearest to the vector whatever the filters, where they are heard.
    pub(crate) near: Vec<u32>,
    /// Whether a word of the query, whole or in part, is in a document, whatever the filters.
    pub(crate) is_known: bool,
    /// Cosines for the query's background, and how many documents each stands for.
    pub(crate) cosines: (Vec<f32>, f64),
}

impl Legs<'_, '_> {
    /// Reads part `number`; `base` has the shared short texts where `part` is not itself the shared one.
    pub(crate) fn of_part<'a>(
        &self,
        number: usize,
        part: &'a TenantIndex,
        base: Option<&Subwords>,
    ) -> Read<'a> {
        let subwords = SubwordQuery::new(
            self.query.text,
            &part.text.subwords,
            base,
            &part.subword_view,
        );
        let is_large = part.len() > self.reach.exhaustive;
        let evidence = PartEvidence {
            part,
            documents: Vec::new(),
            way: Way::EveryDocument,
            admitted: part.admitted(self.query.filters),
            linked: None,
            raw: Default::default(),
        };
        if is_large {
            // Within the pool at once: each join from outside it would wait for its threads to wake up.
            rayon::scope(|_| self.of_large_part(number, evidence, &subwords))
        } else {
            self.of_small_part(number, evidence, &subwords)
        }
    }

    /// Scores every document; those that are not admitted are left out when it comes to candidates.
    fn of_small_part<'a>(
        &self,
        number: usize,
        mut evidence: PartEvidence<'a>,
        subwords: &SubwordQuery<'_>,
    ) -> Read<'a> {
        let part = evidence.part;
        evidence.documents = (0..part.len() as u32).collect();
        evidence.raw = self.scores_of_all(number, part, subwords);
        let is_known =
            evidence.raw[0].iter().any(|score| *score > 0.0) || has_floor(&evidence.raw[1]);
        let cosines = evidence.raw[2].iter().copied();
        let cosines = cosines.filter(|cosine| cosine.is_finite()).collect();
        Read {
            evidence,
            near: Vec::new(),
            is_known,
            cosines: (cosines, 1.0),
        }
    }

    /// Scores the documents admitted where they are few, else those of them that the legs nominate.
    fn of_large_part<'a>(
        &self,
        number: usize,
        mut evidence: PartEvidence<'a>,
        subwords: &SubwordQuery<'_>,
    ) -> Read<'a> {
        let part = evidence.part;
        let mut known = PassageCosines::new();
        let mut linked = DocumentSet::none(part.len());
        let near;
        if evidence.admitted.count <= self.reach.few {
            evidence.way = Way::EveryAdmitted;
            evidence.documents = evidence.admitted.documents.iter().collect();
            near = self.near(part);
        } else {
            evidence.way = Way::Nominated;
            let by_vector = || self.by_vector(&evidence);
            let mut by_text = || self.by_text(number, &evidence, subwords, &mut linked, &mut known);
            // Vectors take about as long as all the rest: two cores share a query that asks for both.
            let has_text = self.weights[0] > 0.0 || self.weights[1] > 0.0;
            let ((nearest, by_vector), by_text) = if self.vector.is_some() && has_text {
                rayon::join(by_vector, by_text)
            } else {
                (by_vector(), by_text())
            };
            evidence.documents = [by_vector, by_text].concat();
            evidence.documents.sort_unstable();
            evidence.documents.dedup();
            near = nearest;
        }
        evidence.raw = self.scores_of(number, &evidence, subwords, &mut known);
        evidence.linked = Some(linked);
        let is_known =
            self.words.is_known(number) || self.has_part_of_word(&evidence, subwords, &mut known);
        let cosines = self
            .vector
            .map_or_else(Default::default, |vector| part.vectors.sampled(vector));
        Read {
            evidence,
            near,
            is_known,
            cosines,
        }
    }

    /// Raw values of every document, leg by leg.
    fn scores_of_all(
        &self,
        number: usize,
        part: &TenantIndex,
        subwords: &SubwordQuery<'_>,
    ) -> [Vec<f32>; LEGS - 1] {
        let mut raw: [Vec<f32>; LEGS - 1] = Default::default();
        if self.is_on[0] {
            raw[0] = self.words.scores(number);
        }
        if self.is_on[1] {
            raw[1] = subwords.scores(part.len());
        }
        if let Some(vector) = self.vector {
            raw[2] = vec![f32::NAN; part.len()];
            for (document, cosine) in part.vectors.cosines(vector) {
                raw[2][document as usize] = cosine;
            }
        }
        if self.is_on[3] {
            raw[3] = vec![0.0; part.len()];
            part.concepts.scores(
                &part.concepts.known(self.query.concept_relevance),
                &mut raw[3],
            );
        }
        raw
    }

    fn near(&self, part: &TenantIndex) -> Vec<u32> {
        let near = |vector| nominated(part, vector, self.reach);
        self.asking.map_or_else(Vec::new, near)
    }

    /// The documents of a large part nearest to the vector whatever the filters, where they are heard, and those that the vector
    /// leg nominates among those admitted.
    fn by_vector(&self, evidence: &PartEvidence<'_>) -> (Vec<u32>, Vec<u32>) {
        let (part, admitted) = (evidence.part, &evidence.admitted);
        let near = self.near(part);
        let found = match self.vector.filter(|_| self.weights[2] > 0.0) {
            Some(_) if !near.is_empty() && admitted.count == part.len() => near.clone(),
            Some(vector) => {
                let share = admitted.count as f64 / part.len() as f64;
                let eligible = &admitted.documents;
                part.vectors
                    .nominate(vector, self.reach.depth, eligible, share)
            }
            None => Vec::new(),
        };
        (near, found)
    }

    /// The documents of a large part that words, sub-words and concepts nominate among those admitted.
    fn by_text(
        &self,
        number: usize,
        evidence: &PartEvidence<'_>,
        subwords: &SubwordQuery<'_>,
        linked: &mut DocumentSet,
        known: &mut PassageCosines,
    ) -> Vec<u32> {
        let (part, eligible, reach) = (evidence.part, &evidence.admitted.documents, self.reach);
        let mut found = Vec::new();
        if self.weights[0] > 0.0 {
            found.extend(self.words.nominate(number, reach, eligible, linked));
        }
        if self.weights[1] > 0.0 {
            found.extend(subwords.nominate(reach, eligible, SUBWORD_FLOOR, known));
        }
        if self.weights[3] > 0.0 {
            let relevant = part.concepts.known(self.query.concept_relevance);
            found.extend(
                part.concepts
                    .nominate(&relevant, reach.depth, eligible, linked),
            );
        }
        found
    }

    /// Raw values of the documents of `evidence`, one by one: the same bits as [`scores_of_all`](Self::scores_of_all) has.
    fn scores_of(
        &self,
        number: usize,
        evidence: &PartEvidence<'_>,
        subwords: &SubwordQuery<'_>,
        known: &mut PassageCosines,
    ) -> [Vec<f32>; LEGS - 1] {
        let (part, documents) = (evidence.part, &evidence.documents);
        let is_asked = |leg: usize| self.weights[leg] > 0.0;
        let by_subword = || match is_asked(1) {
            true => subwords.scores_of(documents, known),
            false => Vec::new(),
        };
        let by_the_rest = || {
            let (mut words, mut cosines, mut concepts) = (Vec::new(), Vec::new(), Vec::new());
            if is_asked(0) {
                let score = |document: &u32| self.words.score(number, *document);
                words = documents.iter().map(score).collect();
            }
            if let Some(vector) = self.vector.filter(|_| is_asked(2)) {
                cosines = part.vectors.cosines_of(vector, documents);
            }
            if is_asked(3) {
                let relevant = part.concepts.known(self.query.concept_relevance);
                let score = |document: &u32| part.concepts.score(&relevant, *document);
                concepts = documents.iter().map(score).collect();
            }
            (words, cosines, concepts)
        };
        let (subwords, (words, cosines, concepts)) = rayon::join(by_subword, by_the_rest);
        [words, subwords, cosines, concepts]
    }

    /// Whether a document, admitted by the filters or not, has a part of a word.
    fn has_part_of_word(
        &self,
        evidence: &PartEvidence<'_>,
        subwords: &SubwordQuery<'_>,
        known: &mut PassageCosines,
    ) -> bool {
        let all = DocumentSet::all(evidence.part.len());
        self.is_on[1]
            && (has_floor(&evidence.raw[1])
                || !subwords
                    .nominate(self.reach, &all, SUBWORD_FLOOR, known)
                    .is_empty())
    }
}

fn has_floor(cosines: &[f32]) -> bool {
    cosines
        .iter()
        .any(|cosine| f64::from(*cosine) >= SUBWORD_FLOOR)
}
