//! Whether a bid is abnormally low, told with its evidence.

use deals::bids::{EUROPEAN, Evidence, LAW, Low, Sign};
use serde::Serialize;

use crate::{
    deals::{euros, percent},
    language::Language,
};

/// A flag with its evidence: something to ask the bidder about, never a refusal.
#[derive(Debug, Serialize)]
pub(crate) struct LowAnswer {
    /// Two signs agree.
    pub(crate) is_flagged: bool,
    /// Each sign that could be looked at, raised or not.
    pub(crate) evidence: Vec<SignAnswer>,
    /// What to do about a flag; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) advice: Option<String>,
}

/// What one sign found.
#[derive(Debug, Serialize)]
pub(crate) struct SignAnswer {
    sign: &'static str,
    is_raised: bool,
    /// What the price was held against.
    against_cents: i64,
    /// How far below it, as a share of it; negative where it is above.
    below: f64,
    /// The median of the other bids, where the sign is about them.
    #[serde(skip_serializing_if = "Option::is_none")]
    median_cents: Option<i64>,
    text: String,
    source: &'static str,
}

impl LowAnswer {
    pub(crate) fn new(low: &Low, price_cents: i64, language: Language) -> Self {
        let advice = low.is_flagged().then(|| {
            language.pick(
                format!("Prix anormalement bas en apparence : demandez des justifications avant de décider ({LAW}). Ce signalement n'écarte pas l'offre."),
                format!("Apparently abnormally low: ask for its reasons before deciding ({LAW}). This flag rules nothing out."),
            )
        });
        let each = low.evidence.iter().map(|one| SignAnswer {
            sign: one.sign.name(),
            is_raised: one.is_raised,
            against_cents: one.against_cents,
            below: one.below,
            median_cents: one.median_cents,
            text: text(one, price_cents, language),
            source: source(one.sign, language),
        });
        Self {
            is_flagged: low.is_flagged(),
            evidence: each.collect(),
            advice,
        }
    }

    /// The sentences of the signs that are raised.
    pub(crate) fn raised(&self) -> impl Iterator<Item = &str> {
        self.evidence
            .iter()
            .filter(|one| one.is_raised)
            .map(|one| one.text.as_str())
    }
}

fn text(one: &Evidence, price_cents: i64, language: Language) -> String {
    let (price, against) = (
        euros(price_cents, language),
        euros(one.against_cents, language),
    );
    let gap = gap(one.below, language);
    match one.sign {
        Sign::BelowReference => language.pick(
            format!("{price} : {gap} du bas de la fourchette de référence ({against}, dépassé par neuf prix sur dix)."),
            format!("{price}: {gap} the low end of the reference interval ({against}, which nine prices in ten exceed)."),
        ),
        Sign::DoubleMean => language.pick(
            format!("{price} : {gap} de la moyenne des offres, sans celles qui dépassent de 20 % la première moyenne ({against})."),
            format!("{price}: {gap} the mean of the bids without those 20% above the first mean ({against})."),
        ),
        Sign::BelowOthers => {
            let median = one.median_cents.unwrap_or(one.against_cents);
            let from_median = self::gap(1.0 - price_cents as f64 / median as f64, language);
            let median = euros(median, language);
            language.pick(
                format!("{price} : {gap} de la moins chère des autres offres ({against}), {from_median} de leur médiane ({median})."),
                format!("{price}: {gap} the lowest of the other bids ({against}), {from_median} their median ({median})."),
            )
        }
        Sign::BelowOwnHistory => language.pick(
            format!("{price} : {gap} de ce que l'entreprise demande d'habitude pour un tel projet ({against}, d'après ses offres passées)."),
            format!("{price}: {gap} what the bidder usually asks for such a project ({against}, from its earlier bids)."),
        ),
    }
}

/// A share below or above.
fn gap(below: f64, language: Language) -> String {
    let share = percent(below.abs(), language);
    if below >= 0.0 {
        language.pick(format!("{share} au-dessous"), format!("{share} below"))
    } else {
        language.pick(format!("{share} au-dessus"), format!("{share} above"))
    }
}

fn source(sign: Sign, language: Language) -> &'static str {
    match sign {
        Sign::BelowReference => language.pick("modèle de prix de l'instantané", "the snapshot's price model"),
        Sign::DoubleMean => language.pick(
            "méthode de la double moyenne (Fédération française du bâtiment) : suspecte à partir de 10 % sous la seconde moyenne",
            "double-mean method (French building federation): suspect from 10% below the second mean",
        ),
        Sign::BelowOthers => EUROPEAN,
        Sign::BelowOwnHistory => language.pick("offres passées de l'entreprise (gold.project_bids)", "the bidder's earlier bids (gold.project_bids)"),
    }
}
