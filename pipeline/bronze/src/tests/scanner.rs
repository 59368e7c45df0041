//! The scanner gives the same values, wherever the buffer happens to end.

use std::io::BufReader;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::source::scanner::Scanner;

fn elements(text: &str, capacity: usize) -> Vec<Value> {
    let mut scanner = Scanner::new(BufReader::with_capacity(capacity, text.as_bytes()));
    scanner.expect(b'[').unwrap();
    let mut found = Vec::new();
    while scanner.peek_token().unwrap() != Some(b']') {
        if !found.is_empty() {
            scanner.expect(b',').unwrap();
            scanner.peek_token().unwrap();
        }
        let mut bytes = Vec::new();
        scanner.value(Some(&mut bytes)).unwrap();
        found.push(serde_json::from_slice(&bytes).unwrap());
    }
    found
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        "[\\[\\]{},:\"\\\\]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".{0,4}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    #[test]
    fn an_array_is_split_into_its_elements(
        items in prop::collection::vec(any_json(), 0..6),
        capacity in 1_usize..40,
        is_pretty in any::<bool>(),
    ) {
        let text = if is_pretty {
            serde_json::to_string_pretty(&items).unwrap()
        } else {
            serde_json::to_string(&items).unwrap()
        };
        prop_assert_eq!(elements(&text, capacity), items);
    }
}
