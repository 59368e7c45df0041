//! Why a term of a score is what it is, in sentences made from its inputs.

use deals::Kind;
use matching::ConceptRef;
use ranking::Term;

use super::{Fit, KnownProvider, Meeting, TermShare};
use crate::{
    deals::{euros, percent},
    language::Language,
};

/// What sentences about a candidate are made from, beside its terms.
#[derive(Debug, Clone, Copy)]
pub(super) struct AskedOf<'a> {
    pub(super) account: Option<&'a KnownProvider>,
    pub(super) project_loc: Option<f64>,
    pub(super) language: Language,
}

/// The ending of a plural.
pub(super) fn plural(count: u32, ending: &'static str) -> &'static str {
    if count > 1 { ending } else { "" }
}

/// What a person knows of what a client asks for.
pub(super) fn fit_of_person(fit: &Fit, concepts: &[ConceptRef], language: Language) -> String {
    let (known, near, all) = (fit.known_projects, fit.near_projects, fit.projects);
    let (known_how, trades) = (labels(concepts, language), fit.families.join(", "));
    if known > 0 {
        language.pick(
            format!(
                "Connaît {known_how} : {known} projet{} sur {all} du client.",
                plural(known, "s")
            ),
            format!("Knows {known_how}: {known} of the client's {all} projects."),
        )
    } else if near > 0 {
        language.pick(
            format!("Du métier ({trades}) de {near} des {all} projets du client, sans leur savoir-faire exact."),
            format!("Of the trade ({trades}) of {near} of the client's {all} projects, without their very know-how."),
        )
    } else {
        language.pick(
            format!("Aucun savoir-faire commun avec les {all} projets du client."),
            format!("Shares no know-how with the client's {all} projects."),
        )
    }
}

/// What a client asks for that a person knows.
pub(super) fn fit_of_client(fit: &Fit, concepts: &[ConceptRef], language: Language) -> String {
    let (known, near, all) = (fit.known_projects, fit.near_projects, fit.projects);
    let (known_how, trades) = (labels(concepts, language), fit.families.join(", "));
    if known > 0 {
        language.pick(
            format!(
                "Demande {known_how}, que la personne connaît : {known} projet{} sur {all}.",
                plural(known, "s")
            ),
            format!("Asks for {known_how}, which the person knows: {known} of {all} projects."),
        )
    } else if near > 0 {
        language.pick(
            format!("{near} de ses {all} projets sont du métier de la personne ({trades}), sans son savoir-faire exact."),
            format!("{near} of its {all} projects are of the person's trade ({trades}), without the very know-how."),
        )
    } else {
        language.pick(
            format!("Aucun de ses {all} projets ne demande ce que la personne connaît."),
            format!("None of its {all} projects asks for what the person knows."),
        )
    }
}

fn labels(concepts: &[ConceptRef], language: Language) -> String {
    let quoted = |concept: &ConceptRef| {
        let label = &concept.label;
        language.pick(format!("« {label} »"), format!("\"{label}\""))
    };
    let labels: Vec<String> = concepts.iter().map(quoted).collect();
    labels.join(", ")
}

/// Ratings, and what is usual.
pub(super) fn reputation(part: &TermShare, language: Language) -> String {
    let usual = stars(part.share("usual_rating_share").unwrap_or(0.0), language);
    let reviews = part.whole("reviews").unwrap_or(0);
    if reviews == 0 {
        return language.pick(
            format!("Pas encore d'avis : compté {usual}, la note de référence."),
            format!("No review yet: taken to be as is usual ({usual})."),
        );
    }
    let rating = stars(part.share("rating_share").unwrap_or(0.0), language);
    let counted = stars(part.value, language);
    if counted == rating {
        return language.pick(
            format!("Note de {rating} sur {reviews} avis (référence : {usual})."),
            format!("Rated {rating} by {reviews} reviews ({usual} is usual)."),
        );
    }
    language.pick(
        format!(
            "Note de {rating} sur {reviews} avis, comptée {counted} : peu d'avis ramènent vers la référence ({usual})."
        ),
        format!(
            "Rated {rating} by {reviews} reviews, counted as {counted}: few reviews draw to what is usual ({usual})."
        ),
    )
}

fn stars(share: f64, language: Language) -> String {
    let stars = format!("{:.1}/5", share * 5.0);
    language.pick(stars.replace('.', ","), stars)
}

/// What is asked for a slot or a day, against what is usual and what the client spends.
pub(super) fn meeting_price(part: &TermShare, kind: Kind, language: Language) -> Vec<String> {
    let amount = |input: &str| part.whole(input).map(|cents| euros(cents, language));
    let Some(asked) = amount("price_cents") else {
        return Vec::new();
    };
    let usual = amount("p50_cents");
    let against = match (usual, kind) {
        (Some(usual), Kind::Intro) => language.pick(
            format!("Demande {asked} la journée ; l'usage est de {usual}."),
            format!("Asks {asked} a day; {usual} is usual."),
        ),
        (Some(usual), _) => language.pick(
            format!("Le créneau coûte {asked} ; un tel créneau en coûte d'habitude {usual}."),
            format!("The slot costs {asked}; such a slot usually costs {usual}."),
        ),
        (None, _) => language.pick(format!("Demande {asked}."), format!("Asks {asked}.")),
    };
    let spent = amount("budget_cents").map(|most| {
        language.pick(
            format!("Le client ne dépense guère plus de {most} pour autant d'heures."),
            format!("The client rarely spends more than {most} on so many hours."),
        )
    });
    std::iter::once(against).chain(spent).collect()
}

/// How likely the next deal is.
pub(super) fn meeting_loc(meeting: &Meeting, language: Language) -> Vec<String> {
    let Some(likely) = meeting.loc.map(|loc| percent(loc, language)) else {
        return Vec::new();
    };
    let day = meeting.starts_at.as_deref().and_then(|at| at.get(..10));
    vec![match (meeting.kind, day) {
        (Kind::Booking, Some(day)) => language.pick(
            format!("Probabilité que le rendez-vous du {day} ait lieu : {likely}."),
            format!("Likelihood that the meeting of {day} takes place: {likely}."),
        ),
        _ => language.pick(
            format!("Probabilité qu'une mise en relation soit acceptée : {likely}."),
            format!("Likelihood that an introduction is accepted: {likely}."),
        ),
    }]
}

/// Flags in the subject's own words, then what is missing; something is always said.
pub(super) fn risk(part: &TermShare, flags: Option<String>, language: Language) -> Vec<String> {
    let (missing, of) = (
        part.whole("missing_fields").unwrap_or(0),
        part.whole("fields").unwrap_or(0),
    );
    let gaps = (missing > 0).then(|| {
        language.pick(
            format!("Il manque {missing} information(s) sur {of}."),
            format!("{missing} of {of} facts are missing."),
        )
    });
    let mut told: Vec<String> = flags.into_iter().chain(gaps).collect();
    if told.is_empty() {
        told.push(
            language
                .pick("Aucun signal d'alerte.", "Nothing speaks against it.")
                .to_owned(),
        );
    }
    told
}

/// Why a term of a company to invite is what it is.
pub(super) fn candidate(part: &TermShare, about: &AskedOf<'_>) -> Vec<String> {
    let AskedOf {
        account,
        project_loc,
        language,
    } = *about;
    let told = match part.term {
        Term::Fit => {
            let share = percent(part.value, language);
            Some(language.pick(
                format!("Correspond à {share} au savoir-faire demandé."),
                format!("Matches the know-how asked for by {share}."),
            ))
        }
        Term::Reputation => Some(reputation(part, language)),
        Term::PriceAlignment => price(part, about),
        Term::Availability => part.whole("bids_in_flight").map(|bids| match bids {
            0 => language
                .pick("Aucune offre en attente ailleurs.", "No bid waits elsewhere.")
                .to_owned(),
            bids => language.pick(
                format!("{bids} offre(s) déjà en attente de réponse."),
                format!("{bids} bid(s) of it wait for an answer."),
            ),
        }),
        Term::Loc => project_loc.map(|loc| {
            let loc = percent(loc, language);
            let record = account.filter(|one| one.deliveries > 0).map_or_else(
                String::new,
                |one| {
                    let (done, of) = (
                        percent(one.delivered_share.unwrap_or(0.0), language),
                        one.deliveries,
                    );
                    let counted = percent(part.value, language);
                    language.pick(
                        format!(" ; {done} de ses {of} projets gagnés ont abouti : comptée {counted}"),
                        format!("; {done} of the {of} projects that it won were done: counted as {counted}"),
                    )
                },
            );
            language.pick(
                format!("Probabilité d'aboutissement du projet : {loc}{record}."),
                format!("The project's likelihood of completion: {loc}{record}."),
            )
        }),
        Term::Risk => return candidate_risk(part, about),
        _ => None,
    };
    told.into_iter().collect()
}

/// What it would ask, or its hourly cost.
fn price(part: &TermShare, about: &AskedOf<'_>) -> Option<String> {
    let language = about.language;
    let amount = |input: &str| part.whole(input).map(|cents| euros(cents, language));
    let (asked, usual) = (amount("price_cents")?, amount("p50_cents")?);
    let ratio = about.account.and_then(|one| one.price_to_reference);
    Some(match ratio.map(|ratio| percent(ratio, language)) {
        Some(ratio) => language.pick(
            format!(
                "Demande d'habitude {ratio} du prix de référence ({usual}), soit environ {asked}."
            ),
            format!("Usually asks {ratio} of the reference price ({usual}), about {asked}."),
        ),
        None => language.pick(
            format!("Coût horaire de {asked} ; l'usage est de {usual}."),
            format!("Costs {asked} an hour; {usual} is usual."),
        ),
    })
}

fn candidate_risk(part: &TermShare, about: &AskedOf<'_>) -> Vec<String> {
    let language = about.language;
    let flag = match about.account {
        None => Some(
            language
                .pick(
                    "Pas encore de compte : à inviter sur la place de marché.",
                    "No account yet: to be invited to the marketplace.",
                )
                .to_owned(),
        ),
        Some(one) if one.shared_marks > 0 => Some(language.pick(
            format!(
                "Partage {} de ses {} identifiants (banque, téléphone, appareil) avec un autre compte.",
                one.shared_marks, one.marks
            ),
            format!(
                "Shares {} of its {} marks (bank account, telephone, device) with another account.",
                one.shared_marks, one.marks
            ),
        )),
        Some(_) => None,
    };
    risk(part, flag, language)
}
