//! Runs candle's stock models: the GPU path, and the reference that the CPU path is tested against.

use candle_core::{DType, Device as CandleDevice, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::{bert, xlm_roberta};

use crate::folder::{Activation, Config, Family, Folder};
use crate::{Device, EncoderError, Pooling};

/// A stock model on its device.
pub(crate) struct CandleModel {
    model: Model,
    device: CandleDevice,
    name: String,
    pooling: Pooling,
}

enum Model {
    Bert(Box<bert::BertModel>),
    Roberta(Box<xlm_roberta::XLMRobertaModel>),
}

impl CandleModel {
    /// Loads safetensors bytes as 32-bit floats.
    pub(crate) fn load(
        folder: &Folder,
        weights: Vec<u8>,
        on: Device,
    ) -> Result<Self, EncoderError> {
        let device = open(on)?;
        let unreadable = |error: candle_core::Error| EncoderError::Unreadable {
            path: folder.file("model.safetensors"),
            reason: error.to_string(),
        };
        let vars = VarBuilder::from_buffered_safetensors(weights, DType::F32, &device)
            .map_err(unreadable)?;
        let model = match folder.family {
            Family::Bert => bert::BertModel::load(vars, &bert_config(&folder.config))
                .map(|model| Model::Bert(Box::new(model))),
            Family::Roberta => {
                let vars = match vars.contains_tensor("roberta.embeddings.word_embeddings.weight") {
                    true => vars.pp("roberta"),
                    false => vars,
                };
                xlm_roberta::XLMRobertaModel::new(&roberta_config(&folder.config), vars)
                    .map(|model| Model::Roberta(Box::new(model)))
            }
        }
        .map_err(unreadable)?;
        Ok(Self {
            model,
            device,
            name: format!("{on:?}"),
            pooling: folder.pooling,
        })
    }

    /// Vectors, not normalised, of texts that all have the same number of tokens.
    pub(crate) fn forward(&self, texts: &[&[u32]]) -> Result<Vec<Vec<f32>>, EncoderError> {
        self.run(texts).map_err(|error| EncoderError::Device {
            device: self.name.clone(),
            reason: error.to_string(),
        })
    }

    fn run(&self, texts: &[&[u32]]) -> candle_core::Result<Vec<Vec<f32>>> {
        let length = texts.first().map_or(0, |ids| ids.len());
        let ids = Tensor::from_vec(texts.concat(), (texts.len(), length), &self.device)?;
        let kinds = ids.zeros_like()?;
        let hidden = match &self.model {
            Model::Bert(model) => model.forward(&ids, &kinds, None)?,
            Model::Roberta(model) => {
                let mask = ids.ones_like()?;
                model.forward(&ids, &mask, &kinds, None, None, None)?
            }
        };
        match self.pooling {
            Pooling::Mean => hidden.mean(1)?,
            Pooling::Cls => hidden.narrow(1, 0, 1)?.squeeze(1)?,
        }
        .to_vec2()
    }
}

fn open(device: Device) -> Result<CandleDevice, EncoderError> {
    match device {
        Device::Cpu | Device::CandleCpu => Ok(CandleDevice::Cpu),
        Device::Cuda(ordinal) => {
            CandleDevice::new_cuda(ordinal).map_err(|error| EncoderError::Device {
                device: format!("cuda:{ordinal}"),
                reason: error.to_string(),
            })
        }
    }
}

fn bert_config(config: &Config) -> bert::Config {
    bert::Config {
        vocab_size: config.vocab_size,
        hidden_size: config.hidden_size,
        num_hidden_layers: config.num_hidden_layers,
        num_attention_heads: config.num_attention_heads,
        intermediate_size: config.intermediate_size,
        hidden_act: match config.hidden_act {
            Activation::Gelu => bert::HiddenAct::Gelu,
            Activation::GeluTanh => bert::HiddenAct::GeluApproximate,
            Activation::Relu => bert::HiddenAct::Relu,
        },
        max_position_embeddings: config.max_position_embeddings,
        type_vocab_size: config.type_vocab_size,
        layer_norm_eps: config.layer_norm_eps,
        pad_token_id: config.pad_token_id,
        ..Default::default()
    }
}

fn roberta_config(config: &Config) -> xlm_roberta::Config {
    xlm_roberta::Config {
        vocab_size: config.vocab_size,
        hidden_size: config.hidden_size,
        num_hidden_layers: config.num_hidden_layers,
        num_attention_heads: config.num_attention_heads,
        intermediate_size: config.intermediate_size,
        hidden_act: match config.hidden_act {
            Activation::Gelu => candle_nn::Activation::Gelu,
            Activation::GeluTanh => candle_nn::Activation::NewGelu,
            Activation::Relu => candle_nn::Activation::Relu,
        },
        max_position_embeddings: config.max_position_embeddings,
        type_vocab_size: config.type_vocab_size,
        layer_norm_eps: config.layer_norm_eps,
        pad_token_id: config.pad_token_id as u32,
        position_embedding_type: "absolute".to_owned(),
        attention_probs_dropout_prob: 0.0,
        hidden_dropout_prob: 0.0,
    }
}
