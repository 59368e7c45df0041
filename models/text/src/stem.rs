//! French stems of folded words: plural and gender by rule, then Snowball.
//!
//! Snowball's French algorithm leans on accents (`-ée`, `-ière`). A stem must not depend on an accent that a user left
//! out, so words are stemmed in their folded form, after the endings that Snowball needs are put back.

use rust_stemmers::{Algorithm, Stemmer};

/// Words whose stem the rules would get wrong: irregular plurals, words that would fall on an acronym or on
/// another trade (`tolérance` on `tôlerie`).
const EXCEPTIONS: &[(&str, &str)] = &[
    ("baux", "bail"),
    ("bijoux", "bijou"),
    ("cages", "cage"),
    ("cailloux", "caillou"),
    ("cheveux", "cheveu"),
    ("choux", "chou"),
    ("emaux", "email"),
    ("essieux", "essieu"),
    ("feux", "feu"),
    ("jeux", "jeu"),
    ("lieux", "lieu"),
    ("materiaux", "materiau"),
    ("milieux", "milieu"),
    ("moyeux", "moyeu"),
    ("oeil", "oeil"),
    ("pieux", "pieu"),
    ("soupiraux", "soupirail"),
    ("tige", "tige"),
    ("tolerance", "toleranc"),
    ("tolerances", "toleranc"),
    ("tiges", "tige"),
    ("travaux", "travail"),
    ("vitraux", "vitrail"),
    ("yeux", "oeil"),
];

/// Adjectives in `-eux`: their feminine is no machine or trade in `-eur`.
const EUX_ADJECTIVES: &[&str] = &[
    "argileuse",
    "aqueuse",
    "boueuse",
    "caoutchouteuse",
    "chaleureuse",
    "couteuse",
    "creuse",
    "curieuse",
    "dangereuse",
    "douteuse",
    "fameuse",
    "ferreuse",
    "fibreuse",
    "gazeuse",
    "graisseuse",
    "heureuse",
    "huileuse",
    "ingenieuse",
    "laiteuse",
    "ligneuse",
    "lumineuse",
    "minutieuse",
    "nombreuse",
    "onereuse",
    "osseuse",
    "poreuse",
    "poudreuse",
    "precieuse",
    "prestigieuse",
    "rigoureuse",
    "rocheuse",
    "sableuse",
    "savonneuse",
    "serieuse",
    "silencieuse",
    "soigneuse",
    "spacieuse",
    "terreuse",
    "tubereuse",
    "vigoureuse",
    "visqueuse",
];

/// Gives the stem of a folded word.
pub(crate) fn stem(folded: &str) -> String {
    if let Some((_, stem)) = EXCEPTIONS.iter().find(|(word, _)| *word == folded) {
        return (*stem).to_owned();
    }
    let prepared = prepare(folded);
    let stem = Stemmer::create(Algorithm::French)
        .stem(&prepared)
        .into_owned();
    if stem.is_empty() {
        folded.to_owned()
    } else {
        crate::fold(&stem)
    }
}

/// Brings plural and feminine endings to the ones that Snowball reduces alike.
fn prepare(folded: &str) -> String {
    let with = |ending: &str, other: &str| {
        folded
            .strip_suffix(ending)
            .filter(|root| root.len() >= 3)
            .map(|root| format!("{root}{other}"))
    };
    if let Some(root) = folded.strip_suffix("yaux") {
        return format!("{root}yau");
    }
    if let Some(word) = with("ieres", "ière").or_else(|| with("iere", "ière")) {
        return word;
    }
    if let Some(word) = with("ees", "e").or_else(|| with("ee", "e")) {
        return word;
    }
    if let Some(word) = with("trices", "teur").or_else(|| with("trice", "teur"))
        && !matches!(folded, "matrice" | "matrices" | "cicatrice" | "cicatrices")
    {
        return word;
    }
    let singular = folded.strip_suffix('s').unwrap_or(folded);
    if let Some(root) = singular.strip_suffix("euse")
        && root.len() >= 3
        && !EUX_ADJECTIVES.contains(&singular)
    {
        return format!("{root}eur");
    }
    folded.to_owned()
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
        assert_ne!(stem("tiges"), stem("tig"));
        assert_eq!(stem("inox"), "inox");
    }
}
