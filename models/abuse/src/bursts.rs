//! Many acts in a short time.

use std::ops::Range;

/// Returns the places of the most instants that lie within `seconds` of the first of them; the earliest where several are as many.
/// `instants` are in order.
pub(crate) fn densest(instants: &[i64], seconds: i64) -> Range<usize> {
    let (mut best, mut from) = (0..0, 0);
    for (until, at) in instants.iter().enumerate() {
        while at - instants[from] > seconds {
            from += 1;
        }
        if until + 1 - from > best.len() {
            best = from..until + 1;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_densest_minutes_are_found() {
        assert_eq!(densest(&[0, 5, 100, 104, 108, 300], 10), 2..5);
        assert_eq!(densest(&[0, 10, 100, 110], 10), 0..2);
        assert_eq!(densest(&[], 10), 0..0);
    }

    proptest! {
        #[test]
        fn no_other_window_has_more(mut instants in prop::collection::vec(0i64..200, 1..40), seconds in 1i64..50) {
            instants.sort_unstable();
            let best = densest(&instants, seconds);
            prop_assert!(instants[best.end - 1] - instants[best.start] <= seconds);
            for from in &instants {
                let within = instants.iter().filter(|at| (0..=seconds).contains(&(*at - from))).count();
                prop_assert!(within <= best.len());
            }
        }
    }
}
