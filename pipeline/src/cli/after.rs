//! What follows a run, as the command line says it.

use std::path::PathBuf;

use clap::Args;

use crate::after::AfterSettings;

/// Who is told of a run. Without these nobody is.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct AfterArguments {
    /// Post the run's OpenLineage events there as things happen, such as http://localhost:5000/api/v1/lineage; they are in <lake>/lineage/ after
    /// the run in any case. What does not arrive is tried again after the run, then after the next one.
    #[arg(long, env = "MARKETLOUNGE_OPENLINEAGE_URL", value_name = "URL")]
    openlineage_url: Option<String>,
    /// The key sent with them, as a bearer token.
    #[arg(
        long,
        env = "MARKETLOUNGE_OPENLINEAGE_KEY",
        value_name = "KEY",
        hide_env_values = true
    )]
    openlineage_key: Option<String>,
    /// The file that says whom to alert. data/alerts.toml of the project unless named.
    #[arg(long, env = "MARKETLOUNGE_ALERTS", value_name = "FILE")]
    alerts: Option<PathBuf>,
    /// Send nothing anywhere, whatever is configured.
    #[arg(long, env = "MARKETLOUNGE_OFFLINE", value_parser = clap::builder::FalseyValueParser::new(), num_args = 0, default_missing_value = "true", default_value = "false")]
    offline: bool,
}

impl AfterArguments {
    pub(crate) fn settings(self) -> AfterSettings {
        AfterSettings {
            openlineage: self.openlineage_url,
            openlineage_key: self.openlineage_key,
            alerts: self.alerts,
            is_offline: self.offline,
        }
    }
}
