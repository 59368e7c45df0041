//! Signs of abuse in words.

use abuse::{EntityKind, Sign};

use super::book::SignalRow;
use crate::{
    deals::{euros, percent},
    language::Language,
};

/// A confidence as whole percents: nothing is certain.
pub(super) fn confidence(share: f64, language: Language) -> String {
    match share > 0.99 {
        true => language.pick("plus de 99 %", "more than 99%").to_owned(),
        false => percent(share, language),
    }
}

/// What a family of signs may be signs of.
pub(crate) fn family_label(family: &str, language: Language) -> &'static str {
    match family {
        "collusion" => language.pick("entente entre soumissionnaires", "collusion of bidders"),
        "dumping" => language.pick("prix anormalement bas", "abnormally low prices"),
        "spam" => language.pick("comptes ou messages en masse", "mass accounts or messages"),
        _ => language.pick("comportement dommageable", "harmful conduct"),
    }
}

/// Where evidence comes from.
pub(super) fn source_label(source: &str, language: Language) -> &'static str {
    match source {
        "texts" => language.pick("les textes", "the texts"),
        "times" => language.pick("les dates et heures", "the dates and times"),
        "identifiers" => language.pick("les identifiants partagés", "shared identifiers"),
        "price model" => language.pick("le modèle de prix", "the price model"),
        "other bids" => language.pick("les autres offres", "the other bids"),
        "own history" => language.pick("ses propres offres passées", "its own earlier bids"),
        "outcomes" => language.pick("ce qu'il en est advenu", "what became of it"),
        "forest" => language.pick("la forêt d'isolement", "the isolation forest"),
        "collusion model" => language.pick("le modèle d'entente", "the collusion model"),
        _ => language.pick("un autre dossier", "another case"),
    }
}

/// What a sign is.
pub(super) fn sign_label(sign: &str, language: Language) -> &'static str {
    let Ok(sign) = sign.parse::<Sign>() else {
        return language.pick("autre signe", "another sign");
    };
    match sign {
        Sign::AlikeTexts => language.pick("textes quasi identiques", "nearly identical texts"),
        Sign::Burst => language.pick("rafale", "burst"),
        Sign::SharedIdentifiers => language.pick("identifiants partagés", "shared identifiers"),
        Sign::ContactInText => language.pick("coordonnées dans les textes", "contacts in texts"),
        Sign::SharedLink => language.pick("site partagé", "shared site"),
        Sign::NewAccount => language.pick("compte tout neuf", "brand-new account"),
        Sign::BelowReference => language.pick(
            "sous la fourchette de référence",
            "below the reference interval",
        ),
        Sign::BelowOthers => {
            language.pick("loin sous les autres offres", "far below the other bids")
        }
        Sign::BelowOwnHistory => {
            language.pick("loin sous ses prix habituels", "far below its usual prices")
        }
        Sign::Absences => language.pick("absences", "absences"),
        Sign::Cancellations => language.pick("annulations", "cancellations"),
        Sign::Withdrawals => language.pick("retraits d'offres", "withdrawn bids"),
        Sign::Unusual => language.pick("comportement isolé", "isolated behaviour"),
        Sign::RiggedBids => language.pick("offres concertées", "rigged bids"),
        Sign::BidsTogether => {
            language.pick("groupe de soumissionnaires", "bidders acting together")
        }
        Sign::InRing => language.pick("membre d'un groupe signalé", "member of a flagged ring"),
        Sign::ByFlagged => language.pick("auteur signalé", "flagged author"),
    }
}

/// What was found of a sign, in a sentence.
pub(super) fn sign_sentence(kind: EntityKind, row: &SignalRow, language: Language) -> String {
    let Ok(sign) = row.sign.parse::<Sign>() else {
        return format!("{} : {}", row.sign, row.value);
    };
    let (count, least) = (row.value.round() as i64, row.threshold.round() as i64);
    let share = percent(row.value, language);
    let usual = percent(row.detail_value.unwrap_or_default(), language);
    let sure = confidence(row.value, language);
    let of = row.support;
    match sign {
        Sign::AlikeTexts => language.pick(
            format!("{count} textes quasi identiques (signalé à partir de {least})."),
            format!("{count} nearly identical texts (raised from {least})."),
        ),
        Sign::Burst => language.pick(
            format!("{count} actes ou comptes en vingt minutes (signalé à partir de {least})."),
            format!("{count} acts or accounts within twenty minutes (raised from {least})."),
        ),
        Sign::SharedIdentifiers => {
            let shared = row.detail_value.unwrap_or_default() as i64;
            language.pick(
                format!("{count} compte(s) derrière un même compte bancaire, téléphone, appareil ou adresse ({shared} identifiant(s) en commun ; signalé à partir de {least} comptes)."),
                format!("{count} account(s) behind one bank account, telephone, device or address ({shared} identifier(s) in common; raised from {least} accounts)."),
            )
        }
        Sign::ContactInText => language.pick(
            format!("{count} message(s) donnent un contact hors de la place de marché."),
            format!("{count} message(s) give a contact past the marketplace."),
        ),
        Sign::SharedLink => language.pick(
            format!("{count} compte(s) renvoient au même site (signalé à partir de {least})."),
            format!("{count} account(s) point to one site (raised from {least})."),
        ),
        Sign::NewAccount => language.pick(
            format!("Aucun avis, et {count} actes dans les dix jours de sa création (signalé à partir de {least})."),
            format!("No review, and {count} acts within ten days of its creation (raised from {least})."),
        ),
        Sign::BelowReference | Sign::BelowOthers | Sign::BelowOwnHistory
            if kind == EntityKind::Provider =>
        {
            let what = sign_label(&row.sign, language);
            language.pick(
                format!("{share} de ses {of} offres sont {what}, contre {usual} chez les autres."),
                format!("{share} of its {of} bids are {what}, against {usual} of the others'."),
            )
        }
        Sign::BelowReference => {
            let against = against(row, language);
            language.pick(
                format!("{} le bas de la fourchette de référence ({against}).", gap(row.value, language)),
                format!("{} the low end of the reference interval ({against}).", gap(row.value, language)),
            )
        }
        Sign::BelowOthers => {
            let against = against(row, language);
            language.pick(
                format!("{} les autres offres ({against}).", gap(row.value, language)),
                format!("{} the other bids ({against}).", gap(row.value, language)),
            )
        }
        Sign::BelowOwnHistory => {
            let against = against(row, language);
            language.pick(
                format!("{} ce que l'entreprise demande d'habitude ({against}).", gap(row.value, language)),
                format!("{} what the bidder usually asks ({against}).", gap(row.value, language)),
            )
        }
        Sign::Absences => language.pick(
            format!("Absent à {share} de {of} rendez-vous, contre {usual} chez les autres."),
            format!("Absent from {share} of {of} bookings, against {usual} of the others'."),
        ),
        Sign::Cancellations => language.pick(
            format!("{share} d'annulations sur {of}, contre {usual} chez les autres."),
            format!("{share} of {of} cancelled, against {usual} of the others'."),
        ),
        Sign::Withdrawals => language.pick(
            format!("{share} de {of} offres retirées, contre {usual} chez les autres."),
            format!("{share} of {of} bids withdrawn, against {usual} of the others'."),
        ),
        Sign::Unusual => {
            let what = row.detail.as_deref().map_or("", |name| portrait_label(name, language));
            language.pick(
                format!("Comportement plus isolé que celui de {} des comptes, surtout par {what}.", percent(row.percentile.unwrap_or_default(), language)),
                format!("Behaviour more isolated than that of {} of accounts, most of all by {what}.", percent(row.percentile.unwrap_or_default(), language)),
            )
        }
        Sign::RiggedBids => language.pick(
            format!("Les offres de cette consultation ressemblent à des offres concertées (confiance : {sure})."),
            format!("The bids of this auction look rigged (confidence: {sure})."),
        ),
        Sign::BidsTogether => language.pick(
            format!("Ces soumissionnaires se comportent comme un groupe qui s'entend (confiance : {sure})."),
            format!("These bidders behave as those who agree do (confidence: {sure})."),
        ),
        Sign::InRing => language.pick(
            format!("Appartient à un groupe de soumissionnaires signalé (confiance : {sure})."),
            format!("Is of a flagged ring of bidders (confidence: {sure})."),
        ),
        Sign::ByFlagged => language.pick(
            format!("Son auteur est signalé (confiance : {sure})."),
            format!("Its author is flagged (confidence: {sure})."),
        ),
    }
}

/// A number of a portrait in words.
fn portrait_label(name: &str, language: Language) -> &'static str {
    match name {
        "acts" => language.pick("le nombre d'actes", "the number of acts"),
        "densest_hour" => {
            language.pick("des actes groupés en une heure", "acts crowded in one hour")
        }
        "night_share" => language.pick("des actes de nuit", "acts at night"),
        "weekend_share" => language.pick("des actes le week-end", "acts at weekends"),
        "absence_share" => language.pick("les absences", "absences"),
        "cancellation_share" => language.pick("les annulations", "cancellations"),
        "withdrawal_share" => language.pick("les retraits", "withdrawals"),
        "price_level" => language.pick("le niveau des prix", "the level of prices"),
        "price_jumps" => language.pick("les sauts de prix", "jumps of prices"),
        _ => language.pick("un ensemble de traits", "several features"),
    }
}

fn against(row: &SignalRow, language: Language) -> String {
    euros(row.detail_value.unwrap_or_default() as i64, language)
}

/// How far below, or above, a price is.
fn gap(below: f64, language: Language) -> String {
    let share = percent(below.abs(), language);
    match below >= 0.0 {
        true => language.pick(format!("{share} sous"), format!("{share} below")),
        false => language.pick(format!("{share} au-dessus :"), format!("{share} above")),
    }
}

/// What a level means.
pub(super) fn level_sentence(
    level: &str,
    family: Option<&str>,
    score: f64,
    language: Language,
) -> String {
    let chance = confidence(score, language);
    let what = family.unwrap_or_else(|| language.pick("abus", "abuse"));
    match level {
        "confirmed" => language.pick(
            format!("Confirmé par une personne : {what}."),
            format!("Confirmed by a person: {what}."),
        ),
        "flag" => language.pick(
            format!("À examiner : {what}, des signes de sources indépendantes concordent (confiance : {chance})."),
            format!("To be looked at: {what}, signs of independent sources agree (confidence: {chance})."),
        ),
        "watch" => language.pick(
            format!("À surveiller : {what}, mais le signe ne suffit pas seul (confiance : {chance})."),
            format!("Worth watching: {what}, but the sign does not stand alone (confidence: {chance})."),
        ),
        "cleared" => language.pick(
            "Examiné et mis hors de cause : rien de nouveau depuis.".to_owned(),
            "Looked at and cleared: nothing new since.".to_owned(),
        ),
        _ => language.pick(
            "Aucun signe d'abus.".to_owned(),
            "No sign of abuse.".to_owned(),
        ),
    }
}

/// What to do about it.
pub(super) fn advice(level: &str, family: Option<&str>, language: Language) -> Vec<String> {
    if !matches!(level, "flag" | "confirmed") {
        return Vec::new();
    }
    let told = match family {
        Some("dumping") => language.pick(
            "Demandez des justifications avant de décider (Code de la commande publique, art. L2152-6) : un signalement n'écarte pas une offre.",
            "Ask for reasons before deciding (Code de la commande publique, art. L2152-6): a flag rules no bid out.",
        ),
        Some("collusion") => language.pick(
            "Gardez les offres et les dates, n'alertez pas les entreprises, et faites examiner le dossier (entente : Code de commerce, art. L420-1).",
            "Keep the bids and dates, do not warn the firms, and have the case looked at (collusion: Code de commerce, art. L420-1).",
        ),
        Some("spam") => language.pick(
            "Suspendez l'envoi le temps d'un contrôle d'identité.",
            "Hold back what is sent until the identity is checked.",
        ),
        _ => language.pick(
            "Demandez une explication avant d'accepter un nouvel engagement.",
            "Ask for an explanation before another commitment is accepted.",
        ),
    };
    vec![told.to_owned()]
}
