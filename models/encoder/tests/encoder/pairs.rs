//! What a cross-encoder says: the logits of candle's own modules, the same in any company, all or none.

use std::sync::atomic::{AtomicUsize, Ordering};

use candle_core::{DType, Device as CandleDevice, Module, Tensor};
use candle_nn::{VarBuilder, linear};
use candle_transformers::models::{bert, xlm_roberta};
use encoder::{
    Arithmetic, CrossEncoder, Device, Encoder, EncoderError, EncoderSettings, Relevance,
};
use proptest::prelude::*;
use serde_json::json;
use tokenizers::{Tokenizer, TruncationParams};

use crate::tiny::{Family, HIDDEN, INNER, POSITIONS, TinyModel};

const FAMILIES: [Family; 2] = [Family::Bert, Family::Roberta];

const WORDS: [&str; 9] = [
    "usinage",
    "de",
    "précision",
    "5",
    "axes",
    "inconnu",
    "Tôlerie",
    "inox",
    "soudages",
];

/// Pairs of all sorts of lengths, from none to beyond the limit, in no order.
fn pairs() -> Vec<(String, String)> {
    let text = |seed: usize, length: usize| -> String {
        let words: Vec<_> = (0..length)
            .map(|k| WORDS[(seed + k * k) % WORDS.len()])
            .collect();
        words.join(" ")
    };
    (0..60)
        .map(|i| (text(i, i * 7 % 11), text(i + 3, i * 37 % 60)))
        .collect()
}

fn borrowed(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    let pairs = pairs.iter();
    pairs
        .map(|(query, text)| (query.as_str(), text.as_str()))
        .collect()
}

fn settings(arithmetic: Arithmetic) -> EncoderSettings {
    EncoderSettings {
        arithmetic: Some(arithmetic),
        ..Default::default()
    }
}

fn bits(relevances: &[Relevance]) -> Vec<(u32, u32)> {
    let bits = |relevance: &Relevance| (relevance.logit.to_bits(), relevance.probability.to_bits());
    relevances.iter().map(bits).collect()
}

/// The logits by candle's stock modules, a pair at a time, tokens by the tokenizer itself.
struct Reference {
    tokenizer: Tokenizer,
    model: Stock,
}

enum Stock {
    Bert(bert::BertModel, candle_nn::Linear, candle_nn::Linear),
    Roberta(xlm_roberta::XLMRobertaForSequenceClassification),
}

impl Reference {
    fn load(model: &TinyModel, family: Family) -> Self {
        let path = model.path.join("tokenizer.json");
        let mut tokenizer = Tokenizer::from_file(path).unwrap();
        tokenizer.with_padding(None);
        let max_length = match family {
            Family::Bert => POSITIONS,
            Family::Roberta => POSITIONS - 2,
        };
        let truncation = TruncationParams {
            max_length,
            ..Default::default()
        };
        tokenizer.with_truncation(Some(truncation)).unwrap();
        let bytes = std::fs::read(model.path.join("model.safetensors")).unwrap();
        let device = CandleDevice::Cpu;
        let vars = VarBuilder::from_buffered_safetensors(bytes, DType::F32, &device).unwrap();
        let words = tokenizer.get_vocab_size(true);
        let model = match family {
            Family::Bert => Stock::Bert(
                bert::BertModel::load(vars.pp("bert"), &bert_config(words)).unwrap(),
                linear(HIDDEN, HIDDEN, vars.pp("bert.pooler.dense")).unwrap(),
                linear(HIDDEN, 1, vars.pp("classifier")).unwrap(),
            ),
            Family::Roberta => Stock::Roberta(
                xlm_roberta::XLMRobertaForSequenceClassification::new(
                    1,
                    &roberta_config(words),
                    vars,
                )
                .unwrap(),
            ),
        };
        Self { tokenizer, model }
    }

    fn logit(&self, (query, text): (&str, &str)) -> f32 {
        let encoding = self.tokenizer.encode((query, text), true).unwrap();
        let row = |values: &[u32]| {
            Tensor::from_vec(values.to_vec(), (1, values.len()), &CandleDevice::Cpu).unwrap()
        };
        let (ids, kinds) = (row(encoding.get_ids()), row(encoding.get_type_ids()));
        let logits = match &self.model {
            Stock::Bert(model, pooler, classifier) => {
                let hidden = model.forward(&ids, &kinds, None).unwrap();
                let first = hidden.narrow(1, 0, 1).unwrap().squeeze(1).unwrap();
                let pooled = pooler.forward(&first).unwrap().tanh().unwrap();
                classifier.forward(&pooled).unwrap()
            }
            Stock::Roberta(model) => {
                let mask = ids.ones_like().unwrap();
                model.forward(&ids, &mask, &kinds).unwrap()
            }
        };
        logits.to_vec2::<f32>().unwrap()[0][0]
    }
}

fn bert_config(words: usize) -> bert::Config {
    bert::Config {
        vocab_size: words,
        hidden_size: HIDDEN,
        num_hidden_layers: 2,
        num_attention_heads: 2,
        intermediate_size: INNER,
        max_position_embeddings: POSITIONS,
        ..Default::default()
    }
}

fn roberta_config(words: usize) -> xlm_roberta::Config {
    xlm_roberta::Config {
        vocab_size: words,
        hidden_size: HIDDEN,
        num_hidden_layers: 2,
        num_attention_heads: 2,
        intermediate_size: INNER,
        hidden_act: candle_nn::Activation::Gelu,
        max_position_embeddings: POSITIONS,
        type_vocab_size: 2,
        layer_norm_eps: 1e-12,
        pad_token_id: 1,
        position_embedding_type: "absolute".to_owned(),
        attention_probs_dropout_prob: 0.0,
        hidden_dropout_prob: 0.0,
    }
}

#[test]
fn logits_are_those_of_candles_own_modules() {
    for family in FAMILIES {
        let model = TinyModel::write_cross_encoder(family, 11);
        let reference = Reference::load(&model, family);
        let pairs = pairs();
        let pairs = borrowed(&pairs);
        let wanted: Vec<f32> = pairs.iter().map(|pair| reference.logit(*pair)).collect();
        let spread = wanted.iter().copied().fold(f32::NEG_INFINITY, f32::max)
            - wanted.iter().copied().fold(f32::INFINITY, f32::min);
        assert!(spread > 0.1, "{family:?}: all alike proves nothing");
        for (arithmetic, tolerance) in [(Arithmetic::Float32, 1e-4), (Arithmetic::Int16, 2e-2)] {
            let ours = CrossEncoder::load(&model.path, &settings(arithmetic)).unwrap();
            for (found, wanted) in ours.score(&pairs).unwrap().iter().zip(&wanted) {
                let gap = (found.logit - wanted).abs();
                assert!(
                    gap < tolerance,
                    "{family:?} {arithmetic:?}: {found:?} {wanted}"
                );
                let sigmoid = 1.0 / (1.0 + (-f64::from(found.logit)).exp());
                assert!(
                    (f64::from(found.probability) - sigmoid).abs() < 1e-6,
                    "{found:?}"
                );
            }
        }
    }
}

#[test]
fn a_pair_scores_the_same_bit_for_bit_in_any_batch_on_any_number_of_threads() {
    for (family, arithmetic) in [
        (Family::Bert, Arithmetic::Int16),
        (Family::Roberta, Arithmetic::Float32),
    ] {
        let model = TinyModel::write_cross_encoder(family, 7);
        let pairs = pairs();
        let pairs = borrowed(&pairs);
        let alone: Vec<Relevance> = {
            let ours = CrossEncoder::load(&model.path, &settings(arithmetic)).unwrap();
            let one = |pair: &(&str, &str)| ours.score(&[*pair]).unwrap()[0];
            pairs.iter().map(one).collect()
        };
        for (batch_tokens, threads) in [(1, 1), (64, 1), (97, 3), (100_000, 1), (256, 2)] {
            let settings = EncoderSettings {
                batch_tokens,
                threads: Some(threads),
                ..settings(arithmetic)
            };
            let ours = CrossEncoder::load(&model.path, &settings).unwrap();
            assert_eq!(
                bits(&ours.score(&pairs).unwrap()),
                bits(&alone),
                "{family:?} {settings:?}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_pair_scores_the_same_beside_any_others(
        picked in prop::collection::vec(0usize..60, 1..20),
        batch_tokens in 1usize..300,
    ) {
        let model = TinyModel::write_cross_encoder(Family::Bert, 3);
        let pairs = pairs();
        let all = borrowed(&pairs);
        let chosen: Vec<_> = picked.iter().map(|&i| all[i]).collect();
        let settings = EncoderSettings { batch_tokens, threads: Some(2), ..settings(Arithmetic::Int16) };
        let ours = CrossEncoder::load(&model.path, &settings).unwrap();
        let together = ours.score(&chosen).unwrap();
        let first = ours.score(&chosen[..1]).unwrap();
        prop_assert_eq!(bits(&together)[0], bits(&first)[0]);
    }
}

#[test]
fn the_two_texts_are_read_in_their_roles_and_together() {
    let model = TinyModel::write_cross_encoder(Family::Bert, 5);
    let ours = CrossEncoder::load(&model.path, &settings(Arithmetic::Float32)).unwrap();
    let of = |query: &str, text: &str| ours.score(&[(query, text)]).unwrap()[0].logit;
    let given = of("usinage inox", "tolerie fine");
    assert_ne!(given, of("tolerie fine", "usinage inox"));
    assert_ne!(given, of("usinage aluminium", "tolerie fine"));
    assert_ne!(given, of("usinage inox", "tolerie"));
    assert!(ours.score(&[]).unwrap().is_empty());
}

#[test]
fn a_late_run_scores_nothing_at_all() {
    let model = TinyModel::write_cross_encoder(Family::Bert, 5);
    let settings = EncoderSettings {
        batch_tokens: 64,
        threads: Some(2),
        ..Default::default()
    };
    let ours = CrossEncoder::load(&model.path, &settings).unwrap();
    let pairs = pairs();
    let pairs = borrowed(&pairs);
    assert!(ours.score_unless(&pairs, &|| true).unwrap().is_none());
    // It is asked as each pair is split and before each batch: the last batch is late here.
    let asked = AtomicUsize::new(0);
    let whole = ours.score_unless(&pairs, &|| {
        asked.fetch_add(1, Ordering::Relaxed);
        false
    });
    assert_eq!(
        bits(&whole.unwrap().unwrap()),
        bits(&ours.score(&pairs).unwrap())
    );
    let times = asked.into_inner();
    assert!(times > pairs.len() + 2, "{times}");
    let asked = AtomicUsize::new(0);
    let late = ours.score_unless(&pairs, &|| {
        asked.fetch_add(1, Ordering::Relaxed) + 1 >= times
    });
    assert!(late.unwrap().is_none());
}

#[test]
fn the_id_names_folder_weights_and_arithmetic() {
    let model = TinyModel::write_cross_encoder(Family::Bert, 1);
    let id = |arithmetic| {
        let ours = CrossEncoder::load(&model.path, &settings(arithmetic)).unwrap();
        assert_eq!(Arithmetic::of_id(ours.id()), arithmetic);
        ours.id().to_owned()
    };
    let floats = id(Arithmetic::Float32);
    assert!(
        floats.starts_with("tiny@") && floats.len() == 17,
        "{floats}"
    );
    assert_eq!(id(Arithmetic::Int16), format!("{floats}-int16"));
}

#[test]
fn a_model_that_is_no_cross_encoder_of_one_output_is_refused() {
    let refusal = |model: &TinyModel| {
        let loaded = CrossEncoder::load(&model.path, &EncoderSettings::default());
        loaded.expect_err("the folder is refused")
    };
    let encoder = TinyModel::write(Family::Bert, 1);
    assert!(matches!(
        refusal(&encoder),
        EncoderError::Unsupported { .. }
    ));

    let several = TinyModel::write_cross_encoder(Family::Bert, 1);
    several.replace("classifier.weight", &[3, HIDDEN], vec![0.1; 3 * HIDDEN]);
    let error = refusal(&several);
    assert!(
        matches!(
            error,
            EncoderError::Dimension {
                wanted: 1,
                found: 3,
                ..
            }
        ),
        "{error}"
    );

    let headless = TinyModel::write_cross_encoder(Family::Bert, 1);
    headless.remove("bert.pooler.dense.bias");
    assert!(
        refusal(&headless)
            .to_string()
            .contains("bert.pooler.dense.bias")
    );

    let overflowing = TinyModel::write_cross_encoder(Family::Roberta, 1);
    overflowing.replace(
        "classifier.out_proj.weight",
        &[1, HIDDEN],
        vec![3e38; HIDDEN],
    );
    overflowing.replace("classifier.out_proj.bias", &[1], vec![3e38]);
    overflowing.replace("classifier.dense.bias", &[HIDDEN], vec![9.0; HIDDEN]);
    let ours = CrossEncoder::load(&overflowing.path, &settings(Arithmetic::Float32)).unwrap();
    let error = ours
        .score(&[("usinage", "inox")])
        .expect_err("infinity is no logit");
    assert!(
        matches!(error, EncoderError::NotFinite { index: 0 }),
        "{error}"
    );

    // The tokenizer gives the second text type 1, and the model has type 0 only.
    let typeless = TinyModel::write_cross_encoder(Family::Bert, 1);
    typeless.edit("config.json", "type_vocab_size", json!(1));
    let table = "bert.embeddings.token_type_embeddings.weight";
    typeless.replace(table, &[1, HIDDEN], vec![0.1; HIDDEN]);
    let error = refusal(&typeless);
    assert!(
        matches!(
            error,
            EncoderError::Dimension {
                wanted: 1,
                found: 2,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_cross_encoder_runs_on_the_cpu_only_and_is_a_sentence_encoder_too() {
    let model = TinyModel::write_cross_encoder(Family::Roberta, 1);
    let candle = EncoderSettings {
        device: Device::CandleCpu,
        ..Default::default()
    };
    let error = CrossEncoder::load(&model.path, &candle).expect_err("another device");
    assert!(matches!(error, EncoderError::Device { .. }), "{error}");
    assert!(Encoder::load(&model.path, &EncoderSettings::default()).is_ok());
}
