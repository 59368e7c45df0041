//! Why a document was found, in sentences built from its contributions.

use matching::ConceptRef;
use retrieval::{Contribution, Hit, HitConcept};

use crate::{filters::Filters, language::Language, rerank};

/// Share of the score that a leg must give to be a reason.
const WORTH_SAYING: f64 = 0.05;
/// Relevance from which a cross-encoder finds that a document answers the request.
const FITTING: f64 = 0.5;
/// Words that a sentence names at most.
const WORDS: usize = 6;
/// Know-how that is named at most.
const CONCEPTS: usize = 3;
/// Characters of a quotation.
const QUOTED: usize = 160;

/// What kind of thing was found: the sentences differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A company.
    Company,
    /// A job offer.
    Offer,
}

/// What the sentences are built from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    /// The kind of thing.
    pub(crate) subject: Subject,
    /// What was found.
    pub(crate) hit: &'a Hit,
    /// The concepts of the document, with their labels.
    pub(crate) concepts: &'a [ConceptRef],
    /// What the caller filtered on.
    pub(crate) filters: &'a Filters,
    /// The language to speak.
    pub(crate) language: Language,
}

/// Writes the reasons: first the legs, the one that gives most first, then the filters met.
pub(crate) fn reasons(facts: &Facts<'_>) -> Vec<String> {
    let hit = facts.hit;
    let mut legs: Vec<&Contribution> = hit
        .contributions
        .iter()
        .filter(|leg| leg.value > 0.0 && leg.value >= WORTH_SAYING * hit.score)
        .collect();
    legs.sort_by(|a, b| b.value.total_cmp(&a.value));
    let mut sentences: Vec<String> = legs
        .iter()
        .flat_map(|leg| leg_reasons(facts, leg))
        .collect();
    sentences.extend(
        facts
            .filters
            .iter()
            .filter_map(|(facet, values)| filter(facts, facet, values)),
    );
    if sentences.is_empty() {
        sentences.push(facts.language.pick(
            "Rapprochement faible : aucun mot ni savoir-faire de la demande n'est repris tel quel.".to_owned(),
            "Weak match: no word and no know-how of the request is found as such.".to_owned(),
        ));
    }
    sentences
}

fn leg_reasons(facts: &Facts<'_>, leg: &Contribution) -> Vec<String> {
    let language = facts.language;
    match leg.name {
        "concept" => facts
            .hit
            .concepts
            .iter()
            .take(CONCEPTS)
            .filter_map(|concept| known_how(facts, concept))
            .collect(),
        "lexical" => words(facts).into_iter().collect(),
        "subword" if facts.hit.matched_terms.is_empty() => vec![
            language
                .pick(
                    "Des formes proches des mots de la demande figurent dans ses intitulés.",
                    "Its titles have forms close to the words of the request.",
                )
                .to_owned(),
        ],
        "vector" => vec![language.pick(
            format!(
                "Le sens du texte est proche de la demande (similarité {}).",
                decimal(leg.raw)
            ),
            format!(
                "The meaning of the text is close to the request (similarity {:.2}).",
                leg.raw
            ),
        )],
        rerank::LEG if leg.calibrated >= FITTING => vec![second_reading(facts, leg)],
        "context" if facts.subject == Subject::Company && leg.raw >= 0.5 => vec![
            language
                .pick(
                    "La fiche de l'entreprise est bien renseignée.",
                    "The company's record is well filled in.",
                )
                .to_owned(),
        ],
        _ => Vec::new(),
    }
}

/// Says that request and document, read together, fit.
fn second_reading(facts: &Facts<'_>, leg: &Contribution) -> String {
    let percent = 100.0 * leg.calibrated;
    let (french, english) = match facts.subject {
        Subject::Company => ("sa fiche", "its record"),
        Subject::Offer => ("l'offre", "the offer"),
    };
    facts.language.pick(
        format!("Relue avec la demande, {french} y répond (pertinence {percent:.0} %)."),
        format!("Read together with the request, {english} answers it (relevance {percent:.0} %)."),
    )
}

fn known_how(facts: &Facts<'_>, concept: &HitConcept) -> Option<String> {
    let known = facts.concepts.iter().find(|known| known.id == concept.id)?;
    let label = &known.label;
    let (french, english) = match (facts.subject, concept.is_claimed) {
        (Subject::Company, true) => ("déclaré par l'entreprise", "claimed by the company"),
        (Subject::Company, false) => ("relevé pour cette entreprise", "found for this company"),
        (Subject::Offer, true) => ("demandé par l'offre", "asked for by the offer"),
        (Subject::Offer, false) => ("relevé dans l'offre", "found in the offer"),
    };
    let mut sentence = facts.language.pick(
        format!("Savoir-faire « {label} » {french}"),
        format!("Know-how \"{label}\" {english}"),
    );
    if let Some(evidence) = evidence(&concept.evidence, label) {
        sentence.push_str(&evidence);
    }
    if !sentence.ends_with('…') {
        sentence.push('.');
    }
    Some(sentence)
}

/// Writes what shows a concept: a company's own words between quotation marks, the pipeline's remark as it is; nothing where it says
/// no more than the sentence before it.
fn evidence(evidence: &str, label: &str) -> Option<String> {
    let text = evidence.split_whitespace().collect::<Vec<_>>().join(" ");
    if !is_telling(&text, label) {
        return None;
    }
    let short = shortened(&text);
    let is_remark = short.contains('«') || short.starts_with("Activité ");
    Some(if is_remark {
        format!(" — {short}")
    } else {
        format!(" : « {short} »")
    })
}

/// Whether what shows a concept says more than its label, and than that it is claimed.
pub(crate) fn is_telling(evidence: &str, label: &str) -> bool {
    let folded = text::fold(evidence);
    !(folded.is_empty() || folded == text::fold(label) || folded.starts_with("declare par l"))
}

/// Cuts a text between two words.
fn shortened(text: &str) -> String {
    if text.chars().count() <= QUOTED {
        return text.trim_end_matches('.').to_owned();
    }
    let cut: String = text.chars().take(QUOTED).collect();
    let end = cut.rfind(char::is_whitespace).unwrap_or(cut.len());
    format!("{} …", cut[..end].trim_end_matches([' ', '…']))
}

fn words(facts: &Facts<'_>) -> Option<String> {
    let terms = &facts.hit.matched_terms;
    let language = facts.language;
    let place = match facts.subject {
        Subject::Company => language.pick("sa fiche", "its record"),
        Subject::Offer => language.pick("l'offre", "the offer"),
    };
    let others = terms.len().saturating_sub(WORDS);
    let quote = |term: &String| language.pick(format!("« {term} »"), format!("\"{term}\""));
    let mut named: Vec<String> = terms.iter().take(WORDS).map(quote).collect();
    match others {
        0 => {}
        1 => named.push(language.pick("un autre", "one other").to_owned()),
        n => named.push(language.pick(format!("{n} autres"), format!("{n} others"))),
    }
    let last = named.pop()?;
    if named.is_empty() {
        return Some(language.pick(
            format!("Le mot {last} figure dans {place}."),
            format!("The word {last} is in {place}."),
        ));
    }
    let first = named.join(", ");
    Some(language.pick(
        format!("Les mots {first} et {last} figurent dans {place}."),
        format!("The words {first} and {last} are in {place}."),
    ))
}

fn filter(facts: &Facts<'_>, facet: &str, values: &[String]) -> Option<String> {
    let wanted = values.join(facts.language.pick(" ou ", " or "));
    let (french, english) = match (facet, facts.subject) {
        ("region", Subject::Company) => (
            format!("Entreprise située dans la région demandée ({wanted})."),
            format!("The company is in the region asked for ({wanted})."),
        ),
        ("region", Subject::Offer) => (
            format!("Offre située dans la région demandée ({wanted})."),
            format!("The offer is in the region asked for ({wanted})."),
        ),
        ("certification", _) => (
            format!("Certification demandée présente ({wanted})."),
            format!("Has the certification asked for ({wanted})."),
        ),
        ("naf", _) => (
            format!("Activité demandée (NAF {wanted})."),
            format!("Has the activity asked for (NAF {wanted})."),
        ),
        ("contract", _) => (
            format!("Contrat demandé ({wanted})."),
            format!("Has the contract asked for ({wanted})."),
        ),
        _ => return None,
    };
    Some(facts.language.pick(french, english))
}

/// Writes a number with two digits and a comma.
fn decimal(number: f64) -> String {
    format!("{number:.2}").replace('.', ",")
}

#[cfg(test)]
mod tests;
