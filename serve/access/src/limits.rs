//! How much somebody may ask, in units of cost.

use serde::{Deserialize, Serialize};

/// Limits of an account or of a tenant; what is absent is not limited. Costs are units: the cheapest request costs one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Units that come back in a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_minute: Option<u32>,
    /// Units that may be spent at once after a rest; a minute's where absent. A request that costs more costs this much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst: Option<u32>,
    /// Units in a day, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_day: Option<u64>,
    /// Units in a calendar month, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_month: Option<u64>,
}

/// Limits that make no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// A limit of zero. Revoke the key instead, or leave the limit out.
    #[error("{0} is 0: revoke the key to stop it, or leave the limit out")]
    Zero(&'static str),
    /// A burst without a rate. Say `per_minute` too.
    #[error("burst needs per_minute, which says how fast it comes back")]
    BurstAlone,
}

impl Limits {
    /// Checks that the limits can be kept.
    ///
    /// # Errors
    /// One is zero, or there is a burst without a rate.
    pub fn check(&self) -> Result<(), LimitError> {
        let named = [
            ("per_minute", self.per_minute.map(u64::from)),
            ("burst", self.burst.map(u64::from)),
            ("per_day", self.per_day),
            ("per_month", self.per_month),
        ];
        if let Some((name, _)) = named.into_iter().find(|(_, value)| *value == Some(0)) {
            return Err(LimitError::Zero(name));
        }
        if self.burst.is_some() && self.per_minute.is_none() {
            return Err(LimitError::BurstAlone);
        }
        Ok(())
    }

    /// Says whether there is no limit at all.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_that_make_no_sense_are_refused_by_name() {
        let read = |text: &str| serde_json::from_str::<Limits>(text);
        let zero = read(r#"{"per_day": 0}"#).unwrap();
        assert_eq!(zero.check(), Err(LimitError::Zero("per_day")));
        let burst = read(r#"{"burst": 5}"#).unwrap();
        assert_eq!(burst.check(), Err(LimitError::BurstAlone));
        assert!(read(r#"{"per_hour": 5}"#).is_err());
        assert!(Limits::default().is_none() && Limits::default().check().is_ok());
    }
}
