//! Plurals: what one reads as the singular of a folded word. Snowball leaves the `s` of `aciers`, `essais` or `trous` on.

/// Irregular plurals, and words that Snowball would reduce to another word.
const SINGULARS: &[(&str, &str)] = &[
    ("aveux", "aveu"),
    ("baux", "bail"),
    ("bijoux", "bijou"),
    ("cailloux", "caillou"),
    ("cheveux", "cheveu"),
    ("choux", "chou"),
    ("coraux", "corail"),
    ("emaux", "email"),
    ("enjeux", "enjeu"),
    ("essieux", "essieu"),
    ("etaux", "etau"),
    ("feux", "feu"),
    ("genoux", "genou"),
    ("jeux", "jeu"),
    ("lieux", "lieu"),
    ("materiaux", "materiau"),
    ("milieux", "milieu"),
    ("moyeux", "moyeu"),
    ("pieux", "pieu"),
    ("preaux", "preau"),
    ("soupiraux", "soupirail"),
    ("travaux", "travail"),
    ("vantaux", "vantail"),
    ("vitraux", "vitrail"),
    ("yeux", "oeil"),
];

/// Nouns in `-ai`, `-oi` and `-i`: the `s` of their plural is no part of the word, as it is in `relais`, `bois` or `devis`.
const PLURALS_IN_IS: &[&str] = &[
    "abris", "amis", "appuis", "balais", "batis", "beffrois", "brunis", "convois", "deblais",
    "delais", "durcis", "elargis", "emplois", "envois", "epis", "essais", "etablis", "etais",
    "etuis", "finis", "fournis", "garnis", "lois", "minerais", "octrois", "parois", "plis",
    "polis", "quais", "remblais", "remplis", "renvois", "replis", "rotis", "sertis", "suivis",
    "tournois",
];

/// Words whose last `s` is their own.
const SINGULARS_IN_S: &[&str] = &[
    "abces",
    "abus",
    "acces",
    "ananas",
    "anchois",
    "aupres",
    "autobus",
    "bonus",
    "cadenas",
    "campus",
    "canevas",
    "clos",
    "compas",
    "concours",
    "confus",
    "congres",
    "corps",
    "cypres",
    "damas",
    "deces",
    "dessous",
    "dessus",
    "diffus",
    "discours",
    "divers",
    "dos",
    "embarras",
    "enclos",
    "exces",
    "expres",
    "fonds",
    "gros",
    "inclus",
    "intrus",
    "lilas",
    "matelas",
    "mors",
    "obtus",
    "obus",
    "omnibus",
    "palmares",
    "parcours",
    "pardessus",
    "platras",
    "poids",
    "proces",
    "processus",
    "progres",
    "propos",
    "puits",
    "recours",
    "refus",
    "remous",
    "repos",
    "retors",
    "revers",
    "secours",
    "succes",
    "surplus",
    "travers",
    "univers",
    "velours",
    "verglas",
    "virus",
];

/// The singular of `folded` where it looks like a plural, else `folded`.
pub(crate) fn singular(folded: &str) -> &str {
    match folded.as_bytes() {
        [.., b'x'] => irregular(folded),
        [.., b's'] => without_s(folded),
        _ => folded,
    }
}

fn irregular(folded: &str) -> &str {
    let known = SINGULARS.binary_search_by_key(&folded, |(plural, _)| plural);
    match known {
        Ok(at) => SINGULARS[at].1,
        Err(_) if folded.ends_with("yaux") => &folded[..folded.len() - 1],
        Err(_) => folded,
    }
}

fn without_s(folded: &str) -> &str {
    let root = &folded[..folded.len() - 1];
    let is_own = match root.as_bytes() {
        [] | [_] | [_, _] => true,
        [.., b's'] => true,
        [.., b'i'] => PLURALS_IN_IS.binary_search(&folded).is_err(),
        [.., b'a'] if root.len() < 5 => true,
        _ => SINGULARS_IN_S.binary_search(&folded).is_ok(),
    };
    if is_own { folded } else { root }
}

#[cfg(test)]
mod tests {
    use super::{PLURALS_IN_IS, SINGULARS, SINGULARS_IN_S, singular};

    #[test]
    fn the_tables_are_sorted_and_distinct() {
        assert!(SINGULARS.windows(2).all(|two| two[0].0 < two[1].0));
        for table in [PLURALS_IN_IS, SINGULARS_IN_S] {
            assert!(table.windows(2).all(|two| two[0] < two[1]));
        }
    }

    #[test]
    fn a_singular_keeps_its_own_s() {
        for word in ["devis", "bois", "relais", "bras", "process", "acces", "vis"] {
            assert_eq!(singular(word), word);
        }
        for (plural, word) in [("aciers", "acier"), ("trous", "trou"), ("essais", "essai")] {
            assert_eq!(singular(plural), word);
        }
    }
}
