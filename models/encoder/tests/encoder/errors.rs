//! A folder that is not a good model is refused with a message that names the fault.

use encoder::{Device, Encoder, EncoderError, EncoderSettings};
use serde_json::json;

use crate::tiny::{Family, HIDDEN, TinyModel};

const QUERY: &str = "encoder.layer.1.attention.self.query.weight";

fn refusal(model: &TinyModel, settings: &EncoderSettings) -> EncoderError {
    Encoder::load(&model.path, settings).expect_err("the folder is refused")
}

fn plain() -> EncoderSettings {
    EncoderSettings::default()
}

#[test]
fn each_missing_file_is_named() {
    for file in ["config.json", "tokenizer.json", "model.safetensors"] {
        let model = TinyModel::write(Family::Bert, 1);
        std::fs::remove_file(model.path.join(file)).unwrap();
        let error = refusal(&model, &plain());
        assert!(
            matches!(&error, EncoderError::Missing { path } if path.ends_with(file)),
            "{error}"
        );
    }
}

#[test]
fn each_damaged_file_is_named() {
    for file in ["config.json", "tokenizer.json", "model.safetensors"] {
        let model = TinyModel::write(Family::Bert, 1);
        std::fs::write(model.path.join(file), b"{\"half").unwrap();
        let error = refusal(&model, &plain());
        assert!(
            matches!(&error, EncoderError::Unreadable { path, .. } if path.ends_with(file)),
            "{error}"
        );
    }
}

#[test]
fn truncated_weights_are_refused() {
    let model = TinyModel::write(Family::Bert, 1);
    let path = model.path.join("model.safetensors");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    assert!(matches!(
        refusal(&model, &plain()),
        EncoderError::Unreadable { .. }
    ));
}

#[test]
fn other_weights_than_asked_for_are_refused() {
    let model = TinyModel::write(Family::Bert, 1);
    let settings = EncoderSettings {
        weights_sha256: Some("0".repeat(64)),
        ..plain()
    };
    let EncoderError::Checksum { found, .. } = refusal(&model, &settings) else {
        panic!("wanted a checksum error");
    };
    let settings = EncoderSettings {
        weights_sha256: Some(found.to_uppercase()),
        ..plain()
    };
    assert!(Encoder::load(&model.path, &settings).is_ok());
}

#[test]
fn unknown_kinds_of_model_are_refused() {
    for (field, value) in [
        ("model_type", json!("gpt2")),
        ("position_embedding_type", json!("relative_key")),
        ("num_attention_heads", json!(3)),
        ("num_attention_heads", json!(0)),
    ] {
        let model = TinyModel::write(Family::Bert, 1);
        model.edit("config.json", field, value);
        assert!(
            matches!(refusal(&model, &plain()), EncoderError::Unsupported { .. }),
            "{field}"
        );
    }
    let model = TinyModel::write(Family::Bert, 1);
    model.add(
        "modules.json",
        &json!([{ "type": "sentence_transformers.models.Dense" }]),
    );
    assert!(refusal(&model, &plain()).to_string().contains("Dense"));
    let model = TinyModel::write(Family::Bert, 1);
    let pooling = json!({ "word_embedding_dimension": HIDDEN, "pooling_mode_max_tokens": true });
    model.add("1_Pooling/config.json", &pooling);
    assert!(refusal(&model, &plain()).to_string().contains("pooling"));
}

#[test]
fn sizes_that_disagree_are_refused() {
    let model = TinyModel::write(Family::Bert, 1);
    model.edit("config.json", "intermediate_size", json!(64));
    assert!(matches!(
        refusal(&model, &plain()),
        EncoderError::Dimension {
            wanted: 64,
            found: 72,
            ..
        }
    ));
    let model = TinyModel::write(Family::Bert, 1);
    model.edit("config.json", "vocab_size", json!(4));
    assert!(matches!(
        refusal(&model, &plain()),
        EncoderError::Dimension { wanted: 4, .. }
    ));
    let model = TinyModel::write(Family::Bert, 1);
    let pooling = json!({ "word_embedding_dimension": 768, "pooling_mode_mean_tokens": true });
    model.add("1_Pooling/config.json", &pooling);
    assert!(matches!(
        refusal(&model, &plain()),
        EncoderError::Dimension { found: 768, .. }
    ));
}

#[test]
fn a_missing_tensor_is_named() {
    let model = TinyModel::write(Family::Bert, 1);
    model.edit("config.json", "num_hidden_layers", json!(3));
    assert!(
        refusal(&model, &plain())
            .to_string()
            .contains("encoder.layer.2")
    );
}

#[test]
fn weights_that_hold_nan_are_refused() {
    let model = TinyModel::write(Family::Bert, 1);
    model.replace(QUERY, &[HIDDEN, HIDDEN], vec![f32::NAN; HIDDEN * HIDDEN]);
    assert!(refusal(&model, &plain()).to_string().contains(QUERY));
}

#[test]
fn weights_that_overflow_give_an_error_and_no_vector() {
    let model = TinyModel::write(Family::Bert, 1);
    for part in ["weight", "bias"] {
        let name = format!("encoder.layer.1.output.LayerNorm.{part}");
        model.replace(&name, &[HIDDEN], vec![3e38; HIDDEN]);
    }
    let encoder = Encoder::load(&model.path, &plain()).unwrap();
    let error = encoder
        .encode(&["usinage", "inox"])
        .expect_err("infinity is no vector");
    assert!(matches!(error, EncoderError::NotFinite { .. }), "{error}");
}

#[test]
fn settings_out_of_range_are_refused() {
    let model = TinyModel::write(Family::Bert, 1);
    for settings in [
        EncoderSettings {
            batch_tokens: 0,
            ..plain()
        },
        EncoderSettings {
            threads: Some(0),
            ..plain()
        },
        EncoderSettings {
            max_tokens: Some(1),
            ..plain()
        },
        EncoderSettings {
            max_tokens: Some(10_000),
            ..plain()
        },
    ] {
        assert!(
            matches!(refusal(&model, &settings), EncoderError::Setting { .. }),
            "{settings:?}"
        );
    }
}

#[cfg(not(feature = "cuda"))]
#[test]
fn a_device_that_is_not_compiled_in_is_refused() {
    let model = TinyModel::write(Family::Bert, 1);
    let settings = EncoderSettings {
        device: Device::Cuda(0),
        ..plain()
    };
    assert!(matches!(
        refusal(&model, &settings),
        EncoderError::Device { .. }
    ));
}
