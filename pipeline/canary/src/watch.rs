//! Watching nodes: what each side answered so far, and what follows from it.

use std::collections::BTreeMap;

use crate::{
    Limits, Verdict,
    sight::{Seen, Sight},
    traffic::Traffic,
};

/// Looks running at which a node that served the canary must be silent, or not ready, before that counts.
const MISSED: u32 = 3;
/// The quantile of latencies that is compared.
const QUANTILE: f64 = 0.95;
/// Seconds by which a latency must differ: below, buckets and chance tell more than snapshots do.
const LEAST_SECONDS: f64 = 0.01;

/// A canary that is watched.
#[derive(Debug, Clone)]
pub struct Watch {
    canary: String,
    announced: String,
    limits: Limits,
    nodes: BTreeMap<String, Watched>,
    of_canary: Traffic,
    of_others: Traffic,
}

/// A node that is watched.
#[derive(Debug, Clone, Default)]
struct Watched {
    /// What it told last.
    last: Option<Sight>,
    /// Why it told nothing at the last look.
    silent: Option<String>,
    has_served_canary: bool,
    /// Looks running at which it was silent or not ready.
    missed: u32,
}

impl Watch {
    /// Begins to watch a snapshot against the announced one, by their ids.
    #[must_use]
    pub fn new(canary: &str, announced: &str, limits: Limits) -> Self {
        Self {
            canary: canary.to_owned(),
            announced: announced.to_owned(),
            limits,
            nodes: BTreeMap::new(),
            of_canary: Traffic::default(),
            of_others: Traffic::default(),
        }
    }

    /// Takes in what a look at a node showed.
    pub fn look(&mut self, node: &str, seen: &Seen) {
        let watched = self.nodes.entry(node.to_owned()).or_default();
        let sight = match seen {
            Seen::Silent(why) => {
                watched.missed += 1;
                watched.silent = Some(why.clone());
                return;
            }
            Seen::Told(sight) => sight,
        };
        watched.silent = None;
        watched.missed = if sight.is_ready {
            0
        } else {
            watched.missed + 1
        };
        let side = match sight.snapshot.as_deref() {
            Some(id) if id == self.canary => Some(&mut self.of_canary),
            Some(id) if id == self.announced => Some(&mut self.of_others),
            _ => None,
        };
        watched.has_served_canary |= sight.snapshot.as_deref() == Some(&self.canary);
        // What was answered between two looks is one snapshot's only where both looks saw it.
        let before = watched.last.as_ref();
        let before = before.filter(|before| before.snapshot == sight.snapshot);
        if let (Some(side), Some(before)) = (side, before)
            && let Some(since) = sight.traffic.since(&before.traffic)
        {
            side.add(&since);
        }
        watched.last = Some(sight.clone());
    }

    /// Returns how many answers each side gave so far: those of the canary first.
    #[must_use]
    pub fn answers(&self) -> [u64; 2] {
        [&self.of_canary, &self.of_others].map(Traffic::answers)
    }

    /// Decides by what was seen so far.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let mut worse = self.unwell();
        let mut missing = self.missing();
        let mut compared = Vec::new();
        if self.has_enough() {
            self.compare_failures(&mut worse, &mut missing, &mut compared);
            self.compare_latencies(&mut worse, &mut missing, &mut compared);
        }
        Verdict::of(worse, missing, compared)
    }

    fn serving<'a>(&'a self, id: &'a str) -> impl Iterator<Item = (&'a String, &'a Sight)> {
        let told = |(name, node): (&'a String, &'a Watched)| Some((name, node.last.as_ref()?));
        let told = self.nodes.iter().filter_map(told);
        told.filter(move |(_, sight)| sight.snapshot.as_deref() == Some(id))
    }

    /// What is wrong with canary nodes by themselves.
    fn unwell(&self) -> Vec<String> {
        let mut worse = Vec::new();
        for (name, node) in &self.nodes {
            let refused = node.last.as_ref().and_then(|sight| sight.refused.as_ref());
            if refused == Some(&self.canary) {
                worse.push(format!(
                    "{name} refuses the canary and serves what is announced: its /health says why"
                ));
            }
            if node.has_served_canary && node.missed >= MISSED {
                let how = match &node.silent {
                    Some(why) => format!("does not answer ({why})"),
                    None => "is not ready".to_owned(),
                };
                worse.push(format!(
                    "{name} served the canary and {how}, {} looks running",
                    node.missed
                ));
            }
        }
        let has_encoder = |id: &str| self.serving(id).any(|(_, sight)| sight.has_encoder);
        if has_encoder(&self.announced) {
            let without = self.serving(&self.canary);
            let without = without.filter(|(_, sight)| !sight.has_encoder);
            worse.extend(without.map(|(name, _)| {
                format!("{name} has no encoder for the canary: it matches by words only, and others do not")
            }));
        }
        worse
    }

    /// What is still to be known.
    fn missing(&self) -> Vec<String> {
        let mut missing = Vec::new();
        if self.serving(&self.canary).next().is_none() {
            missing.push(
                "no node that is watched serves the canary: raise its share, or start a node with --canary yes"
                    .to_owned(),
            );
        }
        if self.serving(&self.announced).next().is_none() {
            missing.push(
                "no node that is watched serves the announced snapshot: there is nothing to compare with"
                    .to_owned(),
            );
        }
        if missing.is_empty() && !self.has_enough() {
            let [canary, others] = self.answers();
            missing.push(format!(
                "too few answers: {canary} from the canary and {others} from the others, {} of each wanted",
                self.limits.min_requests
            ));
        }
        for (name, node) in &self.nodes {
            if let Some(why) = &node.silent {
                missing.push(format!("{name} does not answer: {why}"));
            }
        }
        missing
    }

    fn has_enough(&self) -> bool {
        let wanted = self.limits.min_requests;
        self.answers().into_iter().all(|answers| answers >= wanted)
    }

    fn compare_failures(
        &self,
        worse: &mut Vec<String>,
        missing: &mut Vec<String>,
        compared: &mut Vec<String>,
    ) {
        let [canary, others] = [&self.of_canary, &self.of_others].map(Traffic::failure_share);
        let most = self.limits.max_error_share;
        let said = format!(
            "{} of {} answers of the canary failed ({}), {} of {} of the others ({})",
            self.of_canary.failures(),
            self.of_canary.answers(),
            percent(canary),
            self.of_others.failures(),
            self.of_others.answers(),
            percent(others),
        );
        if canary > others + most {
            worse.push(format!("{said}: more than {} above", percent(most)));
        } else if others > most {
            missing.push(format!(
                "{said}: nodes fail without the canary too, which hides what it does"
            ));
        } else {
            compared.push(said);
        }
    }

    fn compare_latencies(
        &self,
        worse: &mut Vec<String>,
        missing: &mut Vec<String>,
        compared: &mut Vec<String>,
    ) {
        let mut routes = 0;
        for (name, own) in &self.of_canary.routes {
            let Some(theirs) = self.of_others.routes.get(name) else {
                continue;
            };
            if own.answers.min(theirs.answers) < self.limits.min_requests {
                continue;
            }
            let quantiles = [own, theirs].map(|route| route.quantile(QUANTILE));
            let [Some(own), Some(theirs)] = quantiles else {
                continue;
            };
            routes += 1;
            let ratio = self.limits.max_latency_ratio;
            let said = format!(
                "{name}: 95 in 100 answers of the canary took at most {}, of the others {}",
                time(own),
                time(theirs)
            );
            if own > theirs * ratio && own > theirs + LEAST_SECONDS {
                worse.push(format!("{said}: more than {ratio} times as long"));
            } else {
                compared.push(said);
            }
        }
        if routes == 0 {
            missing.push(format!(
                "no route was answered {} times by both sides: latencies cannot be compared",
                self.limits.min_requests
            ));
        }
    }
}

fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

fn time(seconds: f64) -> String {
    format!("{:.1} ms", 1_000.0 * seconds)
}

#[cfg(test)]
mod tests;
