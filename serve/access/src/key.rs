//! The text of a key, `ml_<prefix>_<secret>`, and what is kept of it.

use blake3::Hash;

/// How every key begins: what secret scanners look for.
pub const KEY_START: &str = "ml_";
/// Hexadecimal digits of a prefix: 48 bits, enough for keys to be told apart.
const PREFIX_DIGITS: usize = 12;
/// Hexadecimal digits of a secret: 256 bits.
const SECRET_DIGITS: usize = 64;

/// Says whether a credential is meant to be a key.
#[must_use]
pub fn is_key(text: &str) -> bool {
    text.starts_with(KEY_START)
}

/// Random bytes that a key is made of. They come from outside: this crate draws nothing.
#[derive(Clone)]
pub struct Entropy {
    secret: [u8; 32],
    other: [u8; 32],
}

impl Entropy {
    /// Takes random bytes for the secret, and others for prefix and salt.
    #[must_use]
    pub const fn new(secret: [u8; 32], other: [u8; 32]) -> Self {
        Self { secret, other }
    }
}

/// A key as its owner sends it. It has no `Debug`: it must not come into a log.
pub(crate) struct Key<'a> {
    pub(crate) prefix: &'a str,
    secret: &'a str,
}

impl<'a> Key<'a> {
    /// Takes a key apart; none where it is not written as one.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (prefix, secret) = text.strip_prefix(KEY_START)?.split_once('_')?;
        let is_hex = |text: &str| text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let is_whole = prefix.len() == PREFIX_DIGITS && secret.len() == SECRET_DIGITS;
        (is_whole && is_hex(prefix) && is_hex(secret)).then_some(Self { prefix, secret })
    }

    /// Hashes the secret with a salt.
    pub(crate) fn hash(&self, salt: &[u8; 32]) -> Hash {
        blake3::keyed_hash(salt, self.secret.as_bytes())
    }
}

/// A key that was just made.
pub(crate) struct Minted {
    /// What its owner is shown, once.
    pub(crate) text: String,
    pub(crate) prefix: String,
    pub(crate) salt: [u8; 32],
    pub(crate) hash: Hash,
}

/// Makes a key.
pub(crate) fn mint(entropy: &Entropy) -> Minted {
    let secret = Hash::from_bytes(entropy.secret).to_hex();
    let drawn = |what: &str| blake3::derive_key(what, &entropy.other);
    let salt = drawn("marketlounge 2026 salt of a key");
    let prefix = Hash::from_bytes(drawn("marketlounge 2026 prefix of a key")).to_hex();
    let prefix = prefix[..PREFIX_DIGITS].to_owned();
    let key = Key {
        prefix: &prefix,
        secret: &secret,
    };
    Minted {
        text: format!("{KEY_START}{prefix}_{secret}"),
        hash: key.hash(&salt),
        salt,
        prefix,
    }
}

/// Bytes as the key file has them, in hexadecimal digits.
pub(crate) mod hex {
    use blake3::Hash;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8; 32], out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&Hash::from_bytes(*bytes).to_hex())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 32], D::Error> {
        let digits = String::deserialize(from)?;
        // The digits stay out of the message.
        let hash = Hash::from_hex(&digits).map_err(|_| D::Error::custom("not 64 hex digits"))?;
        Ok(*hash.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_taken_apart_and_a_near_miss_is_none() {
        let minted = mint(&Entropy::new([1; 32], [2; 32]));
        let key = Key::parse(&minted.text).unwrap();
        assert_eq!(key.prefix, minted.prefix);
        assert_eq!(key.hash(&minted.salt), minted.hash);
        let text = minted.text;
        for bad in [
            text.to_uppercase(),
            text.replace('_', "-"),
            text[..text.len() - 1].to_owned(),
            format!("{text}0"),
            format!(" {text}"),
            format!("ml_{}", "é".repeat(38)),
            "ml__".to_owned(),
        ] {
            assert!(Key::parse(&bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn two_keys_have_neither_prefix_nor_secret_nor_hash_in_common() {
        let one = mint(&Entropy::new([1; 32], [2; 32]));
        let other = mint(&Entropy::new([1; 32], [3; 32]));
        assert_ne!(
            (&one.prefix, one.salt, one.hash),
            (&other.prefix, other.salt, other.hash)
        );
        assert!(!one.text.contains(&*one.hash.to_hex()));
    }
}
