//! The accounts of one kind with what compares them: alike texts, shared identifiers and sites, usual failures.

use std::collections::HashMap;

use crate::{
    Account, CheckedConductParams, Entity, EntityKind, Event, EventKind, Failure, Likeness, alike,
    links::{Links, host, identifiers},
    rates::excess,
};

/// Pieces of evidence that are kept.
const SHOWN: usize = 200;

/// Accounts with what compares them.
pub(crate) struct Scene<'a> {
    pub(crate) kind: EntityKind,
    pub(crate) accounts: &'a [Account],
    pub(crate) params: &'a CheckedConductParams,
    /// Groups of alike texts: first each account's own, then those of its messages.
    texts: Likeness,
    /// Place of each account's first message among the texts.
    messages_from: Vec<usize>,
    pub(crate) identifiers: Links,
    pub(crate) hosts: Links,
    of_text: HashMap<usize, Vec<usize>>,
    /// Seconds in which the accounts were made, a day at least.
    span: f64,
    /// Settled acts and failures of all accounts, by failure.
    pub(crate) totals: HashMap<Failure, [u64; 2]>,
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

/// The messages of an account, in the order of time.
pub(crate) fn messages(account: &Account) -> impl Iterator<Item = &Event> {
    account.events.iter().filter(|event| is_message(event))
}

/// Settled acts of an account, and how many of them failed so.
pub(crate) fn settled(account: &Account, failure: Failure) -> [u64; 2] {
    let settled = account.events.iter().filter(|event| event.is_settled);
    let failed = settled
        .clone()
        .filter(|event| event.failure == Some(failure));
    [settled.count() as u64, failed.count() as u64]
}

impl<'a> Scene<'a> {
    pub(crate) fn new(
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

    fn entity(&self, at: usize) -> Entity {
        Entity::new(self.kind, &self.accounts[at].id)
    }

    pub(crate) fn others(&self, group: &[usize], at: usize) -> Vec<Entity> {
        let others = group.iter().filter(|other| **other != at);
        others
            .take(SHOWN)
            .map(|other| self.entity(*other))
            .collect()
    }

    /// Accounts whose own text is alike, itself too.
    pub(crate) fn same_text(&self, at: usize) -> &[usize] {
        self.of_text
            .get(&self.texts.group(at))
            .map_or(&[], Vec::as_slice)
    }

    /// The largest group of an account's messages that are alike.
    pub(crate) fn same_messages(&self, at: usize) -> Vec<&'a Event> {
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

    /// Accounts of the same text or identifier that were made within minutes of this one, itself too, and how likely by chance that is: as if those of
    /// the group were made at any time since the first account, and each of them had been looked at.
    pub(crate) fn made_with(&self, at: usize) -> (Vec<usize>, f64) {
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
        if identifiers.1 < texts.1 {
            identifiers
        } else {
            texts
        }
    }
}

/// What acts made.
pub(crate) fn made(events: &[&Event]) -> Vec<Entity> {
    let made = events.iter().take(SHOWN);
    made.map(|event| Entity::new(event.kind.entity(), &event.id))
        .collect()
}
