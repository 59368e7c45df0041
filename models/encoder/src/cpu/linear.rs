//! A linear layer in either arithmetic.

use super::integer_product::{IntegerPanels, integer_product};
use super::integers::IntegerRows;
use super::level::Level;
use super::product::{Out, Panels, Rows, pack, product};
use crate::Arithmetic;

/// A linear layer, packed.
pub(super) enum Linear {
    /// With 32-bit floats.
    Float32(FloatLinear),
    /// With 16-bit integers.
    Int16(IntegerPanels),
}

/// Weights and bias as they are.
pub(super) struct FloatLinear {
    packed: Vec<f32>,
    bias: Vec<f32>,
    depth: usize,
}

impl Linear {
    /// Packs a (columns × depth) matrix, as PyTorch stores it.
    pub(super) fn pack(
        weight: &[f32],
        bias: Vec<f32>,
        depth: usize,
        arithmetic: Arithmetic,
    ) -> Self {
        match arithmetic {
            Arithmetic::Float32 => Self::Float32(FloatLinear {
                packed: pack(weight, bias.len(), depth),
                bias,
                depth,
            }),
            Arithmetic::Int16 => Self::Int16(IntegerPanels::pack(weight, &bias, depth)),
        }
    }

    /// Length of an output row.
    pub(super) fn columns(&self) -> usize {
        match self {
            Self::Float32(linear) => linear.bias.len(),
            Self::Int16(panels) => panels.columns(),
        }
    }

    /// Applies the layer to rows of `depth` values: (rows × depth) in, (rows × columns) out.
    pub(super) fn apply(
        &self,
        level: Level,
        input: &[f32],
        output: &mut [f32],
        integers: &mut IntegerRows,
    ) {
        let out = Out {
            values: output,
            stride: self.columns(),
        };
        match self {
            Self::Float32(linear) => {
                let left = Rows {
                    values: input,
                    stride: linear.depth,
                    count: input.len() / linear.depth,
                };
                product(level, left, linear.panels(), out);
            }
            Self::Int16(panels) => {
                integers.fill(level, input, panels.depth());
                integer_product(level, integers, panels, out);
            }
        }
    }
}

impl FloatLinear {
    fn panels(&self) -> Panels<'_> {
        Panels {
            values: &self.packed,
            depth: self.depth,
            columns: self.bias.len(),
            bias: Some(&self.bias),
        }
    }
}
