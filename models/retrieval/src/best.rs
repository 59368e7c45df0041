//! The best of many, kept as they come.

/// The best numbers so far, ties to the lower number: up to twice as many as are asked for, cut back when they are more.
#[derive(Debug)]
pub(crate) struct Best {
    depth: usize,
    least: f32,
    found: Vec<(u32, f32)>,
}

impl Best {
    pub(crate) fn new(depth: usize) -> Self {
        Self {
            depth,
            least: f32::NEG_INFINITY,
            found: Vec::new(),
        }
    }

    /// The value below which nothing is among the best.
    #[inline(always)]
    pub(crate) fn least(&self) -> f32 {
        self.least
    }

    /// How many are kept.
    pub(crate) fn len(&self) -> usize {
        self.found.len()
    }

    /// Keeps `number` as long as it is among the best.
    #[inline(always)]
    pub(crate) fn offer(&mut self, number: u32, value: f32) {
        if value >= self.least {
            self.found.push((number, value));
            if self.found.len() / 2 > self.depth {
                self.cut();
            }
        }
    }

    #[cold]
    fn cut(&mut self) {
        self.found = best(std::mem::take(&mut self.found), self.depth);
        if self.found.len() == self.depth {
            let values = self.found.iter().map(|found| found.1);
            self.least = values.fold(f32::INFINITY, f32::min);
        }
    }

    /// The best of all that were offered, in no order.
    pub(crate) fn finish(mut self) -> Vec<(u32, f32)> {
        self.cut();
        self.found
    }
}

/// The `count` best of `scored`, in no order; ties go to the lower number.
pub(crate) fn best(mut scored: Vec<(u32, f32)>, count: usize) -> Vec<(u32, f32)> {
    if count > 0 && count < scored.len() {
        scored.select_nth_unstable_by(count - 1, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    }
    scored.truncate(count);
    scored
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_kept_is_the_best_of_all(values in proptest::collection::vec(0_u8..20, 0..200), depth in 0_usize..30) {
            let all = (0_u32..).zip(values.iter().map(|value| f32::from(*value)));
            let mut kept = Best::new(depth);
            all.clone().for_each(|(number, value)| kept.offer(number, value));
            let (mut kept, mut all) = (kept.finish(), all.collect::<Vec<_>>());
            all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            all.truncate(depth);
            kept.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            prop_assert_eq!(kept, all);
        }
    }
}
