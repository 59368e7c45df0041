//! What an operator may change about an encoder.

use crate::EncoderError;

/// How the vectors of a text's tokens become one vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooling {
    /// The mean over all tokens, the special ones included.
    Mean,
    /// The first token, `[CLS]` or `<s>`.
    Cls,
}

/// Where the forward pass runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Device {
    /// This crate's own forward pass over packed tokens: the same bits whatever the batch and the number of threads.
    #[default]
    Cpu,
    /// candle's stock models on the CPU: the reference that tests compare with, several times slower.
    CandleCpu,
    /// candle's stock models on the NVIDIA GPU of this ordinal; needs the cargo feature `cuda`. Vectors agree with the
    /// CPU's to about 1e-6, not bit for bit; raise `batch_tokens` to some 16,384.
    Cuda(usize),
}

/// The numbers that the forward pass of [`Device::Cpu`] multiplies.
///
/// Vectors of both are the same bit for bit on every processor, but differ between the two; so do the encoder's ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    /// 32-bit floats: what the model was trained with, half as fast.
    Float32,
    /// Weights and activations rounded to integers of some 12 bits, whose products are summed exactly: nearly twice as fast,
    /// in half the memory. all-MiniLM-L6-v2's vectors agree with those of floats to a cosine of 0.99999.
    Int16,
}

/// What ends the id of an encoder that multiplies integers.
const INT16_MARK: &str = "-int16";

impl Arithmetic {
    /// The arithmetic of the encoder that has this id, to load that very encoder again.
    pub fn of_id(id: &str) -> Self {
        match id.ends_with(INT16_MARK) {
            true => Self::Int16,
            false => Self::Float32,
        }
    }

    /// What an encoder's id ends in.
    pub(crate) fn mark(self) -> &'static str {
        match self {
            Self::Float32 => "",
            Self::Int16 => INT16_MARK,
        }
    }
}

/// Settings of [`Encoder::load`](crate::Encoder::load) and, but for pooling, [`CrossEncoder::load`](crate::CrossEncoder::load).
///
/// | setting | default | range | meaning |
/// |---|---|---|---|
/// | `pooling` | `None` | | `None` reads `1_Pooling/config.json`, and takes the mean where that is absent |
/// | `max_tokens` | `None` | 2 ..= positions of the model | longer texts are cut; `None` reads `sentence_bert_config.json`, else 256 |
/// | `batch_tokens` | 256 | ≥ 1 | tokens that one thread works on at once: memory against speed; on the CPU never results |
/// | `threads` | `None` | ≥ 1 | `None` takes every core that the process may use |
/// | `device` | CPU | | where the forward pass runs |
/// | `arithmetic` | `None` | | integers are twice as fast, floats exact; `None` takes integers where some sentences, encoded both ways as the model is loaded, agree to a cosine of 0.9999 |
/// | `weights_sha256` | `None` | 64 hexadecimal digits | refuse other weights than these |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncoderSettings {
    /// Pooling to use instead of the model's own.
    pub pooling: Option<Pooling>,
    /// Length in tokens at which a text is cut, special tokens included.
    pub max_tokens: Option<usize>,
    /// Token budget of a batch.
    pub batch_tokens: usize,
    /// Number of threads of one call.
    pub threads: Option<usize>,
    /// Where the forward pass runs.
    pub device: Device,
    /// What the forward pass on the CPU multiplies.
    pub arithmetic: Option<Arithmetic>,
    /// The sha256 that `model.safetensors` must have.
    pub weights_sha256: Option<String>,
}

impl Default for EncoderSettings {
    fn default() -> Self {
        Self {
            pooling: None,
            max_tokens: None,
            batch_tokens: 256,
            threads: None,
            device: Device::Cpu,
            arithmetic: None,
            weights_sha256: None,
        }
    }
}

impl EncoderSettings {
    /// Refuses a zero budget or a zero number of threads.
    pub(crate) fn check(&self) -> Result<(), EncoderError> {
        let at_least_one = |name, value: usize| match value {
            0 => Err(EncoderError::Setting {
                name,
                value: value.to_string(),
                reason: "it must be 1 or more",
            }),
            _ => Ok(()),
        };
        at_least_one("batch_tokens", self.batch_tokens)?;
        at_least_one("threads", self.threads.unwrap_or(1))
    }

    /// Number of threads to start.
    pub(crate) fn thread_count(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.unwrap_or_else(cores)
    }
}
