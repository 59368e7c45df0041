//! Elisions and compounds: what an apostrophe or a hyphen joins or parts.

/// Words that lose their vowel before another; what follows the apostrophe is the word.
const ELISIONS: &[&str] = &[
    "c", "d", "entr", "j", "jusqu", "l", "lorsqu", "m", "n", "presqu", "puisqu", "qu", "quelqu",
    "quoiqu", "s", "t",
];

/// Prefixes that no one writes as a word of their own in this trade: joined across a hyphen or a space.
const BOUND_PREFIXES: &[&str] = &[
    "aero", "agro", "bio", "chaudro", "cryo", "cyber", "electro", "ferro", "galvano", "geo",
    "hydro", "macro", "mecano", "metallo", "micro", "nano", "opto", "oxy", "petro", "photo",
    "piezo", "plasti", "pneumo", "pyro", "radio", "stereo", "thermo", "turbo", "ultra",
];

/// Prefixes that are also words: joined across a hyphen only.
const HYPHEN_PREFIXES: &[&str] = &[
    "anti", "auto", "bi", "co", "contre", "e", "ex", "hyper", "inter", "intra", "mi", "mono",
    "multi", "neo", "non", "omni", "para", "poly", "post", "pre", "pro", "pseudo", "quadri", "re",
    "semi", "servo", "sous", "sub", "super", "sur", "tele", "trans", "tri", "vibro", "video",
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
