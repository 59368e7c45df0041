//! French sentences about know-how, in which concepts are named by their label or a synonym.

use crate::random::Dice;
use crate::world::World;

/// A concept as named in a sentence: label or synonym, its first letter lowered unless it begins an
/// abbreviation.
pub(crate) fn term(world: &World, concept: usize, dice: &mut Dice) -> String {
    let concept = &world.vocabulary.concepts[concept];
    let is_synonym = dice.chance(world.market.shares.synonym);
    let term = if is_synonym {
        dice.pick(&concept.synonyms)
    } else {
        &concept.label
    };
    in_sentence(term)
}

/// Names of several concepts.
pub(crate) fn terms(world: &World, concepts: &[usize], dice: &mut Dice) -> Vec<String> {
    concepts
        .iter()
        .map(|concept| term(world, *concept, dice))
        .collect()
}

/// "a, b et c".
pub(crate) fn joined(terms: &[String]) -> String {
    match terms {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} et {last}", first.join(", ")),
    }
}

/// Lowers the first letter unless the next one is a capital or a digit ("UGV", "MIG-MAG").
pub(crate) fn in_sentence(term: &str) -> String {
    let mut letters = term.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => term.to_owned(),
    }
}

/// Raises the first letter.
pub(crate) fn as_title(term: &str) -> String {
    let mut letters = term.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// What a know-how text is about.
pub(crate) struct Subject<'a> {
    pub(crate) name: &'a str,
    pub(crate) city: &'a str,
    pub(crate) trade: usize,
    pub(crate) concepts: &'a [usize],
    pub(crate) certifications: &'a [String],
}

/// A company's text: every concept of the subject is named at least once, and no other on purpose.
pub(crate) fn company_text(world: &World, subject: &Subject<'_>, dice: &mut Dice) -> String {
    let trade = &world.vocabulary.trades[subject.trade];
    let lists = &world.market.lists;
    let named = terms(world, subject.concepts, dice);
    let (first, rest) = named.split_at(named.len().min(2));
    let mut sentences = vec![format!(
        "{}Implantée à {}, l'entreprise {} intervient {}.",
        dice.pick(&[
            "",
            "Depuis plus de vingt ans, un même souci du détail. ",
            "Entreprise familiale. "
        ]),
        subject.city,
        subject.name,
        first
            .iter()
            .map(|term| format!("en {term}"))
            .collect::<Vec<_>>()
            .join(" et "),
    )];
    if !rest.is_empty() {
        let opening = *dice.pick(&[
            "Nos savoir-faire :",
            "Prestations proposées :",
            "L'atelier maîtrise également :",
            "Nos équipes sont formées aux métiers suivants :",
        ]);
        sentences.push(format!("{opening} {}.", joined(rest)));
    }
    sentences.push(format!(
        "Moyens : {} ; matières travaillées : {}.",
        joined(&dice.sample(&trade.machines, 2)),
        joined(&dice.sample(&trade.materials, 2)),
    ));
    sentences.push(format!(
        "Nos clients viennent des secteurs suivants : {}.",
        joined(&dice.sample(&lists.sectors, 2))
    ));
    if !subject.certifications.is_empty() {
        sentences.push(format!(
            "Certifications : {}.",
            subject.certifications.join(", ")
        ));
    }
    sentences.push(
        dice.pick(&[
            "Du prototype à la série, nous respectons les délais annoncés.",
            "Un interlocuteur unique suit chaque commande, du devis à la livraison.",
            "Chaque lot part avec son rapport de contrôle.",
            "Nous répondons aux consultations sous quarante-huit heures.",
        ])
        .to_string(),
    );
    sentences.join(" ")
}

/// The text of a spam account: near-duplicates that differ in a word or two.
pub(crate) fn spam_text(name: &str, dice: &mut Dice) -> String {
    format!(
        "{name} : leader {} de la sous-traitance, prix imbattables garantis, {} devis immédiat, \
         paiement d'avance avec remise de {} %, contactez-nous vite sur notre messagerie.",
        dice.pick(&["européen", "mondial", "national"]),
        dice.pick(&["tous métiers,", "toutes pièces,", "tous volumes,"]),
        dice.between(2, 6) * 10,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_keep_their_capitals_in_a_sentence() {
        assert_eq!(in_sentence("UGV"), "UGV");
        assert_eq!(in_sentence("Découpe laser"), "découpe laser");
        assert_eq!(in_sentence("Électroérosion à fil"), "électroérosion à fil");
        assert_eq!(as_title("électroérosion"), "Électroérosion");
        assert_eq!(joined(&["a".into(), "b".into(), "c".into()]), "a, b et c");
    }
}
