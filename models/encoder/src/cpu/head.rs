//! The layers that make one number of a pair's first token: dense, tanh, linear. Nogueira and Cho 2019.

use super::elementwise::{sigmoid_all, tanh_all};
use super::integers::IntegerRows;
use super::level::Level;
use super::linear::Linear;
use super::weights::WeightReader;
use crate::folder::Folder;
use crate::{Arithmetic, EncoderError, Relevance};

/// A sequence classification head with one output.
pub(crate) struct Head {
    level: Level,
    dense: Linear,
    weight: Vec<f32>,
    bias: f32,
}

/// Whole names of the head's two layers.
struct Names {
    dense: String,
    out: &'static str,
}

impl Head {
    /// Takes the head's tensors out of safetensors bytes, named as BERT's or as RoBERTa's classifiers name them.
    pub(crate) fn load(folder: &Folder, bytes: &[u8]) -> Result<Self, EncoderError> {
        let reader = WeightReader::new(folder, bytes)?;
        let (width, _) = reader.widths();
        let Some(Names { dense, out }) = Names::find(&reader) else {
            return Err(EncoderError::Unsupported {
                path: folder.path.clone(),
                reason: "it has no classifier, so it is no cross-encoder".to_owned(),
            });
        };
        let weight = reader.tensor(&format!("{dense}.weight"), &[width, width])?;
        let bias = reader.tensor(&format!("{dense}.bias"), &[width])?;
        Ok(Self {
            level: Level::detect(),
            // One row a pair: floats cost nothing here.
            dense: Linear::pack(&weight, bias, width, Arithmetic::Float32),
            weight: reader.tensor(&format!("{out}.weight"), &[1, width])?,
            bias: reader.tensor(&format!("{out}.bias"), &[1])?[0],
        })
    }

    /// What the head makes of each first token: (pairs × width) in.
    pub(crate) fn read(&self, first_tokens: &[Vec<f32>]) -> Vec<Relevance> {
        let mut hidden = vec![0.0; first_tokens.len() * self.weight.len()];
        self.dense.apply(
            self.level,
            &first_tokens.concat(),
            &mut hidden,
            &mut IntegerRows::default(),
        );
        tanh_all(self.level, &mut hidden);
        let logits: Vec<f32> = hidden
            .chunks_exact(self.weight.len())
            .map(|row| self.logit(row))
            .collect();
        let mut probabilities = logits.clone();
        sigmoid_all(self.level, &mut probabilities);
        let pairs = logits.into_iter().zip(probabilities);
        pairs
            .map(|(logit, probability)| Relevance { logit, probability })
            .collect()
    }

    fn logit(&self, row: &[f32]) -> f32 {
        let products = row
            .iter()
            .zip(&self.weight)
            .map(|(&a, &b)| f64::from(a) * f64::from(b));
        (products.sum::<f64>() + f64::from(self.bias)) as f32
    }
}

impl Names {
    fn find(reader: &WeightReader<'_>) -> Option<Self> {
        if reader.has("classifier.out_proj.weight") {
            return Some(Self {
                dense: "classifier.dense".to_owned(),
                out: "classifier.out_proj",
            });
        }
        reader.has("classifier.weight").then(|| Self {
            dense: format!("{}pooler.dense", reader.prefix()),
            out: "classifier",
        })
    }
}
