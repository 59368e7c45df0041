//! English words as French rules can reduce them: labels and texts of a French industry hold English words too.
//!
//! The rules look at one word alone, never at its sentence, so that a word has one stem in an index and in a query. They know
//! endings that are foreign to French, take the inflection off and leave a word that French Snowball reduces like the uninflected
//! one: `required` as `require`, `theory` as `theorie`, which also meets its French cognate.

use std::borrow::Cow;

use crate::plurals::singular;

/// French words, whole or last in a compound, that an English ending would mutilate.
const FRENCH: &[&str] = &["bled", "pied", "sied"];

/// `word`, a folded singular, without English inflection and in French spelling; as it is where it does not look English.
pub(crate) fn in_french(word: &str) -> Cow<'_, str> {
    if !word.is_ascii() || FRENCH.iter().any(|french| word.ends_with(french)) {
        return Cow::Borrowed(word);
    }
    match of_derived(word) {
        Some(base) => Cow::Owned(in_french(singular(&base)).into_owned()),
        None => of_verb(word)
            .or_else(|| respelled(word))
            .map_or(Cow::Borrowed(word), Cow::Owned),
    }
}

/// What an adverb in `-ly` or a noun in `-ness` comes from.
fn of_derived(word: &str) -> Option<String> {
    let root = |ending: &str, least: usize| {
        let root = word.strip_suffix(ending)?;
        (root.len() >= least).then_some(root)
    };
    let root = root("ly", 4)
        .filter(|root| takes_ly(root))
        .or_else(|| root("ness", 3))
        .or_else(|| root("nesse", 4).filter(|root| !root.ends_with('i')))?;
    Some(match root.as_bytes() {
        [.., b'a' | b'i', b'b'] => format!("{root}le"),
        [before @ .., b'i'] => format!("{}y", &root[..before.len()]),
        _ => root.to_owned(),
    })
}

/// Whether an adverb may be `root` with `-ly`: `assembly`, `anomaly` and `family` are none.
fn takes_ly(root: &str) -> bool {
    match root.as_bytes() {
        [.., b'a' | b'i', b'b'] => true,
        [.., b'a', b'l'] => true,
        [.., b'f', b'u', b'l'] | [.., b'o', b'u', b's'] => true,
        [.., b'i'] => root.len() >= 5,
        [.., last] => b"cdeghkmnrt".contains(last) || root.ends_with("less"),
        [] => false,
    }
}

/// The infinitive of a form in `-ing` or `-ed`, as far as French rules need it; the noun of one in `-ating` or `-ated`.
fn of_verb(word: &str) -> Option<String> {
    let root = match word.strip_suffix("ing") {
        Some(root) if root.len() >= 3 => root,
        _ => word.strip_suffix("ed").filter(|root| root.len() >= 3)?,
    };
    if word.ends_with("eed") || !root.contains(['a', 'e', 'i', 'o', 'u', 'y']) {
        return None;
    }
    let spelled = respelled(&format!("{root}e")).or_else(|| respelled(root));
    Some(spelled.unwrap_or_else(|| match root.as_bytes() {
        [.., b'e' | b'o', b'a', b't'] => root.to_owned(),
        [_, _, _, .., b'a', b't'] => format!("{root}ion"),
        [.., b'a' | b'e' | b'i' | b'o' | b'u' | b't'] | [.., b'e', b'r'] => root.to_owned(),
        [_, _, _, .., b'e' | b'o', b'l', b'l'] => root[..root.len() - 1].to_owned(),
        [before @ .., a, b] if a == b && !b"lsz".contains(b) => root[..=before.len()].to_owned(),
        // Without an `e`, French rules take the last letters for the ending of a verb (`requir`).
        _ => format!("{root}e"),
    }))
}

/// `stabilize` → `stabilise`, as French spells it too.
fn in_british(word: &str) -> Option<String> {
    ["ize", "izing", "ized", "izer", "ization"]
        .iter()
        .find_map(|ending| {
            let root = word.strip_suffix(ending)?;
            (root.len() >= 3).then(|| format!("{root}is{}", &ending[2..]))
        })
}

/// `-y` after a consonant, where French has `-ie`, and `-ize`.
fn respelled(word: &str) -> Option<String> {
    let Some(root) = word.strip_suffix('y') else {
        return in_british(word);
    };
    let is_foreign = root.len() >= 3 && !root.ends_with(['a', 'e', 'o', 'u']);
    is_foreign.then(|| format!("{root}ie"))
}
