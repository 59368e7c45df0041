//! Asking for memory before it is read: lists and rows lie anywhere in files far larger than a cache.

/// Bytes that memory gives at once.
#[cfg(target_arch = "x86_64")]
const LINE: usize = 64;

/// Asks for `values`, which will be read soon; it changes nothing but time.
#[inline(always)]
pub(crate) fn prefetch<T>(values: &[T]) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let (start, size) = (values.as_ptr().cast::<i8>(), size_of_val(values));
        for at in (0..size).step_by(LINE) {
            // SAFETY: the address is within `values`, and nothing is read or written.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(start.add(at)) };
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _nothing_to_ask = values;
}
