//! MinHash: lists of like words share a bucket.

/// How many bands, of how many hashes each: two lists of resemblance r (Jaccard) share a bucket with a chance of
/// 1 − (1 − r^rows)^bands (Broder 1997; banding: Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", 3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MinHash {
    /// Buckets of a list.
    pub bands: u64,
    /// Hash functions of a bucket.
    pub rows: u64,
}

impl MinHash {
    /// Returns the buckets of a list of words, one a band: each the `rows` least hashes of the words under as many hash
    /// functions. The order of the words changes nothing; an empty list has none.
    ///
    /// ```
    /// let shape = text::MinHash { bands: 4, rows: 2 };
    /// assert_eq!(shape.buckets(&["inox", "fin"]), shape.buckets(&["fin", "inox"]));
    /// ```
    #[must_use]
    pub fn buckets<S: AsRef<str>>(self, words: &[S]) -> Vec<u64> {
        let hashes: Vec<u64> = words.iter().map(|word| fnv1a(word.as_ref())).collect();
        if hashes.is_empty() {
            return Vec::new();
        }
        let least = |seed: u64| hashes.iter().map(|hash| mixed(hash ^ mixed(seed))).min();
        let bucket = |band: u64| {
            let seeds = band * self.rows..(band + 1) * self.rows;
            let least = seeds.filter_map(least);
            least.fold(0, |sum, hash| mixed(sum ^ hash))
        };
        (0..self.bands).map(bucket).collect()
    }
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo).
fn fnv1a(word: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    word.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

/// One step of SplitMix64 (Steele, Lea, Flood 2014).
fn mixed(value: u64) -> u64 {
    let mut mixed = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: MinHash = MinHash { bands: 12, rows: 3 };

    fn shared(left: &[&str], right: &[&str]) -> usize {
        let pairs = SHAPE.buckets(left).into_iter().zip(SHAPE.buckets(right));
        pairs.filter(|(left, right)| left == right).count()
    }

    #[test]
    fn the_order_of_words_changes_nothing() {
        assert_eq!(
            shared(&["toler", "inox", "fin"], &["fin", "toler", "inox"]),
            12
        );
        assert!(SHAPE.buckets::<&str>(&[]).is_empty());
    }

    #[test]
    fn lists_share_a_bucket_about_as_often_as_the_formula_says() {
        // Lists of 10 words that share 7, 4 or 2 of them: resemblance 7/13, 4/16, 2/18.
        for common in [7_usize, 4, 2] {
            let trials = 2000;
            let meet = (0..trials).filter(|trial| {
                let word = |side: &str, n: usize| match n < common {
                    true => format!("{trial}-{n}"),
                    false => format!("{trial}-{side}-{n}"),
                };
                let left: Vec<String> = (0..10).map(|n| word("left", n)).collect();
                let right: Vec<String> = (0..10).map(|n| word("right", n)).collect();
                let left: Vec<&str> = left.iter().map(String::as_str).collect();
                let right: Vec<&str> = right.iter().map(String::as_str).collect();
                shared(&left, &right) > 0
            });
            let found = meet.count() as f64 / f64::from(trials);
            let resemblance = common as f64 / (20 - common) as f64;
            let expected = 1.0 - (1.0 - resemblance.powi(3)).powi(12);
            assert!(
                (found - expected).abs() < 0.04,
                "{common}: {found} for {expected}"
            );
        }
    }
}
