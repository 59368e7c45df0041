//! A histogram of numbers whose bins grow with the number: 32 to each power of two.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Bits of the mantissa that tell bins apart.
const MANTISSA_BITS: u32 = 5;

/// Numbers by bin. The bin of a number is the first bits of its IEEE 754 form, so bounds are exact and no logarithm is taken; it is the same
/// for the same numbers in any order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(i32, u64)>", into = "Vec<(i32, u64)>")]
pub struct Sketch {
    /// The bin of the first count.
    first: i32,
    counts: Vec<u64>,
    total: u64,
}

impl Sketch {
    /// Counts a number in; what is no number is left out.
    pub fn add(&mut self, number: f64) {
        if !number.is_nan() {
            self.add_bin(bin(number), 1);
        }
    }

    fn add_bin(&mut self, bin: i32, count: u64) {
        if self.counts.is_empty() {
            self.first = bin;
        }
        if bin < self.first {
            let missing = (self.first - bin) as usize;
            self.counts.splice(0..0, std::iter::repeat_n(0, missing));
            self.first = bin;
        }
        let place = (bin - self.first) as usize;
        if place >= self.counts.len() {
            self.counts.resize(place + 1, 0);
        }
        self.counts[place] += count;
        self.total += count;
    }

    /// Counts in what another has seen.
    pub fn merge(&mut self, other: &Self) {
        for (bin, count) in other.bins() {
            self.add_bin(bin, count);
        }
    }

    /// Returns how many numbers it has seen.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// Returns bins that are not empty, in order, with their counts.
    pub fn bins(&self) -> impl Iterator<Item = (i32, u64)> {
        let counts = self.counts.iter().enumerate();
        let filled = counts.filter(|(_, count)| **count > 0);
        filled.map(|(place, count)| (self.first + place as i32, *count))
    }

    /// Returns the first bin at or below which `share` of the numbers lie; none where there are no numbers.
    #[must_use]
    pub fn quantile_bin(&self, share: f64) -> Option<i32> {
        let wanted = share.clamp(0.0, 1.0) * self.total as f64;
        let mut seen = 0;
        let mut last = None;
        for (bin, count) in self.bins() {
            seen += count;
            last = Some(bin);
            if seen as f64 >= wanted {
                break;
            }
        }
        last
    }

    /// Returns a quantile, to 3.1 % of itself; none where there are no numbers.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let next = |bin: i32| if bin < 0 { bin - 1 } else { bin + 1 };
        let bin = self.quantile_bin(share)?;
        Some((lower(bin) + lower(next(bin))) / 2.0)
    }
}

/// Returns the bin of a number: the order of bins is that of numbers.
fn bin(number: f64) -> i32 {
    let size = number.abs();
    let place = (size.to_bits() >> (52 - MANTISSA_BITS)) as i32;
    match number < 0.0 {
        true => -place,
        false => place,
    }
}

/// Returns the end of a bin that is nearer to zero.
fn lower(bin: i32) -> f64 {
    let size = f64::from_bits(u64::from(bin.unsigned_abs()) << (52 - MANTISSA_BITS));
    match bin < 0 {
        true => -size,
        false => size,
    }
}

impl From<Sketch> for Vec<(i32, u64)> {
    fn from(sketch: Sketch) -> Self {
        sketch.bins().collect()
    }
}

impl From<Vec<(i32, u64)>> for Sketch {
    fn from(bins: Vec<(i32, u64)>) -> Self {
        let mut sketch = Self::default();
        let far = 1 << 16;
        for (bin, count) in bins {
            sketch.add_bin(bin.clamp(-far, far), count);
        }
        sketch
    }
}

/// Counts of each value, until there are too many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Categories(pub(crate) Option<BTreeMap<String, u64>>);

impl Categories {
    /// More different values than this are no categories.
    pub(crate) const MOST: usize = 200;

    pub(crate) fn add(&mut self, value: &str, rows: u64) {
        let Some(counts) = &mut self.0 else { return };
        if let Some(count) = counts.get_mut(value) {
            *count += rows;
        } else if counts.len() < Self::MOST {
            counts.insert(value.to_owned(), rows);
        } else {
            self.0 = None;
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        match &other.0 {
            Some(counts) => counts
                .iter()
                .for_each(|(value, rows)| self.add(value, *rows)),
            None => self.0 = None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(numbers: &[f64]) -> Sketch {
        let mut sketch = Sketch::default();
        numbers.iter().for_each(|number| sketch.add(*number));
        sketch
    }

    #[test]
    fn a_quantile_is_within_a_bin_of_the_number_there() {
        let numbers: Vec<f64> = (1..=10_000).map(f64::from).collect();
        let sketch = of(&numbers);
        for (share, wanted) in [(0.1, 1_000.0), (0.5, 5_000.0), (0.99, 9_900.0)] {
            let found = sketch.quantile(share).unwrap();
            assert!((found - wanted).abs() / wanted < 0.035, "{share}: {found}");
        }
        assert_eq!(Sketch::default().quantile(0.5), None);
        assert_eq!(of(&[f64::NAN]).total(), 0);
    }

    #[test]
    fn categories_are_forgotten_when_there_are_too_many() {
        let mut categories = Categories(Some(BTreeMap::new()));
        (0..Categories::MOST).for_each(|value| categories.add(&value.to_string(), 1));
        assert_eq!(
            categories.0.as_ref().map(BTreeMap::len),
            Some(Categories::MOST)
        );
        categories.add("one more", 1);
        assert_eq!(categories.0, None);
    }

    proptest! {
        #[test]
        fn order_and_parts_change_nothing_and_bins_are_in_the_order_of_numbers(
            mut numbers in proptest::collection::vec(-1e6_f64..1e6, 1..60), cut in 0_usize..60
        ) {
            let whole = of(&numbers);
            let cut = cut.min(numbers.len());
            let mut merged = of(&numbers[cut..]);
            merged.merge(&of(&numbers[..cut]));
            prop_assert_eq!(merged.bins().collect::<Vec<_>>(), whole.bins().collect::<Vec<_>>());
            let read: Sketch = serde_json::from_str(&serde_json::to_string(&whole).unwrap()).unwrap();
            prop_assert_eq!(&read, &whole);
            numbers.sort_by(f64::total_cmp);
            let bins: Vec<i32> = numbers.iter().map(|number| bin(*number)).collect();
            prop_assert!(bins.is_sorted());
        }
    }
}
