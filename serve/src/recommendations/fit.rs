//! How well what a person can do fits what a client asks for.

use super::{KnownClient, KnownPerson};

/// What knowing the trade counts for, where the very know-how is not known.
const TRADE: f64 = 0.25;

/// What a person knows of what a client asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fit {
    /// In [0, 1].
    pub(crate) share: f64,
    /// Concepts that are both asked for and known, most asked for first.
    pub(crate) concepts: Vec<String>,
    /// Trades that are both.
    pub(crate) families: Vec<String>,
    /// Projects about those concepts.
    pub(crate) known_projects: u32,
    /// Projects within those trades, these included.
    pub(crate) near_projects: u32,
    /// All projects of the client.
    pub(crate) projects: u32,
}

impl Fit {
    /// Measures it: `√(k + ¼ (t - k))` with `k` the share of the client's projects whose concept the person knows and `t` the share of those
    /// within the person's trades. The root keeps one project in nine visible, as in `gold.company_concepts`. None where the client asked for nothing yet; a
    /// person who names no know-how fits nothing.
    pub(crate) fn of(client: &KnownClient, person: &KnownPerson) -> Option<Self> {
        let (concepts, known) = shared(
            &client.categories,
            &client.category_projects,
            &person.concepts,
        );
        let (families, near) = shared(&client.families, &client.family_projects, &person.families);
        let projects = f64::from(client.projects);
        let near = near.max(known);
        let share = ((known + TRADE * (near - known)) / projects).sqrt();
        (client.projects > 0).then(|| Self {
            share: share.clamp(0.0, 1.0),
            concepts,
            families,
            known_projects: known as u32,
            near_projects: near as u32,
            projects: client.projects,
        })
    }
}

/// What both lists have, with what the first counts for it.
fn shared(asked: &[String], counts: &[f64], known: &[String]) -> (Vec<String>, f64) {
    let both = asked
        .iter()
        .zip(counts)
        .filter(|(name, _)| known.contains(name));
    let (names, counts): (Vec<String>, Vec<f64>) =
        both.map(|(name, count)| (name.clone(), *count)).unzip();
    (names, counts.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(all: &[&str]) -> Vec<String> {
        all.iter().map(|text| (*text).to_owned()).collect()
    }

    fn share(concepts: &[&str], families: &[&str]) -> f64 {
        let client = KnownClient {
            categories: texts(&["fraisage", "tournage", "peinture"]),
            category_projects: vec![5.0, 3.0, 1.0],
            families: texts(&["usinage", "finition"]),
            family_projects: vec![8.0, 1.0],
            projects: 9,
            ..KnownClient::default()
        };
        let person = KnownPerson {
            concepts: texts(concepts),
            families: texts(families),
            ..KnownPerson::default()
        };
        Fit::of(&client, &person).unwrap().share
    }

    #[test]
    fn who_knows_more_of_what_is_asked_for_fits_better_and_the_trade_alone_counts_little() {
        let steps = [
            share(&[], &[]),
            share(&["soudure"], &["finition"]),
            share(&["peinture"], &["finition"]),
            share(&["soudure"], &["usinage"]),
            share(&["tournage"], &["usinage"]),
            share(&["fraisage"], &["usinage"]),
            share(&["fraisage", "tournage"], &["usinage"]),
            share(
                &["fraisage", "peinture", "tournage"],
                &["finition", "usinage"],
            ),
        ];
        assert!(steps.windows(2).all(|pair| pair[0] < pair[1]), "{steps:?}");
        assert_eq!((steps[0], steps[7]), (0.0, 1.0));
    }

    #[test]
    fn of_who_asked_for_nothing_yet_nothing_can_be_said() {
        assert_eq!(
            Fit::of(&KnownClient::default(), &KnownPerson::default()),
            None
        );
    }
}
