//! How much worse a canary may be.

use crate::CanaryError;

/// What an operator allows.
///
/// | setting | default | range | meaning |
/// |---|---|---|---|
/// | `max_error_share` | 0.01 | 0 to 1 | by how much the share of failed answers may exceed that of the other nodes |
/// | `max_latency_ratio` | 1.5 | from 1 | how many times as slow the 95th percentile of a route may be |
/// | `min_requests` | 200 | from 1 | answers of each side before there is anything to say |
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// By how much the share of failed answers may exceed that of the other nodes.
    pub max_error_share: f64,
    /// How many times as slow the 95th percentile of a route may be.
    pub max_latency_ratio: f64,
    /// Answers of each side before there is anything to say.
    pub min_requests: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_error_share: 0.01,
            max_latency_ratio: 1.5,
            min_requests: 200,
        }
    }
}

impl Limits {
    /// Returns the limits where they can be kept.
    ///
    /// # Errors
    /// One of them is out of its range.
    pub fn check(self) -> Result<Self, CanaryError> {
        let refuse = |name, value, wanted| {
            Err(CanaryError::Limit {
                name,
                value,
                wanted,
            })
        };
        if !(0.0..=1.0).contains(&self.max_error_share) {
            return refuse(
                "max-error-share",
                self.max_error_share,
                "a share lies between 0 and 1",
            );
        }
        if self.max_latency_ratio.is_nan() || self.max_latency_ratio < 1.0 {
            return refuse(
                "max-latency-ratio",
                self.max_latency_ratio,
                "a ratio of 1 is as fast as the others, and less would refuse what is no slower",
            );
        }
        if self.min_requests == 0 {
            return refuse("min-requests", 0.0, "without requests nothing can be told");
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_out_of_its_range_is_named() {
        let good = Limits::default();
        assert_eq!(good.check(), Ok(good));
        let bad = [
            (
                Limits {
                    max_error_share: 1.1,
                    ..good
                },
                "max-error-share",
            ),
            (
                Limits {
                    max_latency_ratio: 0.9,
                    ..good
                },
                "max-latency-ratio",
            ),
            (
                Limits {
                    max_latency_ratio: f64::NAN,
                    ..good
                },
                "max-latency-ratio",
            ),
            (
                Limits {
                    min_requests: 0,
                    ..good
                },
                "min-requests",
            ),
        ];
        for (limits, name) in bad {
            let said = limits.check().unwrap_err().to_string();
            assert!(said.starts_with(name), "{said}");
        }
    }
}
