//! Texts in, vectors out.

use std::path::Path;

use crate::candle::CandleModel;
use crate::cpu::{CpuModel, Sequence};
use crate::folder::Folder;
use crate::packing::Packing;
use crate::parallel::share;
use crate::probes::probes;
use crate::tokens::{Reading, Tokens};
use crate::{Arithmetic, Device, EncoderError, EncoderSettings};

/// Texts whose tokens are held in memory at once.
const WINDOW_TEXTS: usize = 8192;
/// Texts that one thread tokenises before it reports.
const TOKENIZE_TEXTS: usize = 64;

/// A text's vector, and how much it is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct EncodedText {
    /// Its vector, of length 1.
    pub vector: Vec<f32>,
    /// How well the encoder's vocabulary knows its words, in [0, 1]: see [`Encoder::fluency`].
    pub fluency: f64,
}

/// A sentence encoder, ready to run; `Send` and `Sync`, to be shared in an `Arc`.
pub struct Encoder {
    id: String,
    dimension: usize,
    max_tokens: usize,
    batch_tokens: usize,
    threads: usize,
    tokens: Tokens,
    model: Model,
}

enum Model {
    Cpu(Box<CpuModel>),
    Candle(Box<CandleModel>),
}

impl Model {
    fn arithmetic(&self) -> Arithmetic {
        match self {
            Self::Cpu(model) => model.arithmetic(),
            Self::Candle(_) => Arithmetic::Float32,
        }
    }
}

impl Encoder {
    /// Loads the model of a folder that holds `config.json`, `tokenizer.json` and `model.safetensors`.
    ///
    /// # Errors
    ///
    /// A missing or damaged file, weights other than `settings.weights_sha256`, a kind of model that this crate does
    /// not run, sizes that disagree, or a device that is not there.
    pub fn load(dir: &Path, settings: &EncoderSettings) -> Result<Self, EncoderError> {
        let folder = Folder::read(dir, settings)?;
        let tokens = Tokens::read(&folder)?;
        let weights = folder.weights(settings)?;
        let (model, id) = match settings.device {
            Device::Cpu => {
                let probes = probes(&tokens)?;
                let probes: Vec<Sequence<'_>> =
                    probes.iter().map(|ids| ids.as_slice().into()).collect();
                let model = CpuModel::load(&folder, &weights.bytes, settings.arithmetic, &probes)?;
                let id = folder.id(&weights, model.arithmetic());
                (Model::Cpu(Box::new(model)), id)
            }
            device => {
                let id = folder.id(&weights, Arithmetic::Float32);
                let model = CandleModel::load(&folder, weights.bytes, device)?;
                (Model::Candle(Box::new(model)), id)
            }
        };
        Ok(Self {
            id,
            dimension: folder.config.hidden_size,
            max_tokens: folder.max_tokens,
            batch_tokens: settings.batch_tokens,
            threads: settings.thread_count(),
            tokens,
            model,
        })
    }

    /// The name of the folder, `@`, the first 12 hexadecimal digits of the sha256 of the weights, and `-int16` where the
    /// vectors come from integers: encoders of one id give the same vectors.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What the forward pass multiplies: what was asked for, or what the model decided as it was loaded.
    pub fn arithmetic(&self) -> Arithmetic {
        self.model.arithmetic()
    }

    /// Length of every vector.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Length in tokens, special tokens included, at which texts are cut.
    pub fn max_tokens(&self) -> usize {
        self.max_tokens
    }

    /// The token ids that the model sees for a text.
    ///
    /// # Errors
    ///
    /// The tokenizer refuses the text.
    pub fn token_ids(&self, text: &str) -> Result<Vec<u32>, EncoderError> {
        self.tokens.split(0, text)
    }

    /// How well the encoder's vocabulary knows a text: words per piece, in [0, 1]. A vocabulary learned on a text's language keeps
    /// most words whole (about 0.9); one learned on another cuts them up (an English one in French: about 0.56), and its vectors
    /// are worth less. 0 where the text has no word.
    ///
    /// # Errors
    ///
    /// The tokenizer refuses the text.
    pub fn fluency(&self, text: &str) -> Result<f64, EncoderError> {
        Ok(self.tokens.reading(0, text)?.fluency)
    }

    /// The vectors of texts, in their order: (texts × dimension), each of length 1.
    ///
    /// # Errors
    ///
    /// A text that cannot be tokenised, damaged weights, or a device that failed.
    pub fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncoderError> {
        self.encode_with_progress(texts, &mut |_| ())
    }

    /// The vectors of texts, in their order, each with its [`fluency`](Self::fluency): what a search wants of its queries. Each is
    /// split into tokens once. For a few texts at a time.
    ///
    /// # Errors
    ///
    /// As [`encode`](Self::encode).
    pub fn encode_with_fluency(&self, texts: &[&str]) -> Result<Vec<EncodedText>, EncoderError> {
        let read = texts.iter().enumerate();
        let read: Vec<Reading> = read
            .map(|(index, text)| self.tokens.reading(index, text))
            .collect::<Result<_, _>>()?;
        let (ids, fluencies): (Vec<_>, Vec<_>) = read
            .into_iter()
            .map(|text| (text.ids, text.fluency))
            .unzip();
        let mut vectors = vec![Vec::new(); texts.len()];
        self.encode_ids(0, &ids, &mut vectors, &mut |_| ())?;
        let encoded = vectors.into_iter().zip(fluencies);
        Ok(encoded
            .map(|(vector, fluency)| EncodedText { vector, fluency })
            .collect())
    }

    /// As [`encode`](Self::encode); `progress` hears how many texts are done so far, rising to `texts.len()`.
    ///
    /// # Errors
    ///
    /// As [`encode`](Self::encode).
    pub fn encode_with_progress(
        &self,
        texts: &[&str],
        progress: &mut dyn FnMut(usize),
    ) -> Result<Vec<Vec<f32>>, EncoderError> {
        let mut vectors = vec![Vec::new(); texts.len()];
        let mut done = 0;
        for (window, out) in texts
            .chunks(WINDOW_TEXTS)
            .zip(vectors.chunks_mut(WINDOW_TEXTS))
        {
            let first = done;
            let ids = self.tokenize(first, window)?;
            self.encode_ids(first, &ids, out, &mut |count| {
                done += count;
                progress(done);
            })?;
        }
        Ok(vectors)
    }

    /// Fills `out` with the vectors of tokenised texts; errors count texts from `first`, and `progress` hears how many are done
    /// at a time.
    fn encode_ids(
        &self,
        first: usize,
        ids: &[Vec<u32>],
        out: &mut [Vec<f32>],
        progress: &mut dyn FnMut(usize),
    ) -> Result<(), EncoderError> {
        let lengths: Vec<usize> = ids.iter().map(Vec::len).collect();
        let packing = self.pack(&lengths);
        let work = |index: usize| {
            let batch = packing.batch(index).iter().map(|&i| ids[i].as_slice());
            self.forward(&batch.collect::<Vec<_>>())
        };
        share(self.model_threads(), packing.len(), work, |index, rows| {
            for (&i, row) in packing.batch(index).iter().zip(rows) {
                out[i] = normalise(row).ok_or(EncoderError::NotFinite { index: first + i })?;
            }
            progress(packing.batch(index).len());
            Ok(())
        })
    }

    /// Batches of a window: of any lengths for the packed model, of one length for candle's, which knows rectangles.
    fn pack(&self, lengths: &[usize]) -> Packing {
        match self.model {
            Model::Cpu(_) => {
                let share = lengths.iter().sum::<usize>().div_ceil(self.threads);
                Packing::new(lengths, self.batch_tokens.min(share), false)
            }
            Model::Candle(_) => Packing::new(lengths, self.batch_tokens, true),
        }
    }

    /// candle starts threads of its own.
    fn model_threads(&self) -> usize {
        match self.model {
            Model::Cpu(_) => self.threads,
            Model::Candle(_) => 1,
        }
    }

    fn forward(&self, batch: &[&[u32]]) -> Result<Vec<Vec<f32>>, EncoderError> {
        match &self.model {
            Model::Cpu(model) => {
                let batch: Vec<Sequence<'_>> = batch.iter().map(|ids| (*ids).into()).collect();
                Ok(model.forward(&batch))
            }
            Model::Candle(model) => model.forward(batch),
        }
    }

    fn tokenize(&self, first: usize, texts: &[&str]) -> Result<Vec<Vec<u32>>, EncoderError> {
        let mut ids = vec![Vec::new(); texts.len()];
        let chunks: Vec<&[&str]> = texts.chunks(TOKENIZE_TEXTS).collect();
        let split = |chunk: usize| {
            let start = first + chunk * TOKENIZE_TEXTS;
            let texts = chunks[chunk].iter().enumerate();
            texts
                .map(|(i, text)| self.tokens.split(start + i, text))
                .collect()
        };
        share(
            self.threads,
            chunks.len(),
            split,
            |chunk, split: Vec<Vec<u32>>| {
                for (slot, split) in ids[chunk * TOKENIZE_TEXTS..].iter_mut().zip(split) {
                    *slot = split;
                }
                Ok(())
            },
        )?;
        Ok(ids)
    }
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encoder")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Scales a vector to length 1; nothing for one that is not finite or is zero.
fn normalise(mut vector: Vec<f32>) -> Option<Vec<f32>> {
    let squares: f64 = vector.iter().map(|&v| f64::from(v) * f64::from(v)).sum();
    let norm = squares.sqrt();
    if !norm.is_finite() || norm == 0.0 {
        return None;
    }
    for value in &mut vector {
        *value = (f64::from(*value) / norm) as f32;
    }
    Some(vector)
}
