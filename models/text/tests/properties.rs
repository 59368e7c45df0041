//! Promises that hold for any text.

use proptest::prelude::*;
use text::{Kind, Token, analyze, char_ngrams, clean, fold, phrase_key, phrases, stems};
use unicode_normalization::UnicodeNormalization;

/// Texts near the ones that matter: French letters, digits, units, marks, and anything at all.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zàâçéèêëîïôöùûüœæA-ZÉÀ0-9 '’.,;:/+±Ø⌀µ%°€²-]{0,60}",
        "(ISO |EN |NF |EN AW-|Ø|Ra |M|± ?|d'|l’)?[0-9]{1,5}([,.][0-9]{1,3})?[ -]?(mm|µm|L|axes|HRC|T6|x1,5|mK)?",
        any::<String>(),
    ]
}

/// Texts with marks of their own on Latin letters.
fn marked_text() -> impl Strategy<Value = String> {
    "[a-zA-ZàâçéèêëîïôöùûüœÀÉÅΩ0-9ØµΜ½²'’ ,.\u{300}-\u{36f}-]{0,40}"
}

/// Technical terms as their trades write them.
fn technical_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[hgfkp][5-9]",
        "ø[1-9][0-9]?([hg][6-9])?",
        "m[1-9][0-9]?x[1-3],[1-9]",
        "iso [1-9][0-9]{3}-[1-9]",
        "en aw-(6082|7075|5754)",
        "[1-9][0-9]{0,3}([,.][1-9])? ?(mm|cm|kg|kw|v|hz|bar)",
        "(ip|dn) ?[1-9][0-9]",
        "s(235|355)[ -]?(jr|j2)",
        "(cnc|tig|ugv|pvc|edm|led)s?",
        "[1-9][0-9]? ?x ?[1-9][0-9]? ?mm",
        "[a-z]{2,8}@[a-z]{2,8}\\.fr",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn folding_twice_changes_nothing(text in any_text()) {
        prop_assert_eq!(fold(&fold(&text)), fold(&text));
    }

    #[test]
    fn cleaning_twice_changes_nothing(text in any_text()) {
        let cleaned = clean(&text);
        prop_assert_eq!(cleaned.as_deref().and_then(clean), cleaned);
    }

    #[test]
    fn tokens_stand_on_character_boundaries_in_order(text in any_text()) {
        let tokens = analyze(&text);
        for token in &tokens {
            prop_assert!(text.get(token.start..token.end).is_some_and(|span| !span.is_empty()));
            prop_assert!(!token.term.is_empty() && !token.term.contains(char::is_whitespace));
        }
        for pair in tokens.windows(2) {
            prop_assert!(pair[0].start <= pair[1].start && pair[0].position <= pair[1].position);
        }
    }

    #[test]
    fn composed_and_decomposed_texts_give_the_same_terms(text in marked_text()) {
        let composed: String = text.nfc().collect();
        let decomposed: String = text.nfd().collect();
        let terms = |text: &str| -> Vec<_> {
            analyze(text).into_iter().map(|t| (t.term, t.kind, t.position, t.accented)).collect()
        };
        prop_assert_eq!(terms(&composed), terms(&decomposed));
    }

    #[test]
    fn a_technical_term_comes_back_from_its_own_term(text in technical_text()) {
        for token in analyze(&text).into_iter().filter(Token::is_technical) {
            prop_assert!(stems(&token.term).contains(&token.term), "{} → {:?}", token.term, stems(&token.term));
        }
    }

    #[test]
    fn only_words_written_with_accents_have_an_accented_form(text in any_text()) {
        for token in analyze(&text) {
            if let Some(form) = &token.accented {
                prop_assert!(token.kind == Kind::Word && !form.is_empty());
                prop_assert!(!text[token.start..token.end].is_ascii());
            }
        }
    }

    #[test]
    fn case_changes_no_fit_grade_or_standard(text in technical_text()) {
        let upper = text.to_uppercase().replace('Μ', "µ");
        prop_assert_eq!(phrase_key(&text), phrase_key(&upper));
    }

    #[test]
    fn case_changes_no_word(text in "[a-zéèêçàùôîœ' -]{0,40}") {
        prop_assert_eq!(phrase_key(&text), phrase_key(&text.to_uppercase()));
    }

    #[test]
    fn every_token_but_a_word_is_kept_whole(text in any_text()) {
        for token in analyze(&text).into_iter().filter(|token| token.kind != Kind::Word) {
            prop_assert_eq!(token.surface, token.term);
        }
    }

    #[test]
    fn phrases_and_ngrams_never_panic(text in any_text(), words in 0_usize..5, low in 0_usize..6, high in 0_usize..6) {
        let distinct = phrases(&text, words);
        let mut unique = distinct.clone();
        unique.sort();
        unique.dedup();
        prop_assert_eq!(unique.len(), distinct.len());
        let _ngrams = char_ngrams(&text, low..=high);
    }
}
