//! Companies that ask to be listed, and bursts of junk among them.

use crate::calendar::{DAY, HOUR};
use crate::emit::Emitter;
use crate::error::DemoError;
use crate::geography;
use crate::identifiers::{self, SirenKind};
use crate::know_how::{self, Subject};
use crate::layout::roles;
use crate::names;
use crate::record::Value;
use crate::world::World;

pub(crate) fn submission_id(index: u64) -> String {
    format!("SOU-{index:06}")
}

pub(crate) fn write_submissions(world: &World, out: &mut Emitter<'_>) -> Result<(), DemoError> {
    for index in 0..world.submissions.total() {
        let mut dice = world.dice("submission", index);
        let unit = world.submissions.unit_of(index);
        let is_spam = roles::SPAM_SUBMISSIONS.contains(&world.submissions.local_of(index));
        let city = geography::draw_city(&mut dice);
        let trade = dice.below(world.vocabulary.trades.len() as u64) as usize;
        let name = names::company(&world.vocabulary.trades[trade].label, city.name, &mut dice);
        let description = if is_spam {
            know_how::spam_text(&name, &mut dice)
        } else {
            let concepts = dice.sample(&world.vocabulary.by_trade[trade], 3);
            let subject = Subject {
                name: &name,
                city: city.name,
                trade,
                concepts: &concepts,
                certifications: &[],
            };
            know_how::company_text(world, &subject, &mut dice)
        };
        let submitted_at = match is_spam {
            true => world.spam_burst(unit) + dice.between(0, 1200),
            false => world.now - dice.between(1, 120) * DAY + dice.between(7, 19) * HOUR,
        };
        out.cells(vec![
            world.tenant_name(world.submissions.tenant_of(index)).into(),
            submission_id(index).into(),
            name.as_str().into(),
            identifiers::siren(world.seed, SirenKind::Submission, index).into(),
            dice.chance(0.6)
                .then(|| format!("https://{}.example", names::slug(&name)))
                .into(),
            description.into(),
            names::email(&names::person(&mut dice), index).into(),
            city.region.into(),
            Value::Moment(submitted_at),
        ])?;
    }
    Ok(())
}
