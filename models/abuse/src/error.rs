//! Why a setting is refused.

/// What can be wrong with settings. Trying again does not help: mend the setting.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{setting} is {given}, and must be {expected}")]
pub struct AbuseError {
    /// The setting.
    pub setting: &'static str,
    /// What was given.
    pub given: String,
    /// What may be.
    pub expected: &'static str,
}
