//! Genders: feminine endings brought to the masculine ones, and endings that Snowball would take for a verb's put out of
//! its way.

use std::borrow::Cow;

/// Adjectives in `-eux`: their feminine is no machine or trade in `-eur`.
const EUX_ADJECTIVES: &[&str] = &[
    "albumineuse",
    "ambitieuse",
    "anguleuse",
    "aqueuse",
    "argileuse",
    "audacieuse",
    "avantageuse",
    "bitumineuse",
    "boueuse",
    "brumeuse",
    "caoutchouteuse",
    "cartilagineuse",
    "caverneuse",
    "chaleureuse",
    "contagieuse",
    "contentieuse",
    "courageuse",
    "couteuse",
    "crayeuse",
    "cremeuse",
    "creuse",
    "curieuse",
    "dangereuse",
    "defectueuse",
    "delicieuse",
    "douteuse",
    "elogieuse",
    "ennuyeuse",
    "epineuse",
    "fameuse",
    "ferreuse",
    "fibreuse",
    "filandreuse",
    "floconneuse",
    "fructueuse",
    "gazeuse",
    "gelatineuse",
    "graisseuse",
    "granuleuse",
    "harmonieuse",
    "heureuse",
    "huileuse",
    "impetueuse",
    "infectieuse",
    "ingenieuse",
    "judicieuse",
    "juteuse",
    "laborieuse",
    "laiteuse",
    "ligneuse",
    "lumineuse",
    "luxueuse",
    "malicieuse",
    "marecageuse",
    "minutieuse",
    "montagneuse",
    "mousseuse",
    "mysterieuse",
    "neigeuse",
    "nerveuse",
    "nombreuse",
    "nuageuse",
    "oleagineuse",
    "onereuse",
    "osseuse",
    "pateuse",
    "pierreuse",
    "poreuse",
    "poudreuse",
    "poussiereuse",
    "precieuse",
    "prestigieuse",
    "religieuse",
    "resineuse",
    "rigoureuse",
    "rocheuse",
    "rugueuse",
    "sableuse",
    "savonneuse",
    "sereuse",
    "serieuse",
    "silencieuse",
    "sinueuse",
    "soigneuse",
    "somptueuse",
    "spacieuse",
    "spongieuse",
    "terreuse",
    "tourbeuse",
    "tubereuse",
    "venimeuse",
    "vertueuse",
    "vigoureuse",
    "visqueuse",
    "vitreuse",
    "voluptueuse",
];

/// Nouns in `-ive` and `-trice` that are no feminine.
const NOUNS: &[&str] = &[
    "archive",
    "arrive",
    "cicatrice",
    "derive",
    "endive",
    "lessive",
    "matrice",
    "olive",
    "rive",
    "salive",
    "solive",
];

/// The masculine of a folded singular, in a form that Snowball reduces well.
pub(crate) fn masculine(word: &str) -> Cow<'_, str> {
    match word.as_bytes() {
        [.., b'e'] => of_feminine(word),
        [.., b'r'] => of_verb(word),
        [.., b't' | b's'] => of_masculine(word),
        _ => None,
    }
    .map_or(Cow::Borrowed(word), Cow::Owned)
}

/// `word` with `ending` replaced, where three letters or more (two before long endings) stand before it.
fn replaced(word: &str, ending: &str, other: &str) -> Option<String> {
    let root = word.strip_suffix(ending)?;
    (root.len() >= 3 || (root.len() == 2 && matches!(ending, "euse" | "gere")))
        .then(|| format!("{root}{other}"))
}

fn of_feminine(word: &str) -> Option<String> {
    if word.ends_with("euse") {
        let is_adjective = EUX_ADJECTIVES.binary_search(&word).is_ok();
        return replaced(word, "euse", if is_adjective { "eux" } else { "eur" });
    }
    if NOUNS.contains(&word) {
        return None;
    }
    replaced(word, "iere", "ière")
        .or_else(|| replaced(word, "ifiee", "ifier"))
        .or_else(|| replaced(word, "ifie", "ifier"))
        .or_else(|| replaced(word, "ee", "e"))
        .or_else(|| replaced(word, "trice", "teur"))
        .or_else(|| replaced(word, "ive", "if"))
        .or_else(|| replaced(word, "gere", "ger"))
        .or_else(|| replaced(word, "chere", "cher"))
        .or_else(|| replaced(word, "llere", "ller"))
}

/// `nettoyer`: as its participle, which Snowball stems otherwise.
fn of_verb(word: &str) -> Option<String> {
    ["oyer", "ayer", "uyer"]
        .iter()
        .find_map(|ending| replaced(word, ending, &ending[..ending.len() - 1]))
}

/// `petit`, `gabarit`, `précis`, `français`: Snowball takes `-it`, `-is` and `-ais` for a verb's ending; before an `e` it does not.
fn of_masculine(word: &str) -> Option<String> {
    let is_verb_like = match word.as_bytes() {
        [.., before, b'i', b't'] => !b"aeou".contains(before),
        [.., before, b'i', b's'] => *before != b'o',
        _ => false,
    };
    (is_verb_like && word.len() >= 5).then(|| format!("{word}e"))
}
