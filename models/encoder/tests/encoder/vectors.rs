//! What vectors are: unit length, the same in any company, those of candle's own models.

use encoder::{Arithmetic, Device, Encoder, EncoderSettings, Pooling};
use serde_json::json;

use crate::tiny::{Family, HIDDEN, INNER, POSITIONS, TinyModel};

const FAMILIES: [Family; 2] = [Family::Bert, Family::Roberta];
const ARITHMETICS: [Arithmetic; 2] = [Arithmetic::Float32, Arithmetic::Int16];

/// Texts of every length from none to beyond the limit, in no order.
fn texts() -> Vec<String> {
    let words = [
        "usinage",
        "de",
        "précision",
        "5",
        "axes",
        "inconnu",
        "Tôlerie",
        "inox",
        "soudages",
        "tig",
        "!",
    ];
    (0..90)
        .map(|i| {
            (0..i * 37 % 60)
                .map(|k| words[(i + k * k) % words.len()])
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect()
}

fn encode(model: &TinyModel, settings: &EncoderSettings, texts: &[String]) -> Vec<Vec<f32>> {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    Encoder::load(&model.path, settings)
        .unwrap()
        .encode(&texts)
        .unwrap()
}

fn bits(vectors: &[Vec<f32>]) -> Vec<Vec<u32>> {
    vectors
        .iter()
        .map(|v| v.iter().map(|x| x.to_bits()).collect())
        .collect()
}

pub(crate) fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter()
            .zip(b)
            .map(|(&x, &y)| f64::from(x) * f64::from(y))
            .sum()
    };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn a_vector_is_the_same_bit_for_bit_in_any_batch_on_any_number_of_threads() {
    for (family, arithmetic) in FAMILIES.into_iter().zip(ARITHMETICS) {
        let model = TinyModel::write(family, 7);
        let texts = texts();
        let plain = EncoderSettings {
            arithmetic: Some(arithmetic),
            ..Default::default()
        };
        let alone: Vec<Vec<f32>> = {
            let encoder = Encoder::load(&model.path, &plain).unwrap();
            texts
                .iter()
                .map(|text| encoder.encode(&[text]).unwrap().remove(0))
                .collect()
        };
        for (batch_tokens, threads) in [(1, 1), (64, 1), (97, 3), (100_000, 1), (256, 2)] {
            let settings = EncoderSettings {
                batch_tokens,
                threads: Some(threads),
                ..plain.clone()
            };
            assert!(
                bits(&encode(&model, &settings, &texts)) == bits(&alone),
                "{family:?} {settings:?}"
            );
        }
        let mut reversed = texts.clone();
        reversed.reverse();
        let mut vectors = encode(&model, &plain, &reversed);
        vectors.reverse();
        assert!(bits(&vectors) == bits(&alone), "{family:?} reversed");
    }
}

#[test]
fn texts_read_once_have_the_vectors_and_the_fluency_that_each_has_alone() {
    for family in FAMILIES {
        let model = TinyModel::write(family, 7);
        let encoder = Encoder::load(&model.path, &EncoderSettings::default()).unwrap();
        let texts = texts();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let encoded = encoder.encode_with_fluency(&texts).unwrap();
        let vectors = encoder.encode(&texts).unwrap();
        assert_eq!(encoded.len(), vectors.len());
        for ((text, encoded), vector) in texts.iter().zip(&encoded).zip(vectors) {
            assert_eq!(encoded.vector, vector, "{text}");
            assert_eq!(encoded.fluency, encoder.fluency(text).unwrap(), "{text}");
        }
    }
}

#[test]
fn fluency_is_words_per_piece_and_letters_of_what_is_unknown() {
    let model = TinyModel::write(Family::Bert, 7);
    let encoder = Encoder::load(&model.path, &EncoderSettings::default()).unwrap();
    for (text, fluency) in [
        ("usinage inox !", 1.0),
        ("soudages", 0.5),
        ("aciers", 1.0 / 6.0),
        ("usinages inox", 2.0 / 3.0),
        ("!", 0.0),
        ("", 0.0),
    ] {
        let found = encoder.fluency(text).unwrap();
        assert!((found - fluency).abs() < 1e-12, "{text}: {found}");
    }
}

#[test]
fn vectors_are_those_of_candles_own_models() {
    for family in FAMILIES {
        for pooling in [Pooling::Mean, Pooling::Cls] {
            for activation in ["gelu", "gelu_new", "relu"] {
                let model = TinyModel::write(family, 11);
                model.edit("config.json", "hidden_act", json!(activation));
                let candle = EncoderSettings {
                    pooling: Some(pooling),
                    device: Device::CandleCpu,
                    ..Default::default()
                };
                let texts = texts();
                let wanted = encode(&model, &candle, &texts);
                for (arithmetic, least) in ARITHMETICS.into_iter().zip([0.999_999, 0.999_99]) {
                    let ours = EncoderSettings {
                        device: Device::Cpu,
                        arithmetic: Some(arithmetic),
                        ..candle.clone()
                    };
                    for (a, b) in encode(&model, &ours, &texts).iter().zip(&wanted) {
                        let case = format!("{family:?} {pooling:?} {activation} {arithmetic:?}");
                        assert!(cosine(a, b) > least, "{case}: {}", cosine(a, b));
                    }
                }
            }
        }
    }
}

#[test]
fn vectors_have_unit_length_the_empty_text_too() {
    let model = TinyModel::write(Family::Bert, 3);
    let vectors = encode(&model, &EncoderSettings::default(), &texts());
    for vector in vectors {
        assert_eq!(vector.len(), HIDDEN);
        let length: f64 = vector
            .iter()
            .map(|&x| f64::from(x).powi(2))
            .sum::<f64>()
            .sqrt();
        assert!((length - 1.0).abs() < 1e-6, "{length}");
    }
}

#[test]
fn no_text_gives_no_vector() {
    let model = TinyModel::write(Family::Bert, 3);
    assert!(encode(&model, &EncoderSettings::default(), &[]).is_empty());
}

#[test]
fn long_texts_are_cut_and_the_tokenizers_own_padding_and_limit_are_ignored() {
    for (family, positions) in [(Family::Bert, POSITIONS), (Family::Roberta, POSITIONS - 2)] {
        let model = TinyModel::write(family, 5);
        let encoder = Encoder::load(&model.path, &EncoderSettings::default()).unwrap();
        assert_eq!(encoder.max_tokens(), positions);
        let long = "inox ".repeat(100);
        assert_eq!(encoder.token_ids(&long).unwrap().len(), positions);
        assert_eq!(encoder.token_ids("usinage inox").unwrap().len(), 4);
        let longer = "inox ".repeat(200);
        assert_eq!(
            encoder.encode(&[&long]).unwrap(),
            encoder.encode(&[&longer]).unwrap()
        );
    }
}

#[test]
fn the_models_own_length_and_pooling_are_read() {
    let model = TinyModel::write(Family::Bert, 5);
    let default = encode(&model, &EncoderSettings::default(), &texts());
    model.add(
        "sentence_bert_config.json",
        &json!({ "max_seq_length": 12 }),
    );
    let pooling = json!({ "word_embedding_dimension": HIDDEN, "pooling_mode_cls_token": true });
    model.add("1_Pooling/config.json", &pooling);
    let encoder = Encoder::load(&model.path, &EncoderSettings::default()).unwrap();
    assert_eq!(encoder.max_tokens(), 12);
    let asked = EncoderSettings {
        pooling: Some(Pooling::Cls),
        max_tokens: Some(12),
        ..Default::default()
    };
    let read = encode(&model, &EncoderSettings::default(), &texts());
    assert_eq!(read, encode(&model, &asked, &texts()));
    assert_ne!(read, default);
}

#[test]
fn progress_rises_to_the_number_of_texts() {
    let model = TinyModel::write(Family::Bert, 5);
    let settings = EncoderSettings {
        batch_tokens: 64,
        threads: Some(3),
        ..Default::default()
    };
    let encoder = Encoder::load(&model.path, &settings).unwrap();
    let texts = texts();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut heard = Vec::new();
    encoder
        .encode_with_progress(&texts, &mut |done| heard.push(done))
        .unwrap();
    assert!(heard.len() > 3 && heard.is_sorted());
    assert_eq!(heard.last(), Some(&texts.len()));
}

#[test]
fn an_encoder_is_shared_between_threads() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Encoder>();
}

#[test]
fn the_id_names_the_folder_and_the_weights() {
    let (one, two) = (
        TinyModel::write(Family::Bert, 1),
        TinyModel::write(Family::Bert, 2),
    );
    let id = |model: &TinyModel| {
        Encoder::load(&model.path, &EncoderSettings::default())
            .unwrap()
            .id()
            .to_owned()
    };
    assert_ne!(id(&one), id(&two));
    let (name, digest) = id(&one)
        .split_once('@')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    assert_eq!(name, "tiny");
    let digest = digest.strip_suffix("-int16").unwrap();
    assert!(digest.len() == 12 && digest.chars().all(|c| c.is_ascii_hexdigit()));
}

#[test]
fn an_id_stands_for_one_arithmetic_and_leads_back_to_it() {
    let model = TinyModel::write(Family::Bert, 1);
    let mut ids = Vec::new();
    for arithmetic in ARITHMETICS {
        let settings = EncoderSettings {
            arithmetic: Some(arithmetic),
            ..Default::default()
        };
        let encoder = Encoder::load(&model.path, &settings).unwrap();
        assert_eq!(encoder.arithmetic(), arithmetic);
        assert_eq!(Arithmetic::of_id(encoder.id()), arithmetic);
        ids.push(encoder.id().to_owned());
    }
    assert_ne!(ids[0], ids[1]);
    let candle = EncoderSettings {
        device: Device::CandleCpu,
        ..Default::default()
    };
    assert_eq!(Encoder::load(&model.path, &candle).unwrap().id(), ids[0]);
}

/// A neuron whose output is so large that its neighbours round to zero beside it; it leads nowhere, so that floats do not
/// mind.
fn add_outlier(model: &TinyModel) {
    let bias = (0..INNER).map(|i| if i == 3 { 1e5 } else { 0.2 }).collect();
    let weight = (0..HIDDEN * INNER).map(|i| match i % INNER {
        3 => 0.0,
        _ => (i * 7 % 11) as f32 - 5.0,
    });
    let name = |part: &str| format!("encoder.layer.0.{part}");
    model.replace(&name("intermediate.dense.bias"), &[INNER], bias);
    let weight = weight.collect();
    model.replace(&name("output.dense.weight"), &[HIDDEN, INNER], weight);
}

#[test]
fn a_model_whose_outliers_integers_cannot_follow_keeps_floats() {
    for family in FAMILIES {
        let model = TinyModel::write(family, 7);
        let plain = EncoderSettings::default();
        let decided = |model: &TinyModel| Encoder::load(&model.path, &plain).unwrap().arithmetic();
        assert_eq!(decided(&model), Arithmetic::Int16);
        add_outlier(&model);
        assert_eq!(decided(&model), Arithmetic::Float32);

        let [floats, integers] = ARITHMETICS.map(|arithmetic| EncoderSettings {
            arithmetic: Some(arithmetic),
            ..Default::default()
        });
        let texts = texts();
        let wanted = encode(&model, &floats, &texts);
        assert_eq!(bits(&encode(&model, &plain, &texts)), bits(&wanted));
        let rounded = encode(&model, &integers, &texts);
        let worst = rounded.iter().zip(&wanted).map(|(a, b)| cosine(a, b));
        assert!(
            worst.fold(1.0, f64::min) < 0.9999,
            "there was no need to fall back"
        );
    }
}
