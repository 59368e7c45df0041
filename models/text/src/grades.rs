//! Material grades and ISO fits: what a mix of letters and digits is.

use crate::token::Kind;

const STAINLESS: &[&str] = &[
    "301", "303", "304", "309", "310", "316", "317", "321", "347", "410", "416", "420", "430",
    "431", "440", "904",
];

/// Wrought aluminium grades that no one mistakes for a year or a quantity.
const ALUMINIUM: &[&str] = &[
    "5005", "5052", "5083", "5086", "5754", "6005", "6060", "6061", "6063", "6082", "6106", "7020",
    "7049", "7050", "7075", "7175", "7475",
];

const STRUCTURAL: &[&str] = &["185", "235", "275", "355", "420", "460", "500", "690"];

/// Folded words that say that a four-digit number after them is an aluminium grade.
const ALUMINIUM_WORDS: &[&str] = &[
    "alu",
    "aluminium",
    "aluminiums",
    "aluminum",
    "dural",
    "duralumin",
];

/// Whether three digits are an AISI stainless grade.
pub(crate) fn is_stainless(digits: &str) -> bool {
    STAINLESS.contains(&digits)
}

/// Whether four digits are a wrought aluminium grade by themselves.
pub(crate) fn is_aluminium(digits: &str) -> bool {
    ALUMINIUM.contains(&digits)
}

/// Whether `word` announces an aluminium grade.
pub(crate) fn is_aluminium_word(word: &str) -> bool {
    ALUMINIUM_WORDS.contains(&word)
}

/// The kind of a lower-case mix of letters and digits.
pub(crate) fn kind_of(code: &str) -> Kind {
    if is_fit(code) {
        Kind::Tolerance
    } else if is_grade(code) {
        Kind::Material
    } else {
        Kind::Code
    }
}

/// ISO 286 fits: a position letter and a grade (`h7`, `js9`, `g6`). `M6` is a thread. Capitals (bores) and small letters
/// (shafts) are one term: whoever types a query seldom keeps them apart.
pub(crate) fn is_fit(code: &str) -> bool {
    let split = code
        .find(|ch: char| ch.is_ascii_digit())
        .unwrap_or(code.len());
    let (letters, digits) = code.split_at(split);
    let is_position = matches!(
        letters,
        "d" | "e" | "f" | "g" | "h" | "j" | "js" | "k" | "n" | "p" | "r" | "s" | "u" | "x" | "z"
    );
    is_position
        && digits
            .parse::<u8>()
            .is_ok_and(|grade| (5..=13).contains(&grade))
}

fn is_grade(code: &str) -> bool {
    let starts_with_digits = |prefix: &str, count: usize| {
        code.strip_prefix(prefix).is_some_and(|rest| {
            rest.len() >= count && rest.chars().take(count).all(|ch| ch.is_ascii_digit())
        })
    };
    let stainless = code.get(..3).is_some_and(is_stainless)
        && code.len() <= 5
        && code
            .chars()
            .skip(3)
            .all(|ch| matches!(ch, 'l' | 'h' | 'n' | 't' | 'i'));
    let structural = code
        .strip_prefix('s')
        .and_then(|rest| rest.get(..3))
        .is_some_and(|d| STRUCTURAL.contains(&d));
    let polymer = ["pa", "pe", "pp"]
        .iter()
        .any(|prefix| starts_with_digits(prefix, 1))
        && code.len() <= 8;
    let carbon = (starts_with_digits("c", 2) || starts_with_digits("xc", 2)) && code.len() <= 4;
    let alloyed = code.starts_with(|ch: char| ch.is_ascii_digit() || ch == 'x' || ch == 'z')
        && ["cr", "mo", "mn", "ni", "mnv", "cn"]
            .iter()
            .any(|element| code.contains(element));
    let copper =
        starts_with_digits("cw", 3) || code.starts_with("cusn") || code.starts_with("cuzn");
    let titanium = matches!(code, "ta6v" | "ti6al4v" | "t40" | "t60");
    let hardenable = matches!(code, "174ph" | "155ph" | "138mo");
    stainless || structural || polymer || carbon || alloyed || copper || titanium || hardenable
}
