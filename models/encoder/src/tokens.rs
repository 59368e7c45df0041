//! Splits texts into token ids as the model was trained to read them.

use tokenizers::{Encoding, Tokenizer, TruncationParams};

use crate::EncoderError;
use crate::cpu::Sequence;
use crate::folder::{Folder, read_bytes};

/// A text as the model sees it, and how well the vocabulary knows it.
pub(crate) struct Reading {
    /// Token ids, special tokens included.
    pub(crate) ids: Vec<u32>,
    /// Words per piece, of the text as far as the model sees it.
    pub(crate) fluency: f64,
}

/// The model's tokenizer, without padding, cut at the model's length.
pub(crate) struct Tokens {
    tokenizer: Tokenizer,
    kinds: usize,
}

/// The tokens of two texts that the model reads together.
#[derive(Debug, Default)]
pub(crate) struct PairTokens {
    /// Token ids, special tokens included.
    pub(crate) ids: Vec<u32>,
    /// The type of each token.
    pub(crate) kinds: Vec<u32>,
}

impl PairTokens {
    /// The pair as the model takes it.
    pub(crate) fn sequence(&self) -> Sequence<'_> {
        Sequence {
            ids: &self.ids,
            kinds: &self.kinds,
        }
    }
}

impl Tokens {
    /// Reads `tokenizer.json`; its own padding and truncation are replaced.
    pub(crate) fn read(folder: &Folder) -> Result<Self, EncoderError> {
        let path = folder.file("tokenizer.json");
        let unreadable = |reason: String| EncoderError::Unreadable {
            path: path.clone(),
            reason,
        };
        let mut tokenizer =
            Tokenizer::from_bytes(read_bytes(&path)?).map_err(|e| unreadable(e.to_string()))?;
        let truncation = TruncationParams {
            max_length: folder.max_tokens,
            ..Default::default()
        };
        tokenizer
            .with_truncation(Some(truncation))
            .map_err(|e| unreadable(e.to_string()))?;
        tokenizer.with_padding(None);
        let highest = tokenizer.get_vocab(true).into_values().max().unwrap_or(0) as usize;
        if highest >= folder.config.vocab_size {
            return Err(EncoderError::Dimension {
                what: "vocabulary of tokenizer.json".to_owned(),
                wanted: folder.config.vocab_size,
                found: highest + 1,
            });
        }
        Ok(Self {
            tokenizer,
            kinds: folder.config.type_vocab_size,
        })
    }

    /// The token ids of a text, special tokens included; `index` is named in the error.
    pub(crate) fn split(&self, index: usize, text: &str) -> Result<Vec<u32>, EncoderError> {
        let refuse = |reason: String| EncoderError::Tokenize { index, reason };
        let encoding = self
            .tokenizer
            .encode_fast(text, true)
            .map_err(|e| refuse(e.to_string()))?;
        match encoding.get_ids() {
            [] => Err(refuse("no token".to_owned())),
            ids => Ok(ids.to_vec()),
        }
    }

    /// The tokens of a query and a text, the longer one cut first; `index` is named in the error.
    pub(crate) fn pair(
        &self,
        index: usize,
        (query, text): (&str, &str),
    ) -> Result<PairTokens, EncoderError> {
        let refuse = |reason: String| EncoderError::Tokenize { index, reason };
        let encoding = self
            .tokenizer
            .encode_fast((query, text), true)
            .map_err(|e| refuse(e.to_string()))?;
        let (ids, kinds) = (encoding.get_ids(), encoding.get_type_ids());
        match kinds.iter().max() {
            None => Err(refuse("no token".to_owned())),
            Some(&highest) if highest as usize >= self.kinds => Err(EncoderError::Dimension {
                what: "token types of tokenizer.json".to_owned(),
                wanted: self.kinds,
                found: highest as usize + 1,
            }),
            Some(_) => Ok(PairTokens {
                ids: ids.to_vec(),
                kinds: kinds.to_vec(),
            }),
        }
    }

    /// The token ids of a text, as [`split`](Self::split) gives them, and its fluency; `index` is named in the error.
    pub(crate) fn reading(&self, index: usize, text: &str) -> Result<Reading, EncoderError> {
        let refuse = |reason: String| EncoderError::Tokenize { index, reason };
        let encoding = self
            .tokenizer
            .encode_char_offsets(text, true)
            .map_err(|e| refuse(e.to_string()))?;
        if encoding.get_ids().is_empty() {
            return Err(refuse("no token".to_owned()));
        }
        Ok(Reading {
            fluency: self.fluency(text, &encoding),
            ids: encoding.get_ids().to_vec(),
        })
    }

    /// Words per piece. A special token covers no letter, hence counts for none.
    fn fluency(&self, text: &str, encoding: &Encoding) -> f64 {
        let letters: Vec<bool> = text.chars().map(char::is_alphanumeric).collect();
        let unknown = self.unknown();
        let mut pieces = 0;
        let mut read = 0;
        for (&(start, end), &id) in encoding.get_offsets().iter().zip(encoding.get_ids()) {
            let end = end.min(letters.len());
            let covered = letters[start.min(end)..end]
                .iter()
                .filter(|is| **is)
                .count();
            // An unknown piece is as good as a word in letters.
            pieces += if Some(id) == unknown {
                covered
            } else {
                covered.min(1)
            };
            read = read.max(end);
        }
        let words = letters[..read].chunk_by(|a, b| a == b).filter(|run| run[0]);
        match pieces {
            0 => 0.0,
            _ => (words.count() as f64 / pieces as f64).min(1.0),
        }
    }

    /// The id of the piece that stands for what the vocabulary lacks.
    fn unknown(&self) -> Option<u32> {
        let named = ["[UNK]", "<unk>"].into_iter();
        named
            .filter_map(|piece| self.tokenizer.token_to_id(piece))
            .next()
    }
}
