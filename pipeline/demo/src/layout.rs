//! How entities are numbered: the market is `scale` units, and in each unit the tenants hold fixed
//! ranges, so that an entity of a given tenant can be drawn without storing any.

use std::ops::Range;

use crate::random::Dice;

/// Which tenant an entity belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tenant {
    Main,
    Second,
    Public,
}

/// The entities of one kind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Population {
    units: u64,
    per_unit: u64,
    second_from: u64,
    public_from: u64,
}

impl Population {
    pub(crate) fn new(units: u64, per_unit: u64, second_share: f64, public_share: f64) -> Self {
        let share = |part: f64| (per_unit as f64 * part).round() as u64;
        let public_from = per_unit - share(public_share);
        let second_from = public_from - share(second_share).max(1);
        Self {
            units,
            per_unit,
            second_from,
            public_from,
        }
    }

    pub(crate) fn total(&self) -> u64 {
        self.units * self.per_unit
    }

    pub(crate) fn unit_of(&self, index: u64) -> u64 {
        index / self.per_unit
    }

    pub(crate) fn local_of(&self, index: u64) -> u64 {
        index % self.per_unit
    }

    pub(crate) fn index(&self, unit: u64, local: u64) -> u64 {
        unit * self.per_unit + local
    }

    pub(crate) fn tenant_of(&self, index: u64) -> Tenant {
        match self.local_of(index) {
            local if local < self.second_from => Tenant::Main,
            local if local < self.public_from => Tenant::Second,
            _ => Tenant::Public,
        }
    }

    /// Local numbers of a tenant, the same in each unit.
    pub(crate) fn locals(&self, tenant: Tenant) -> Range<u64> {
        match tenant {
            Tenant::Main => 0..self.second_from,
            Tenant::Second => self.second_from..self.public_from,
            Tenant::Public => self.public_from..self.per_unit,
        }
    }

    /// An entity of `tenant`, from any unit.
    pub(crate) fn draw(&self, tenant: Tenant, dice: &mut Dice) -> u64 {
        let locals = self.locals(tenant);
        let unit = dice.below(self.units);
        self.index(unit, locals.start + dice.below(locals.end - locals.start))
    }
}

/// Local numbers that play a planted part in each unit.
pub(crate) mod roles {
    use std::ops::Range;

    /// Providers that bid for cover; the first always wins.
    pub(crate) const COVER_RING: Range<u64> = 0..4;
    /// Providers that win in turn.
    pub(crate) const ROTATION_RING: Range<u64> = 4..8;
    /// The provider that sells far below cost.
    pub(crate) const DUMPER: u64 = 8;
    /// Accounts made in a burst with near-duplicate texts.
    pub(crate) const SPAM_PROVIDERS: Range<u64> = 9..14;
    /// Projects that the cover ring shares.
    pub(crate) const COVER_PROJECTS: Range<u64> = 0..12;
    /// Projects that the rotating ring shares.
    pub(crate) const ROTATION_PROJECTS: Range<u64> = 12..24;
    /// Projects that the dumper wins.
    pub(crate) const DUMPED_PROJECTS: Range<u64> = 24..34;
    /// The under-priced painting project.
    pub(crate) const PAINTING_PROJECT: u64 = 34;
    /// An open one with as small a budget.
    pub(crate) const OPEN_PAINTING_PROJECT: u64 = 35;
    /// Projects that spam accounts bid on in one burst.
    pub(crate) const SPAMMED_PROJECTS: Range<u64> = 40..52;
    /// People who do not show up.
    pub(crate) const NO_SHOW_PEOPLE: Range<u64> = 0..3;
    /// The client that sends the same introduction request again and again.
    pub(crate) const SPAM_CLIENT: u64 = 3;
    /// Its requests.
    pub(crate) const SPAM_INTROS: Range<u64> = 0..12;
    /// An introduction offered far below its fair price, still to be answered.
    pub(crate) const UNDERPRICED_INTRO: u64 = 12;
    /// Submissions of one burst.
    pub(crate) const SPAM_SUBMISSIONS: Range<u64> = 0..6;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_entity_belongs_to_its_tenant() {
        let population = Population::new(3, 120, 0.1, 0.1);
        let mut dice = Dice::new(1, "layout", 0);
        for tenant in [Tenant::Main, Tenant::Second, Tenant::Public] {
            for _ in 0..200 {
                let index = population.draw(tenant, &mut dice);
                assert!(index < population.total());
                assert_eq!(population.tenant_of(index), tenant);
            }
        }
    }
}
