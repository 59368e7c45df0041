//! Signs in what accounts are and do.

use std::collections::HashMap;

use crate::{
    Account, CheckedConductParams, Entity, EntityKind, Event, EventKind, Failure, Likeness, Sign,
    Signal, alike,
    bursts::densest,
    contacts,
    links::{Links, host, identifiers},
    rates::{excess, percentiles},
    sign::USUAL_SHARE,
};

/// Pieces of evidence that are kept.
const SHOWN: usize = 200;
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
        let signals: Vec<Option<Signal>> = (0..accounts.len())
            .map(|at| scene.look(sign, at))
            .collect();
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

/// Accounts with what compares them.
struct Scene<'a> {
    kind: EntityKind,
    accounts: &'a [Account],
    params: &'a CheckedConductParams,
    /// Groups of alike texts: first each account's own, then those of its messages.
    texts: Likeness,
    /// Place of each account's first message among the texts.
    messages_from: Vec<usize>,
    identifiers: Links,
    hosts: Links,
    of_text: HashMap<usize, Vec<usize>>,
    /// Seconds in which the accounts were made, a day at least.
    span: f64,
    /// Settled acts and failures of all accounts, by failure.
    totals: HashMap<Failure, [u64; 2]>,
}

/// Acts whose texts are messages to others. What a client asks for openly may well be asked for again.
fn is_message(event: &Event) -> bool {
    matches!(event.kind, EventKind::Intro | EventKind::Submission)
}

/// What an account says of itself, without its name.
fn own_text(account: &Account) -> String {
    let name = text::fold(account.name.as_deref().unwrap_or_default());
    let name: Vec<&str> = name.split(|ch: char| !ch.is_alphanumeric()).collect();
    let said = text::fold(account.text.as_deref().unwrap_or_default());
    let words = said.split(|ch: char| !ch.is_alphanumeric());
    let kept: Vec<&str> = words.filter(|word| !name.contains(word)).collect();
    kept.join(" ")
}

fn messages(account: &Account) -> impl Iterator<Item = &Event> {
    account.events.iter().filter(|event| is_message(event))
}

fn settled(account: &Account, failure: Failure) -> [u64; 2] {
    let settled = account.events.iter().filter(|event| event.is_settled);
    let failed = settled.clone().filter(|event| event.failure == Some(failure));
    [settled.count() as u64, failed.count() as u64]
}

impl<'a> Scene<'a> {
    fn new(
        kind: EntityKind,
        accounts: &'a [Account],
        params: &'a CheckedConductParams,
    ) -> Self {
        let mut texts: Vec<String> = accounts.iter().map(own_text).collect();
        let mut messages_from = Vec::new();
        for account in accounts {
            messages_from.push(texts.len());
            let written = messages(account).map(|event| event.text.clone().unwrap_or_default());
            texts.extend(written);
        }
        let texts = alike(&texts, params.resemblance);
        let mut of_text: HashMap<usize, Vec<usize>> = HashMap::new();
        for at in 0..accounts.len() {
            of_text.entry(texts.group(at)).or_default().push(at);
        }
        let sorts = [Failure::Absence, Failure::Cancellation, Failure::Withdrawal];
        let totals = sorts.map(|failure| {
            let sum = accounts.iter().fold([0, 0], |[n, k], account| {
                let [settled, failed] = settled(account, failure);
                [n + settled, k + failed]
            });
            (failure, sum)
        });
        let made = accounts.iter().filter_map(|account| account.created_at);
        let span = made.clone().max().unwrap_or(0) - made.min().unwrap_or(0);
        Self {
            span: span.max(86_400) as f64,
            kind,
            accounts,
            params,
            texts,
            messages_from,
            identifiers: Links::new(accounts.iter().map(identifiers)),
            hosts: Links::new(accounts.iter().map(host)),
            of_text,
            totals: totals.into_iter().collect(),
        }
    }

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

    fn entity(&self, at: usize) -> Entity {
        Entity::new(self.kind, &self.accounts[at].id)
    }

    fn others(&self, group: &[usize], at: usize) -> Vec<Entity> {
        let others = group.iter().filter(|other| **other != at);
        others.take(SHOWN).map(|other| self.entity(*other)).collect()
    }

    /// Accounts whose own text is alike, itself too.
    fn same_text(&self, at: usize) -> &[usize] {
        self.of_text
            .get(&self.texts.group(at))
            .map_or(&[], Vec::as_slice)
    }

    /// The largest group of an account's messages that are alike.
    fn same_messages(&self, at: usize) -> Vec<&'a Event> {
        let mut groups: HashMap<usize, Vec<&Event>> = HashMap::new();
        for (place, event) in messages(&self.accounts[at]).enumerate() {
            let group = self.texts.group(self.messages_from[at] + place);
            groups.entry(group).or_default().push(event);
        }
        let largest = groups
            .into_iter()
            .max_by_key(|(group, events)| (events.len(), std::cmp::Reverse(*group)));
        largest.map(|(_, events)| events).unwrap_or_default()
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

    /// Accounts of the same text or identifier that were made within minutes of this one, itself too, and how likely by chance that is: as if those of
    /// the group were made at any time since the first account, and each of them had been looked at.
    fn made_with(&self, at: usize) -> (Vec<usize>, f64) {
        let Some(own) = self.accounts[at].created_at else {
            return (Vec::new(), 1.0);
        };
        let near = |other: &&usize| {
            let created = self.accounts[**other].created_at;
            created.is_some_and(|at| (at - own).abs() <= self.params.burst_seconds)
        };
        let groups = [self.same_text(at), self.identifiers.largest(at)].map(|group| {
            let near: Vec<usize> = group.iter().filter(near).copied().collect();
            let others = group.len().saturating_sub(1) as u64;
            let window = (2 * self.params.burst_seconds) as f64 / self.span;
            let chance = excess(near.len().saturating_sub(1) as u64, others, window.min(1.0));
            (near, (chance * group.len().max(1) as f64).min(1.0))
        });
        let [texts, identifiers] = groups;
        if identifiers.1 < texts.1 { identifiers } else { texts }
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
        Some(self.signal(Sign::NewAccount, early.len() as f64, threshold, made(&early)))
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

/// What acts made.
fn made(events: &[&Event]) -> Vec<Entity> {
    let made = events.iter().take(SHOWN);
    made.map(|event| Entity::new(event.kind.entity(), &event.id))
        .collect()
}
