//! The sentences by which a model decides whether 16-bit integers serve it.

use crate::EncoderError;
use crate::tokens::{PairTokens, Tokens};

/// French and English, a word and a paragraph, prose and part numbers. Changing them may change the choice, hence vectors.
const PROBES: [&str; 10] = [
    "soudeur",
    "tournage inox 316L petite série",
    "usinage 5 axes de pièces en titane pour l'aéronautique",
    "Ø12 H7, tolérance ± 0,02 mm, ISO 2768-mK, EN AW-6082 T6",
    "Recherche un sous-traitant capable de découper au laser, plier et peindre 2 000 capots en tôle d'acier de 1,5 mm \
     par mois, livrés en Auvergne-Rhône-Alpes, avec contrôle dimensionnel et certificat matière 3.1.",
    "Vous assurez la conduite et la maintenance de premier niveau des équipements, dans le respect des règles de \
     sécurité, d'hygiène et de qualité. Travail en équipe 2x8, débutant accepté, formation assurée.",
    "Infirmier ou infirmière en soins généraux, contrat à durée indéterminée",
    "injection moulding of thermoplastics, ISO 13485",
    "The committee meets on Thursday to discuss the budget; nobody expects a decision before the summer.",
    "a a a a a a a a !!! ??? 0000000000",
];

/// The least cosine between a probe's two vectors that lets integers stand for floats.
const LEAST_COSINE: f64 = 0.9999;

/// The token ids of the probes, cut at the model's length.
pub(crate) fn probes(tokens: &Tokens) -> Result<Vec<Vec<u32>>, EncoderError> {
    let split = |(index, text): (usize, &&str)| tokens.split(index, text);
    PROBES.iter().enumerate().map(split).collect()
}

/// The probes two by two, each with the next: short and long queries, short and long texts.
pub(crate) fn pair_probes(tokens: &Tokens) -> Result<Vec<PairTokens>, EncoderError> {
    let split = |(index, pair): (usize, &[&str])| tokens.pair(index, (pair[0], pair[1]));
    PROBES.windows(2).enumerate().map(split).collect()
}

/// Whether the vectors of all texts point the same way, to the cosine below which integers are not worth their speed.
pub(crate) fn agreement(exact: &[Vec<f32>], rounded: &[Vec<f32>]) -> bool {
    let pairs = exact.iter().zip(rounded);
    // Written so that NaN disagrees.
    pairs
        .map(|(a, b)| cosine(a, b))
        .all(|cosine| cosine >= LEAST_COSINE)
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        let products = a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b));
        products.sum()
    };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}
