//! A query and a text in, their relevance out: the two are read together, so that each word of one sees those of the other.

use std::path::Path;

use crate::cpu::{CpuModel, Head, Sequence};
use crate::folder::Folder;
use crate::packing::Packing;
use crate::parallel::share;
use crate::probes::pair_probes;
use crate::tokens::{PairTokens, Tokens};
use crate::{Arithmetic, Device, EncoderError, EncoderSettings, Pooling};

/// What a cross-encoder says of a pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Relevance {
    /// The classifier's output: the higher, the better the text answers the query.
    pub logit: f32,
    /// The logistic function of the logit, in [0, 1].
    pub probability: f32,
}

/// A sequence classifier of the BERT family with one output, ready to run; `Send` and `Sync`, to be shared in an `Arc`.
pub struct CrossEncoder {
    id: String,
    max_tokens: usize,
    batch_tokens: usize,
    threads: usize,
    tokens: Tokens,
    model: CpuModel,
    head: Head,
}

/// Why scoring ended early.
enum Stop {
    Late,
    Failed(EncoderError),
}

impl From<EncoderError> for Stop {
    fn from(error: EncoderError) -> Self {
        Self::Failed(error)
    }
}

impl CrossEncoder {
    /// Loads the model of a folder that holds `config.json`, `tokenizer.json` and `model.safetensors`: a BERT with pooler and
    /// classifier, or a RoBERTa, XLM-RoBERTa or CamemBERT with its classification head. It runs on this crate's own CPU path.
    ///
    /// # Errors
    ///
    /// A missing or damaged file, weights other than `settings.weights_sha256`, a model that is no cross-encoder or has
    /// several outputs, sizes that disagree, or another device than the CPU.
    pub fn load(dir: &Path, settings: &EncoderSettings) -> Result<Self, EncoderError> {
        if settings.device != Device::Cpu {
            return Err(EncoderError::Device {
                device: format!("{:?}", settings.device),
                reason: "a cross-encoder runs on the CPU only".to_owned(),
            });
        }
        // The head reads the first token, whatever a sentence encoder of this folder would pool.
        let pooling = Some(Pooling::Cls);
        let settings = EncoderSettings {
            pooling,
            ..settings.clone()
        };
        let folder = Folder::read(dir, &settings)?;
        let tokens = Tokens::read(&folder)?;
        let weights = folder.weights(&settings)?;
        let head = Head::load(&folder, &weights.bytes)?;
        let probes = pair_probes(&tokens)?;
        let probes: Vec<Sequence<'_>> = probes.iter().map(PairTokens::sequence).collect();
        let model = CpuModel::load(&folder, &weights.bytes, settings.arithmetic, &probes)?;
        Ok(Self {
            id: folder.id(&weights, model.arithmetic()),
            max_tokens: folder.max_tokens,
            batch_tokens: settings.batch_tokens,
            threads: settings.thread_count(),
            tokens,
            model,
            head,
        })
    }

    /// The name of the folder, `@`, the first 12 hexadecimal digits of the sha256 of the weights, and `-int16` where integers
    /// are multiplied: cross-encoders of one id give the same logits, bit for bit.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What the forward pass multiplies: what was asked for, or what the model decided as it was loaded.
    pub fn arithmetic(&self) -> Arithmetic {
        self.model.arithmetic()
    }

    /// Length in tokens, special tokens included, at which a pair is cut, the longer text first.
    pub fn max_tokens(&self) -> usize {
        self.max_tokens
    }

    /// The relevance of each (query, text), in their order; the same whatever the others are.
    ///
    /// # Errors
    ///
    /// A text that cannot be tokenised, or damaged weights.
    pub fn score(&self, pairs: &[(&str, &str)]) -> Result<Vec<Relevance>, EncoderError> {
        let scored = self.score_unless(pairs, &|| false)?;
        Ok(scored.expect("a run that is never late ends"))
    }

    /// As [`score`](Self::score), or nothing where `is_late`, asked before every batch, says so: all pairs or none.
    ///
    /// # Errors
    ///
    /// As [`score`](Self::score).
    pub fn score_unless(
        &self,
        pairs: &[(&str, &str)],
        is_late: &(dyn Fn() -> bool + Sync),
    ) -> Result<Option<Vec<Relevance>>, EncoderError> {
        match self.run(pairs, is_late) {
            Ok(relevances) => Ok(Some(relevances)),
            Err(Stop::Late) => Ok(None),
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    fn run(
        &self,
        pairs: &[(&str, &str)],
        is_late: &(dyn Fn() -> bool + Sync),
    ) -> Result<Vec<Relevance>, Stop> {
        let in_time = || if is_late() { Err(Stop::Late) } else { Ok(()) };
        let mut tokens: Vec<PairTokens> = Vec::new();
        tokens.resize_with(pairs.len(), PairTokens::default);
        let split = |index: usize| -> Result<PairTokens, Stop> {
            in_time()?;
            Ok(self.tokens.pair(index, pairs[index])?)
        };
        share(self.threads, pairs.len(), split, |index, pair| {
            tokens[index] = pair;
            Ok(())
        })?;
        let lengths: Vec<usize> = tokens.iter().map(|pair| pair.ids.len()).collect();
        let fair = lengths.iter().sum::<usize>().div_ceil(self.threads);
        let packing = Packing::new(&lengths, self.batch_tokens.min(fair), false);
        let forward = |index: usize| -> Result<Vec<Relevance>, Stop> {
            in_time()?;
            let batch = packing.batch(index).iter().map(|&i| tokens[i].sequence());
            let first_tokens = self.model.forward(&batch.collect::<Vec<_>>());
            Ok(self.head.read(&first_tokens))
        };
        let nothing = Relevance {
            logit: f32::NAN,
            probability: f32::NAN,
        };
        let mut relevances = vec![nothing; pairs.len()];
        share(self.threads, packing.len(), forward, |batch, scored| {
            for (&index, relevance) in packing.batch(batch).iter().zip(scored) {
                if !relevance.logit.is_finite() {
                    return Err(Stop::Failed(EncoderError::NotFinite { index }));
                }
                relevances[index] = relevance;
            }
            Ok(())
        })?;
        Ok(relevances)
    }
}

impl std::fmt::Debug for CrossEncoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CrossEncoder")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
