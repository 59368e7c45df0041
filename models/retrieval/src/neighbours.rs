//! What the documents nearest to a query say of the others.
//!
//! A query is short, and an encoder places it roughly. Documents that lie near the documents nearest to it are more often what
//! was meant than documents that lie as near to the query alone: pseudo-relevance feedback (Rocchio 1971; Xu and Croft 1996),
//! kept so that a score still depends on nothing but the document, the query and what the tenant sees.

use crate::background::Background;
use crate::evidence::VECTOR_FLOOR;
use crate::facets::DocumentSet;
use crate::lexical::WordQuery;
use crate::reach::Reach;
use crate::tenant_index::TenantIndex;

/// Documents that are heard: few, so that the farther ones do not lead astray.
const COUNT: usize = 3;
/// The most that they count for, beside the cosine with the query itself.
const MOST: f64 = 0.5;
/// Share of what the query's words could give that a document must have to be heard: words and meaning agree on it.
const AGREED: f64 = 0.1;

/// The documents nearest to a query, of all that a tenant sees, whatever the filters.
#[derive(Debug, Default)]
pub(crate) struct Neighbours {
    /// Part and number in it.
    documents: Vec<(usize, u32)>,
    /// Sum of their vectors.
    sum: Vec<f32>,
    /// What they count for, in [0, `MOST`].
    share: f64,
    /// Cosines of documents by chance.
    background: Background,
}

/// A document with its part's number, its part and its cosine with the query.
#[derive(Clone, Copy)]
struct Near<'a>(usize, &'a TenantIndex, u32, f32);

impl Neighbours {
    /// The neighbours among `cosines` (documents with their part and their cosine with the query) that stand out from the
    /// query's background, `of_query`, as much as a document found by its vector alone must, and that its words find too.
    ///
    /// They count for `share`, at most a half; for nothing where it is not finite. `background` is that of pairs of documents.
    pub(crate) fn find<'a>(
        parts: &[&'a TenantIndex],
        cosines: impl Iterator<Item = (usize, u32, f32)>,
        words: &WordQuery<'_>,
        of_query: &Background,
        background: Background,
        share: f64,
    ) -> Self {
        let least = AGREED * words.attainable();
        let mut nearest: Vec<Near<'a>> = Vec::with_capacity(COUNT + 1);
        for (part, document, cosine) in cosines {
            if of_query.deviations(f64::from(cosine)) < VECTOR_FLOOR
                || f64::from(words.score(part, document)) < least
            {
                continue;
            }
            let near = Near(part, parts[part], document, cosine);
            let at = nearest.partition_point(|other| other.is_before(&near));
            if at < COUNT {
                nearest.insert(at, near);
                nearest.truncate(COUNT);
            }
        }
        let mut sum: Vec<f32> = Vec::new();
        for Near(_, part, document, _) in &nearest {
            let row = part.vectors.row_of(*document).unwrap_or_default();
            sum.resize(row.len(), 0.0);
            sum.iter_mut()
                .zip(row)
                .for_each(|(sum, value)| *sum += value);
        }
        Self {
            documents: nearest.iter().map(|near| (near.0, near.2)).collect(),
            sum,
            share: if share.is_finite() {
                share.clamp(0.0, MOST)
            } else {
                0.0
            },
            background,
        }
    }

    /// `own`, the calibrated cosine of a document with the query, moved towards what the neighbours other than the document
    /// itself say of it.
    pub(crate) fn heard(&self, own: f64, number: usize, part: &TenantIndex, document: u32) -> f64 {
        let is_one = self.documents.contains(&(number, document));
        let others = self.documents.len() - usize::from(is_one);
        if others == 0 {
            return own;
        }
        let Some(sum) = part.vectors.cosine(&self.sum, document) else {
            return own;
        };
        // A unit vector has the cosine 1 with itself.
        let cosine = (f64::from(sum) - f64::from(u8::from(is_one))) / others as f64;
        (1.0 - self.share) * own + self.share * self.background.calibrated(cosine)
    }
}

impl Near<'_> {
    /// Nearer, or as near with a lower id.
    fn is_before(&self, other: &Self) -> bool {
        let key = |near: &Self| {
            (
                near.1.ids.get(near.2 as usize).to_owned(),
                near.1.tenant.clone(),
            )
        };
        let by_cosine = other.3.total_cmp(&self.3);
        by_cosine.then_with(|| key(self).cmp(&key(other))).is_lt()
    }
}

/// The documents of a large part that are nearest to `vector`, whatever the filters; none of a part whose every document is scored.
pub(crate) fn nominated(part: &TenantIndex, vector: &[f32], reach: &Reach) -> Vec<u32> {
    if part.len() <= reach.exhaustive {
        return Vec::new();
    }
    let all = DocumentSet::all(part.len());
    part.vectors.nominate(vector, reach.depth, &all, 1.0)
}
