//! Writes model folders of a few thousand random weights, so that the real code runs without a download.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor};
use serde_json::{Value, json};

/// The two families of the architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Bert,
    Roberta,
}

pub(crate) const HIDDEN: usize = 40;
const HEADS: usize = 2;
pub(crate) const INNER: usize = 72;
const LAYERS: usize = 2;
pub(crate) const POSITIONS: usize = 48;
const WORDS: &str = "usinage de precision 5 axes sur inox et aluminium soudage tig tolerie fine fraisage \
                     tournage grande vitesse controle ##s ##e le la";

/// A folder on disk that goes away with the value.
pub(crate) struct TinyModel {
    _folder: tempfile::TempDir,
    pub(crate) path: PathBuf,
}

impl TinyModel {
    /// Writes a model whose weights follow from `seed`.
    pub(crate) fn write(family: Family, seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tiny");
        std::fs::create_dir(&path).unwrap();
        let vocabulary = vocabulary(family);
        write_json(&path.join("config.json"), &config(family, vocabulary.len()));
        write_json(
            &path.join("tokenizer.json"),
            &tokenizer(family, &vocabulary),
        );
        let weights = weights(vocabulary.len(), seed);
        candle_core::safetensors::save(&weights, path.join("model.safetensors")).unwrap();
        Self {
            _folder: folder,
            path,
        }
    }

    /// Changes one field of a JSON file of the folder.
    pub(crate) fn edit(&self, file: &str, field: &str, value: Value) {
        let path = self.path.join(file);
        let mut json: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        json[field] = value;
        write_json(&path, &json);
    }

    /// Adds a JSON file.
    pub(crate) fn add(&self, file: &str, value: &Value) {
        let path = self.path.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        write_json(&path, value);
    }

    /// Replaces one tensor.
    pub(crate) fn replace(&self, name: &str, tensor: Tensor) {
        let path = self.path.join("model.safetensors");
        let mut weights = candle_core::safetensors::load(&path, &Device::Cpu).unwrap();
        weights.insert(name.to_owned(), tensor);
        candle_core::safetensors::save(&weights, &path).unwrap();
    }
}

fn write_json(path: &Path, value: &Value) {
    std::fs::write(path, serde_json::to_vec_pretty(value).unwrap()).unwrap();
}

/// Special tokens first, as the family numbers them.
fn vocabulary(family: Family) -> Vec<String> {
    let special = match family {
        Family::Bert => ["[PAD]", "[UNK]", "[CLS]", "[SEP]"],
        Family::Roberta => ["<s>", "<pad>", "</s>", "<unk>"],
    };
    special
        .into_iter()
        .chain(WORDS.split_whitespace())
        .map(str::to_owned)
        .collect()
}

fn config(family: Family, words: usize) -> Value {
    let (model_type, pad) = match family {
        Family::Bert => ("bert", 0),
        Family::Roberta => ("xlm-roberta", 1),
    };
    json!({
        "model_type": model_type, "vocab_size": words, "hidden_size": HIDDEN, "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS, "intermediate_size": INNER, "hidden_act": "gelu",
        "max_position_embeddings": POSITIONS, "type_vocab_size": 2, "layer_norm_eps": 1e-12,
        "pad_token_id": pad, "position_embedding_type": "absolute",
    })
}

/// A word-piece tokenizer that pads everything to 128 and cuts at 8, as if to mislead.
fn tokenizer(family: Family, vocabulary: &[String]) -> Value {
    let ids: HashMap<&str, usize> = vocabulary
        .iter()
        .enumerate()
        .map(|(i, w)| (w.as_str(), i))
        .collect();
    let (first, last, unknown, pad) = match family {
        Family::Bert => ("[CLS]", "[SEP]", "[UNK]", "[PAD]"),
        Family::Roberta => ("<s>", "</s>", "<unk>", "<pad>"),
    };
    let special = |token: &str| json!({ "id": token, "ids": [ids[token]], "tokens": [token] });
    json!({
        "version": "1.0", "added_tokens": [], "decoder": null,
        "truncation": { "direction": "Right", "max_length": 8, "strategy": "LongestFirst", "stride": 0 },
        "padding": { "strategy": { "Fixed": 128 }, "direction": "Right", "pad_to_multiple_of": null,
                     "pad_id": ids[pad], "pad_type_id": 0, "pad_token": pad },
        "normalizer": { "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                        "strip_accents": true, "lowercase": true },
        "pre_tokenizer": { "type": "BertPreTokenizer" },
        "post_processor": {
            "type": "TemplateProcessing", "pair": [{ "Sequence": { "id": "A", "type_id": 0 } }],
            "single": [{ "SpecialToken": { "id": first, "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } },
                       { "SpecialToken": { "id": last, "type_id": 0 } }],
            "special_tokens": { first: special(first), last: special(last) },
        },
        "model": { "type": "WordPiece", "unk_token": unknown, "continuing_subword_prefix": "##",
                   "max_input_chars_per_word": 100, "vocab": ids },
    })
}

fn weights(words: usize, seed: u64) -> HashMap<String, Tensor> {
    let mut random = Random(seed);
    let mut weights = HashMap::new();
    let mut add = |name: String, shape: &[usize], centre: f32| {
        let size = shape.iter().product();
        let values: Vec<f32> = (0..size).map(|_| centre + random.next()).collect();
        weights.insert(name, Tensor::from_vec(values, shape, &Device::Cpu).unwrap());
    };
    for (table, rows) in [("word", words), ("position", POSITIONS), ("token_type", 2)] {
        add(
            format!("embeddings.{table}_embeddings.weight"),
            &[rows, HIDDEN],
            0.0,
        );
    }
    let mut norms = vec!["embeddings.LayerNorm".to_owned()];
    for layer in 0..LAYERS {
        let name = |part: &str| format!("encoder.layer.{layer}.{part}");
        norms.extend([name("attention.output.LayerNorm"), name("output.LayerNorm")]);
        for (part, depth, columns) in [
            ("attention.self.query", HIDDEN, HIDDEN),
            ("attention.self.key", HIDDEN, HIDDEN),
            ("attention.self.value", HIDDEN, HIDDEN),
            ("attention.output.dense", HIDDEN, HIDDEN),
            ("intermediate.dense", HIDDEN, INNER),
            ("output.dense", INNER, HIDDEN),
        ] {
            add(name(&format!("{part}.weight")), &[columns, depth], 0.0);
            add(name(&format!("{part}.bias")), &[columns], 0.0);
        }
    }
    for norm in norms {
        add(format!("{norm}.weight"), &[HIDDEN], 1.0);
        add(format!("{norm}.bias"), &[HIDDEN], 0.0);
    }
    weights
}

/// Numbers in [-0.5, 0.5) by a linear congruence (Knuth, MMIX).
struct Random(u64);

impl Random {
    fn next(&mut self) -> f32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    }
}
