//! The BERT family's forward pass over the tokens of several texts, one text after the other. Devlin et al. 2018.

use super::attention::{Heads, Scratch, attend};
use super::elementwise::{Norm, activate, add_norm};
use super::integers::IntegerRows;
use super::level::Level;
use super::linear::Linear;
use super::weights::WeightReader;
use crate::folder::{Activation, Folder};
use crate::probes::agreement;
use crate::{Arithmetic, EncoderError, Pooling};

/// A model in memory, ready to run on any number of threads.
pub(crate) struct CpuModel {
    level: Level,
    arithmetic: Arithmetic,
    width: usize,
    heads: Heads,
    activation: Activation,
    pooling: Pooling,
    first_position: usize,
    words: Vec<f32>,
    positions: Vec<f32>,
    /// The embeddings of the token types; a single text has type 0 only.
    kinds: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
}

/// What the model reads at once: a text, or a pair of texts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sequence<'a> {
    /// Token ids.
    pub(crate) ids: &'a [u32],
    /// The type of each token, below the model's number of types; empty where all are 0.
    pub(crate) kinds: &'a [u32],
}

impl<'a> From<&'a [u32]> for Sequence<'a> {
    fn from(ids: &'a [u32]) -> Self {
        Self { ids, kinds: &[] }
    }
}

struct Layer {
    /// Queries, keys and values side by side.
    project: Linear,
    merge: Linear,
    attention_norm: Norm,
    expand: Linear,
    contract: Linear,
    output_norm: Norm,
}

impl CpuModel {
    /// Takes the tensors out of safetensors bytes; where no arithmetic is asked for, `probes` decide.
    pub(crate) fn load(
        folder: &Folder,
        bytes: &[u8],
        arithmetic: Option<Arithmetic>,
        probes: &[Sequence<'_>],
    ) -> Result<Self, EncoderError> {
        let reader = WeightReader::new(folder, bytes)?;
        let mut model = Self::without_layers(folder, &reader, Level::detect())?;
        match arithmetic {
            Some(arithmetic) => model.load_layers(&reader, arithmetic)?,
            None => model.choose(&reader, probes)?,
        }
        Ok(model)
    }

    fn without_layers(
        folder: &Folder,
        reader: &WeightReader<'_>,
        level: Level,
    ) -> Result<Self, EncoderError> {
        let config = &folder.config;
        let width = config.hidden_size;
        let table = |name: &str, rows: usize| {
            reader.values(
                &format!("embeddings.{name}_embeddings.weight"),
                &[rows, width],
            )
        };
        Ok(Self {
            level,
            arithmetic: Arithmetic::Float32,
            width,
            heads: Heads {
                count: config.num_attention_heads,
                width: width / config.num_attention_heads,
            },
            activation: config.hidden_act,
            pooling: folder.pooling,
            first_position: folder.first_position(),
            words: table("word", config.vocab_size)?,
            positions: table("position", config.max_position_embeddings)?,
            kinds: table("token_type", config.type_vocab_size)?,
            norm: reader.norm("embeddings.LayerNorm")?,
            layers: Vec::new(),
        })
    }

    fn load_layers(
        &mut self,
        reader: &WeightReader<'_>,
        arithmetic: Arithmetic,
    ) -> Result<(), EncoderError> {
        self.arithmetic = arithmetic;
        self.layers = (0..reader.layers())
            .map(|index| Layer::load(reader, index, arithmetic))
            .collect::<Result<_, _>>()?;
        Ok(())
    }

    /// Loads integers, and floats after all where the vectors of a probe differ too much.
    ///
    /// Both passes run layer by layer, so that one layer of floats at a time is in memory.
    fn choose(
        &mut self,
        reader: &WeightReader<'_>,
        probes: &[Sequence<'_>],
    ) -> Result<(), EncoderError> {
        let mut exact = self.embed(probes);
        let mut rounded = exact.clone();
        let mut room = Room::default();
        let mut layers = Vec::new();
        for index in 0..reader.layers() {
            let layer = Layer::load(reader, index, Arithmetic::Float32)?;
            self.run(&layer, probes, &mut exact, &mut room);
            let layer = Layer::load(reader, index, Arithmetic::Int16)?;
            self.run(&layer, probes, &mut rounded, &mut room);
            layers.push(layer);
        }
        if agreement(
            &self.vectors(probes, &exact),
            &self.vectors(probes, &rounded),
        ) {
            (self.arithmetic, self.layers) = (Arithmetic::Int16, layers);
            return Ok(());
        }
        drop(layers);
        self.load_layers(reader, Arithmetic::Float32)
    }

    /// The same model on fewer instructions than the processor has.
    #[cfg(test)]
    pub(crate) fn at(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// What the layers multiply.
    pub(crate) fn arithmetic(&self) -> Arithmetic {
        self.arithmetic
    }

    /// Vectors, not normalised, of texts given as tokens.
    pub(crate) fn forward(&self, texts: &[Sequence<'_>]) -> Vec<Vec<f32>> {
        let mut hidden = self.embed(texts);
        let mut room = Room::default();
        for layer in &self.layers {
            self.run(layer, texts, &mut hidden, &mut room);
        }
        self.vectors(texts, &hidden)
    }

    /// Pools the last layer's output (tokens × width), text by text.
    fn vectors(&self, texts: &[Sequence<'_>], hidden: &[f32]) -> Vec<Vec<f32>> {
        let mut rest = hidden;
        texts
            .iter()
            .map(|text| {
                let (text, after) = rest.split_at(text.ids.len() * self.width);
                rest = after;
                self.pool(text)
            })
            .collect()
    }

    /// Word, position and type embeddings, normalised: (tokens × width).
    fn embed(&self, texts: &[Sequence<'_>]) -> Vec<f32> {
        let tokens: usize = texts.iter().map(|text| text.ids.len()).sum();
        let mut hidden = Vec::with_capacity(tokens * self.width);
        let mut places = Vec::with_capacity(tokens * self.width);
        for text in texts {
            for (index, &id) in text.ids.iter().enumerate() {
                let word = &self.words[id as usize * self.width..][..self.width];
                let at = (self.first_position + index) * self.width;
                let place = &self.positions[at..at + self.width];
                let kind = text.kinds.get(index).copied().unwrap_or(0) as usize;
                let kind = &self.kinds[kind * self.width..][..self.width];
                hidden.extend_from_slice(word);
                places.extend(place.iter().zip(kind).map(|(place, kind)| place + kind));
            }
        }
        add_norm(self.level, &mut hidden, &places, &self.norm);
        hidden
    }

    /// One layer, in place over `hidden` (tokens × width).
    fn run(&self, layer: &Layer, texts: &[Sequence<'_>], hidden: &mut [f32], room: &mut Room) {
        let tokens = hidden.len() / self.width;
        let projected = sized(&mut room.wide, tokens * layer.project.columns());
        layer
            .project
            .apply(self.level, hidden, projected, &mut room.integers);
        let context = sized(&mut room.context, hidden.len());
        let mut at = 0;
        for text in texts {
            let end = at + text.ids.len();
            let text = &projected[at * 3 * self.width..end * 3 * self.width];
            let context = &mut context[at * self.width..end * self.width];
            attend(self.level, self.heads, text, context, &mut room.scratch);
            at = end;
        }
        let merged = sized(&mut room.merged, hidden.len());
        layer
            .merge
            .apply(self.level, context, merged, &mut room.integers);
        add_norm(self.level, merged, hidden, &layer.attention_norm);
        let expanded = sized(&mut room.wide, tokens * layer.expand.columns());
        layer
            .expand
            .apply(self.level, merged, expanded, &mut room.integers);
        activate(self.level, expanded, self.activation);
        layer
            .contract
            .apply(self.level, expanded, hidden, &mut room.integers);
        add_norm(self.level, hidden, merged, &layer.output_norm);
    }

    fn pool(&self, text: &[f32]) -> Vec<f32> {
        let mut vector = text[..self.width].to_vec();
        if self.pooling == Pooling::Mean {
            let mut rows = text.chunks_exact(self.width);
            let count = rows.len();
            rows.next();
            for row in rows {
                vector
                    .iter_mut()
                    .zip(row)
                    .for_each(|(sum, value)| *sum += value);
            }
            vector.iter_mut().for_each(|sum| *sum /= count as f32);
        }
        vector
    }
}

impl Layer {
    fn load(
        reader: &WeightReader<'_>,
        index: usize,
        arithmetic: Arithmetic,
    ) -> Result<Self, EncoderError> {
        let (width, inner) = reader.widths();
        let linear = |names: &[String], depth, columns| {
            let (weight, bias) = reader.linear(names, depth, columns)?;
            Ok(Linear::pack(&weight, bias, depth, arithmetic))
        };
        let name = |part: &str| format!("encoder.layer.{index}.{part}");
        let attention =
            ["query", "key", "value"].map(|part| name(&format!("attention.self.{part}")));
        Ok(Self {
            project: linear(&attention, width, width)?,
            merge: linear(&[name("attention.output.dense")], width, width)?,
            attention_norm: reader.norm(&name("attention.output.LayerNorm"))?,
            expand: linear(&[name("intermediate.dense")], width, inner)?,
            contract: linear(&[name("output.dense")], inner, width)?,
            output_norm: reader.norm(&name("output.LayerNorm"))?,
        })
    }
}

/// Memory that is used again from layer to layer.
#[derive(Default)]
struct Room {
    wide: Vec<f32>,
    context: Vec<f32>,
    merged: Vec<f32>,
    scratch: Scratch,
    integers: IntegerRows,
}

/// The first `size` values of a buffer that grows to hold them.
fn sized(buffer: &mut Vec<f32>, size: usize) -> &mut [f32] {
    if buffer.len() < size {
        buffer.resize(size, 0.0);
    }
    &mut buffer[..size]
}
