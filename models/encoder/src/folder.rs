//! Reads a model folder: `config.json` and the sentence-transformers files beside it.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::{Arithmetic, EncoderError, EncoderSettings, Pooling};

/// Length at which texts are cut where the model does not say.
const DEFAULT_MAX_TOKENS: usize = 256;

/// The families that differ in how positions are numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// BERT: positions from 0.
    Bert,
    /// RoBERTa, XLM-RoBERTa and CamemBERT: positions from `pad_token_id` + 1.
    Roberta,
}

/// The activation between the two dense layers of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Activation {
    /// The exact GELU, by the error function.
    #[serde(rename = "gelu")]
    Gelu,
    /// The GELU approximated by tanh.
    #[serde(
        rename = "gelu_new",
        alias = "gelu_pytorch_tanh",
        alias = "gelu_approximate"
    )]
    GeluTanh,
    /// max(x, 0).
    #[serde(rename = "relu")]
    Relu,
}

/// The fields of `config.json` that the forward pass needs.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Config {
    pub(crate) model_type: String,
    pub(crate) vocab_size: usize,
    pub(crate) hidden_size: usize,
    pub(crate) num_hidden_layers: usize,
    pub(crate) num_attention_heads: usize,
    pub(crate) intermediate_size: usize,
    pub(crate) hidden_act: Activation,
    pub(crate) max_position_embeddings: usize,
    pub(crate) type_vocab_size: usize,
    pub(crate) layer_norm_eps: f64,
    #[serde(default)]
    pub(crate) pad_token_id: usize,
    #[serde(default = "absolute")]
    position_embedding_type: String,
}

fn absolute() -> String {
    "absolute".to_owned()
}

/// A model folder that was read and found consistent; the weights are still on disk.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    pub(crate) name: String,
    pub(crate) config: Config,
    pub(crate) family: Family,
    pub(crate) pooling: Pooling,
    pub(crate) max_tokens: usize,
}

/// The bytes of `model.safetensors`, and their sha256 in hexadecimal.
pub(crate) struct Weights {
    pub(crate) bytes: Vec<u8>,
    sha256: String,
}

impl Folder {
    /// Reads the JSON files of `path` and settles pooling and length.
    pub(crate) fn read(path: &Path, settings: &EncoderSettings) -> Result<Self, EncoderError> {
        settings.check()?;
        let config: Config = read_json(&path.join("config.json"))?;
        let unsupported = |reason: String| EncoderError::Unsupported {
            path: path.into(),
            reason,
        };
        let family = match config.model_type.as_str() {
            "bert" => Family::Bert,
            "xlm-roberta" | "roberta" | "camembert" => Family::Roberta,
            other => return Err(unsupported(format!("model_type {other:?}"))),
        };
        if config.position_embedding_type != absolute() {
            let kind = &config.position_embedding_type;
            return Err(unsupported(format!("position_embedding_type {kind:?}")));
        }
        let heads = config.num_attention_heads;
        if heads == 0 || config.hidden_size == 0 || !config.hidden_size.is_multiple_of(heads) {
            let width = config.hidden_size;
            return Err(unsupported(format!(
                "{heads} attention heads over {width} values"
            )));
        }
        check_modules(path)?;
        let pooling = match settings.pooling {
            Some(pooling) => pooling,
            None => read_pooling(path, config.hidden_size)?,
        };
        let max_tokens = settle_max_tokens(path, settings, &config, family)?;
        let name = path
            .file_name()
            .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        Ok(Self {
            path: path.into(),
            name,
            config,
            family,
            pooling,
            max_tokens,
        })
    }

    /// The path of a file of the folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Reads the weights, and refuses others than those asked for.
    pub(crate) fn weights(&self, settings: &EncoderSettings) -> Result<Weights, EncoderError> {
        let path = self.file("model.safetensors");
        let bytes = read_bytes(&path)?;
        let digest = Sha256::digest(&bytes);
        let sha256: String = digest.iter().map(|b| format!("{b:02x}")).collect();
        match &settings.weights_sha256 {
            Some(wanted) if !wanted.eq_ignore_ascii_case(&sha256) => Err(EncoderError::Checksum {
                path,
                wanted: wanted.clone(),
                found: sha256,
            }),
            _ => Ok(Weights { bytes, sha256 }),
        }
    }

    /// What names the model: folder, weights, arithmetic.
    pub(crate) fn id(&self, weights: &Weights, arithmetic: Arithmetic) -> String {
        let digest = &weights.sha256[..12];
        format!("{}@{digest}{}", self.name, arithmetic.mark())
    }

    /// The position embedding of the first token.
    pub(crate) fn first_position(&self) -> usize {
        first_position(&self.config, self.family)
    }
}

fn first_position(config: &Config, family: Family) -> usize {
    match family {
        Family::Bert => 0,
        Family::Roberta => config.pad_token_id + 1,
    }
}

/// Reads the whole of a file of the model.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, EncoderError> {
    std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => EncoderError::Missing { path: path.into() },
        _ => EncoderError::Unreadable {
            path: path.into(),
            reason: error.to_string(),
        },
    })
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, EncoderError> {
    serde_json::from_slice(&read_bytes(path)?).map_err(|e| EncoderError::Unreadable {
        path: path.into(),
        reason: e.to_string(),
    })
}

fn read_optional_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, EncoderError> {
    match read_json(path) {
        Err(EncoderError::Missing { .. }) => Ok(None),
        other => other.map(Some),
    }
}

/// Refuses sentence-transformers modules that would change the vector (a dense layer, for instance).
fn check_modules(path: &Path) -> Result<(), EncoderError> {
    #[derive(Deserialize)]
    struct Module {
        #[serde(rename = "type")]
        kind: String,
    }
    let modules: Vec<Module> = read_optional_json(&path.join("modules.json"))?.unwrap_or_default();
    for Module { kind } in modules {
        let name = kind.rsplit('.').next().unwrap_or_default();
        if !["Transformer", "Pooling", "Normalize"].contains(&name) {
            let reason = format!("module {kind:?}");
            return Err(EncoderError::Unsupported {
                path: path.into(),
                reason,
            });
        }
    }
    Ok(())
}

fn read_pooling(path: &Path, width: usize) -> Result<Pooling, EncoderError> {
    #[derive(Deserialize)]
    struct PoolingConfig {
        word_embedding_dimension: usize,
        #[serde(default)]
        pooling_mode_cls_token: bool,
        #[serde(default)]
        pooling_mode_mean_tokens: bool,
    }
    let file = path.join("1_Pooling/config.json");
    let Some(config) = read_optional_json::<PoolingConfig>(&file)? else {
        return Ok(Pooling::Mean);
    };
    if config.word_embedding_dimension != width {
        return Err(EncoderError::Dimension {
            what: "word_embedding_dimension of 1_Pooling/config.json".to_owned(),
            wanted: width,
            found: config.word_embedding_dimension,
        });
    }
    match (
        config.pooling_mode_cls_token,
        config.pooling_mode_mean_tokens,
    ) {
        (true, false) => Ok(Pooling::Cls),
        (false, true) => Ok(Pooling::Mean),
        _ => Err(EncoderError::Unsupported {
            path: path.into(),
            reason: "pooling is neither the mean nor the first token".to_owned(),
        }),
    }
}

fn settle_max_tokens(
    path: &Path,
    settings: &EncoderSettings,
    config: &Config,
    family: Family,
) -> Result<usize, EncoderError> {
    #[derive(Deserialize)]
    struct SentenceConfig {
        max_seq_length: Option<usize>,
    }
    let positions = config
        .max_position_embeddings
        .saturating_sub(first_position(config, family));
    let refuse = |value: usize| EncoderError::Setting {
        name: "max_tokens",
        value: value.to_string(),
        reason: "it must be 2 or more and at most the positions of the model",
    };
    let found = match settings.max_tokens {
        Some(wanted) if wanted > positions => return Err(refuse(wanted)),
        Some(wanted) => wanted,
        None => read_optional_json::<SentenceConfig>(&path.join("sentence_bert_config.json"))?
            .and_then(|c| c.max_seq_length)
            .unwrap_or(DEFAULT_MAX_TOKENS)
            .min(positions),
    };
    if found < 2 {
        Err(refuse(found))
    } else {
        Ok(found)
    }
}
