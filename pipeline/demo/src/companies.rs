//! Companies, what they claim, and the vocabulary tables.

use crate::calendar::DAY;
use crate::emit::Emitter;
use crate::error::DemoError;
use crate::geography::{self, City};
use crate::identifiers::{self, SirenKind};
use crate::know_how::{self, Subject};
use crate::layout::{Tenant, roles};
use crate::names;
use crate::random::Dice;
use crate::record::Value;
use crate::world::World;

/// A company, derived from its number.
pub(crate) struct Company {
    pub(crate) id: String,
    pub(crate) tenant: Tenant,
    pub(crate) siren: String,
    pub(crate) name: String,
    pub(crate) city: &'static City,
    pub(crate) trade: usize,
    /// Concepts that its text names, primary trade first.
    pub(crate) mentioned: Vec<usize>,
    /// Concepts that it claims.
    pub(crate) claimed: Vec<usize>,
    pub(crate) certifications: Vec<String>,
    pub(crate) is_spam: bool,
    staff: usize,
}

pub(crate) fn company_id(index: u64) -> String {
    format!("ENT-{index:07}")
}

impl World {
    /// The trade of a company. Ordinary companies take turns, so that those of a trade can be found.
    fn trade_of_company(&self, index: u64) -> usize {
        let trades = self.vocabulary.trades.len() as u64;
        let (unit, local) = (
            self.companies.unit_of(index),
            self.companies.local_of(index),
        );
        let turn = match local {
            local if roles::COVER_RING.contains(&local) => unit * 3 + 1,
            local if roles::ROTATION_RING.contains(&local) => unit * 3 + 7,
            roles::DUMPER => unit * 3 + 11,
            local => local + unit * 7,
        };
        (turn % trades) as usize
    }

    /// Trade of the planted projects of a unit.
    pub(crate) fn trade_of_ring(&self, unit: u64, first_member: u64) -> usize {
        self.trade_of_company(self.companies.index(unit, first_member))
    }

    /// Ordinary companies of a trade, tenant and unit.
    pub(crate) fn companies_of_trade(&self, trade: usize, tenant: Tenant, unit: u64) -> Vec<u64> {
        let locals = self.companies.locals(tenant);
        let trades = self.vocabulary.trades.len() as u64;
        let from = locals.start.max(match tenant {
            Tenant::Main => roles::SPAM_PROVIDERS.end,
            _ => 0,
        });
        let turn = (trade as u64 + trades - unit * 7 % trades) % trades;
        (from..locals.end)
            .filter(|local| local % trades == turn)
            .map(|local| self.companies.index(unit, local))
            .collect()
    }

    pub(crate) fn company(&self, index: u64) -> Company {
        let mut dice = self.dice("company", index);
        let local = self.companies.local_of(index);
        let trade = self.trade_of_company(index);
        let city = self.city_of_company(index, &mut dice);
        let is_spam = roles::SPAM_PROVIDERS.contains(&local);
        let mentioned = if is_spam {
            Vec::new()
        } else {
            self.know_how(trade, &mut dice)
        };
        let shares = &self.market.shares;
        let mut claimed: Vec<usize> = mentioned
            .iter()
            .copied()
            .filter(|_| dice.chance(shares.claimed))
            .collect();
        if is_spam || dice.chance(shares.claimed_unmentioned) {
            let other = dice.below(self.vocabulary.concepts.len() as u64) as usize;
            if !claimed.contains(&other) {
                claimed.push(other);
            }
        }
        let lists = &self.market.lists;
        let certifications = if dice.chance(shares.certified) {
            let count = 1 + dice.below(3) as usize;
            dice.sample(&lists.certifications, count)
        } else {
            Vec::new()
        };
        Company {
            id: company_id(index),
            tenant: self.companies.tenant_of(index),
            siren: identifiers::siren(self.seed, SirenKind::Company, index),
            name: names::company(&self.vocabulary.trades[trade].label, city.name, &mut dice),
            city,
            trade,
            mentioned,
            claimed,
            certifications,
            is_spam,
            staff: dice.below(lists.staff_bands.len() as u64) as usize,
        }
    }

    /// Town of a company; the members of a ring are neighbours.
    pub(crate) fn city_of_company(&self, index: u64, dice: &mut Dice) -> &'static City {
        let (unit, local) = (
            self.companies.unit_of(index),
            self.companies.local_of(index),
        );
        let ring = match local {
            local if roles::COVER_RING.contains(&local) => Some(roles::COVER_RING.start),
            local if roles::ROTATION_RING.contains(&local) => Some(roles::ROTATION_RING.start),
            _ => None,
        };
        match ring {
            Some(first) => geography::draw_city_in(self.region_of_ring(unit, first), dice),
            None => geography::draw_city(dice),
        }
    }

    /// Region where a ring works.
    pub(crate) fn region_of_ring(&self, unit: u64, first_member: u64) -> &'static str {
        geography::draw_city(&mut self.dice("ring-region", unit * 100 + first_member)).region
    }

    /// Concepts of a company: most of its trade and a few of a neighbouring one.
    fn know_how(&self, trade: usize, dice: &mut Dice) -> Vec<usize> {
        let own = &self.vocabulary.by_trade[trade];
        let count = 2 + dice.below(own.len() as u64 - 1) as usize;
        let mut concepts = dice.sample(own, count);
        if dice.chance(0.6) {
            let other = dice.below(self.vocabulary.trades.len() as u64) as usize;
            if other != trade {
                let count = 1 + dice.below(2) as usize;
                concepts.extend(dice.sample(&self.vocabulary.by_trade[other], count));
            }
        }
        concepts
    }

    /// The company's text about itself; `revision` 0 is the first one sent.
    pub(crate) fn company_text(&self, company: &Company, index: u64, revision: u64) -> String {
        let mut dice = self.dice("company-text", index * 4 + revision);
        if company.is_spam {
            return know_how::spam_text(&company.name, &mut dice);
        }
        let subject = Subject {
            name: &company.name,
            city: company.city.name,
            trade: company.trade,
            concepts: &company.mentioned,
            certifications: &company.certifications,
        };
        know_how::company_text(self, &subject, &mut dice)
    }
}

/// Whether and how a company is sent a second time.
#[derive(PartialEq, Eq)]
enum Resent {
    No,
    Newer,
    /// A late file with an older state, which must lose.
    Older,
}

fn resent(world: &World, index: u64) -> Resent {
    let mut dice = world.dice("company-resent", index);
    match dice.chance(world.market.shares.updated_company) {
        false => Resent::No,
        true if dice.chance(0.34) => Resent::Older,
        true => Resent::Newer,
    }
}

/// Number of companies sent a second time, at least (it is drawn).
pub(crate) fn resent_at_least(world: &World) -> u64 {
    (world.companies.total() as f64 * world.market.shares.updated_company * 0.25) as u64 + 1
}

pub(crate) fn write_companies(world: &World, out: &mut Emitter<'_>) -> Result<(), DemoError> {
    for index in 0..world.companies.total() {
        let is_last = index + 1 == world.companies.total();
        out.cells(cells(world, index, 0, is_last))?;
    }
    Ok(())
}

pub(crate) fn write_updates(world: &World, out: &mut Emitter<'_>) -> Result<(), DemoError> {
    for index in 0..world.companies.total() {
        let revision = match resent(world, index) {
            Resent::No => continue,
            Resent::Newer => 1,
            Resent::Older => 2,
        };
        out.cells(cells(world, index, revision, false))?;
        let kept = updated_at(world, index, if revision == 1 { 1 } else { 0 });
        let tenant = world
            .tenant_name(world.companies.tenant_of(index))
            .to_owned();
        out.superseded(
            vec![tenant, company_id(index)],
            crate::calendar::rfc3339(kept),
        )?;
    }
    Ok(())
}

/// When the state of a revision was valid: 1 is newer than 0, 2 is older.
fn updated_at(world: &World, index: u64, revision: u64) -> i64 {
    let mut dice = world.dice("company-updated", index);
    let first = world.now - dice.between(60, 400) * DAY + dice.between(0, DAY - 1);
    match revision {
        0 => first,
        1 => first + 30 * DAY,
        _ => first - 45 * DAY,
    }
}

fn cells(world: &World, index: u64, revision: u64, is_multiline: bool) -> Vec<Value> {
    let company = world.company(index);
    let mut dice = world.dice("company-cells", index * 4 + revision);
    let trade = &world.vocabulary.trades[company.trade];
    let naf = trade.naf[(index % trade.naf.len() as u64) as usize].clone();
    // Some sources write the dot of the NAF code, or a small letter.
    let naf = match dice.below(10) {
        0 => format!("{}.{}", &naf[..2], &naf[2..]),
        1 => naf.to_lowercase(),
        _ => naf,
    };
    let mut description = world.company_text(&company, index, revision);
    if is_multiline {
        description = description.replace(". Moyens", ".\nMoyens");
    }
    let slug = names::slug(&company.name);
    let city = company.city;
    vec![
        world.tenant_name(company.tenant).into(),
        company.id.into(),
        company.siren.as_str().into(),
        identifiers::siret(&company.siren, 1 + index % 3).into(),
        company.name.as_str().into(),
        dice.chance(0.3).then(|| company.name.to_uppercase()).into(),
        naf.into(),
        world.market.lists.staff_bands[company.staff]
            .as_str()
            .into(),
        description.into(),
        company.certifications.into(),
        city.region.into(),
        city.department().into(),
        city.postal_code.into(),
        city.name.into(),
        city.latitude.into(),
        city.longitude.into(),
        dice.chance(0.7)
            .then(|| format!("https://www.{slug}-{index}.example"))
            .into(),
        (dice.between(4, 40) * (company.staff as i64 + 1)).into(),
        Value::Moment(updated_at(world, index, revision)),
    ]
}

/// Activations that good companies claim.
pub(crate) fn write_activations(world: &World, out: &mut Emitter<'_>) -> Result<(), DemoError> {
    for index in 0..world.companies.total() {
        let company = world.company(index);
        if company.tenant == Tenant::Public {
            continue;
        }
        let mut dice = world.dice("activation", index);
        for &concept in &company.claimed {
            let term = know_how::term(world, concept, &mut dice);
            let materials =
                &world.vocabulary.trades[world.vocabulary.concepts[concept].trade].materials;
            let evidence = match dice.below(3) {
                0 => format!("Atelier équipé pour : {term}."),
                1 => format!("Références récentes en {term}, {}.", dice.pick(materials)),
                _ => format!("Savoir-faire déclaré : {term}."),
            };
            out.cells(vec![
                world.tenant_name(company.tenant).into(),
                company.id.as_str().into(),
                world.vocabulary.concepts[concept].id.as_str().into(),
                evidence.into(),
                (dice.between(40, 100) as f64 / 100.0).into(),
                (*dice.pick(&["declaration", "audit", "site_web"])).into(),
                Value::Moment(world.now - dice.between(1, 700) * DAY),
            ])?;
        }
    }
    Ok(())
}

pub(crate) fn write_glossary(world: &World, out: &mut Emitter<'_>) -> Result<(), DemoError> {
    for node in &world.vocabulary.nodes {
        out.cells(vec![
            node.id.as_str().into(),
            node.parent.clone().into(),
            node.level.into(),
            node.label.as_str().into(),
            node.description.as_str().into(),
            node.synonyms.clone().into(),
            "fr".into(),
        ])?;
    }
    Ok(())
}

pub(crate) fn write_concepts(world: &World, out: &mut Emitter<'_>) -> Result<(), DemoError> {
    for concept in &world.vocabulary.concepts {
        out.cells(vec![
            concept.id.as_str().into(),
            concept.node.as_str().into(),
            concept.label.as_str().into(),
            concept.synonyms.clone().into(),
            concept.definition.as_str().into(),
            concept.label_en.clone().into(),
            concept.label_de.clone().into(),
            "active".into(),
            Value::Moment(world.now - 400 * DAY),
        ])?;
    }
    Ok(())
}

/// What companies of an activity do: one row per activity and concept of its trades.
pub(crate) fn write_priors(world: &World, out: &mut Emitter<'_>) -> Result<(), DemoError> {
    let mut seen = std::collections::BTreeSet::new();
    for (number, trade) in world.vocabulary.trades.iter().enumerate() {
        for naf in &trade.naf {
            for &concept in &world.vocabulary.by_trade[number] {
                if !seen.insert((naf.as_str(), concept)) {
                    continue;
                }
                let mut dice = world.dice("prior", seen.len() as u64);
                out.cells(vec![
                    naf.as_str().into(),
                    world.vocabulary.concepts[concept].id.as_str().into(),
                    trade.label.as_str().into(),
                    dice.between(3, 900).into(),
                ])?;
            }
        }
    }
    Ok(())
}
