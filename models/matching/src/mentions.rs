//! Concepts that a query names: their label or a synonym stands in it, word for word up to inflection.

use std::collections::{HashMap, HashSet};

use retrieval::{Collection, SHARED_TENANT};

use crate::concept::{ConceptCard, ConceptRef};

/// Relevance of a concept that is named.
const NAMED: f64 = 1.0;
/// Relevance of a concept whose name is part of a longer name: `tournage` in `tournage CNC`.
const NAMED_WITHIN: f64 = 0.7;
/// A name that more concepts share says nothing about any of them.
const SHARERS: usize = 5;
/// Words of the longest name that is looked for.
const WORDS: usize = 6;

/// The names of a snapshot's concepts.
#[derive(Debug, Default)]
pub struct Mentions {
    concepts: Vec<ConceptRef>,
    /// Phrase key → concepts.
    names: HashMap<String, Vec<u32>>,
    /// Words of the longest name.
    words: usize,
    /// Glossary path → the concepts at its end.
    nodes: HashMap<Vec<String>, Vec<u32>>,
}

impl Mentions {
    /// Reads the names of the shared concepts of a collection.
    #[must_use]
    pub fn new(collection: &Collection) -> Self {
        let mut mentions = Self::default();
        for document in collection.documents(SHARED_TENANT) {
            let card = ConceptCard::parse(&document.payload);
            let label = card.label.unwrap_or(document.title);
            mentions.add(&label, &card.names);
            if !card.path.is_empty() {
                let number = mentions.concepts.len() as u32;
                mentions
                    .nodes
                    .entry(card.path.clone())
                    .or_default()
                    .push(number);
            }
            mentions.concepts.push(ConceptRef {
                id: document.id,
                label,
                path: card.path,
            });
        }
        mentions
            .names
            .retain(|_, concepts| concepts.len() <= SHARERS);
        mentions
    }

    fn add(&mut self, label: &str, others: &[String]) {
        let number = self.concepts.len() as u32;
        let names = std::iter::once(label).chain(others.iter().map(String::as_str));
        for form in names.flat_map(forms) {
            let key = text::phrase_key(&form);
            let words = key.split(' ').count();
            if key.len() < 2 || words > WORDS {
                continue;
            }
            let concepts = self.names.entry(key).or_default();
            if !concepts.contains(&number) {
                concepts.push(number);
                self.words = self.words.max(words);
            }
        }
    }

    /// Returns the concepts of the glossary node at the end of a path.
    pub fn kin(&self, path: &[String]) -> impl Iterator<Item = &ConceptRef> {
        let numbers = self.nodes.get(path).into_iter().flatten();
        numbers.map(|number| &self.concepts[*number as usize])
    }

    /// Returns the concepts that a text names, in no order, and how relevant that makes each.
    #[must_use]
    pub fn find(&self, text: &str) -> Vec<(&ConceptRef, f64)> {
        let found: Vec<String> = text::phrases(text, self.words.max(1))
            .into_iter()
            .filter(|phrase| self.names.contains_key(phrase))
            .collect();
        let longer: HashSet<&str> = found.iter().flat_map(|phrase| parts(phrase)).collect();
        let mut relevance: HashMap<u32, f64> = HashMap::new();
        for phrase in &found {
            let is_within = longer.contains(phrase.as_str());
            let value = if is_within { NAMED_WITHIN } else { NAMED };
            for concept in &self.names[phrase] {
                let best = relevance.entry(*concept).or_insert(value);
                *best = best.max(value);
            }
        }
        let concept = |(number, value)| (&self.concepts[number as usize], value);
        relevance.into_iter().map(concept).collect()
    }
}

/// All shorter runs of words of a phrase.
fn parts(phrase: &str) -> Vec<&str> {
    let starts: Vec<usize> = std::iter::once(0)
        .chain(phrase.match_indices(' ').map(|(at, _)| at + 1))
        .collect();
    let ends: Vec<usize> = phrase
        .match_indices(' ')
        .map(|(at, _)| at)
        .chain([phrase.len()])
        .collect();
    let mut parts = Vec::new();
    for (first, start) in starts.iter().enumerate() {
        for end in &ends[first..] {
            let part = &phrase[*start..*end];
            if part.len() < phrase.len() {
                parts.push(part);
            }
        }
    }
    parts
}

/// The ways to read a name: `Soudeur / Soudeuse TIG` stands for `Soudeur TIG` and `Soudeuse TIG`, `Chaudronnerie - tôlerie`
/// for each of its sides.
fn forms(name: &str) -> Vec<String> {
    let mut forms = vec![name.to_owned()];
    let words: Vec<&str> = name.split(' ').collect();
    if let Some(slash) = words.iter().position(|word| *word == "/")
        && slash > 0
        && slash + 1 < words.len()
    {
        let without = |left_out: [usize; 2]| {
            let kept = words
                .iter()
                .enumerate()
                .filter(|(at, _)| !left_out.contains(at));
            kept.map(|(_, word)| *word).collect::<Vec<_>>().join(" ")
        };
        forms.push(without([slash, slash + 1]));
        forms.push(without([slash - 1, slash]));
    }
    if let Some((left, right)) = name.split_once(" - ") {
        forms.extend([left.to_owned(), right.to_owned()]);
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mentions(names: &[(&str, &[&str])]) -> Mentions {
        let mut mentions = Mentions::default();
        for (label, others) in names {
            let others: Vec<String> = others.iter().map(|name| (*name).to_owned()).collect();
            mentions.add(label, &others);
            let label = (*label).to_owned();
            mentions.concepts.push(ConceptRef {
                id: label.clone(),
                label,
                path: Vec::new(),
            });
        }
        mentions
    }

    fn found(mentions: &Mentions, text: &str) -> Vec<(String, f64)> {
        let mut found: Vec<_> = mentions
            .find(text)
            .into_iter()
            .map(|(c, v)| (c.label.clone(), v))
            .collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found
    }

    #[test]
    fn a_name_is_found_whatever_its_inflection_and_a_longer_one_counts_more() {
        let mentions = mentions(&[
            ("Tournage", &[]),
            ("Tournage CNC", &["tournage numérique"]),
            ("Forge", &[]),
        ]);
        assert_eq!(
            found(&mentions, "Nous cherchons des tournages CNC."),
            [
                ("Tournage".to_owned(), NAMED_WITHIN),
                ("Tournage CNC".to_owned(), NAMED)
            ]
        );
        assert_eq!(found(&mentions, "tournage numérique")[1].1, NAMED);
        assert!(found(&mentions, "décolletage").is_empty());
        assert!(found(&Mentions::default(), "tournage").is_empty());
    }

    #[test]
    fn a_label_with_both_genders_is_found_in_each() {
        let mentions = mentions(&[("Soudeur / Soudeuse TIG", &[])]);
        for text in ["soudeur TIG", "soudeuse tig expérimentée"] {
            assert_eq!(found(&mentions, text).len(), 1, "{text}");
        }
        assert!(found(&mentions, "TIG").is_empty());
    }

    #[test]
    fn a_label_of_two_sides_is_found_by_either() {
        let mentions = mentions(&[("Chaudronnerie - tôlerie", &[])]);
        for text in ["tôlerie inox", "chaudronnerie lourde"] {
            assert_eq!(found(&mentions, text).len(), 1, "{text}");
        }
        assert!(found(&mentions, "serrurerie").is_empty());
    }

    #[test]
    fn the_parts_of_a_phrase_are_its_shorter_runs() {
        assert_eq!(parts("a b c"), ["a", "a b", "b", "b c", "c"]);
        assert!(parts("a").is_empty());
    }
}
