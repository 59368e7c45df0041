//! French stems of folded words: plural and gender by rule, then Snowball.
//!
//! Snowball's French algorithm leans on accents (`-ée`, `-ière`). A stem must not depend on an accent that a user left
//! out, so words are stemmed in their folded form, after the endings that Snowball needs are put back.

use std::borrow::Cow;

use rust_stemmers::{Algorithm, Stemmer};

use crate::acronyms::acronym;
use crate::english::in_french;
use crate::genders::masculine;
use crate::plurals::singular;

/// Singulars whose stem the rules would get wrong: they would fall on another trade (`tolérance` on `tôlerie`).
const STEMS: &[(&str, &str)] = &[
    ("cage", "cage"),
    ("devis", "devis"),
    ("devise", "devise"),
    ("neuve", "neuf"),
    ("tolerance", "toleranc"),
];

/// Gives the stem of a folded word.
pub(crate) fn stem(folded: &str) -> String {
    let singular = singular(folded);
    if let Some((_, stem)) = STEMS.iter().find(|(word, _)| *word == singular) {
        return (*stem).to_owned();
    }
    let french = in_french(singular);
    let prepared = masculine(&french);
    let stem = Stemmer::create(Algorithm::French).stem(&prepared);
    let mut stem = match stem {
        stem if stem.is_empty() => folded.to_owned(),
        Cow::Borrowed(stem) if stem.is_ascii() => stem.to_owned(),
        Cow::Owned(stem) if stem.is_ascii() => stem,
        stem => crate::fold(&stem),
    };
    // A rod (`tige`) is no welding process (`TIG`).
    if acronym(&stem).is_some() {
        stem.push('e');
    }
    stem
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn plural_and_gender_share_a_stem() {
        for (one, other) in [
            ("usinage", "usinages"),
            ("tuyau", "tuyaux"),
            ("metal", "metaux"),
            ("travail", "travaux"),
            ("materiau", "materiaux"),
            ("ouvrier", "ouvrieres"),
            ("soudeur", "soudeuses"),
            ("conducteur", "conductrice"),
            ("usine", "usinees"),
            ("electricien", "electriciennes"),
            ("industriel", "industrielles"),
        ] {
            assert_eq!(stem(one), stem(other), "{one} / {other}");
        }
    }

    #[test]
    fn a_rod_is_no_welding_process() {
        assert_ne!(stem("tiges"), "tig");
        assert_eq!(stem("tiges"), stem("tige"));
        assert_eq!(stem("inox"), "inox");
    }
}
