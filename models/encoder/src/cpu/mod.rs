//! The forward pass on the CPU: packed weights, packed tokens, no padding, and no sum whose order depends on anything.
//!
//! Every float is one chain of fused multiply-adds in a fixed order, whatever the batch, the thread and the width of the
//! vector registers; sums of integer products are exact, so that their order is free. So a text's vector is the same, bit
//! for bit, alone or in a batch of thousands, and on every processor: the identity of a snapshot rests on that.

mod attention;
mod elementwise;
mod head;
mod instructions;
mod integer_product;
mod integers;
mod level;
mod linear;
mod model;
mod product;
#[cfg(test)]
mod tests;
mod weights;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(crate) use head::Head;
pub(crate) use model::{CpuModel, Sequence};
