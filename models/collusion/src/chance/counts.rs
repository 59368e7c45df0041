//! Counts: hypergeometric, binomial, runs.

use crate::chance::normal::normal_tail;

/// Work beyond which a sum of hypergeometric counts is taken as normal.
const MOST_STEPS: usize = 1_000_000;

/// Logarithms of factorials up to a bound.
#[derive(Debug, Clone)]
pub(crate) struct Factorials(Vec<f64>);

impl Factorials {
    pub(crate) fn up_to(most: usize) -> Self {
        let mut sum = 0.0;
        let logs = (0..=most).map(|n| {
            sum += (n.max(1) as f64).ln();
            sum
        });
        Self(logs.collect())
    }

    fn ln_choose(&self, n: usize, k: usize) -> f64 {
        self.0[n] - self.0[k] - self.0[n - k]
    }
}

/// Comparable auctions: how many, and how many of them each of two firms bid in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stratum {
    pub(crate) all: usize,
    pub(crate) one: usize,
    pub(crate) other: usize,
}

impl Stratum {
    fn mean(&self) -> f64 {
        self.one as f64 * self.other as f64 / self.all as f64
    }

    fn variance(&self) -> f64 {
        let (n, a, b) = (self.all as f64, self.one as f64, self.other as f64);
        if self.all < 2 {
            return 0.0;
        }
        a * b / n * ((n - a) / n) * ((n - b) / (n - 1.0))
    }

    /// Least and most auctions that both can be in.
    fn support(&self) -> (usize, usize) {
        let least = (self.one + self.other).saturating_sub(self.all);
        (least, self.one.min(self.other))
    }

    /// The chance of one meeting more than `both`, whose chance is `chance`.
    fn next(&self, both: usize, chance: f64, logs: &Factorials) -> f64 {
        if chance < 1e-280 {
            return if both < self.support().1 {
                self.chance(both + 1, logs)
            } else {
                0.0
            };
        }
        let left = (self.one - both) as f64 * (self.other - both) as f64;
        let apart = (self.all + both + 1 - self.one - self.other) as f64;
        chance * left / ((both + 1) as f64 * apart)
    }

    fn chance(&self, both: usize, logs: &Factorials) -> f64 {
        let rest = logs.ln_choose(self.all - self.one, self.other - both);
        (logs.ln_choose(self.one, both) + rest - logs.ln_choose(self.all, self.other)).exp()
    }
}

/// Returns how many meetings chance expects, and how likely it makes `met` or more, where in each stratum both firms choose their auctions
/// independently: the sum of hypergeometric counts, by exact convolution; by the normal distribution, with continuity, where that is too long.
pub(crate) fn meetings_tail(strata: &[Stratum], met: usize, logs: &Factorials) -> (f64, f64) {
    let mean: f64 = strata.iter().map(Stratum::mean).sum();
    let most: usize = strata.iter().map(|s| s.support().1).sum();
    if met == 0 || most < met {
        return (mean, if met == 0 { 1.0 } else { 0.0 });
    }
    let steps: usize = strata.iter().map(|s| s.support().1 + 1).sum::<usize>() * (met + 1);
    if steps > MOST_STEPS {
        let spread: f64 = strata.iter().map(Stratum::variance).sum::<f64>().sqrt();
        let above = met as f64 - 0.5 - mean;
        let tail = if spread > 0.0 {
            normal_tail(above / spread)
        } else {
            1.0
        };
        return (mean, tail);
    }
    // Chances of 0, 1, … meetings so far; the last place holds `met` and more, so that small tails are sums of small numbers.
    let mut chances = vec![0.0; met + 1];
    chances[0] = 1.0;
    let mut reached = 0;
    let mut next = chances.clone();
    for stratum in strata {
        let (low, high) = stratum.support();
        if (low, high) == (0, 1) {
            once_or_never(&mut chances, stratum.mean(), (reached + 1).min(met));
        } else {
            next.fill(0.0);
            let mut chance = stratum.chance(low, logs);
            for both in low..=high {
                spread(&chances[..=reached], chance, both, &mut next);
                chance = stratum.next(both, chance, logs);
            }
            std::mem::swap(&mut chances, &mut next);
        }
        reached = (reached + high).min(met);
    }
    (mean, chances[met].clamp(0.0, 1.0))
}

/// Adds a stratum in which two can meet once at most, in place; up to `last`, beyond which all chances are 0.
fn once_or_never(chances: &mut [f64], once: f64, last: usize) {
    let end = chances.len() - 1;
    if last == end {
        chances[end] += chances[end - 1] * once;
    } else {
        chances[last] = chances[last - 1] * once;
    }
    for at in (1..last).rev() {
        chances[at] = chances[at] * (1.0 - once) + chances[at - 1] * once;
    }
    chances[0] *= 1.0 - once;
}

/// Adds to `next` the chances of as many meetings and `both` more; what goes beyond its end is counted there.
fn spread(chances: &[f64], chance: f64, both: usize, next: &mut [f64]) {
    let end = next.len() - 1;
    let within = chances.len().min((end + 1).saturating_sub(both));
    let (short, over) = chances.split_at(within);
    for (to, from) in next[both.min(end)..].iter_mut().zip(short) {
        *to += from * chance;
    }
    next[end] += over.iter().sum::<f64>() * chance;
}

/// Returns how likely `hits` or more of `n` are where each has the chance `p`.
pub(crate) fn binomial_tail(n: usize, hits: usize, p: f64, logs: &Factorials) -> f64 {
    if hits == 0 {
        return 1.0;
    }
    let (yes, no) = (p.ln(), (-p).ln_1p());
    let chance = |k: usize| (logs.ln_choose(n, k) + k as f64 * yes + (n - k) as f64 * no).exp();
    (hits..=n).rev().map(chance).sum::<f64>().min(1.0)
}

/// Returns how likely `runs` or more runs are in a random order of `one` and `other` things of two sorts (Wald and Wolfowitz, *On a Test Whether
/// Two Samples are from the Same Population*, 1940).
pub(crate) fn runs_tail(one: usize, other: usize, runs: usize, logs: &Factorials) -> f64 {
    if one == 0 || other == 0 || runs <= 2 {
        return 1.0;
    }
    let all = logs.ln_choose(one + other, one);
    let ways = |a: usize, b: usize| {
        if a < one && b < other {
            (logs.ln_choose(one - 1, a) + logs.ln_choose(other - 1, b) - all).exp()
        } else {
            0.0
        }
    };
    let chance = |runs: usize| {
        let half = runs / 2;
        if runs.is_multiple_of(2) {
            2.0 * ways(half - 1, half - 1)
        } else {
            ways(half, half - 1) + ways(half - 1, half)
        }
    };
    (runs..=one + other).rev().map(chance).sum::<f64>().min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, wanted: f64) {
        assert!((found / wanted - 1.0).abs() < 1e-9, "{found} not {wanted}");
    }

    #[test]
    fn one_stratum_is_the_hypergeometric_test_of_scipy() {
        let logs = Factorials::up_to(300);
        let stratum = Stratum {
            all: 300,
            one: 20,
            other: 25,
        };
        // scipy.stats.hypergeom.sf(11, 300, 20, 25)
        near(
            meetings_tail(&[stratum], 12, &logs).1,
            5.230_172_750_542_995e-10,
        );
    }

    #[test]
    fn strata_add_up_as_enumeration_says() {
        let logs = Factorials::up_to(50);
        let strata = [
            Stratum {
                all: 6,
                one: 3,
                other: 4,
            },
            Stratum {
                all: 5,
                one: 2,
                other: 2,
            },
        ];
        let mut tail = 0.0;
        for a in 1..=3 {
            for b in 0..=2 {
                if a + b >= 4 {
                    tail += strata[0].chance(a, &logs) * strata[1].chance(b, &logs);
                }
            }
        }
        let (mean, found) = meetings_tail(&strata, 4, &logs);
        near(found, tail);
        near(mean, 2.0 + 0.8);
        // Two firms that alone bid in a market meet always, which says nothing.
        let alone = Stratum {
            all: 12,
            one: 12,
            other: 12,
        };
        near(meetings_tail(&[alone], 12, &logs).1, 1.0);
    }

    #[test]
    fn binomials_and_runs_are_those_of_their_formulas() {
        let logs = Factorials::up_to(50);
        // scipy.stats.binom.sf(4, 12, 0.1)
        near(binomial_tail(12, 5, 0.1, &logs), 0.004_329_343_270_000_001);
        // Strict alternation of 6 and 6: two orders of 924.
        near(runs_tail(6, 6, 12, &logs), 2.0 / 924.0);
        near(runs_tail(1, 2, 3, &logs), 1.0 / 3.0);
    }
}
