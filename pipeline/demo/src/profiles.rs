//! Profiles: what companies say of their know-how, and candidates' CVs.

use crate::calendar::DAY;
use crate::companies::company_id;
use crate::emit::Emitter;
use crate::error::DemoError;
use crate::geography::{self, City};
use crate::know_how::{self, as_title, joined};
use crate::layout::Tenant;
use crate::people::person_id;
use crate::record::Value;
use crate::world::World;

/// A person looking for work, derived from its number.
pub(crate) struct Candidate {
    pub(crate) tenant: Tenant,
    pub(crate) trade: usize,
    pub(crate) city: &'static City,
    skills: Vec<String>,
    years: i64,
}

pub(crate) fn candidate_id(index: u64) -> String {
    format!("CV-{index:07}")
}

impl World {
    pub(crate) fn candidate(&self, index: u64) -> Candidate {
        let mut dice = self.dice("candidate", index);
        let city = geography::draw_city(&mut dice);
        let trade = dice.below(self.vocabulary.trades.len() as u64) as usize;
        let count = 2 + dice.below(3) as usize;
        let known = dice.sample(&self.vocabulary.by_trade[trade], count);
        Candidate {
            tenant: self.candidates.tenant_of(index),
            trade,
            city,
            skills: know_how::terms(self, &known, &mut dice),
            years: dice.between(0, 32),
        }
    }
}

pub(crate) fn write_profiles(world: &World, out: &mut Emitter<'_>) -> Result<(), DemoError> {
    for index in 0..world.companies.total() {
        out.cells(company_cells(world, index))?;
    }
    for index in 0..world.candidates.total() {
        out.cells(candidate_cells(world, index))?;
    }
    Ok(())
}

fn company_cells(world: &World, index: u64) -> Vec<Value> {
    let company = world.company(index);
    let mut dice = world.dice("company-profile", index);
    let trade = &world.vocabulary.trades[company.trade];
    let labels: Vec<String> = company
        .mentioned
        .iter()
        .take(4)
        .map(|concept| world.vocabulary.concepts[*concept].label.clone())
        .collect();
    vec![
        world.tenant_name(company.tenant).into(),
        format!("PRO-{index:07}").into(),
        "company".into(),
        company_id(index).into(),
        Value::Null,
        format!("{} : {}", company.name, trade.label.to_lowercase()).into(),
        world.company_text(&company, index, 3).into(),
        labels.into(),
        company.city.region.into(),
        company.city.postal_code.into(),
        trade.rome.as_str().into(),
        Value::Moment(world.now - dice.between(2, 300) * DAY),
    ]
}

fn candidate_cells(world: &World, index: u64) -> Vec<Value> {
    let candidate = world.candidate(index);
    let mut dice = world.dice("candidate-cells", index);
    let trade = &world.vocabulary.trades[candidate.trade];
    let job = dice.pick(&trade.jobs);
    // Some candidates also sell their time.
    let person = dice
        .chance(0.1)
        .then(|| world.people.draw(candidate.tenant, &mut dice));
    let text = format!(
        "{}. {} ans d'expérience à {} et alentours. Compétences : {}. Machines : {}. {}",
        job,
        candidate.years,
        candidate.city.name,
        joined(&candidate.skills),
        joined(&dice.sample(&trade.machines, 2)),
        dice.pick(&[
            "Disponible immédiatement, travail posté accepté.",
            "Lecture de plans et autocontrôle, permis B.",
            "Recherche un poste stable dans un atelier à taille humaine.",
            "Mobile dans toute la région.",
        ]),
    );
    vec![
        world.tenant_name(candidate.tenant).into(),
        candidate_id(index).into(),
        "candidate".into(),
        Value::Null,
        person.map(person_id).into(),
        job.as_str().into(),
        text.into(),
        candidate
            .skills
            .iter()
            .map(|skill| as_title(skill))
            .collect::<Vec<_>>()
            .into(),
        candidate.city.region.into(),
        candidate.city.postal_code.into(),
        trade.rome.as_str().into(),
        Value::Moment(world.now - dice.between(1, 200) * DAY),
    ]
}
