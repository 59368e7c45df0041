//! Clients: French industrial buyers.

use crate::calendar::{self, DAY};
use crate::emit::Emitter;
use crate::error::DemoError;
use crate::geography;
use crate::identifiers::{self, SirenKind};
use crate::names;
use crate::world::World;

pub(crate) fn client_id(index: u64) -> String {
    format!("CLI-{index:06}")
}

impl World {
    /// Region of a client.
    pub(crate) fn client_region(&self, index: u64) -> &'static str {
        // The town is the first draw of a client.
        geography::draw_city(&mut self.dice("client", index)).region
    }
}

pub(crate) fn write_clients(world: &World, out: &mut Emitter<'_>) -> Result<(), DemoError> {
    for index in 0..world.clients.total() {
        let mut dice = world.dice("client", index);
        let city = geography::draw_city(&mut dice);
        let name = names::company("Équipements industriels", city.name, &mut dice);
        let created = world.now - dice.between(200, 1500) * DAY + dice.between(0, DAY - 1);
        out.cells(vec![
            world.tenant_name(world.clients.tenant_of(index)).into(),
            client_id(index).into(),
            name.into(),
            identifiers::siren(world.seed, SirenKind::Client, index).into(),
            dice.pick(&world.market.lists.sectors).as_str().into(),
            city.region.into(),
            (dice.between(20, 4000) * 100_000).into(),
            calendar::naive(created).into(),
        ])?;
    }
    Ok(())
}
