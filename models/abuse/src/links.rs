//! Accounts that share something: an identifier, a site, a text.

use std::collections::HashMap;

use crate::Account;

/// For each account, the largest group of accounts that share one thing with it, and how many things it shares.
#[derive(Debug, Clone, Default)]
pub(crate) struct Links {
    groups: Vec<Vec<usize>>,
    of: Vec<Vec<usize>>,
}

impl Links {
    /// Groups accounts by the keys of each; a key that one account alone has is no group.
    pub(crate) fn new(keys: impl Iterator<Item = Vec<String>>) -> Self {
        let mut members: HashMap<String, Vec<usize>> = HashMap::new();
        let mut count = 0;
        for (at, keys) in keys.enumerate() {
            count = at + 1;
            for key in keys {
                let group = members.entry(key).or_default();
                if group.last() != Some(&at) {
                    group.push(at);
                }
            }
        }
        let mut groups: Vec<Vec<usize>> = members
            .into_values()
            .filter(|group| group.len() > 1)
            .collect();
        groups.sort_unstable();
        let mut of = vec![Vec::new(); count];
        for (number, group) in groups.iter().enumerate() {
            for at in group {
                of[*at].push(number);
            }
        }
        Self { groups, of }
    }

    /// Returns the largest group of an account; empty where it shares nothing.
    pub(crate) fn largest(&self, account: usize) -> &[usize] {
        let groups = self.of[account].iter().map(|number| &self.groups[*number]);
        groups
            .max_by_key(|group| group.len())
            .map_or(&[], Vec::as_slice)
    }

    /// Returns how many things an account shares.
    pub(crate) fn count(&self, account: usize) -> usize {
        self.of[account].len()
    }
}

/// What identifies whoever is behind an account.
pub(crate) fn identifiers(account: &Account) -> Vec<String> {
    let keys = account.identifiers.iter();
    keys.map(|(sort, digest)| format!("{sort} {digest}"))
        .collect()
}

/// The host of an account's site, without `www.`.
pub(crate) fn host(account: &Account) -> Vec<String> {
    let host = account.site.as_deref().and_then(|site| {
        let bare = site.split_once("://").map_or(site, |(_, rest)| rest);
        let host = bare.split(['/', '?', '#', ':']).next()?.to_lowercase();
        let host = host.strip_prefix("www.").unwrap_or(&host).to_owned();
        host.contains('.').then_some(host)
    });
    host.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_group_is_told_and_all_are_counted() {
        let keys = [vec!["a", "b"], vec!["a"], vec!["b", "b"], vec!["b"], vec!["c"]];
        let keys = keys.map(|keys| keys.into_iter().map(str::to_owned).collect());
        let links = Links::new(keys.into_iter());
        assert_eq!(links.largest(0), [0, 2, 3]);
        assert_eq!((links.count(0), links.count(4)), (2, 0));
        assert!(links.largest(4).is_empty());
    }

    #[test]
    fn a_site_is_its_host() {
        for (site, expected) in [
            ("https://www.Exemple.fr/a?b", Some("exemple.fr")),
            ("exemple.fr", Some("exemple.fr")),
            ("aucun", None),
        ] {
            let account = Account {
                site: Some(site.to_owned()),
                ..Account::default()
            };
            assert_eq!(host(&account).first().map(String::as_str), expected);
        }
    }
}
