//! Accented forms: what folding loses.

use unicode_normalization::UnicodeNormalization;

use crate::plurals::singular;

/// A word as it is written: lower case, compatibility composed, plain apostrophes.
pub(crate) fn written(source: &str) -> String {
    let lower = source.nfkc().collect::<String>().to_lowercase();
    lower
        .nfkc()
        .map(|ch| if ch == '’' { '\'' } else { ch })
        .collect()
}

/// The accented form of `written`, whose folded form is `folded`; none where it has no accent. A plural `s` and the `e` of `-ée`
/// are taken off, nothing else: accents tell `moulé` from `moule`, a stem would not.
pub(crate) fn accented(written: &str, folded: &str) -> Option<String> {
    let mut form = String::with_capacity(written.len());
    for ch in written.chars().filter(|ch| ch.is_alphanumeric()) {
        match ch {
            'œ' => form.push_str("oe"),
            'æ' => form.push_str("ae"),
            _ => form.push(ch),
        }
    }
    if form.is_empty() || form == folded {
        return None;
    }
    if singular(folded).len() + 1 == folded.len() && form.ends_with('s') {
        form.pop();
    }
    if form.ends_with("ée") {
        form.pop();
    }
    Some(form)
}
