//! The unrestricted Damerau-Levenshtein distance: insertions, deletions, substitutions and transpositions of neighbours, which
//! may be edited between (Lowrance and Wagner, *An Extension of the String-to-String Correction Problem*, 1975).

/// The distances between what was typed and a growing prefix of a word, row by row, as far as they are at most `most`.
///
/// Row `i` holds the distances of the word's first `i` characters to each prefix of the query. Cells further than `most` from
/// the diagonal cannot matter and are left at `most + 1`.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    query: &'a [char],
    most: usize,
    /// Characters of the word so far.
    word: Vec<char>,
    /// One row after the other, each of `query.len() + 1` cells.
    cells: Vec<u8>,
}

impl<'a> Rows<'a> {
    /// Starts with an empty word.
    pub(crate) fn new(query: &'a [char], most: usize) -> Self {
        let far = far(most);
        let cells = (0..=query.len()).map(|at| (at.min(255) as u8).min(far));
        Self {
            query,
            most,
            word: Vec::with_capacity(query.len() + most + 1),
            cells: cells.collect(),
        }
    }

    /// Adds a character to the word; returns the smallest distance of its row.
    pub(crate) fn push(&mut self, ch: char) -> usize {
        let (width, far) = (self.query.len() + 1, far(self.most));
        self.word.push(ch);
        let row = self.word.len();
        let start = self.cells.len();
        self.cells.resize(start + width, far);
        if row <= self.most {
            self.cells[start] = row as u8;
        }
        let low = row.saturating_sub(self.most).max(1);
        let high = (row + self.most).min(width - 1);
        let mut least = self.cells[start];
        for column in low..=high {
            let value = self.cell(row, column, ch).min(far);
            self.cells[start + column] = value;
            least = least.min(value);
        }
        usize::from(least)
    }

    /// Takes the last character back.
    pub(crate) fn pop(&mut self) {
        if self.word.pop().is_some() {
            self.cells.truncate(self.cells.len() - self.query.len() - 1);
        }
    }

    /// The distance between the word so far and the whole query.
    pub(crate) fn distance(&self) -> usize {
        self.cells.last().copied().map_or(0, usize::from)
    }

    fn at(&self, row: usize, column: usize) -> u8 {
        self.cells[row * (self.query.len() + 1) + column]
    }

    fn cell(&self, row: usize, column: usize, ch: char) -> u8 {
        let wanted = self.query[column - 1];
        let same = self.at(row - 1, column - 1);
        if ch == wanted {
            return same;
        }
        let left = self.cells[row * (self.query.len() + 1) + column - 1];
        let mut value = same
            .min(self.at(row - 1, column))
            .min(left)
            .saturating_add(1);
        // `ch` was typed `back` letters earlier, and `wanted` stands `up` letters earlier in the word.
        for up in 1..row.min(self.most + 1) {
            if self.word[row - 1 - up] != wanted {
                continue;
            }
            for back in 1..column.min(self.most + 2 - up) {
                if self.query[column - 1 - back] == ch {
                    let before = self.at(row - 1 - up, column - 1 - back);
                    value = value.min(before.saturating_add((up + back - 1) as u8));
                }
            }
        }
        value
    }
}

fn far(most: usize) -> u8 {
    most.min(100) as u8 + 1
}

/// The smallest distance of `query` to a prefix of `word` without a digit, and that prefix's length, where it is at most `most`.
pub(crate) fn prefix_distance(query: &[char], word: &str, most: usize) -> Option<(usize, usize)> {
    let mut rows = Rows::new(query, most);
    let mut best = (rows.distance(), 0);
    for (at, ch) in word.chars().enumerate() {
        if ch.is_numeric() {
            break;
        }
        let least = rows.push(ch);
        // Of equally near prefixes, the one as long as the query looks best.
        let near = |length: usize| length.abs_diff(query.len());
        let found = (rows.distance(), at + 1);
        if (found.0, near(found.1)) < (best.0, near(best.1)) {
            best = found;
        }
        if least > most {
            break;
        }
    }
    (best.0 <= most).then_some(best)
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The textbook algorithm over the whole matrix, without band, limit or cut.
    pub(crate) fn textbook(a: &[char], b: &[char]) -> usize {
        let infinite = a.len() + b.len();
        let mut last = std::collections::HashMap::new();
        let mut d = vec![vec![infinite; b.len() + 2]; a.len() + 2];
        for i in 0..=a.len() {
            d[i + 1][1] = i;
        }
        for j in 0..=b.len() {
            d[1][j + 1] = j;
        }
        for i in 1..=a.len() {
            let mut last_match = 0;
            for j in 1..=b.len() {
                let (k, l) = (*last.get(&b[j - 1]).unwrap_or(&0), last_match);
                let cost = usize::from(a[i - 1] != b[j - 1]);
                if cost == 0 {
                    last_match = j;
                }
                d[i + 1][j + 1] = (d[i][j] + cost)
                    .min(d[i + 1][j] + 1)
                    .min(d[i][j + 1] + 1)
                    .min(d[k][l] + (i - k - 1) + 1 + (j - l - 1));
            }
            last.insert(a[i - 1], i);
        }
        d[a.len() + 1][b.len() + 1]
    }

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn the_textbook_counts_a_transposition_as_one() {
        for (a, b, distance) in [("ca", "abc", 2), ("tolrie", "tolire", 1), ("", "ab", 2)] {
            assert_eq!(textbook(&chars(a), &chars(b)), distance, "{a} {b}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn rows_are_the_textbook_up_to_the_limit(a in "[abcd]{0,8}", b in "[abcd]{0,8}", most in 0_usize..4) {
            let (a, b) = (chars(&a), chars(&b));
            let mut rows = Rows::new(&b, most);
            for (at, ch) in a.iter().enumerate() {
                let least = rows.push(*ch);
                let exact = textbook(&a[..=at], &b);
                prop_assert_eq!(rows.distance().min(most + 1), exact.min(most + 1));
                let smallest = (0..=b.len()).map(|j| textbook(&a[..=at], &b[..j])).min().unwrap_or(0);
                prop_assert_eq!(least.min(most + 1), smallest.min(most + 1));
            }
            for _ in &a {
                rows.pop();
            }
            prop_assert_eq!(rows.distance().min(most + 1), b.len().min(most + 1));
        }
    }
}
