//! `serve keys`.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use access::{Entropy, KeyFile, KeyRecord, Limits, NewKey, Scope, Tenants};
use anyhow::{Context, bail};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use clap::{Args, Subcommand};
use schemas::Tenant;
use serde_json::json;

use crate::{Settings, admission::KEYS_IN_LAKE};

/// What to do with the keys. They are in the file that --keys names, else in access/keys.json of the lake.
#[derive(Debug, Clone, Subcommand)]
pub enum KeysCommand {
    /// Make a key and show it, once: only a salted hash of it is kept. The first one switches the asking for keys on
    #[command(
        after_help = "Example: serve keys new --name 'Portail Nord' --tenant tenant_nord --scope match,catalogue --expires 2027-01-01"
    )]
    New(NewArguments),
    /// Show the keys: who they are for, what they may do, and whether they still open the node
    List(Output),
    /// Make a key in the place of another; both open the node until the overlap ends
    #[command(
        after_help = "Limits, quotas and usage go on with the new key: they are counted by account."
    )]
    Rotate(RotateArguments),
    /// Take a key back, at once
    Revoke(PrefixArguments),
    /// Set the limits of a tenant over all its keys; without a limit, lift them
    Limit(LimitArguments),
}

/// A key to make.
#[derive(Debug, Clone, Args)]
pub struct NewArguments {
    /// What people call it: who has it, and for what
    #[arg(long)]
    name: String,
    /// Tenants that it stands for, between commas; '*' is every one, for operators. Requests of a key with one need not name it
    #[arg(long, value_name = "TENANTS")]
    tenant: Tenants,
    /// What it may ask, between commas: match, catalogue, market, prices, auctions, recommendations, abuse, operate, admin. None holds another
    #[arg(long, value_name = "SCOPES", value_delimiter = ',', required = true)]
    scope: Vec<Scope>,
    /// First day, in UTC, on which it no longer opens the node. For ever unless named: a date is better
    #[arg(long, value_name = "DAY")]
    expires: Option<NaiveDate>,
    #[command(flatten)]
    limits: LimitFlags,
    #[command(flatten)]
    output: Output,
}

/// Limits, in units: `serve routes` says what a request costs.
#[derive(Debug, Clone, Args)]
pub struct LimitFlags {
    /// Units that come back in a minute
    #[arg(long, value_name = "UNITS")]
    per_minute: Option<u32>,
    /// Units that may be spent at once [default: those of a minute]
    #[arg(long, value_name = "UNITS")]
    burst: Option<u32>,
    /// Units in a day, in UTC. Counted by each node for itself
    #[arg(long, value_name = "UNITS")]
    per_day: Option<u64>,
    /// Units in a calendar month, in UTC. Counted by each node for itself
    #[arg(long, value_name = "UNITS")]
    per_month: Option<u64>,
}

/// A key to rotate.
#[derive(Debug, Clone, Args)]
pub struct RotateArguments {
    #[command(flatten)]
    key: PrefixArguments,
    /// Hours for which the old key still opens the node: long enough for its owner to change over
    #[arg(long, value_name = "HOURS", default_value_t = 168, value_parser = clap::value_parser!(u32).range(..=8760))]
    overlap_hours: u32,
}

/// A key that is there.
#[derive(Debug, Clone, Args)]
pub struct PrefixArguments {
    /// The part between the first two underscores of the key, as `serve keys list` shows it
    prefix: String,
    #[command(flatten)]
    output: Output,
}

/// A tenant and its limits.
#[derive(Debug, Clone, Args)]
pub struct LimitArguments {
    /// The tenant
    tenant: Tenant,
    #[command(flatten)]
    limits: LimitFlags,
}

/// How to print.
#[derive(Debug, Clone, Args)]
pub struct Output {
    /// Prints JSON, for programs
    #[arg(long)]
    json: bool,
}

impl From<LimitFlags> for Limits {
    fn from(flags: LimitFlags) -> Self {
        Self {
            per_minute: flags.per_minute,
            burst: flags.burst,
            per_day: flags.per_day,
            per_month: flags.per_month,
        }
    }
}

impl KeysCommand {
    /// Does it, and returns what is to be printed.
    pub(super) fn execute(&self, settings: &Settings) -> anyhow::Result<String> {
        let path = path(settings)?;
        let now = crate::server::now();
        match self.clone() {
            Self::List(output) => Ok(list(&read(&path)?, output.json, now)),
            Self::New(wish) => {
                let expires_at = wish
                    .expires
                    .map(|day| day.and_time(chrono::NaiveTime::MIN).and_utc());
                if expires_at.is_some_and(|at| at <= now) {
                    bail!("--expires is over already: name a day to come");
                }
                let new = NewKey {
                    name: wish.name,
                    tenants: wish.tenant,
                    scopes: wish.scope.into_iter().collect(),
                    limits: wish.limits.into(),
                    expires_at,
                };
                let text = change(&path, |file| Ok(file.add(new, entropy(), now)?))?;
                Ok(shown(&text, wish.output.json))
            }
            Self::Rotate(RotateArguments { key, overlap_hours }) => {
                let end = now + TimeDelta::hours(overlap_hours.into());
                let text = change(&path, |file| {
                    Ok(file.rotate(&key.prefix, end, entropy(), now)?)
                })?;
                Ok(shown(&text, key.output.json))
            }
            Self::Revoke(key) => {
                change(&path, |file| Ok(file.revoke(&key.prefix, now)?))?;
                Ok(if key.output.json {
                    json!({ "revoked": key.prefix }).to_string()
                } else {
                    format!("revoked {}: nodes refuse it within a second", key.prefix)
                })
            }
            Self::Limit(LimitArguments { tenant, limits }) => change(&path, |file| {
                let limits = Limits::from(limits);
                limits.check()?;
                Ok(if limits.is_none() {
                    file.tenants.remove(&tenant);
                    format!("{tenant} has no limits of its own")
                } else {
                    file.tenants.insert(tenant.clone(), limits);
                    format!("{tenant} has these limits over all its keys")
                })
            }),
        }
    }
}

/// The file of keys.
fn path(settings: &Settings) -> anyhow::Result<PathBuf> {
    if let Some(path) = &settings.keys {
        return Ok(path.clone());
    }
    let lake = settings.lake_folder();
    let lake = lake.with_context(|| {
        format!("{} is no folder of this machine: name a file with --keys, and copy it to {KEYS_IN_LAKE} of the lake", settings.lake)
    })?;
    Ok(lake.join(KEYS_IN_LAKE))
}

fn read(path: &Path) -> anyhow::Result<KeyFile> {
    match fs::read(path) {
        Ok(bytes) => KeyFile::parse(&bytes).with_context(|| path.display().to_string()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(KeyFile::default()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Changes the file: one change at a time, and whole or not at all.
fn change<T>(
    path: &Path,
    change: impl FnOnce(&mut KeyFile) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let cannot = || format!("cannot write {}", path.display());
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder).with_context(cannot)?;
    let turn = private(&path.with_extension("lock")).with_context(cannot)?;
    turn.lock().with_context(cannot)?;
    let mut file = read(path)?;
    let done = change(&mut file)?;
    let new = path.with_extension("new");
    let mut written = private(&new).with_context(cannot)?;
    written.set_len(0).with_context(cannot)?;
    written.write_all(&file.to_json()).with_context(cannot)?;
    written.sync_all().with_context(cannot)?;
    fs::rename(&new, path).with_context(cannot)?;
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .with_context(cannot)?;
    Ok(done)
}

/// Opens a file that nobody but its owner reads.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Draws what a key is made of.
fn entropy() -> Entropy {
    let drawn = || {
        // 122 random bits each: three hold more than the 256 that are taken of them.
        let parts = [(); 3].map(|()| uuid::Uuid::new_v4().into_bytes());
        *blake3::hash(&parts.concat()).as_bytes()
    };
    Entropy::new(drawn(), drawn())
}

fn shown(text: &str, is_json: bool) -> String {
    let prefix = text.split('_').nth(1).unwrap_or_default();
    if is_json {
        return json!({ "key": text, "prefix": prefix }).to_string();
    }
    format!(
        "{text}\n\nThis is the only time that it is shown. Send it as \"Authorization: Bearer …\"; {prefix} names it in lists and logs."
    )
}

fn list(file: &KeyFile, is_json: bool, now: DateTime<Utc>) -> String {
    let scopes = |key: &KeyRecord| key.scopes.iter().map(Scope::as_str).collect::<Vec<_>>();
    if is_json {
        let keys = file.keys.iter().map(|key| {
            json!({
                "prefix": key.prefix, "name": key.name, "state": key.state(now), "tenants": key.tenants.names(),
                "scopes": scopes(key), "limits": key.limits, "account": key.account, "created_at": key.created_at,
                "expires_at": key.expires_at, "revoked_at": key.revoked_at, "replaced_by": key.replaced_by,
            })
        });
        return json!({ "keys": keys.collect::<Vec<_>>(), "tenants": file.tenants }).to_string();
    }
    if file.keys.is_empty() {
        return "no keys: a node on this lake runs in development mode. `serve keys new --help` says how to make one".to_owned();
    }
    let lines = file.keys.iter().map(|key| {
        let state = format!("{:?}", key.state(now)).to_lowercase();
        let until = key.expires_at.map_or_else(
            || "for ever".to_owned(),
            |at| format!("until {}", at.format("%Y-%m-%d %H:%M")),
        );
        let (tenants, scopes) = (key.tenants.names().join(","), scopes(key).join(","));
        format!(
            "{}  {state:8}  {until:22}  {tenants}  {scopes}  {}",
            key.prefix, key.name
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}
