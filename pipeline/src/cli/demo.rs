//! `pipeline demo`.

use anyhow::Result;

use super::arguments::{Common, DemoArguments};
use crate::project::Project;

pub(super) fn demo(common: &Common, arguments: &DemoArguments) -> Result<u8> {
    let market = match &arguments.market {
        Some(path) => path.clone(),
        None => Project::open(common.project.as_deref())?.path("data/demo.toml"),
    };
    let settings = demo::Settings {
        seed: arguments.seed,
        scale: arguments.scale,
        market: demo::Market::load(&market)?,
        later: arguments.later.clone().map(|folder| demo::Later {
            folder,
            share: arguments.later_share,
        }),
    };
    let report = demo::generate(&arguments.landing, &arguments.truth, &settings)?;
    println!("{report}");
    Ok(0)
}
