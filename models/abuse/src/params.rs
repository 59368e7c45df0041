//! Settings of the detectors of conduct and spam.

use linfa::ParamGuard;

use crate::AbuseError;

/// Settings that were checked.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedConductParams {
    pub(crate) burst_seconds: i64,
    pub(crate) burst_events: usize,
    pub(crate) resemblance: f64,
    pub(crate) alike: usize,
    pub(crate) shared: usize,
    pub(crate) new_seconds: i64,
    pub(crate) chance: f64,
    pub(crate) failures: u64,
}

/// Settings of the detectors of conduct and spam.
///
/// | setting | default | range | meaning |
/// |---|---|---|---|
/// | `burst_seconds` | 1,200 | ≥ 1 | a burst is so short |
/// | `burst_events` | 8 | ≥ 3 | and has so many acts |
/// | `resemblance` | 0.65 | (0, 1] | weight of words in common from which texts are alike: see [`crate::alike`] |
/// | `alike` | 4 | ≥ 2 | messages of one account that must be alike |
/// | `shared` | 3 | ≥ 2 | accounts that must share an identifier, a site or a text |
/// | `new_seconds` | 864,000 | ≥ 1 | an account is new for so long |
/// | `chance` | 0.001 | (0, 1) | how likely by chance an excess of failures, or of accounts made at once, may be |
/// | `failures` | 3 | ≥ 1 | failures from which an excess counts |
#[derive(Debug, Clone, PartialEq)]
pub struct ConductParams(CheckedConductParams);

impl Default for ConductParams {
    fn default() -> Self {
        Self(CheckedConductParams {
            burst_seconds: 1200,
            burst_events: 8,
            resemblance: 0.65,
            alike: 4,
            shared: 3,
            new_seconds: 864_000,
            chance: 0.001,
            failures: 3,
        })
    }
}

impl ConductParams {
    /// Sets how short a burst is, and of how many acts.
    #[must_use]
    pub fn burst(mut self, seconds: i64, events: usize) -> Self {
        (self.0.burst_seconds, self.0.burst_events) = (seconds, events);
        self
    }

    /// Sets from which resemblance on texts are alike, and how many must be.
    #[must_use]
    pub fn alike(mut self, resemblance: f64, texts: usize) -> Self {
        (self.0.resemblance, self.0.alike) = (resemblance, texts);
        self
    }
}

impl ParamGuard for ConductParams {
    type Checked = CheckedConductParams;
    type Error = AbuseError;

    fn check_ref(&self) -> Result<&Self::Checked, AbuseError> {
        let it = &self.0;
        let checks: [(&'static str, String, bool, &'static str); 8] = [
            ("burst_seconds", it.burst_seconds.to_string(), it.burst_seconds >= 1, "1 or more"),
            ("burst_events", it.burst_events.to_string(), it.burst_events >= 3, "3 or more"),
            (
                "resemblance",
                it.resemblance.to_string(),
                it.resemblance > 0.0 && it.resemblance <= 1.0,
                "above 0 and at most 1",
            ),
            ("alike", it.alike.to_string(), it.alike >= 2, "2 or more"),
            ("shared", it.shared.to_string(), it.shared >= 2, "2 or more"),
            ("new_seconds", it.new_seconds.to_string(), it.new_seconds >= 1, "1 or more"),
            (
                "chance",
                it.chance.to_string(),
                it.chance > 0.0 && it.chance < 1.0,
                "above 0 and below 1",
            ),
            ("failures", it.failures.to_string(), it.failures >= 1, "1 or more"),
        ];
        for (setting, given, is_right, expected) in checks {
            if !is_right {
                return Err(AbuseError {
                    setting,
                    given,
                    expected,
                });
            }
        }
        Ok(it)
    }

    fn check(self) -> Result<Self::Checked, AbuseError> {
        self.check_ref()?;
        Ok(self.0)
    }
}
