//! What of the texts that people typed may be told apart, and what may be shown to others.

/// Characters of a text that may be shown: shorter ones say nothing, longer ones are somebody's own words.
const SHOWN: std::ops::RangeInclusive<usize> = 3..=80;
/// Digits in a row, with at most one blank, dot or hyphen between two, that may be somebody's number: the end of a telephone
/// number, a company's registration, an account.
const LONG_NUMBER: usize = 8;

/// Returns the words of a query in plain lower-case letters and digits, one blank between two: what is asked in the same words has
/// the same key, whatever its case, accents and signs.
pub(crate) fn query_key(text: &str) -> String {
    let folded = text::fold(text);
    let words = folded.split(|ch: char| !ch.is_ascii_lowercase() && !ch.is_ascii_digit());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Says whether a typed text may be shown to others once enough people have asked it: it is short, and holds no e-mail, no
/// address of a page and no long number.
pub(crate) fn is_shareable(text: &str) -> bool {
    SHOWN.contains(&text.chars().count())
        && !text.contains('@')
        && !text.contains("://")
        && !has_long_number(text)
}

fn has_long_number(text: &str) -> bool {
    let (mut digits, mut is_after_sign) = (0, false);
    text.chars().any(|ch| {
        match ch {
            '0'..='9' => (digits, is_after_sign) = (digits + 1, false),
            ' ' | '.' | '-' if digits > 0 && !is_after_sign => is_after_sign = true,
            _ => (digits, is_after_sign) = (0, false),
        }
        digits == LONG_NUMBER
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_have_the_same_key() {
        for typed in ["Tôlerie  INOX", "tolerie-inox", " (tôlerie) inox ! "] {
            assert_eq!(query_key(typed), "tolerie inox", "{typed}");
        }
        assert_eq!(
            query_key("Usinage 5 axes, 0,02 mm"),
            "usinage 5 axes 0 02 mm"
        );
        assert_eq!(query_key(" — ? "), "");
    }

    #[test]
    fn what_may_be_somebodys_is_not_shown() {
        for (text, may) in [
            ("tôlerie inox 316L", true),
            ("M8 x 1,25 - 4.8", true),
            ("1234567", true),
            ("12  34  56  78", true),
            ("1 2 3 4 5 6 7, 8", true),
            ("ab", false),
            (&"a".repeat(81), false),
            (&"é".repeat(80), true),
            ("jean@exemple.fr", false),
            ("voir https://exemple.fr", false),
            ("06 12 34 56 78", false),
            ("06.12-34 56.78", false),
            ("siren 732829320", false),
            ("12345678", false),
        ] {
            assert_eq!(is_shareable(text), may, "{text}");
        }
    }
}
