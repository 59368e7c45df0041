//! Job offers in the shape of France Travail's API v2 ("Offres d'emploi"), plus the key `tenant`.

use serde_json::{Value as Json, json};

use crate::calendar::{self, DAY, HOUR};
use crate::emit::Emitter;
use crate::error::DemoError;
use crate::geography;
use crate::know_how::{self, as_title, joined};
use crate::names;
use crate::random::Dice;
use crate::record::Record;
use crate::world::World;

/// Contract code, label, and how often it is drawn.
const CONTRACTS: &[(&str, &str)] = &[
    ("CDI", "Contrat à durée indéterminée"),
    ("CDI", "Contrat à durée indéterminée"),
    ("CDD", "Contrat à durée déterminée - 6 Mois"),
    ("MIS", "Mission intérimaire - 3 Mois"),
    ("MIS", "Mission intérimaire - 18 Mois"),
];

pub(crate) fn offer_id(index: u64) -> String {
    format!("D{index:07}")
}

impl World {
    /// The trade of an offer.
    pub(crate) fn trade_of_offer(&self, index: u64) -> usize {
        (index % self.vocabulary.trades.len() as u64) as usize
    }

    fn is_offer_updated(&self, index: u64) -> bool {
        self.dice("offer-updated", index)
            .chance(self.market.shares.updated_offer)
    }
}

/// Number of offers sent a second time, at least (it is drawn).
pub(crate) fn updated_at_least(world: &World) -> u64 {
    (world.offers.total() as f64 * world.market.shares.updated_offer * 0.25) as u64 + 1
}

pub(crate) fn write_offers(world: &World, out: &mut Emitter<'_>) -> Result<(), DemoError> {
    for index in 0..world.offers.total() {
        out.row(Record::Nested(offer(world, index, false)))?;
    }
    Ok(())
}

pub(crate) fn write_updates(world: &World, out: &mut Emitter<'_>) -> Result<(), DemoError> {
    for index in (0..world.offers.total()).filter(|index| world.is_offer_updated(*index)) {
        let offer = offer(world, index, true);
        let text = |key: &str| offer[key].as_str().unwrap_or_default().to_owned();
        let (key, kept) = (vec![text("tenant"), text("id")], text("dateActualisation"));
        out.row(Record::Nested(offer))?;
        out.superseded(key, kept)?;
    }
    Ok(())
}

fn offer(world: &World, index: u64, is_update: bool) -> Json {
    let mut dice = world.dice("offer", index);
    let trade_number = world.trade_of_offer(index);
    let trade = &world.vocabulary.trades[trade_number];
    let city = geography::draw_city(&mut dice);
    let job = dice.pick(&trade.jobs).clone();
    let known = dice.sample(&world.vocabulary.by_trade[trade_number], 4);
    let skills = know_how::terms(world, &known, &mut dice);
    let company = names::company(&trade.label, city.name, &mut dice);
    let created = world.now - dice.between(8, 90) * DAY + dice.between(7, 18) * HOUR;
    let updated = created + if is_update { 6 * DAY } else { DAY };
    let (contract, contract_label) = *dice.pick(CONTRACTS);
    let experience = dice.between(0, 5);
    let naf = &trade.naf[(index % trade.naf.len() as u64) as usize];
    let competences: Vec<Json> = skills
        .iter()
        .zip(&known)
        .map(|(skill, concept)| {
            json!({
                "code": format!("{}", 100_000 + concept),
                "libelle": as_title(skill),
                "exigence": if dice.chance(0.6) { "E" } else { "S" },
            })
        })
        .collect();
    let mut offer = json!({
        "tenant": world.tenant_name(world.offers.tenant_of(index)),
        "id": offer_id(index),
        "intitule": format!("{job} (H/F)"),
        "description": description(world, (&job, trade_number), &skills, &mut dice),
        "dateCreation": calendar::rfc3339_millis(created),
        "dateActualisation": calendar::rfc3339_millis(updated),
        "lieuTravail": {
            "libelle": format!("{} - {}", city.department(), city.name),
            "latitude": city.latitude,
            "longitude": city.longitude,
            "codePostal": city.postal_code,
            "commune": city.insee,
        },
        "romeCode": trade.rome,
        "romeLibelle": trade.rome_label,
        "appellationlibelle": job,
        "entreprise": { "nom": company },
        "typeContrat": contract,
        "typeContratLibelle": contract_label,
        "experienceExige": if experience == 0 { "D" } else { "E" },
        "experienceLibelle": match experience {
            0 => "Débutant accepté".to_owned(),
            years => format!("{years} An(s)"),
        },
        "salaire": salary(experience, &mut dice),
        "dureeTravailLibelle": dice.pick(&["35H Horaires normaux", "39H Travail en 2x8", "35H Travail de nuit"]),
        "codeNAF": format!("{}.{}", &naf[..2], &naf[2..]),
        "secteurActiviteLibelle": trade.label,
        "competences": competences,
    });
    if dice.chance(0.5) {
        offer["entreprise"]["description"] = json!(format!(
            "{company} travaille pour les secteurs {}.",
            joined(&dice.sample(&world.market.lists.sectors, 2))
        ));
    }
    offer
}

fn description(
    world: &World,
    (job, trade): (&str, usize),
    skills: &[String],
    dice: &mut Dice,
) -> String {
    let trade = &world.vocabulary.trades[trade];
    format!(
        "Au sein d'un atelier de {}, vous intervenez comme {}.\nVos missions : {}.\nVous travaillez \
         sur {} et contrôlez vos pièces. Matières : {}. {}",
        know_how::in_sentence(&trade.label),
        know_how::in_sentence(job),
        joined(skills),
        joined(&dice.sample(&trade.machines, 2)),
        joined(&dice.sample(&trade.materials, 2)),
        dice.pick(&[
            "Formation interne assurée.",
            "Un premier poste similaire est souhaité.",
            "Habilitations financées par l'entreprise.",
            "Poste à pourvoir rapidement.",
        ]),
    )
}

fn salary(experience: i64, dice: &mut Dice) -> Json {
    let annual = 22_500 + experience * 1_300 + dice.between(0, 40) * 150;
    match dice.below(4) {
        0 => json!({ "commentaire": "Selon profil et expérience" }),
        1 => json!({ "libelle": format!("Mensuel de {}.0 Euros sur 12.0 mois", annual / 12) }),
        _ => json!({
            "libelle": format!("Annuel de {annual}.0 Euros à {}.0 Euros sur 12.0 mois", annual + 4000),
            "commentaire": "Prime d'équipe et panier",
        }),
    }
}
