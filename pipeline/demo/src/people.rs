//! People whose time can be booked.

use crate::calendar::DAY;
use crate::emit::Emitter;
use crate::error::DemoError;
use crate::geography;
use crate::know_how;
use crate::layout::{Tenant, roles};
use crate::names;
use crate::record::Value;
use crate::world::World;

/// A person, derived from its number.
pub(crate) struct Person {
    pub(crate) tenant: Tenant,
    pub(crate) name: String,
    pub(crate) trade: usize,
    pub(crate) region: &'static str,
    pub(crate) day_rate_cents: i64,
    /// Whether the person is planted as one who does not show up.
    pub(crate) is_unreliable: bool,
    pub(crate) rating: f64,
    reviews: i64,
}

pub(crate) fn person_id(index: u64) -> String {
    format!("PER-{index:06}")
}

impl World {
    pub(crate) fn person(&self, index: u64) -> Person {
        let mut dice = self.dice("person", index);
        let region = geography::draw_city(&mut dice).region;
        let seniority = dice.unit();
        let rate = (38_000.0 + 62_000.0 * seniority) * self.price_level(region);
        Person {
            tenant: self.people.tenant_of(index),
            name: names::person(&mut dice),
            trade: dice.below(self.vocabulary.trades.len() as u64) as usize,
            region,
            day_rate_cents: (rate / 1000.0).round() as i64 * 1000,
            is_unreliable: roles::NO_SHOW_PEOPLE.contains(&self.people.local_of(index)),
            rating: rounded((3.2 + 1.6 * seniority + 0.3 * dice.normal()).clamp(0.0, 5.0)),
            reviews: dice.between(0, 80),
        }
    }
}

/// A rating as the landing file writes it: outcomes follow what a reader sees.
fn rounded(rating: f64) -> f64 {
    (rating * 10.0).round() / 10.0
}

pub(crate) fn write_people(world: &World, out: &mut Emitter<'_>) -> Result<(), DemoError> {
    for index in 0..world.people.total() {
        let person = world.person(index);
        let mut dice = world.dice("person-cells", index);
        let trade = &world.vocabulary.trades[person.trade];
        let known = dice.sample(&world.vocabulary.by_trade[person.trade], 3);
        let skills = know_how::terms(world, &known, &mut dice);
        out.cells(vec![
            world.tenant_name(person.tenant).into(),
            person_id(index).into(),
            person.name.as_str().into(),
            names::email(&person.name, index).into(),
            names::phone(&mut dice).into(),
            format!(
                "{}, {} ans d'expérience",
                dice.pick(&trade.jobs),
                dice.between(3, 35)
            )
            .into(),
            skills.into(),
            person.region.into(),
            person.day_rate_cents.into(),
            person.rating.into(),
            person.reviews.into(),
            Value::Moment(world.now - dice.between(90, 1200) * DAY),
        ])?;
    }
    Ok(())
}
