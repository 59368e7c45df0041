//! Storage form of a text.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// Tidies `text` for storage: NFKC, control characters and runs of white space become one space, ends trimmed.
/// Gives `None` when nothing is left.
///
/// ```
/// assert_eq!(text::clean("  Tôlerie\u{a0}\r\n fine "), Some("Tôlerie fine".to_owned()));
/// assert_eq!(text::clean(" \u{0}\t"), None);
/// ```
pub fn clean(text: &str) -> Option<String> {
    let mut cleaned = String::with_capacity(text.len());
    let mut is_space_due = false;
    for ch in nfkc(text).chars() {
        if ch.is_whitespace() || ch.is_control() || is_invisible(ch) {
            is_space_due |= !is_invisible(ch);
        } else {
            if is_space_due && !cleaned.is_empty() {
                cleaned.push(' ');
            }
            is_space_due = false;
            cleaned.push(ch);
        }
    }
    // Dropping an invisible character can bring a letter and its mark together.
    let cleaned = match nfkc(&cleaned) {
        Cow::Owned(joined) => joined,
        Cow::Borrowed(_) => cleaned,
    };
    (!cleaned.is_empty()).then_some(cleaned)
}

/// Returns the NFKC form: nearly every text is in it already, which is quicker to see than to make.
fn nfkc(text: &str) -> Cow<'_, str> {
    match is_nfkc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        IsNormalized::No | IsNormalized::Maybe => Cow::Owned(text.nfkc().collect()),
    }
}

fn is_invisible(ch: char) -> bool {
    matches!(ch, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}')
}
