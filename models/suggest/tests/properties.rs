//! What holds for every index and every query.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::{BTreeMap, HashMap};

use proptest::prelude::*;
use suggest::{Entry, Index, Kind, Query, Suggestion, index_bytes, tolerance};

const WORDS: [&str; 20] = [
    "Tôlerie",
    "tôle",
    "inox",
    "numérique",
    "Numérisation",
    "commande",
    "commerce",
    "usinage",
    "usine",
    "316L",
    "H7",
    "tig",
    "soudage",
    "soudure",
    "souder",
    "fraisage",
    "fraise",
    "de",
    "axes",
    "5",
];
const TYPED: [&str; 24] = [
    "t", "to", "tol", "tolrie", "tolerei", "tôlerie", "num", "nuémri", "comm", "comande", "usni",
    "usinage", "316", "316l", "361l", "h7", "h8", "tig", "tgi", "soudrue", "frais", "fraize", "5",
    "de",
];

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let text = prop::collection::vec(prop::sample::select(WORDS.to_vec()), 1..4);
    let tenant = prop::sample::select(vec!["tenant_a", "tenant_b", "tenant_public"]);
    let entry = (text, tenant, 0_usize..4, 0_u32..3, 0_u32..40);
    let make = |(words, tenant, kind, weight, id): (Vec<&str>, &str, usize, u32, u32)| Entry {
        tenant: tenant.to_owned(),
        kind: Kind::ALL[kind],
        id: format!("{id}"),
        text: words.join(" "),
        weight,
        ..Entry::default()
    };
    prop::collection::vec(entry.prop_map(make), 0..60)
}

fn typed() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(TYPED.to_vec()), 1..3)
        .prop_map(|words| words.join(" "))
}

fn index(entries: &[Entry]) -> Index {
    Index::from_bytes(index_bytes(entries.to_vec()).unwrap()).unwrap()
}

fn ask(index: &Index, text: &str, tenant: &str, limit: usize) -> Vec<Suggestion> {
    index.suggest(&Query {
        text,
        tenant,
        limit,
    })
}

/// The textbook distance (Lowrance and Wagner).
fn distance(a: &[char], b: &[char]) -> usize {
    let (infinite, mut last) = (a.len() + b.len(), HashMap::new());
    let mut d = vec![vec![infinite; b.len() + 2]; a.len() + 2];
    (0..=a.len()).for_each(|i| d[i + 1][1] = i);
    (0..=b.len()).for_each(|j| d[1][j + 1] = j);
    for i in 1..=a.len() {
        let mut matched = 0;
        for j in 1..=b.len() {
            let (k, l) = (*last.get(&b[j - 1]).unwrap_or(&0), matched);
            let cost = usize::from(a[i - 1] != b[j - 1]);
            if cost == 0 {
                matched = j;
            }
            let transposed = d[k][l] + i + j - k - l - 1;
            d[i + 1][j + 1] = (d[i][j] + cost)
                .min(d[i + 1][j] + 1)
                .min(d[i][j + 1] + 1)
                .min(transposed);
        }
        last.insert(a[i - 1], i);
    }
    d[a.len() + 1][b.len() + 1]
}

/// Edits between a typed word and the nearest word of a text, where they are tolerated.
fn word_edits(text: &str, typed: &str) -> Option<usize> {
    let most = tolerance(typed);
    let wanted: Vec<char> = typed.chars().collect();
    let of_word = |word: &str| {
        let folded = text::fold(word);
        let near: Vec<char> = folded.chars().take_while(|ch| !ch.is_numeric()).collect();
        let nearest = (0..=near.len())
            .map(|length| distance(&near[..length], &wanted))
            .min()
            .unwrap();
        if folded.starts_with(typed) {
            0
        } else if most > 0 {
            nearest
        } else {
            usize::MAX
        }
    };
    let edits = text.split(' ').map(of_word).min().unwrap();
    (edits <= most).then_some(edits)
}

/// What a scan of every entry finds: best edits, weight and text by thing, in order.
fn brute_force(
    entries: &[Entry],
    text: &str,
    tenant: &str,
) -> Vec<(u8, u32, String, Kind, String)> {
    let all: Vec<String> = text::fold(text).split(' ').map(str::to_owned).collect();
    let (last, before) = all.split_last().unwrap();
    let mut words: Vec<&String> = before.iter().filter(|word| *word != "de").collect();
    words.push(last);
    words.dedup();
    let mut best: BTreeMap<(Kind, String), (u8, std::cmp::Reverse<u32>, String)> = BTreeMap::new();
    for entry in entries
        .iter()
        .filter(|entry| [tenant, "tenant_public"].contains(&entry.tenant.as_str()))
    {
        let edits: Option<usize> = words.iter().map(|word| word_edits(&entry.text, word)).sum();
        if let Some(edits) = edits {
            let found = (
                edits as u8,
                std::cmp::Reverse(entry.weight),
                entry.text.clone(),
            );
            let thing = (entry.kind, entry.id.clone());
            let known = best.entry(thing).or_insert_with(|| found.clone());
            if found < *known {
                *known = found;
            }
        }
    }
    let mut found: Vec<_> = best
        .into_iter()
        .map(|((kind, id), (edits, weight, text))| (edits, weight, text, kind, id))
        .collect();
    found.sort();
    found
        .into_iter()
        .map(|(edits, weight, text, kind, id)| (edits, weight.0, text, kind, id))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn suggestions_are_what_a_scan_of_every_entry_finds(entries in entries(), text in typed(), limit in 1_usize..12) {
        let mut expected = brute_force(&entries, &text, "tenant_a");
        expected.truncate(limit);
        let found = ask(&index(&entries), &text, "tenant_a", limit).into_iter();
        let found: Vec<_> = found.map(|s| (s.edits, s.weight, s.text, s.kind, s.id)).collect();
        prop_assert_eq!(found, expected, "{}", text);
    }

    #[test]
    fn the_best_k_are_the_first_of_the_best_k_plus_one(entries in entries(), text in typed(), limit in 1_usize..12) {
        let index = index(&entries);
        let (shorter, longer) = (ask(&index, &text, "tenant_a", limit), ask(&index, &text, "tenant_a", limit + 1));
        prop_assert!(longer.starts_with(&shorter));
        prop_assert!(shorter.len() <= limit);
    }

    #[test]
    fn tenants_never_meet(entries in entries(), text in typed()) {
        let without: Vec<Entry> = entries.iter().filter(|entry| entry.tenant != "tenant_b").cloned().collect();
        let (with, without) = (index(&entries), index(&without));
        for tenant in ["tenant_a", "tenant_public", "tenant_c"] {
            prop_assert_eq!(ask(&with, &text, tenant, 20), ask(&without, &text, tenant, 20));
        }
    }

    #[test]
    fn the_order_of_entries_does_not_matter(entries in entries()) {
        let mut turned = entries.clone();
        turned.reverse();
        turned.extend(entries.first().cloned());
        prop_assert_eq!(index_bytes(entries).unwrap(), index_bytes(turned).unwrap());
    }

    #[test]
    fn spans_are_in_order_within_the_text(entries in entries(), text in typed()) {
        for suggestion in ask(&index(&entries), &text, "tenant_a", 20) {
            prop_assert!(!suggestion.spans.is_empty(), "{:?}", suggestion);
            let mut before = 0;
            for span in suggestion.spans {
                prop_assert!(span.start >= before && suggestion.text.get(span.clone()).is_some_and(|s| !s.is_empty()));
                before = span.end;
            }
        }
    }

    #[test]
    fn any_query_is_answered(entries in entries(), text in "\\PC{0,40}") {
        let index = index(&entries);
        let first = ask(&index, &text, "tenant_a", 5);
        prop_assert_eq!(first, ask(&index, &text, "tenant_a", 5));
    }

    #[test]
    fn damaged_bytes_are_refused(entries in entries(), at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let whole = index_bytes(entries).unwrap();
        let mut flipped = whole.clone();
        flipped[at.index(whole.len())] ^= 1 << bit;
        prop_assert!(Index::from_bytes(flipped).is_err());
        prop_assert!(Index::from_bytes(whole[..at.index(whole.len())].to_vec()).is_err());
        let mut longer = whole;
        longer.push(0);
        prop_assert!(Index::from_bytes(longer).is_err());
    }

    #[test]
    fn damage_under_a_right_checksum_never_panics(
        entries in entries(), at in any::<prop::sample::Index>(), byte in any::<u8>(), text in typed(),
    ) {
        let mut bytes = index_bytes(entries).unwrap();
        let (header, body) = bytes.split_at_mut(44);
        body[at.index(body.len())] = byte;
        header[12..].copy_from_slice(blake3::hash(body).as_bytes());
        if let Ok(index) = Index::from_bytes(bytes) {
            let _ = ask(&index, &text, "tenant_a", 20);
        }
    }
}

#[test]
fn garbage_is_refused() {
    for bytes in [
        Vec::new(),
        b"MLSUGGST".to_vec(),
        vec![0; 100],
        vec![255; 10_000],
    ] {
        assert!(Index::from_bytes(bytes).is_err());
    }
    let empty = Index::from_bytes(index_bytes(Vec::new()).unwrap()).unwrap();
    assert_eq!(
        (empty.entries(), ask(&empty, "a", "tenant_a", 3)),
        (0, Vec::new())
    );
}

#[test]
fn an_entry_without_text_or_id_is_refused() {
    let entry = Entry {
        id: "1".to_owned(),
        text: " ".to_owned(),
        ..Entry::default()
    };
    assert!(index_bytes(vec![entry.clone()]).is_err());
    assert!(
        index_bytes(vec![Entry {
            id: String::new(),
            text: "x".to_owned(),
            ..entry
        }])
        .is_err()
    );
}

#[test]
fn an_index_is_written_and_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let entry = Entry {
        id: "cn".to_owned(),
        text: "CN".to_owned(),
        label: "Commande numérique".to_owned(),
        path: vec!["Usinage".to_owned(), "Tournage".to_owned()],
        weight: 3,
        ..Entry::default()
    };
    let stats = suggest::build(dir.path(), vec![entry.clone()]).unwrap();
    assert_eq!(stats.entries, 1);
    assert_ne!(
        stats,
        suggest::build(
            dir.path(),
            vec![Entry {
                weight: 4,
                ..entry.clone()
            }]
        )
        .unwrap()
    );
    let index = Index::open(dir.path()).unwrap();
    let found = ask(&index, "c", "tenant_a", 3);
    assert_eq!(
        (&found[0].label, &found[0].path),
        (&entry.label, &entry.path)
    );
    assert!(Index::open(&dir.path().join("nowhere")).is_err());
}

#[test]
fn many_threads_get_the_same_answers() {
    let entries: Vec<Entry> = (0..2000)
        .map(|id: u32| Entry {
            id: id.to_string(),
            text: format!(
                "{} {}",
                WORDS[id as usize % 20],
                WORDS[id as usize / 20 % 20]
            ),
            weight: id % 7,
            ..Entry::default()
        })
        .collect();
    let index = index(&entries);
    let answers = || TYPED.map(|text| ask(&index, text, "tenant_a", 10));
    let expected = answers();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(answers)).collect();
        threads
            .into_iter()
            .for_each(|thread| assert_eq!(thread.join().unwrap(), expected));
    });
}
