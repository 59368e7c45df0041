//! Who is told what: `data/alerts.toml`, and what the command line says.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use super::alert::Event;
use crate::project::Project;

/// The file of alerts, relative to the project.
const FILE: &str = "data/alerts.toml";

/// What an operator says on the command line.
#[derive(Debug, Clone, Default)]
pub(crate) struct AfterSettings {
    /// Where lineage events are posted; nowhere unless named.
    pub(crate) openlineage: Option<String>,
    /// The key that is sent with them.
    pub(crate) openlineage_key: Option<String>,
    /// The file of alerts; the project's unless named.
    pub(crate) alerts: Option<PathBuf>,
    /// Whether nothing may be sent anywhere.
    pub(crate) is_offline: bool,
}

/// What follows a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct After {
    pub(crate) openlineage: Option<String>,
    pub(crate) openlineage_key: Option<String>,
    pub(crate) is_offline: bool,
    pub(crate) alerts: Alerts,
}

/// The file of alerts. Without it nobody is told anything.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Alerts {
    /// Addresses that an alert is posted to as JSON.
    #[serde(default)]
    pub(crate) webhook: Vec<Webhook>,
    /// Programs that an alert is handed to.
    #[serde(default)]
    pub(crate) command: Vec<Command>,
    /// People whom `sendmail` writes to.
    #[serde(default)]
    pub(crate) mail: Vec<Mail>,
    /// The file that says that all is well.
    pub(crate) dead_man: Option<DeadMan>,
}

/// An address that an alert is posted to: `{"text": …}` with the whole alert beside it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Webhook {
    pub(crate) url: String,
    #[serde(default = "usual")]
    pub(crate) on: Vec<Event>,
}

/// A program that is started with the alert's JSON on its standard input.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Command {
    /// The program and its arguments.
    pub(crate) run: Vec<String>,
    #[serde(default = "usual")]
    pub(crate) on: Vec<Event>,
}

/// People whom the system's own mailer writes to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mail {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    /// The mailer: reads a message with its heads on standard input, as `sendmail -t -i` does.
    #[serde(default = "sendmail")]
    pub(crate) program: Vec<String>,
    #[serde(default = "usual")]
    pub(crate) on: Vec<Event>,
}

/// A file that is written after each good run: a monitor that finds it too old knows that no run was good since.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeadMan {
    /// The file; relative to the project.
    pub(crate) file: PathBuf,
    /// Only for these DAGs; for every one where none is named.
    #[serde(default)]
    pub(crate) dags: Vec<String>,
}

fn usual() -> Vec<Event> {
    vec![Event::Failed, Event::Refused]
}

fn sendmail() -> Vec<String> {
    ["sendmail", "-t", "-i"].map(str::to_owned).to_vec()
}

impl After {
    /// Reads who is told what. A bad file stops a run before it begins.
    pub(crate) fn read(project: &Project, settings: &AfterSettings) -> Result<Self> {
        let own = project.path(FILE);
        let mut alerts = match &settings.alerts {
            Some(file) => Alerts::read(file)?,
            None if own.exists() => Alerts::read(&own)?,
            None => Alerts::default(),
        };
        if let Some(dead_man) = &mut alerts.dead_man {
            dead_man.file = project.path("").join(&dead_man.file);
        }
        if let Some(url) = &settings.openlineage
            && !url.starts_with("http://")
            && !url.starts_with("https://")
        {
            bail!("--openlineage-url {url} is no address: it begins with http:// or https://");
        }
        Ok(Self {
            openlineage: settings.openlineage.clone(),
            openlineage_key: settings.openlineage_key.clone(),
            is_offline: settings.is_offline,
            alerts,
        })
    }

    /// Returns how many are named to be told.
    pub(crate) fn asked(&self) -> usize {
        self.alerts.webhook.len() + self.alerts.command.len() + self.alerts.mail.len()
    }
}

impl Alerts {
    fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let alerts: Self = toml::from_str(&text)
            .with_context(|| format!("{} is no file of alerts", file.display()))?;
        let no_program = alerts.command.iter().any(|one| one.run.is_empty())
            || alerts.mail.iter().any(|one| one.program.is_empty());
        if no_program {
            bail!("{}: a command names no program", file.display());
        }
        for webhook in &alerts.webhook {
            if !webhook.url.starts_with("http://") && !webhook.url.starts_with("https://") {
                bail!(
                    "{}: webhook url {:?} begins neither with http:// nor with https://",
                    file.display(),
                    webhook.url
                );
            }
        }
        for mail in &alerts.mail {
            // A line break would let an address write heads of its own.
            let is_plain = |text: &String| text.contains('@') && !text.contains(['\n', '\r']);
            if mail.to.is_empty() || !mail.to.iter().chain([&mail.from]).all(is_plain) {
                bail!(
                    "{}: mail wants `from` and `to`, addresses with an @",
                    file.display()
                );
            }
        }
        Ok(alerts)
    }
}
