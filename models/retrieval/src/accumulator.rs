//! Values by document, kept between queries so that a query pays only for the documents that it touches.

use std::cell::RefCell;

/// One value per document, 0 for those not touched.
#[derive(Debug, Default)]
pub(crate) struct Accumulator {
    values: Vec<f32>,
    touched: Vec<u32>,
}

thread_local! {
    static SPARE: RefCell<Vec<Accumulator>> = const { RefCell::new(Vec::new()) };
}

impl Accumulator {
    /// Gives `work` an accumulator of `count` zeros.
    pub(crate) fn with<R>(count: usize, work: impl FnOnce(&mut Self) -> R) -> R {
        let mut spare = SPARE.with_borrow_mut(Vec::pop).unwrap_or_default();
        if spare.values.len() < count {
            spare.values.resize(count, 0.0);
        }
        let done = work(&mut spare);
        for touched in spare.touched.drain(..) {
            spare.values[touched as usize] = 0.0;
        }
        SPARE.with_borrow_mut(|all| all.push(spare));
        done
    }

    /// Adds `value`, which is above 0.
    #[inline]
    pub(crate) fn add(&mut self, document: u32, value: f32) {
        let sum = &mut self.values[document as usize];
        if *sum == 0.0 {
            self.touched.push(document);
        }
        *sum += value;
    }

    /// Keeps the greater of the value so far and `value`, which is above 0.
    #[inline]
    pub(crate) fn raise(&mut self, document: u32, value: f32) {
        let most = &mut self.values[document as usize];
        if *most == 0.0 {
            self.touched.push(document);
        }
        *most = most.max(value);
    }

    /// The documents touched, in the order of their first touch.
    pub(crate) fn touched(&self) -> &[u32] {
        &self.touched
    }

    /// The documents touched with their values.
    pub(crate) fn values(&self) -> impl Iterator<Item = (u32, f32)> {
        self.touched
            .iter()
            .map(|touched| (*touched, self.values[*touched as usize]))
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
