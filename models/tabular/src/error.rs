//! What can go wrong with tables and models of them.

/// Why a table, settings, a request or a stored model was refused.
#[derive(Debug, thiserror::Error)]
pub enum TabularError {
    /// Settings or training rows contradict themselves. Mend the caller; trying again is of no help.
    #[error("invalid {what}: {reason}")]
    Invalid {
        /// The setting or the data.
        what: String,
        /// What is wrong.
        reason: String,
    },
    /// A request names a feature that the model does not know. Tell the caller which there are.
    #[error("unknown feature {feature}")]
    UnknownFeature {
        /// What was named.
        feature: String,
        /// The features there are.
        known: Vec<String>,
    },
    /// A request gives a category that was never seen. Tell the caller which there are.
    #[error("feature {feature} has no category {value}")]
    UnknownCategory {
        /// The feature.
        feature: String,
        /// What was given.
        value: String,
        /// The categories there are, sorted.
        known: Vec<String>,
    },
    /// A request gives a text for a number, a number for a category, or an infinite number.
    #[error("feature {feature} wants {wanted}")]
    WrongKind {
        /// The feature.
        feature: String,
        /// What it takes.
        wanted: &'static str,
    },
    /// Stored bytes are not what [`crate::to_bytes`] wrote. Refuse the snapshot and keep the previous one.
    #[error("corrupt model: {reason}")]
    Corrupt {
        /// What was found.
        reason: String,
    },
    /// The numbers got out of hand while fitting; the rows' scale is the usual cause.
    #[error("the fit failed")]
    Fit(#[from] linfa::Error),
}

impl TabularError {
    /// Returns an `Invalid` error.
    pub fn invalid(what: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid {
            what: what.into(),
            reason: reason.into(),
        }
    }

    /// Returns a `Corrupt` error.
    pub fn corrupt(reason: impl Into<String>) -> Self {
        Self::Corrupt {
            reason: reason.into(),
        }
    }
}

/// Returns an `Invalid` error of `what` where `holds` is false.
///
/// # Errors
/// `Invalid`, as said.
pub fn require(holds: bool, what: &str, reason: &str) -> Result<(), TabularError> {
    if holds {
        Ok(())
    } else {
        Err(TabularError::invalid(what, reason))
    }
}
