//! Takes the tensors of a BERT-family model out of a safetensors file.

use candle_core::safetensors::SliceSafetensors;
use candle_core::{DType, Device};

use super::elementwise::Norm;
use crate::EncoderError;
use crate::folder::Folder;

/// Reads tensors by name, and checks their sizes and that they are finite.
pub(super) struct WeightReader<'a> {
    folder: &'a Folder,
    tensors: SliceSafetensors<'a>,
    prefix: &'static str,
}

impl<'a> WeightReader<'a> {
    /// Opens safetensors bytes; tensors may be named plainly or below `bert.` or `roberta.`.
    pub(super) fn new(folder: &'a Folder, bytes: &'a [u8]) -> Result<Self, EncoderError> {
        let tensors =
            SliceSafetensors::new(bytes).map_err(|error| unreadable(folder, error.to_string()))?;
        let is_there = |prefix: &&str| {
            tensors
                .get(&format!("{prefix}embeddings.word_embeddings.weight"))
                .is_ok()
        };
        let prefix = ["", "bert.", "roberta."]
            .into_iter()
            .find(is_there)
            .unwrap_or_default();
        Ok(Self {
            folder,
            tensors,
            prefix,
        })
    }

    /// The values of a tensor of the encoder, of this shape, as 32-bit floats.
    pub(super) fn values(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, EncoderError> {
        self.tensor(&format!("{}{name}", self.prefix), shape)
    }

    /// Whether the file has a tensor of this whole name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.tensors.get(name).is_ok()
    }

    /// What stands before the names of the encoder's tensors.
    pub(super) fn prefix(&self) -> &'static str {
        self.prefix
    }

    /// The values of the tensor of this whole name and of this shape, as 32-bit floats.
    pub(super) fn tensor(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, EncoderError> {
        let failed =
            |error: candle_core::Error| unreadable(self.folder, format!("{name}: {error}"));
        let tensor = self.tensors.load(name, &Device::Cpu).map_err(failed)?;
        if tensor.rank() != shape.len() {
            let reason = format!("{name} has {} axes, wanted {}", tensor.rank(), shape.len());
            return Err(unreadable(self.folder, reason));
        }
        for (axis, (&found, &wanted)) in tensor.dims().iter().zip(shape).enumerate() {
            if found != wanted {
                let what = format!("axis {axis} of tensor {name}");
                return Err(EncoderError::Dimension {
                    what,
                    wanted,
                    found,
                });
            }
        }
        let tensor = tensor
            .to_dtype(DType::F32)
            .and_then(|t| t.flatten_all())
            .map_err(failed)?;
        let values: Vec<f32> = tensor.to_vec1().map_err(failed)?;
        match values.iter().all(|value| value.is_finite()) {
            true => Ok(values),
            false => Err(unreadable(
                self.folder,
                format!("{name} holds NaN or infinity"),
            )),
        }
    }

    /// Number of layers of the model.
    pub(super) fn layers(&self) -> usize {
        self.folder.config.num_hidden_layers
    }

    /// Width of the hidden state, and of the layer between the two dense ones of a block.
    pub(super) fn widths(&self) -> (usize, usize) {
        let config = &self.folder.config;
        (config.hidden_size, config.intermediate_size)
    }

    /// Weight (columns × depth) and bias of layers that read the same input, side by side as one.
    pub(super) fn linear(
        &self,
        names: &[String],
        depth: usize,
        columns: usize,
    ) -> Result<(Vec<f32>, Vec<f32>), EncoderError> {
        let (mut weight, mut bias) = (Vec::new(), Vec::new());
        for name in names {
            weight.extend(self.values(&format!("{name}.weight"), &[columns, depth])?);
            bias.extend(self.values(&format!("{name}.bias"), &[columns])?);
        }
        Ok((weight, bias))
    }

    /// A layer normalisation over the hidden width.
    pub(super) fn norm(&self, name: &str) -> Result<Norm, EncoderError> {
        let config = &self.folder.config;
        Ok(Norm {
            scale: self.values(&format!("{name}.weight"), &[config.hidden_size])?,
            shift: self.values(&format!("{name}.bias"), &[config.hidden_size])?,
            epsilon: config.layer_norm_eps as f32,
        })
    }
}

fn unreadable(folder: &Folder, reason: String) -> EncoderError {
    EncoderError::Unreadable {
        path: folder.file("model.safetensors"),
        reason,
    }
}
