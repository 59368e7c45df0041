//! Signs in what accounts are and do.

use std::collections::HashMap;

use crate::{
    Account, CheckedConductParams, Entity, EntityKind, Event, Failure, Sign, Signal,
    bursts::densest,
    contacts,
    rates::{excess, percentiles},
    scene::{Scene, made, messages, settled},
    sign::USUAL_SHARE,
};

/// The least share of failures that is taken as usual, where nobody else failed.
const USUAL: f64 = 0.005;

/// The signs that are looked for.
const SIGNS: [Sign; 9] = [
    Sign::AlikeTexts,
    Sign::Burst,
    Sign::SharedIdentifiers,
    Sign::ContactInText,
    Sign::SharedLink,
    Sign::NewAccount,
    Sign::Absences,
    Sign::Cancellations,
    Sign::Withdrawals,
];

/// The signals of one thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Conduct {
    /// What it is.
    pub of: Entity,
    /// What was found, raised or not.
    pub signals: Vec<Signal>,
}

/// Looks at the accounts of one kind and tenant; returns the signals of each account, in the order given, then those of what accounts wrote.
#[must_use]
pub fn conduct(
    kind: EntityKind,
    accounts: &[Account],
    params: &CheckedConductParams,
) -> Vec<Conduct> {
    let scene = Scene::new(kind, accounts, params);
    let mut found: Vec<Conduct> = (0..accounts.len())
        .map(|at| Conduct {
            of: Entity::new(kind, &accounts[at].id),
            signals: Vec::new(),
        })
        .collect();
    for sign in SIGNS {
        let signals: Vec<Option<Signal>> =
            (0..accounts.len()).map(|at| scene.look(sign, at)).collect();
        let values: Vec<f64> = signals.iter().flatten().map(|one| one.value).collect();
        let mut shares = percentiles(&values).into_iter();
        for (one, signal) in found.iter_mut().zip(signals) {
            let told = signal.map(|signal| Signal {
                percentile: shares.next(),
                ..signal
            });
            one.signals.extend(told);
        }
    }
    let written = scene.written(&found);
    found.extend(written);
    found
}

impl<'a> Scene<'a> {
    /// Looks for a sign of an account; none where it cannot be looked for.
    fn look(&self, sign: Sign, at: usize) -> Option<Signal> {
        match sign {
            Sign::AlikeTexts => self.alike_texts(at),
            Sign::Burst => self.burst(at),
            Sign::SharedIdentifiers => self.shared_identifiers(at),
            Sign::ContactInText => self.contact_in_text(at),
            Sign::SharedLink => self.shared_link(at),
            Sign::NewAccount => self.new_account(at),
            Sign::Absences => self.failures(at, Failure::Absence, sign),
            Sign::Cancellations => self.failures(at, Failure::Cancellation, sign),
            Sign::Withdrawals => self.failures(at, Failure::Withdrawal, sign),
            _ => None,
        }
    }

    fn signal(&self, sign: Sign, value: f64, threshold: f64, evidence: Vec<Entity>) -> Signal {
        Signal {
            sign,
            value,
            threshold,
            percentile: None,
            is_raised: value >= threshold,
            support: value as u64,
            evidence,
            detail: None,
        }
    }

    fn alike_texts(&self, at: usize) -> Option<Signal> {
        let account = &self.accounts[at];
        if account.text.is_none() && messages(account).next().is_none() {
            return None;
        }
        let (own, written) = (self.same_text(at), self.same_messages(at));
        // Accounts that say the same are rarer than messages that do.
        let (value, least, evidence) = if own.len() >= written.len() {
            (own.len(), self.params.shared, self.others(own, at))
        } else {
            (written.len(), self.params.alike, made(&written))
        };
        Some(self.signal(Sign::AlikeTexts, value as f64, least as f64, evidence))
    }

    fn burst(&self, at: usize) -> Option<Signal> {
        let account = &self.accounts[at];
        let events = &account.events;
        let instants: Vec<i64> = events.iter().map(|event| event.at).collect();
        let acts = densest(&instants, self.params.burst_seconds);
        let of_acts = self.signal(
            Sign::Burst,
            acts.len() as f64,
            self.params.burst_events as f64,
            made(&events[acts].iter().collect::<Vec<_>>()),
        );
        let (made_with, chance) = self.made_with(at);
        let of_accounts = self.signal(
            Sign::Burst,
            made_with.len() as f64,
            self.params.shared as f64,
            self.others(&made_with, at),
        );
        let of_accounts = Signal {
            is_raised: of_accounts.is_raised && chance <= self.params.chance,
            ..of_accounts
        };
        // Being made in a crowd says more than acting often.
        let is_crowd = of_accounts.is_raised && !of_acts.is_raised;
        let told = if is_crowd { of_accounts } else { of_acts };
        (told.value > 0.0).then_some(told)
    }

    fn shared_identifiers(&self, at: usize) -> Option<Signal> {
        if self.accounts[at].identifiers.is_empty() {
            return None;
        }
        let group = self.identifiers.largest(at);
        let found = self.signal(
            Sign::SharedIdentifiers,
            group.len().max(1) as f64,
            self.params.shared as f64,
            self.others(group, at),
        );
        Some(Signal {
            detail: Some(("identifiers".to_owned(), self.identifiers.count(at) as f64)),
            ..found
        })
    }

    fn shared_link(&self, at: usize) -> Option<Signal> {
        self.accounts[at].site.as_ref()?;
        let group = self.hosts.largest(at);
        Some(self.signal(
            Sign::SharedLink,
            group.len().max(1) as f64,
            self.params.shared as f64,
            self.others(group, at),
        ))
    }

    fn contact_in_text(&self, at: usize) -> Option<Signal> {
        let mut written = messages(&self.accounts[at]).peekable();
        written.peek()?;
        let holds = |event: &&Event| {
            let text = event.text.as_deref().unwrap_or_default();
            !contacts(text).is_empty()
        };
        let found: Vec<&Event> = written.filter(holds).collect();
        Some(self.signal(Sign::ContactInText, found.len() as f64, 1.0, made(&found)))
    }

    fn new_account(&self, at: usize) -> Option<Signal> {
        let account = &self.accounts[at];
        let created = account.created_at?;
        if account.reviews? > 0 {
            return None;
        }
        let until = created + self.params.new_seconds;
        let early: Vec<&Event> = account
            .events
            .iter()
            .filter(|event| event.at <= until)
            .collect();
        let threshold = self.params.burst_events as f64;
        Some(self.signal(
            Sign::NewAccount,
            early.len() as f64,
            threshold,
            made(&early),
        ))
    }

    /// More failures than chance explains, where others' share is the usual one.
    fn failures(&self, at: usize, failure: Failure, sign: Sign) -> Option<Signal> {
        let account = &self.accounts[at];
        let [settled, failed] = settled(account, failure);
        let [all, all_failed] = self.totals[&failure];
        if settled == 0 || all_failed == 0 {
            return None;
        }
        let others = all - settled;
        let usual = (all_failed - failed) as f64 / others.max(1) as f64;
        let usual = usual.max(USUAL);
        let least = (self.params.failures..=settled)
            .find(|count| excess(*count, settled, usual) <= self.params.chance)
            .unwrap_or(settled + 1);
        let failures = account
            .events
            .iter()
            .filter(|event| event.is_settled && event.failure == Some(failure));
        Some(Signal {
            sign,
            value: failed as f64 / settled as f64,
            threshold: least as f64 / settled as f64,
            percentile: None,
            is_raised: failed >= least,
            support: settled,
            evidence: made(&failures.collect::<Vec<_>>()),
            detail: Some((USUAL_SHARE.to_owned(), usual)),
        })
    }

    /// The signals of what accounts wrote: a message is as its author, where it is one of those that raised a sign.
    fn written(&self, found: &[Conduct]) -> Vec<Conduct> {
        let mut written: HashMap<Entity, Vec<Signal>> = HashMap::new();
        let mut order = Vec::new();
        for conduct in &found[..self.accounts.len()] {
            let raised = conduct.signals.iter().filter(|signal| signal.is_raised);
            for signal in raised.filter(|one| one.sign.family() == crate::Family::Spam) {
                let own = signal.evidence.iter().filter(|one| {
                    matches!(one.kind, EntityKind::Intro | EntityKind::Submission)
                        && one.kind != self.kind
                });
                for one in own {
                    let signals = written.entry(one.clone()).or_insert_with(|| {
                        order.push(one.clone());
                        Vec::new()
                    });
                    signals.push(signal.clone());
                }
            }
        }
        order
            .into_iter()
            .map(|of| Conduct {
                signals: written.remove(&of).unwrap_or_default(),
                of,
            })
            .collect()
    }
}
