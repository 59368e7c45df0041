//! Introductions of clients to people, and the client who asks too often.

use crate::calendar::{DAY, HOUR};
use crate::clients::client_id;
use crate::emit::Emitter;
use crate::error::DemoError;
use crate::layout::{Tenant, roles};
use crate::people::{Person, person_id};
use crate::random::Dice;
use crate::record::Value;
use crate::terms::{logistic, whole_euros};
use crate::world::World;

/// A request for an introduction.
pub(crate) struct Intro {
    pub(crate) id: String,
    pub(crate) tenant: Tenant,
    pub(crate) client: u64,
    pub(crate) person: u64,
    pub(crate) introducer: Option<u64>,
    pub(crate) price_cents: i64,
    /// What the introduction is worth.
    pub(crate) fair_price_cents: f64,
    pub(crate) status: &'static str,
    pub(crate) requested_at: i64,
    pub(crate) answered_at: Option<i64>,
    message: String,
}

pub(crate) fn intro_id(index: u64) -> String {
    format!("INT-{index:06}")
}

impl World {
    pub(crate) fn intro(&self, index: u64) -> Intro {
        let mut dice = self.dice("intro", index);
        let (unit, local) = (self.intros.unit_of(index), self.intros.local_of(index));
        let tenant = self.intros.tenant_of(index);
        let is_spam = roles::SPAM_INTROS.contains(&local);
        let client = match is_spam {
            true => self.clients.index(unit, roles::SPAM_CLIENT),
            false => self.clients.draw(tenant, &mut dice),
        };
        let person = self.people.draw(tenant, &mut dice);
        let introducer = Some(self.people.draw(tenant, &mut dice))
            .filter(|other| *other != person && dice.chance(self.market.shares.introduced));
        let is_underpriced = local == roles::UNDERPRICED_INTRO;
        let requested_at = match () {
            () if is_spam => self.spam_burst(unit) + dice.between(0, 900),
            () if is_underpriced => self.now - dice.between(1, 4) * DAY + 10 * HOUR,
            () => self.now - dice.between(1, self.market.history_days) * DAY + 10 * HOUR,
        };
        let age = self.now - requested_at;
        let details = self.person(person);
        let fair_price_cents = self.fair_intro_cents(&details);
        let price_cents =
            whole_euros(fair_price_cents * self.price_share(is_underpriced, &mut dice));
        let acceptance = self.acceptance(
            &details,
            (self.client_region(client), introducer.is_some()),
            price_cents as f64 / fair_price_cents,
        );
        let status = match () {
            () if is_spam => "declined",
            () if age < 5 * DAY => "proposed",
            () if dice.chance(acceptance) => "accepted",
            () if dice.chance(0.6) => "declined",
            () => "expired",
        };
        let is_answered = matches!(status, "accepted" | "declined");
        Intro {
            id: intro_id(index),
            tenant,
            client,
            person,
            introducer,
            price_cents,
            fair_price_cents,
            status,
            requested_at,
            answered_at: is_answered.then(|| requested_at + dice.between(2, 90) * HOUR),
            message: self.intro_message(is_spam, &mut dice),
        }
    }

    /// What an introduction to a person is worth: a part of the day rate, more in a dear region and
    /// for a better rating.
    fn fair_intro_cents(&self, person: &Person) -> f64 {
        let settings = &self.market.introductions;
        person.day_rate_cents as f64
            * settings.day_rate_share
            * self
                .price_level(person.region)
                .powf(settings.region_exponent)
            * (settings.rating_premium * (person.rating - settings.usual_rating)).exp()
    }

    /// Offered over fair price.
    fn price_share(&self, is_underpriced: bool, dice: &mut Dice) -> f64 {
        let planted = &self.market.planted;
        match is_underpriced {
            true => dice.uniform(planted.intro_share_low, planted.intro_share_high),
            false => (self.market.introductions.noise * dice.normal()).exp(),
        }
    }

    /// Probability that a person accepts a client of `region` at `share` of the fair price.
    pub(crate) fn acceptance(
        &self,
        person: &Person,
        (region, is_introduced): (&str, bool),
        share: f64,
    ) -> f64 {
        let settings = &self.market.introductions;
        let part = |is_so: bool, weight: f64| if is_so { weight } else { 0.0 };
        let willing = logistic(
            settings.acceptance
                + settings.price * share.ln()
                + settings.rating * (person.rating - settings.usual_rating)
                + part(region == person.region, settings.same_region)
                + part(is_introduced, settings.introducer),
        );
        settings.least + (settings.most - settings.least) * willing
    }

    fn intro_message(&self, is_spam: bool, dice: &mut Dice) -> String {
        if is_spam {
            return format!(
                "Bonjour, opportunité {} à saisir aujourd'hui, répondez vite sur notre messagerie \
                 pour recevoir {} dossiers clients gratuits !!!",
                dice.pick(&["unique", "exceptionnelle", "rare"]),
                dice.between(3, 9) * 10,
            );
        }
        let concept = dice.below(self.vocabulary.concepts.len() as u64) as usize;
        format!(
            "{} nous cherchons un appui en {} pour un projet du secteur {}. {}",
            dice.pick(&["Bonjour,", "Bonjour, sur recommandation,"]),
            crate::know_how::term(self, concept, dice),
            dice.pick(&self.market.lists.sectors),
            dice.pick(&[
                "Merci d'avance.",
                "Un échange de trente minutes suffirait.",
                "Bien à vous."
            ]),
        )
    }
}

pub(crate) fn write_intros(world: &World, out: &mut Emitter<'_>) -> Result<(), DemoError> {
    for index in 0..world.intros.total() {
        let intro = world.intro(index);
        out.cells(vec![
            world.tenant_name(intro.tenant).into(),
            intro.id.into(),
            client_id(intro.client).into(),
            person_id(intro.person).into(),
            intro.introducer.map(person_id).into(),
            intro.price_cents.into(),
            intro.status.into(),
            intro.message.into(),
            Value::Moment(intro.requested_at),
            intro.answered_at.map_or(Value::Null, Value::Moment),
        ])?;
    }
    Ok(())
}
