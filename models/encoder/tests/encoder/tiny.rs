//! Writes model folders of a few thousand random weights, so that the real code runs without a download. It names no candle:
//! tests of other crates, which must not, include it too.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

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

/// Shape and values of tensors, by name.
type Tensors = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

impl TinyModel {
    /// Writes a sentence encoder whose weights follow from `seed`.
    pub(crate) fn write(family: Family, seed: u64) -> Self {
        Self::write_tensors(family, |words| weights(words, &mut Random(seed)))
    }

    /// Writes a cross-encoder whose weights follow from `seed`.
    pub(crate) fn write_cross_encoder(family: Family, seed: u64) -> Self {
        Self::write_tensors(family, |words| classifier(family, words, seed))
    }

    fn write_tensors(family: Family, tensors: impl FnOnce(usize) -> Tensors) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tiny");
        std::fs::create_dir(&path).unwrap();
        let vocabulary = vocabulary(family);
        write_json(&path.join("config.json"), &config(family, vocabulary.len()));
        write_json(
            &path.join("tokenizer.json"),
            &tokenizer(family, &vocabulary),
        );
        save(&tensors(vocabulary.len()), &path.join("model.safetensors"));
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

    /// Replaces one tensor, or adds it.
    pub(crate) fn replace(&self, name: &str, shape: &[usize], values: Vec<f32>) {
        let path = self.path.join("model.safetensors");
        let mut tensors = load(&path);
        tensors.insert(name.to_owned(), (shape.to_vec(), values));
        save(&tensors, &path);
    }

    /// Takes one tensor out.
    pub(crate) fn remove(&self, name: &str) {
        let path = self.path.join("model.safetensors");
        let mut tensors = load(&path);
        tensors.remove(name).unwrap();
        save(&tensors, &path);
    }
}

/// Writes safetensors: the header's length, a JSON header, the bytes of all tensors.
fn save(tensors: &Tensors, path: &Path) {
    let mut header = serde_json::Map::new();
    let mut data: Vec<u8> = Vec::new();
    for (name, (shape, values)) in tensors {
        assert_eq!(shape.iter().product::<usize>(), values.len(), "{name}");
        let start = data.len();
        data.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        let entry = json!({ "dtype": "F32", "shape": shape, "data_offsets": [start, data.len()] });
        header.insert(name.clone(), entry);
    }
    let mut header = serde_json::to_vec(&header).unwrap();
    header.resize(header.len().next_multiple_of(8), b' ');
    let length = (header.len() as u64).to_le_bytes();
    std::fs::write(path, [&length[..], &header, &data].concat()).unwrap();
}

/// Reads what [`save`] wrote.
fn load(path: &Path) -> Tensors {
    let bytes = std::fs::read(path).unwrap();
    let (length, rest) = bytes.split_first_chunk::<8>().unwrap();
    let (header, data) = rest.split_at(u64::from_le_bytes(*length) as usize);
    let header: serde_json::Map<String, Value> = serde_json::from_slice(header).unwrap();
    let number = |value: &Value| value.as_u64().unwrap() as usize;
    let tensor = |(name, entry): (String, Value)| {
        let shape = entry["shape"].as_array().unwrap().iter().map(number);
        let [start, end] = [0, 1].map(|at| number(&entry["data_offsets"][at]));
        let values = data[start..end].chunks_exact(4);
        let values = values.map(|value| f32::from_le_bytes(value.try_into().unwrap()));
        (name, (shape.collect(), values.collect()))
    };
    header.into_iter().map(tensor).collect()
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
    let token =
        |token: &str, kind: u32| json!({ "SpecialToken": { "id": token, "type_id": kind } });
    let text = |name: &str, kind: u32| json!({ "Sequence": { "id": name, "type_id": kind } });
    let pair = match family {
        Family::Bert => vec![
            token(first, 0),
            text("A", 0),
            token(last, 0),
            text("B", 1),
            token(last, 1),
        ],
        Family::Roberta => vec![
            token(first, 0),
            text("A", 0),
            token(last, 0),
            token(last, 0),
            text("B", 0),
            token(last, 0),
        ],
    };
    json!({
        "version": "1.0", "added_tokens": [], "decoder": null,
        "truncation": { "direction": "Right", "max_length": 8, "strategy": "LongestFirst", "stride": 0 },
        "padding": { "strategy": { "Fixed": 128 }, "direction": "Right", "pad_to_multiple_of": null,
                     "pad_id": ids[pad], "pad_type_id": 0, "pad_token": pad },
        "normalizer": { "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                        "strip_accents": true, "lowercase": true },
        "pre_tokenizer": { "type": "BertPreTokenizer" },
        "post_processor": {
            "type": "TemplateProcessing", "pair": pair,
            "single": [token(first, 0), text("A", 0), token(last, 0)],
            "special_tokens": { first: special(first), last: special(last) },
        },
        "model": { "type": "WordPiece", "unk_token": unknown, "continuing_subword_prefix": "##",
                   "max_input_chars_per_word": 100, "vocab": ids },
    })
}

/// The encoder's tensors below the family's name, and the head's.
fn classifier(family: Family, words: usize, seed: u64) -> Tensors {
    let mut random = Random(seed);
    let (prefix, dense, out) = match family {
        Family::Bert => ("bert", "bert.pooler.dense", "classifier"),
        Family::Roberta => ("roberta", "classifier.dense", "classifier.out_proj"),
    };
    let named = |(name, tensor): (String, _)| (format!("{prefix}.{name}"), tensor);
    let mut tensors: Tensors = weights(words, &mut random).into_iter().map(named).collect();
    for (name, columns) in [(dense, HIDDEN), (out, 1)] {
        for (part, shape) in [("weight", vec![columns, HIDDEN]), ("bias", vec![columns])] {
            let size = shape.iter().product();
            let values = (0..size).map(|_| random.next()).collect();
            tensors.insert(format!("{name}.{part}"), (shape, values));
        }
    }
    tensors
}

fn weights(words: usize, random: &mut Random) -> Tensors {
    let mut weights = Tensors::new();
    let mut add = |name: String, shape: &[usize], centre: f32| {
        let size = shape.iter().product();
        let values: Vec<f32> = (0..size).map(|_| centre + random.next()).collect();
        weights.insert(name, (shape.to_vec(), values));
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
