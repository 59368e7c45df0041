//! One bit per value of a rotated vector, and what 64 of them give with a query: RaBitQ (Gao and Long, SIGMOD 2024) over the
//! table look-ups of PQ fast scan (André, Kermarrec, Le Scouarnec, VLDB 2015). Sums are integers: exact on every machine.

/// Vectors of a block.
pub(crate) const BLOCK: usize = 64;
/// Most that one look-up adds: two of them fit a byte.
const MOST: f32 = 127.0;

/// Bytes of a block of vectors of `padded` values.
pub(crate) fn block_bytes(padded: usize) -> usize {
    BLOCK * padded / 8
}

/// Writes the signs of `rotated` as vector `at` of `block`. Each byte has two groups of four values: the vectors' first
/// eight values come first, 64 bytes, then their next eight.
pub(crate) fn write_signs(rotated: &[f32], at: usize, block: &mut [u8]) {
    for (eight, bytes) in rotated.chunks_exact(8).zip(block.chunks_exact_mut(BLOCK)) {
        bytes[at] = eight
            .iter()
            .enumerate()
            .fold(0, |byte, (bit, value)| byte | u8::from(*value > 0.0) << bit);
    }
}

/// What each group of four signs gives with a query.
#[derive(Debug, Clone)]
pub(crate) struct Tables {
    /// 16 entries per group of four values.
    entries: Vec<u8>,
    step: f32,
    least: f32,
}

impl Tables {
    /// The tables of a `rotated` query.
    pub(crate) fn new(rotated: &[f32]) -> Self {
        let groups = rotated.as_chunks::<4>().0;
        let reach = |group: &[f32; 4]| group.iter().map(|value| value.abs()).sum::<f32>();
        let most = groups.iter().map(reach).fold(f32::MIN_POSITIVE, f32::max);
        let step = 2.0 * most / MOST;
        let mut entries = Vec::with_capacity(groups.len() * 16);
        for group in groups {
            let low = -reach(group);
            for signs in 0..16 {
                let sum: f32 = (0..4)
                    .map(|bit| {
                        if signs >> bit & 1 == 1 {
                            group[bit]
                        } else {
                            -group[bit]
                        }
                    })
                    .sum();
                entries.push(((sum - low) / step).round() as u8);
            }
        }
        let least = -groups.iter().map(reach).sum::<f32>();
        Self {
            entries,
            step,
            least,
        }
    }

    /// The product of the query with each vector of signs of `block`.
    #[inline]
    pub(crate) fn products(&self, block: &[u8], products: &mut [f32; BLOCK]) {
        let mut sums = [0_u16; BLOCK];
        add(&self.entries, block, &mut sums);
        for (product, sum) in products.iter_mut().zip(sums) {
            *product = f32::from(sum) * self.step + self.least;
        }
    }
}

#[inline]
fn add(entries: &[u8], block: &[u8], sums: &mut [u16; BLOCK]) {
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx512bw") {
            // SAFETY: the feature was just found on this machine.
            return unsafe { add_avx512(entries, block, sums) };
        }
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the feature was just found on this machine.
            return unsafe { add_avx2(entries, block, sums) };
        }
    }
    add_portable(entries, block, sums);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw")]
fn add_avx512(entries: &[u8], block: &[u8], sums: &mut [u16; BLOCK]) {
    use std::arch::x86_64::*;
    let nibble = _mm512_set1_epi8(0x0f);
    let (mut even, mut odd) = (_mm512_setzero_si512(), _mm512_setzero_si512());
    for (codes, tables) in block
        .as_chunks::<BLOCK>()
        .0
        .iter()
        .zip(entries.as_chunks::<32>().0)
    {
        // SAFETY: the arrays have the 64 and 2 × 16 bytes that are read.
        let (codes, low, high) = unsafe {
            (
                _mm512_loadu_si512(codes.as_ptr().cast()),
                _mm512_broadcast_i32x4(_mm_loadu_si128(tables.as_ptr().cast())),
                _mm512_broadcast_i32x4(_mm_loadu_si128(tables.as_ptr().add(16).cast())),
            )
        };
        let low = _mm512_shuffle_epi8(low, _mm512_and_si512(codes, nibble));
        let high = _mm512_shuffle_epi8(
            high,
            _mm512_and_si512(_mm512_srli_epi16::<4>(codes), nibble),
        );
        let both = _mm512_add_epi8(low, high);
        even = _mm512_add_epi16(even, _mm512_and_si512(both, _mm512_set1_epi16(0xff)));
        odd = _mm512_add_epi16(odd, _mm512_srli_epi16::<8>(both));
    }
    let (mut evens, mut odds) = ([0_u16; 32], [0_u16; 32]);
    // SAFETY: the arrays have the 64 bytes that are written.
    unsafe {
        _mm512_storeu_si512(evens.as_mut_ptr().cast(), even);
        _mm512_storeu_si512(odds.as_mut_ptr().cast(), odd);
    }
    interleave(&evens, &odds, sums);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn add_avx2(entries: &[u8], block: &[u8], sums: &mut [u16; BLOCK]) {
    use std::arch::x86_64::*;
    let nibble = _mm256_set1_epi8(0x0f);
    for half in 0..2 {
        let (mut even, mut odd) = (_mm256_setzero_si256(), _mm256_setzero_si256());
        for (codes, tables) in block
            .as_chunks::<BLOCK>()
            .0
            .iter()
            .zip(entries.as_chunks::<32>().0)
        {
            // SAFETY: half a block is 32 bytes, and a table 16.
            let (codes, low, high) = unsafe {
                (
                    _mm256_loadu_si256(codes.as_ptr().add(32 * half).cast()),
                    _mm256_broadcastsi128_si256(_mm_loadu_si128(tables.as_ptr().cast())),
                    _mm256_broadcastsi128_si256(_mm_loadu_si128(tables.as_ptr().add(16).cast())),
                )
            };
            let low = _mm256_shuffle_epi8(low, _mm256_and_si256(codes, nibble));
            let high = _mm256_shuffle_epi8(
                high,
                _mm256_and_si256(_mm256_srli_epi16::<4>(codes), nibble),
            );
            let both = _mm256_add_epi8(low, high);
            even = _mm256_add_epi16(even, _mm256_and_si256(both, _mm256_set1_epi16(0xff)));
            odd = _mm256_add_epi16(odd, _mm256_srli_epi16::<8>(both));
        }
        let (mut evens, mut odds) = ([0_u16; 16], [0_u16; 16]);
        // SAFETY: the arrays have the 32 bytes that are written.
        unsafe {
            _mm256_storeu_si256(evens.as_mut_ptr().cast(), even);
            _mm256_storeu_si256(odds.as_mut_ptr().cast(), odd);
        }
        interleave(&evens, &odds, &mut sums[32 * half..]);
    }
}

#[inline(always)]
fn interleave(evens: &[u16], odds: &[u16], sums: &mut [u16]) {
    for ((pair, even), odd) in sums.chunks_exact_mut(2).zip(evens).zip(odds) {
        (pair[0], pair[1]) = (*even, *odd);
    }
}

fn add_portable(entries: &[u8], block: &[u8], sums: &mut [u16; BLOCK]) {
    for (codes, tables) in block
        .as_chunks::<BLOCK>()
        .0
        .iter()
        .zip(entries.as_chunks::<32>().0)
    {
        for (sum, code) in sums.iter_mut().zip(codes) {
            *sum += u16::from(tables[usize::from(code & 0x0f)])
                + u16::from(tables[16 + usize::from(code >> 4)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_register_gives_the_same_sums() {
        let query: Vec<f32> = (0..128)
            .map(|at| ((at * 53 % 97) as f32 - 48.0) / 400.0)
            .collect();
        let tables = Tables::new(&query);
        let mut block = vec![0_u8; block_bytes(128)];
        let rows: Vec<Vec<f32>> = (0..BLOCK)
            .map(|row| {
                (0..128)
                    .map(|at| ((row * 31 + at * 37) % 101) as f32 - 50.0)
                    .collect()
            })
            .collect();
        rows.iter()
            .enumerate()
            .for_each(|(at, row)| write_signs(row, at, &mut block));
        let (mut sums, mut portable) = ([0; BLOCK], [0; BLOCK]);
        add(&tables.entries, &block, &mut sums);
        add_portable(&tables.entries, &block, &mut portable);
        assert_eq!(sums, portable);
        let mut products = [0.0; BLOCK];
        tables.products(&block, &mut products);
        for (row, product) in rows.iter().zip(products) {
            let exact: f32 = row
                .iter()
                .zip(&query)
                .map(|(value, query)| if *value > 0.0 { *query } else { -*query })
                .sum();
            assert!((exact - product).abs() < 0.1, "{exact} {product}");
        }
    }
}
