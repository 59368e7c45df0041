//! Truths about behaviour, told unit by unit: rings, dumping, spam, prices that are too low, absences.

use std::ops::Range;

use crate::auctions::project_id;
use crate::clients::client_id;
use crate::companies::company_id;
use crate::error::DemoError;
use crate::intros::intro_id;
use crate::layout::{Tenant, roles};
use crate::people::person_id;
use crate::providers::provider_id;
use crate::submissions::submission_id;
use crate::truth::{Truth, TruthWriter};
use crate::world::World;

/// Writes every planted truth but those of rows and files.
pub(crate) fn write_truths(world: &World, out: &mut TruthWriter) -> Result<(), DemoError> {
    for unit in 0..world.units {
        for truth in truths_of_unit(world, unit) {
            out.write(&truth)?;
        }
    }
    write_unmet_demand(world, out)?;
    write_know_how(world, out)
}

fn write_unmet_demand(world: &World, out: &mut TruthWriter) -> Result<(), DemoError> {
    for tenant in [Tenant::Main, Tenant::Second] {
        let asked = (0..world.queries.total()).filter(|index| world.is_unmet(*index));
        let requests: Vec<String> = asked
            .map(|index| world.query(index))
            .filter(|query| query.tenant == tenant)
            .map(|query| query.request_id)
            .collect();
        out.write(&Truth::UnmetDemand {
            tenant: world.tenant_name(tenant).to_owned(),
            text: world.market.planted.unmet_query.clone(),
            requests,
        })?;
    }
    Ok(())
}

fn truths_of_unit(world: &World, unit: u64) -> Vec<Truth> {
    let tenant = world.market.tenants.main.clone();
    let projects = |locals: Range<u64>| -> Vec<String> {
        locals
            .map(|local| project_id(world.projects.index(unit, local)))
            .collect()
    };
    let providers = |locals: Range<u64>| -> Vec<String> {
        locals
            .map(|local| provider_id(world.providers.index(unit, local)))
            .collect()
    };
    let painting = world.auction(world.projects.index(unit, roles::PAINTING_PROJECT));
    let open_painting = world.auction(world.projects.index(unit, roles::OPEN_PAINTING_PROJECT));
    let intro = world.intro(world.intros.index(unit, roles::UNDERPRICED_INTRO));
    vec![
        Truth::CoverRing {
            tenant: tenant.clone(),
            providers: providers(roles::COVER_RING),
            projects: projects(roles::COVER_PROJECTS),
            winner: provider_id(world.providers.index(unit, roles::COVER_RING.start)),
        },
        Truth::RotationRing {
            tenant: tenant.clone(),
            providers: providers(roles::ROTATION_RING),
            projects: projects(roles::ROTATION_PROJECTS),
        },
        Truth::Dumping {
            tenant: tenant.clone(),
            provider: provider_id(world.providers.index(unit, roles::DUMPER)),
            projects: projects(roles::DUMPED_PROJECTS),
        },
        Truth::SpamAccounts {
            tenant: tenant.clone(),
            providers: providers(roles::SPAM_PROVIDERS),
            companies: roles::SPAM_PROVIDERS
                .map(|local| company_id(world.companies.index(unit, local)))
                .collect(),
            projects: projects(roles::SPAMMED_PROJECTS),
            submissions: roles::SPAM_SUBMISSIONS
                .map(|local| submission_id(world.submissions.index(unit, local)))
                .collect(),
        },
        Truth::SpamClient {
            tenant: tenant.clone(),
            client: client_id(world.clients.index(unit, roles::SPAM_CLIENT)),
            intros: roles::SPAM_INTROS
                .map(|local| intro_id(world.intros.index(unit, local)))
                .collect(),
        },
        Truth::UnderpricedProject {
            tenant: tenant.clone(),
            project: project_id(painting.index),
            category: world.vocabulary.concepts[painting.concept].id.clone(),
            budget_cents: painting.budget_cents,
            fair_price_cents: painting.fair_price_cents.round() as i64,
        },
        Truth::OpenUnderpricedProject {
            tenant: tenant.clone(),
            project: project_id(open_painting.index),
            category: world.vocabulary.concepts[open_painting.concept].id.clone(),
            budget_cents: open_painting.budget_cents,
            fair_price_cents: open_painting.fair_price_cents.round() as i64,
        },
        Truth::UnderpricedIntro {
            tenant: tenant.clone(),
            intro: intro.id,
            price_cents: intro.price_cents,
            fair_price_cents: intro.fair_price_cents.round() as i64,
        },
        Truth::NoShowPeople {
            tenant,
            people: roles::NO_SHOW_PEOPLE
                .map(|local| person_id(world.people.index(unit, local)))
                .collect(),
        },
    ]
}

fn write_know_how(world: &World, out: &mut TruthWriter) -> Result<(), DemoError> {
    let ids = |concepts: &[usize]| -> Vec<String> {
        concepts
            .iter()
            .map(|concept| world.vocabulary.concepts[*concept].id.clone())
            .collect()
    };
    for index in 0..world.market.sizes.companies {
        let company = world.company(index);
        // Nobody claims anything for a company of open data.
        let claimed = if company.tenant == Tenant::Public {
            &[][..]
        } else {
            &company.claimed
        };
        out.write(&Truth::KnowHow {
            tenant: world.tenant_name(company.tenant).to_owned(),
            company: company.id.clone(),
            mentioned: ids(&company.mentioned),
            claimed: ids(claimed),
        })?;
    }
    Ok(())
}
