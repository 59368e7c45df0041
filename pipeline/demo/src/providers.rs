//! Providers: the companies that bid.

use crate::calendar::{self, DAY, MINUTE};
use crate::companies::{Company, company_id};
use crate::emit::Emitter;
use crate::error::DemoError;
use crate::layout::{Tenant, roles};
use crate::world::World;

/// What decides a provider's bids.
pub(crate) struct Provider {
    pub(crate) index: u64,
    pub(crate) region: &'static str,
    /// Its cost over the fair price, about 1.
    pub(crate) cost_level: f64,
    /// Its usual quality in [0, 1].
    pub(crate) quality: f64,
}

pub(crate) fn provider_id(index: u64) -> String {
    format!("PRE-{index:06}")
}

impl World {
    /// The company behind a provider: the first of its tenant and unit, in order.
    pub(crate) fn company_of_provider(&self, index: u64) -> u64 {
        let (unit, local) = (
            self.providers.unit_of(index),
            self.providers.local_of(index),
        );
        let tenant = self.providers.tenant_of(index);
        let place = local - self.providers.locals(tenant).start;
        self.companies
            .index(unit, self.companies.locals(tenant).start + place)
    }

    /// The provider of a company, where it has one.
    pub(crate) fn provider_of_company(&self, company: u64) -> Option<u64> {
        let tenant = self.companies.tenant_of(company);
        let place = self.companies.local_of(company) - self.companies.locals(tenant).start;
        let locals = self.providers.locals(tenant);
        let local = locals.start + place;
        (local < locals.end).then(|| self.providers.index(self.companies.unit_of(company), local))
    }

    pub(crate) fn provider(&self, index: u64) -> Provider {
        let mut dice = self.dice("provider", index);
        let company = self.company_of_provider(index);
        let city = self.city_of_company(company, &mut self.dice("company", company));
        Provider {
            index,
            region: city.region,
            cost_level: dice.uniform(0.86, 1.18),
            quality: dice.uniform(0.45, 0.95),
        }
    }

    /// An honest provider of a tenant: no spam account.
    pub(crate) fn draw_provider(&self, tenant: Tenant, dice: &mut crate::random::Dice) -> u64 {
        loop {
            let index = self.providers.draw(tenant, dice);
            let local = self.providers.local_of(index);
            if tenant != Tenant::Main || !roles::SPAM_PROVIDERS.contains(&local) {
                return index;
            }
        }
    }

    /// When the spam accounts of a unit were made.
    pub(crate) fn spam_burst(&self, unit: u64) -> i64 {
        self.now - self.dice("spam-burst", unit).between(20, 60) * DAY + 3 * calendar::HOUR
    }
}

pub(crate) fn write_providers(world: &World, out: &mut Emitter<'_>) -> Result<(), DemoError> {
    for index in 0..world.providers.total() {
        let mut dice = world.dice("provider-cells", index);
        let (unit, local) = (
            world.providers.unit_of(index),
            world.providers.local_of(index),
        );
        let provider = world.provider(index);
        let company: Company = world.company(world.company_of_provider(index));
        let hourly = 4200.0 * provider.cost_level * world.price_level(provider.region);
        // Spam accounts share a bank account, a phone and a device; ring members share an address.
        let mut own = world.dice("provider-hashes", index);
        let mut shared = world.dice("spam-hashes", unit);
        let mut ring = world.dice("ring-hashes", unit);
        let phone = if company.is_spam {
            shared.hex(16)
        } else {
            own.hex(16)
        };
        let bank = if company.is_spam {
            shared.hex(16)
        } else {
            own.hex(16)
        };
        let device = if company.is_spam {
            shared.hex(16)
        } else {
            own.hex(16)
        };
        let is_ring = roles::COVER_RING.contains(&local) && dice.chance(0.5);
        let address = if is_ring { ring.hex(16) } else { own.hex(16) };
        let created = match company.is_spam {
            true => world.spam_burst(unit) - 2 * calendar::HOUR + dice.between(0, 20) * MINUTE,
            false => world.now - dice.between(200, 2000) * DAY,
        };
        let reviews = if company.is_spam {
            0
        } else {
            dice.between(0, 140)
        };
        let rating = (provider.quality * 4.0 + 1.0 + dice.normal() * 0.2).clamp(0.0, 5.0);
        out.cells(vec![
            world.tenant_name(company.tenant).into(),
            provider_id(index).into(),
            company_id(world.company_of_provider(index)).into(),
            company.name.into(),
            provider.region.into(),
            (reviews > 0).then(|| (rating * 10.0).round() / 10.0).into(),
            reviews.into(),
            bank.into(),
            phone.into(),
            address.into(),
            device.into(),
            (hourly.round() as i64).into(),
            calendar::day_of(created).into(),
        ])?;
    }
    Ok(())
}
