//! `pipeline runs openlineage`.

use anyhow::Result;
use lake::{Lake, RunId};

use super::arguments::Common;
use crate::{
    project::Project,
    telling::{self, Story},
};

/// Prints the events of a run, made from the ledger.
pub(super) async fn print(common: &Common, lake: &Lake, run: &RunId) -> Result<()> {
    let project = Project::open(common.project.as_deref())?;
    let story = Story::read(&project, lake, run).await?;
    print!("{}", telling::events(&project, &story).await?);
    Ok(())
}
