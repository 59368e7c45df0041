//! Which price, deadline or number of invitations reaches a likelihood.

use tabular::{Direction, TabularError, require};

use crate::model::LikelihoodModel;

/// Asks for the value of one feature, all others as they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Question<'a> {
    /// A number feature whose effect has one direction.
    pub feature: &'a str,
    /// The values that can be had: from the first to the last.
    pub within: (f64, f64),
    /// The likelihood that is wanted, in (0, 1).
    pub wanted: f64,
}

/// The answer: a value and the likelihood there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Answer {
    /// The value nearest to the unfavourable end that is likely enough.
    Reached {
        /// The value.
        value: f64,
        /// Its likelihood: as wanted or more.
        probability: f64,
    },
    /// No value is likely enough; this one is the best.
    OutOfReach {
        /// The value.
        value: f64,
        /// Its likelihood.
        probability: f64,
    },
}

impl LikelihoodModel {
    /// Answers a what-if question for a row of the schema, by halving: the likelihood has one direction.
    ///
    /// # Errors
    /// `UnknownFeature`; `Invalid` where the feature has no direction, or the bounds or the likelihood make no sense.
    pub fn what_if(&self, row: &[f64], question: Question<'_>) -> Result<Answer, TabularError> {
        let place = self.schema().position(question.feature)?;
        let direction = self.direction(place).ok_or_else(|| {
            TabularError::invalid(question.feature, "its effect has no one direction")
        })?;
        let (low, high) = question.within;
        let ordered = low.is_finite() && high.is_finite() && low <= high;
        require(ordered, question.feature, "the bounds are not in order")?;
        let sensible = question.wanted > 0.0 && question.wanted < 1.0;
        require(sensible, "wanted", "a likelihood is within (0, 1)")?;
        let mut row = row.to_vec();
        let mut at = |value: f64| {
            row[place] = value;
            self.predict(&row)
        };
        let (mut bad, mut good) = match direction {
            Direction::Rising => (low, high),
            Direction::Falling => (high, low),
        };
        let best = at(good);
        if best < question.wanted {
            return Ok(Answer::OutOfReach {
                value: good,
                probability: best,
            });
        }
        if at(bad) >= question.wanted {
            return Ok(Answer::Reached {
                value: bad,
                probability: at(bad),
            });
        }
        // Halving 100 times leaves no float between.
        for _ in 0..100 {
            let middle = bad + (good - bad) / 2.0;
            if at(middle) >= question.wanted {
                good = middle
            } else {
                bad = middle
            }
        }
        Ok(Answer::Reached {
            value: good,
            probability: at(good),
        })
    }
}
