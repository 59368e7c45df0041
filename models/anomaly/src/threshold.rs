//! Where strange begins: a choice apart from the score.

use serde::{Deserialize, Serialize};
use tabular::{TabularError, require};

/// Scores from which rows are flagged.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// Rows of a higher score are flagged.
    pub score: f64,
    /// How many rows of exactly this score are flagged too, the first ones; all of them where none is said.
    pub ties: Option<usize>,
    /// Share of the rows it was chosen on that it flags.
    pub share: f64,
    /// Share of the flagged rows that are expected to be truly strange; none where no row was judged.
    pub expected_precision: Option<f64>,
}

impl Threshold {
    /// Returns the threshold that flags `share` of the rows: `share` × rows of them, rounded to a whole number (half a row is one), the
    /// highest scores first, and of equal scores the earlier rows. [`Self::flags`] of the same scores flags exactly as many.
    ///
    /// # Errors
    /// `Invalid` where the share is not in [0, 1], there is no score, or one is not a number.
    pub fn of_share(scores: &[f64], share: f64) -> Result<Self, TabularError> {
        require((0.0..=1.0).contains(&share), "share", "want 0 to 1")?;
        let ranked = ranked(scores)?;
        let count = (share * scores.len() as f64).round() as usize;
        let score = scores[ranked[count.saturating_sub(1)]];
        let flagged = ranked[..count].iter();
        Ok(Self {
            score,
            ties: Some(flagged.filter(|row| scores[**row] == score).count()),
            share: count as f64 / scores.len() as f64,
            expected_precision: None,
        })
    }

    /// Returns the lowest threshold whose expected precision is at least `precision`, from judged rows: of those at or above it, `found` of
    /// `flagged` were truly strange. What is expected is (`found` + base) / (`flagged` + 1), the mean of a beta distribution that starts as
    /// one row of the base rate: one lucky hit is no proof. None where no threshold reaches the precision.
    ///
    /// The rows should be others than those that the forest was fitted on, and judged whatever their score.
    ///
    /// # Errors
    /// `Invalid` where the precision is not in (0, 1), there is not one judgement per score, there is no score, or one is not a number.
    pub fn of_precision(
        scores: &[f64],
        is_strange: &[bool],
        precision: f64,
    ) -> Result<Option<Self>, TabularError> {
        let good = precision > 0.0 && precision < 1.0;
        require(good, "precision", "want more than 0 and less than 1")?;
        let alike = is_strange.len() == scores.len();
        require(alike, "judgements", "one is wanted per score")?;
        let ranked = ranked(scores)?;
        let rows = scores.len() as f64;
        let base = is_strange.iter().filter(|strange| **strange).count() as f64 / rows;
        let (mut best, mut found) = (None, 0.0);
        for (place, row) in ranked.iter().enumerate() {
            found += f64::from(u8::from(is_strange[*row]));
            let score = scores[*row];
            // Equal scores are flagged together or not at all.
            if ranked
                .get(place + 1)
                .is_some_and(|next| scores[*next] == score)
            {
                continue;
            }
            let flagged = (place + 1) as f64;
            let expected = (found + base) / (flagged + 1.0);
            if expected >= precision {
                best = Some(Self {
                    score,
                    ties: None,
                    share: flagged / rows,
                    expected_precision: Some(expected),
                });
            }
        }
        Ok(best)
    }

    /// Says of each row whether it is flagged.
    #[must_use]
    pub fn flags(&self, scores: &[f64]) -> Vec<bool> {
        let mut left = self.ties.unwrap_or(usize::MAX);
        let mut flag = |score: &f64| {
            let is_tie = *score == self.score && left > 0;
            left -= usize::from(is_tie);
            is_tie || *score > self.score
        };
        scores.iter().map(&mut flag).collect()
    }
}

/// Rows by score, the highest first, of equal scores the earlier.
fn ranked(scores: &[f64]) -> Result<Vec<usize>, TabularError> {
    require(!scores.is_empty(), "scores", "there are none")?;
    let known = scores.iter().all(|score| !score.is_nan());
    require(known, "scores", "one is not a number")?;
    let mut rows: Vec<usize> = (0..scores.len()).collect();
    // Partial: 0 and −0 are one score.
    rows.sort_by(|a, b| scores[*b].partial_cmp(&scores[*a]).expect("none is NaN"));
    Ok(rows)
}
