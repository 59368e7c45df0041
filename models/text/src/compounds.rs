//! Elisions and compounds: what an apostrophe or a hyphen joins or parts.

/// Words that lose their vowel before another; what follows the apostrophe is the word.
const ELISIONS: &[&str] = &[
    "c", "d", "entr", "j", "jusqu", "l", "lorsqu", "m", "n", "puisqu", "qu", "quelqu", "quoiqu",
    "s", "t",
];

/// Prefixes that no one writes as a word of their own in this trade: joined across a hyphen or a space.
const BOUND_PREFIXES: &[&str] = &[
    "aero", "agro", "anti", "bio", "chaudro", "cryo", "cyber", "electro", "ferro", "galvano",
    "geo", "hydro", "macro", "mecano", "metallo", "micro", "mono", "multi", "nano", "opto", "oxy",
    "petro", "photo", "piezo", "plasti", "pneumo", "poly", "pyro", "radio", "stereo", "thermo",
    "turbo", "ultra",
];

/// Prefixes that are also words: joined across a hyphen only.
const HYPHEN_PREFIXES: &[&str] = &[
    "auto", "bi", "co", "contre", "e", "ex", "hyper", "inter", "intra", "mi", "neo", "non", "omni",
    "para", "post", "pre", "pro", "pseudo", "quadri", "re", "semi", "servo", "sous", "sub",
    "super", "sur", "tele", "trans", "tri", "vibro", "video",
];

/// Compounds of two words of their own, with the space or the hyphen that stands between them.
const PAIRS: &[(&str, &str)] = &[
    ("e", "mail"),
    ("non", "destructi"),
    ("non", "ferreu"),
    ("non", "tisse"),
    ("plate", "forme"),
    ("sous", "ensemble"),
    ("sous", "trait"),
    ("week", "end"),
    ("wi", "fi"),
];

/// What inclusive writing adds to a masculine: `soudeur·euse`, `technicien(ne)`, `opérateur/trice`.
const FEMININE_ENDINGS: &[&str] = &[
    "e", "ere", "eres", "es", "euse", "euses", "ice", "ices", "iere", "ieres", "ienne", "iennes",
    "ive", "ives", "le", "les", "ne", "nes", "onne", "rice", "rices", "se", "ses", "teuse",
    "teuses", "trice", "trices", "ve", "ves",
];

/// Whether `folded` before an apostrophe is an elided word to drop.
pub(crate) fn is_elision(folded: &str) -> bool {
    ELISIONS.contains(&folded)
}

/// Whether `folded` joins the word after a hyphen.
pub(crate) fn joins_by_hyphen(folded: &str) -> bool {
    joins_by_space(folded) || HYPHEN_PREFIXES.contains(&folded)
}

/// Whether `folded` joins the word after a space too (`électro érosion`).
pub(crate) fn joins_by_space(folded: &str) -> bool {
    BOUND_PREFIXES.contains(&folded)
}

/// Whether `first` and what `second` gives are one word, whatever stands between them.
pub(crate) fn is_pair(first: &str, second: impl FnOnce() -> String) -> bool {
    let mut pairs = PAIRS.iter().filter(|(one, _)| *one == first).peekable();
    pairs.peek().is_some() && {
        let second = second();
        pairs.any(|(_, other)| second.starts_with(other))
    }
}

/// Whether `folded` is a feminine ending by itself.
pub(crate) fn is_feminine_ending(folded: &str) -> bool {
    FEMININE_ENDINGS.contains(&folded)
}
