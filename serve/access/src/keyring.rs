//! The keys that a node knows, by prefix.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use schemas::Tenant;

use crate::{Caller, KeyFile, KeyFileError, KeyRecord, KeyState, Limits, Refusal, key::Key};

/// Hashed against where nobody has a prefix, so that this takes as long as where somebody has.
const NOBODY: [u8; 32] = [0; 32];

/// The keys of a file, ready to be asked.
#[derive(Debug, Clone, Default)]
pub struct Keyring {
    by_prefix: HashMap<String, KeyRecord>,
    tenants: BTreeMap<Tenant, Limits>,
}

impl Keyring {
    /// Takes the keys of a file.
    ///
    /// # Errors
    /// The file contradicts itself.
    pub fn new(file: KeyFile) -> Result<Self, KeyFileError> {
        file.check()?;
        let keys = file.keys.into_iter();
        Ok(Self {
            by_prefix: keys.map(|key| (key.prefix.clone(), key)).collect(),
            tenants: file.tenants,
        })
    }

    /// Finds who sends a key.
    ///
    /// # Errors
    /// Nobody has it, or it is over; only who has the secret learns which.
    pub fn authenticate(&self, text: &str, now: DateTime<Utc>) -> Result<Caller, Refusal> {
        let key = Key::parse(text).ok_or(Refusal::Invalid)?;
        let record = self.by_prefix.get(key.prefix);
        let given = key.hash(record.map_or(&NOBODY, KeyRecord::salt));
        // `Hash` compares in constant time.
        let record = record.filter(|record| record.hash() == given);
        let record = record.ok_or(Refusal::Invalid)?;
        match record.state(now) {
            KeyState::Valid | KeyState::Replaced => Ok(Caller {
                key_id: Some(record.prefix.clone()),
                name: record.name.clone(),
                account: record.account.clone(),
                tenants: record.tenants.clone(),
                scopes: record.scopes,
                limits: record.limits,
                expires_at: record.expires_at,
            }),
            KeyState::Expired => Err(Refusal::Expired),
            KeyState::Revoked => Err(Refusal::Revoked),
        }
    }

    /// Returns the limits of a tenant over all its callers; none where it has none.
    #[must_use]
    pub fn limits_of(&self, tenant: &Tenant) -> Limits {
        self.tenants.get(tenant).copied().unwrap_or_default()
    }

    /// Returns how many keys open the node at a time.
    #[must_use]
    pub fn valid(&self, now: DateTime<Utc>) -> usize {
        let is_valid =
            |key: &&KeyRecord| matches!(key.state(now), KeyState::Valid | KeyState::Replaced);
        self.by_prefix.values().filter(is_valid).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Entropy, NewKey, Scope};

    fn day(text: &str) -> DateTime<Utc> {
        format!("{text}T00:00:00Z").parse().unwrap()
    }

    fn entropy(seed: u8) -> Entropy {
        Entropy::new([seed; 32], [seed + 100; 32])
    }

    fn new_key() -> NewKey {
        NewKey::new(
            "Portail",
            "tenant_a".parse().unwrap(),
            [Scope::Match].into(),
        )
    }

    #[test]
    fn a_key_opens_until_it_expires_or_is_revoked() {
        let mut file = KeyFile::default();
        let new = NewKey {
            expires_at: Some(day("2027-01-01")),
            ..new_key()
        };
        let text = file.add(new, entropy(1), day("2026-11-20")).unwrap();
        let keyring = Keyring::new(file.clone()).unwrap();
        let caller = keyring.authenticate(&text, day("2026-12-31")).unwrap();
        assert_eq!(caller.tenants.names(), ["tenant_a"]);
        assert_eq!(caller.key_id.as_deref(), Some(&text[3..15]));
        assert_eq!(
            keyring.authenticate(&text, day("2027-01-01")),
            Err(Refusal::Expired)
        );
        let prefix = file.keys[0].prefix.clone();
        file.revoke(&prefix, day("2026-11-21")).unwrap();
        file.revoke(&prefix, day("2026-11-22")).unwrap();
        let keyring = Keyring::new(file).unwrap();
        assert_eq!(
            keyring.authenticate(&text, day("2026-11-21")),
            Err(Refusal::Revoked)
        );
        assert_eq!(keyring.valid(day("2026-11-21")), 0);
    }

    #[test]
    fn a_wrong_secret_learns_nothing_of_the_key() {
        let mut file = KeyFile::default();
        let text = file.add(new_key(), entropy(1), day("2026-11-20")).unwrap();
        let prefix = file.keys[0].prefix.clone();
        file.revoke(&prefix, day("2026-11-20")).unwrap();
        let keyring = Keyring::new(file).unwrap();
        let other = |digit: &str| format!("{}{digit}", &text[..text.len() - 1]);
        for text in [
            other("0"),
            other("f"),
            format!("ml_{}_{}", "0".repeat(12), "0".repeat(64)),
        ] {
            assert_eq!(
                keyring.authenticate(&text, day("2026-11-21")),
                Err(Refusal::Invalid)
            );
        }
    }

    #[test]
    fn a_rotated_key_and_its_successor_open_together_and_count_as_one() {
        let mut file = KeyFile::default();
        let old = file.add(new_key(), entropy(1), day("2026-11-20")).unwrap();
        let prefix = file.keys[0].prefix.clone();
        let rotate = |file: &mut KeyFile, prefix: &str, seed| {
            file.rotate(prefix, day("2026-11-27"), entropy(seed), day("2026-11-22"))
        };
        let new = rotate(&mut file, &prefix, 2).unwrap();
        assert!(matches!(
            rotate(&mut file, &prefix, 3),
            Err(KeyFileError::Over { .. })
        ));
        assert!(matches!(
            rotate(&mut file, "nobody", 3),
            Err(KeyFileError::Unknown(_))
        ));
        let keyring = Keyring::new(KeyFile::parse(&file.to_json()).unwrap()).unwrap();
        let both = [&old, &new].map(|text| keyring.authenticate(text, day("2026-11-26")).unwrap());
        assert_eq!(both[0].account, both[1].account);
        assert_ne!(both[0].key_id, both[1].key_id);
        assert_eq!(keyring.valid(day("2026-11-26")), 2);
        assert_eq!(
            keyring.authenticate(&old, day("2026-11-27")),
            Err(Refusal::Expired)
        );
        assert!(keyring.authenticate(&new, day("2026-11-27")).is_ok());
    }

    #[test]
    fn a_file_keeps_no_key_and_a_bad_one_is_refused_without_telling_its_hashes() {
        let mut file = KeyFile::default();
        let text = file.add(new_key(), entropy(1), day("2026-11-20")).unwrap();
        let json = String::from_utf8(file.to_json()).unwrap();
        let secret = text.rsplit('_').next().unwrap();
        assert!(!json.contains(secret) && !format!("{file:?}").contains(secret));
        let hash = file.keys[0].hash().to_hex().to_string();
        assert!(!format!("{file:?}").contains(&hash));
        for (bad, says) in [
            (json.replace(r#""format": 1"#, r#""format": 2"#), "format 2"),
            (json.replace(&hash, &hash[1..]), "hex"),
            (json.replace(r#""match""#, r#""root""#), "root"),
            (json.replace("\"match\"\n", ""), "no scope"),
            (json.replace("tenant_a", "nord"), "tenant"),
            (json.replace(r#""name""#, r#""nom""#), "nom"),
            ("{".to_owned(), "format"),
        ] {
            let error = KeyFile::parse(bad.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(says) || bad == "{", "{error}");
            assert!(!error.contains(&hash[1..]), "{error}");
        }
        file.keys.push(file.keys[0].clone());
        assert!(matches!(file.check(), Err(KeyFileError::Twice(_))));
    }
}
