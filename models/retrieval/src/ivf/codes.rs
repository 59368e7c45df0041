//! Vectors in 8 bits per value, and their exact integer products: the same numbers on every machine.

/// Bytes of one register; rows are padded to it.
const WIDTH: usize = 64;
/// What is added to a value so that it has no sign.
const OFFSET: i32 = 128;

/// Rows of unsigned codes, each with the factor that makes its products comparable with those of the others.
#[derive(Debug, Default, Clone)]
pub(crate) struct Codes {
    stride: usize,
    bytes: Vec<u8>,
    scales: Vec<f32>,
}

/// A vector to be multiplied with rows of codes.
#[derive(Debug, Clone, Default)]
pub(crate) struct CodedQuery {
    values: Vec<i8>,
    /// What the offset of the rows adds to every product.
    excess: i32,
}

/// Rounds `values` to 8 bits with a scale of their own; returns the scale.
fn quantise(values: &[f32], coded: &mut impl FnMut(i8)) -> f32 {
    let most = values
        .iter()
        .fold(0.0_f32, |most, value| most.max(value.abs()));
    let scale = if most > 0.0 { most / 127.0 } else { 1.0 };
    for value in values {
        coded((value / scale).round().clamp(-127.0, 127.0) as i8);
    }
    scale
}

/// Bytes of a row of `dimension` values.
fn stride_of(dimension: usize) -> usize {
    dimension.next_multiple_of(WIDTH)
}

impl CodedQuery {
    /// The codes of `values`; the scale is left out, since it changes no order.
    pub(crate) fn new(values: &[f32]) -> Self {
        let mut codes = Vec::with_capacity(stride_of(values.len()));
        quantise(values, &mut |code| codes.push(code));
        codes.resize(stride_of(values.len()), 0);
        Self::of_codes(codes)
    }

    fn of_codes(values: Vec<i8>) -> Self {
        let excess = OFFSET * values.iter().map(|value| i32::from(*value)).sum::<i32>();
        Self { values, excess }
    }

    /// The signed codes, padded.
    pub(crate) fn values(&self) -> &[i8] {
        &self.values
    }
}

impl Codes {
    /// No rows yet, of `dimension` values.
    pub(crate) fn new(dimension: usize) -> Self {
        Self {
            stride: stride_of(dimension),
            ..Self::default()
        }
    }

    /// Rows as they were before: `bytes` of `scales.len()` rows.
    pub(crate) fn from_parts(dimension: usize, bytes: Vec<u8>, scales: Vec<f32>) -> Option<Self> {
        let stride = stride_of(dimension);
        (bytes.len() == stride * scales.len()).then_some(Self {
            stride,
            bytes,
            scales,
        })
    }

    /// Appends the codes of `values`.
    pub(crate) fn push(&mut self, values: &[f32]) {
        let start = self.bytes.len();
        let bytes = &mut self.bytes;
        let scale = quantise(values, &mut |code| {
            bytes.push((i32::from(code) + OFFSET) as u8)
        });
        self.bytes.resize(start + self.stride, OFFSET as u8);
        self.scales.push(scale);
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.scales.len()
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn scales(&self) -> &[f32] {
        &self.scales
    }

    /// A row as a query.
    pub(crate) fn query(&self, row: usize) -> CodedQuery {
        let bytes = &self.bytes[row * self.stride..(row + 1) * self.stride];
        CodedQuery::of_codes(
            bytes
                .iter()
                .map(|byte| (i32::from(*byte) - OFFSET) as i8)
                .collect(),
        )
    }

    /// A row as numbers.
    pub(crate) fn floats(&self, row: usize, dimension: usize) -> Vec<f32> {
        let (query, scale) = (self.query(row), self.scales[row]);
        query.values[..dimension]
            .iter()
            .map(|code| f32::from(*code) * scale)
            .collect()
    }

    /// The same rows with other scales, each from the signed codes of its row.
    pub(crate) fn with_scales(&self, scale: impl Fn(&[i8]) -> f32) -> Self {
        let scales = (0..self.len())
            .map(|row| scale(self.query(row).values()))
            .collect();
        Self {
            scales,
            ..self.clone()
        }
    }

    /// Writes into `products` what `query` gives with rows `start..start + products.len()`: proportional to the cosine as
    /// far as 8 bits tell.
    pub(crate) fn products(&self, query: &CodedQuery, start: usize, products: &mut [f32]) {
        let rows = &self.bytes[start * self.stride..(start + products.len()) * self.stride];
        let scales = &self.scales[start..start + products.len()];
        dot_rows(rows, &query.values, &mut |row, product| {
            products[row] = (product - query.excess) as f32 * scales[row];
        });
    }
}

/// Calls `visit` with the number of each row and its product with `query`.
#[inline(always)]
fn dot_rows(rows: &[u8], query: &[i8], visit: &mut impl FnMut(usize, i32)) {
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx512vnni")
            && std::arch::is_x86_feature_detected!("avx512f")
        {
            // SAFETY: the features were just found on this machine.
            return unsafe { dot_rows_vnni(rows, query, visit) };
        }
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the feature was just found on this machine.
            return unsafe { dot_rows_avx2(rows, query, visit) };
        }
    }
    dot_rows_portable(rows, query, visit);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vnni")]
fn dot_rows_vnni(rows: &[u8], query: &[i8], visit: &mut impl FnMut(usize, i32)) {
    use std::arch::x86_64::{
        _mm512_dpbusd_epi32, _mm512_loadu_si512, _mm512_reduce_add_epi32, _mm512_setzero_si512,
    };
    let query = query.as_chunks::<WIDTH>().0;
    let rows = rows.as_chunks::<WIDTH>().0;
    let stride = query.len().max(1);
    // Four rows share each load of the query.
    let mut row = 0;
    let mut blocks = rows.chunks_exact(4 * stride);
    for block in &mut blocks {
        let mut sums = [_mm512_setzero_si512(); 4];
        for (at, query) in query.iter().enumerate() {
            // SAFETY: the chunks have the 64 bytes that are read.
            let right = unsafe { _mm512_loadu_si512(query.as_ptr().cast()) };
            for (lane, sum) in sums.iter_mut().enumerate() {
                // SAFETY: as above.
                let left = unsafe { _mm512_loadu_si512(block[lane * stride + at].as_ptr().cast()) };
                *sum = _mm512_dpbusd_epi32(*sum, left, right);
            }
        }
        for sum in sums {
            visit(row, _mm512_reduce_add_epi32(sum));
            row += 1;
        }
    }
    for rest in blocks.remainder().chunks_exact(stride) {
        let mut sum = _mm512_setzero_si512();
        for (left, right) in rest.iter().zip(query) {
            // SAFETY: the chunks have the 64 bytes that are read.
            let (left, right) = unsafe {
                (
                    _mm512_loadu_si512(left.as_ptr().cast()),
                    _mm512_loadu_si512(right.as_ptr().cast()),
                )
            };
            sum = _mm512_dpbusd_epi32(sum, left, right);
        }
        visit(row, _mm512_reduce_add_epi32(sum));
        row += 1;
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn dot_rows_avx2(rows: &[u8], query: &[i8], visit: &mut impl FnMut(usize, i32)) {
    dot_rows_portable(rows, query, visit);
}

#[inline(always)]
fn dot_rows_portable(rows: &[u8], query: &[i8], visit: &mut impl FnMut(usize, i32)) {
    for (row, values) in rows.chunks_exact(query.len().max(1)).enumerate() {
        let products = values
            .iter()
            .zip(query)
            .map(|(left, right)| i32::from(i16::from(*left)) * i32::from(i16::from(*right)));
        visit(row, products.sum());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_register_gives_the_same_products() {
        let value = |at: usize| ((at * 37 % 101) as f32 - 50.0) / 17.0;
        let mut codes = Codes::new(100);
        for row in 0..7 {
            codes.push(&(0..100).map(|at| value(row * 100 + at)).collect::<Vec<_>>());
        }
        let query = CodedQuery::new(&(0..100).map(|at| value(at * 3 + 1)).collect::<Vec<_>>());
        let (mut wide, mut portable) = (Vec::new(), Vec::new());
        dot_rows(&codes.bytes, &query.values, &mut |_, product| {
            wide.push(product)
        });
        dot_rows_portable(&codes.bytes, &query.values, &mut |_, product| {
            portable.push(product)
        });
        assert_eq!(wide, portable);
        let exact: f32 = (0..100).map(|at| value(at) * value(at * 3 + 1)).sum();
        let mut products = [0.0; 7];
        codes.products(&query, 0, &mut products);
        let scale = (0..100)
            .map(|at| value(at * 3 + 1).abs())
            .fold(0.0, f32::max)
            / 127.0;
        assert!(
            (products[0] * scale - exact).abs() < 0.02 * exact.abs().max(10.0),
            "{} {exact}",
            products[0] * scale
        );
    }
}
