//! The fair price of a project: what a cost model would find.

use crate::world::World;

/// What a price depends on.
pub(crate) struct Scope<'a> {
    pub(crate) concept: usize,
    pub(crate) size: f64,
    pub(crate) region: &'a str,
    /// Days between publication and deadline.
    pub(crate) lead_days: f64,
    pub(crate) certifications: usize,
}

impl World {
    /// Price level of a region, 1 where the settings name none.
    pub(crate) fn price_level(&self, region: &str) -> f64 {
        self.market
            .prices
            .regions
            .get(region)
            .copied()
            .unwrap_or(1.0)
    }

    /// Fair price in cents: unit price × size^exponent × region × urgency × certifications.
    pub(crate) fn fair_price_cents(&self, scope: &Scope<'_>) -> f64 {
        let prices = &self.market.prices;
        let trade = &self.vocabulary.trades[self.vocabulary.concepts[scope.concept].trade];
        let difficulty = self
            .dice("concept-difficulty", scope.concept as u64)
            .uniform(0.7, 1.5);
        let urgency = 1.0 + prices.urgency * (-scope.lead_days / prices.urgency_days).exp();
        trade.unit_price_cents as f64
            * difficulty
            * scope.size.powf(prices.size_exponent)
            * self.price_level(scope.region)
            * urgency
            * (1.0 + prices.certification * scope.certifications as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::{Market, Settings};

    #[test]
    fn a_fair_price_grows_with_size_urgency_and_region() {
        let settings = Settings {
            seed: 7,
            scale: 1,
            market: Market::default(),
            later: None,
        };
        let world = World::new(&settings).unwrap();
        let price = |size, region, lead_days| {
            let scope = Scope {
                concept: 3,
                size,
                region,
                lead_days,
                certifications: 1,
            };
            world.fair_price_cents(&scope)
        };
        let usual = price(100.0, "Bretagne", 60.0);
        assert!(price(200.0, "Bretagne", 60.0) > usual);
        assert!(price(200.0, "Bretagne", 60.0) < 2.0 * usual);
        assert!(price(100.0, "Bretagne", 5.0) > usual);
        assert!(price(100.0, "Île-de-France", 60.0) > usual);
    }
}
