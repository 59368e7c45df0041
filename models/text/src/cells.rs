//! Folded characters that remember which bytes of the text they came from.

use unicode_normalization::UnicodeNormalization;

/// One folded character and its span in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) ch: char,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) is_upper: bool,
}

/// Folds `source` character by character: compatibility decomposition, lower case, no combining marks, plain
/// apostrophes and hyphens, ligatures opened. `Ø` stays only as a diameter sign (before a number).
pub(crate) fn cells(source: &str) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::with_capacity(source.len());
    let mut folded = Vec::new();
    for (start, original) in source.char_indices() {
        let end = start + original.len_utf8();
        folded.clear();
        fold_char(original, &mut folded);
        match cells.last_mut() {
            Some(last) if folded.is_empty() => last.end = end,
            _ => cells.extend(folded.iter().map(|&ch| Cell {
                ch,
                start,
                end,
                is_upper: original.is_uppercase(),
            })),
        }
    }
    settle_diameters(&mut cells);
    cells
}

/// Folds one character into zero or more.
pub(crate) fn fold_char(original: char, folded: &mut Vec<char>) {
    match french(original) {
        Some(plain) => folded.push(plain),
        None => fold_any(original, folded),
    }
}

/// Folds what French texts are made of, as `fold_any` does, but at once.
fn french(original: char) -> Option<char> {
    Some(match original {
        _ if original.is_ascii() => original.to_ascii_lowercase(),
        'à' | 'â' | 'ä' | 'À' | 'Â' | 'Ä' => 'a',
        'ç' | 'Ç' => 'c',
        'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' | 'Ê' | 'Ë' => 'e',
        'î' | 'ï' | 'Î' | 'Ï' => 'i',
        'ô' | 'ö' | 'Ô' | 'Ö' => 'o',
        'ù' | 'û' | 'ü' | 'Ù' | 'Û' | 'Ü' => 'u',
        '’' => '\'',
        _ => return None,
    })
}

fn fold_any(original: char, folded: &mut Vec<char>) {
    // Lower case can decompose and decomposition can hold upper case: two rounds reach the fixed point.
    for first in std::iter::once(original).nfkd().filter(|c| !is_mark(*c)) {
        for lower in first.to_lowercase() {
            for second in std::iter::once(lower).nfkd().filter(|c| !is_mark(*c)) {
                for last in second.to_lowercase() {
                    push_plain(last, folded);
                }
            }
        }
    }
}

/// Pushes the plain spelling of ligatures, apostrophes and hyphens.
fn push_plain(ch: char, folded: &mut Vec<char>) {
    match ch {
        'œ' => folded.extend(['o', 'e']),
        'æ' => folded.extend(['a', 'e']),
        'ß' => folded.extend(['s', 's']),
        'đ' => folded.push('d'),
        'ł' => folded.push('l'),
        'ı' => folded.push('i'),
        '⌀' | '∅' => folded.push('ø'),
        '’' | '‘' | '‛' | 'ʼ' | '′' | '＇' | '´' | '`' => folded.push('\''),
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '﹣' | '－' => folded.push('-'),
        '⁄' | '∕' => folded.push('/'),
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => {}
        _ => folded.push(ch),
    }
}

/// Whether `ch` is a combining mark of the Latin, Greek and symbol blocks (vowel signs of other scripts are letters).
fn is_mark(ch: char) -> bool {
    matches!(ch,
        '\u{300}'..='\u{36f}'
        | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{fe20}'..='\u{fe2f}')
}

/// Turns `ø` into `o` where no number follows: then it is a letter.
fn settle_diameters(cells: &mut [Cell]) {
    for at in 0..cells.len() {
        if cells[at].ch == 'ø' {
            let next = cells[at + 1..].iter().find(|cell| cell.ch != ' ');
            let is_inside_word = at > 0 && cells[at - 1].ch.is_alphabetic();
            if is_inside_word || !next.is_some_and(|cell| cell.ch.is_ascii_digit()) {
                cells[at].ch = 'o';
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_letters_fold_as_any_other() {
        let mut folded = Vec::new();
        for original in ('\u{80}'..=char::MAX).filter(|c| french(*c).is_some()) {
            folded.clear();
            fold_any(original, &mut folded);
            assert_eq!(french(original).as_slice(), folded, "{original:?}");
        }
    }

    #[test]
    fn every_character_folds_to_a_fixed_point() {
        let (mut once, mut twice) = (Vec::new(), Vec::new());
        for original in ('\0'..=char::MAX).filter(|c| *c != 'ø' && *c != 'Ø') {
            once.clear();
            fold_char(original, &mut once);
            twice.clear();
            once.iter().for_each(|c| fold_char(*c, &mut twice));
            assert_eq!(once, twice, "{original:?} U+{:04X}", original as u32);
        }
    }

    #[test]
    fn a_combining_mark_belongs_to_the_letter_before_it() {
        let found = cells("e\u{301}a");
        assert_eq!((found[0].ch, found[0].start, found[0].end), ('e', 0, 3));
        assert_eq!((found[1].ch, found[1].start, found[1].end), ('a', 3, 4));
    }

    #[test]
    fn a_diameter_sign_is_kept_before_a_number_only() {
        let folded = |s: &str| cells(s).iter().map(|c| c.ch).collect::<String>();
        assert_eq!(folded("Ø12"), "ø12");
        assert_eq!(folded("⌀ 12"), "ø 12");
        assert_eq!(folded("Søren"), "soren");
    }
}
