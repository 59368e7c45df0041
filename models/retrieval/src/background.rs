//! What cosines stand out from.

/// Documents that the prior background counts for.
const PRIOR_COUNT: f64 = 32.0;
/// Standard deviation assumed where there are too few vectors to tell, and the least one believed.
const LEAST_DEVIATION: f64 = 0.03;

/// What a cosine is by chance: mean and standard deviation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Background {
    mean: f64,
    deviation: f64,
}

impl Default for Background {
    fn default() -> Self {
        Self {
            mean: 0.0,
            deviation: LEAST_DEVIATION,
        }
    }
}

impl Background {
    pub(crate) fn of_sums(sum: f64, squares: f64, count: f64) -> Self {
        let mean = sum / count;
        let variance = (squares / count - mean * mean).max(0.0);
        Self {
            mean,
            deviation: variance.sqrt().max(LEAST_DEVIATION),
        }
    }

    /// The background of one query: its cosines with what the tenant sees, filtered or not, each with the number of
    /// documents that it stands for. Queries differ from
    /// documents (a short question, a long text), so their own cosines tell chance better than pairs of documents do; those
    /// are the prior where there are few.
    pub(crate) fn of_query(&self, cosines: impl Iterator<Item = (f32, f64)>) -> Self {
        let mut sum = PRIOR_COUNT * self.mean;
        let mut squares = PRIOR_COUNT * (self.deviation * self.deviation + self.mean * self.mean);
        let mut count = PRIOR_COUNT;
        for (cosine, weight) in cosines.map(|(cosine, weight)| (f64::from(cosine), weight)) {
            sum += weight * cosine;
            squares += weight * cosine * cosine;
            count += weight;
        }
        Self::of_sums(sum, squares, count)
    }

    /// Share of the way from the background to identity: 0 at the mean, 1 at cosine 1.
    pub(crate) fn calibrated(&self, cosine: f64) -> f64 {
        let room = (1.0 - self.mean).max(1e-6);
        ((cosine - self.mean) / room).clamp(0.0, 1.0)
    }

    /// How many deviations a cosine stands above the background.
    pub(crate) fn deviations(&self, cosine: f64) -> f64 {
        (cosine - self.mean) / self.deviation
    }
}
