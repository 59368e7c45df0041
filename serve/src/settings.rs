//! What an operator may change, by flag or environment variable.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, ValueEnum};

use crate::CanarySettings;

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line, for collectors.
    Json,
}

/// What a node is run with.
#[derive(Debug, Clone, Args)]
pub struct Settings {
    /// Folder or URL (file://, s3://) of the lake. A folder is read in place; a URL is copied to the cache first, which takes
    /// disk and a moment at each swap
    #[arg(long, env = "MARKETLOUNGE_LAKE", default_value = "data", global = true)]
    pub lake: String,

    /// Environment of the lake: serves what `pipeline run --env` announced there. The lake's own snapshot unless named
    #[arg(long, env = "MARKETLOUNGE_ENV", value_name = "NAME")]
    pub env: Option<schemas::Environment>,

    /// Address and port to answer on. 127.0.0.1 keeps the node to this machine; 0.0.0.0 opens it to the network: give it keys first
    #[arg(long, env = "MARKETLOUNGE_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// File of the keys that callers are let in by [default: access/keys.json of the lake; where there is none, nobody is asked for a key].
    /// Read again when it changes; a bad one is refused, and what was known before stays
    #[arg(long, env = "MARKETLOUNGE_KEYS", value_name = "FILE", global = true)]
    pub keys: Option<PathBuf>,

    /// File of issuers whose tokens (JWT) let callers in beside keys [default: none]. Read again when it or a key file changes
    #[arg(long, env = "MARKETLOUNGE_TOKENS", value_name = "FILE")]
    pub tokens: Option<PathBuf>,

    /// Refuses to start without keys: what a node that others reach should say, so that a lost file never opens it
    #[arg(long, env = "MARKETLOUNGE_REQUIRE_KEYS")]
    pub require_keys: bool,

    /// Lets anybody read /metrics and /health, which need the scope `operate` else. They name no tenant; timings tell of others' work
    #[arg(long, env = "MARKETLOUNGE_OPEN_METRICS")]
    pub open_metrics: bool,

    /// Folder of sentence encoders and cross-encoders, one per subfolder. Without the encoder of the snapshot matches are lexical only, and say so
    #[arg(long, env = "MARKETLOUNGE_WEIGHTS", default_value = "models/weights")]
    pub weights: PathBuf,

    /// Folder that the query log is appended to [default: landing, in the lake]. Must be local; where the lake is a URL, say where
    #[arg(long, env = "MARKETLOUNGE_LANDING")]
    pub landing: Option<String>,

    /// Folder for copies of remote snapshots [default: marketlounge in the system's temporary folder]. One that survives restarts
    /// saves the copy at the next start
    #[arg(long, env = "MARKETLOUNGE_CACHE")]
    pub cache: Option<PathBuf>,

    /// Milliseconds between looks at the announced snapshot: lower swaps sooner, higher asks the store less often
    #[arg(long, env = "MARKETLOUNGE_POLL_MS", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(10..))]
    pub poll_ms: u64,

    /// Name of this node in the landing area [default: the host's name]. Nodes that share a landing area need different names
    #[arg(long, env = "MARKETLOUNGE_NODE")]
    pub node: Option<String>,

    /// Which new snapshots it tries before others do.
    #[command(flatten)]
    pub canary: CanarySettings,

    /// Threads that speak HTTP [default: cores, at most 4]. They do no searching; more only helps with many thousand connections
    #[arg(long, env = "MARKETLOUNGE_WORKERS", value_parser = clap::value_parser!(u16).range(1..))]
    pub workers: Option<u16>,

    /// Searches at once [default: cores]. More shares the cores and makes every answer slower; fewer leaves cores to others
    #[arg(long, env = "MARKETLOUNGE_PERMITS", value_parser = clap::value_parser!(u16).range(1..))]
    pub permits: Option<u16>,

    /// Milliseconds a request waits for a permit before it is answered 503: higher smooths bursts, lower sheds load sooner
    #[arg(long, env = "MARKETLOUNGE_PATIENCE_MS", default_value_t = 2000)]
    pub patience_ms: u64,

    /// Mebibytes of answers that each snapshot remembers: more answers repeated questions at once; 0 remembers none
    #[arg(long, env = "MARKETLOUNGE_ANSWERS_MIB", default_value_t = 256, value_parser = clap::value_parser!(u64).range(..=65_536))]
    pub answers_mib: u64,

    /// Milliseconds that a search may spend on reading its 50 best hits again with the snapshot's cross-encoder, where it has one: in
    /// time the order is better, over time the first order stands and the answer says so; 0 never reranks
    #[arg(long, env = "MARKETLOUNGE_RERANK_BUDGET_MS", default_value_t = 500, value_parser = clap::value_parser!(u64).range(..=60_000))]
    pub rerank_budget_ms: u64,

    /// Mebibytes at which a file of the query log is rotated: smaller files reach the pipeline sooner, larger ones are fewer
    #[arg(long, env = "MARKETLOUNGE_ROTATE_MIB", default_value_t = 64, value_parser = clap::value_parser!(u64).range(1..=4096))]
    pub rotate_mib: u64,

    /// Seconds at which a file of the query log is rotated: what a run cannot see yet is at most this old
    #[arg(long, env = "MARKETLOUNGE_ROTATE_SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub rotate_seconds: u64,

    /// Log lines that may wait for a slow disk: more memory against lost lines
    #[arg(long, env = "MARKETLOUNGE_QUEUE_LINES", default_value_t = 8192, value_parser = clap::value_parser!(u32).range(1..))]
    pub queue_lines: u32,

    /// Seconds that requests under way get to end at a stop
    #[arg(long, env = "MARKETLOUNGE_SHUTDOWN_SECONDS", default_value_t = 30)]
    pub shutdown_seconds: u64,

    /// Takes the caller's address from X-Forwarded-For. Only behind a proxy that sets it: else callers choose their address
    #[arg(long, env = "MARKETLOUNGE_TRUST_FORWARDED")]
    pub trust_forwarded: bool,

    /// How log lines are written, to standard error
    #[arg(
        long,
        env = "MARKETLOUNGE_LOG_FORMAT",
        value_enum,
        default_value = "text"
    )]
    pub log_format: LogFormat,

    /// Which log lines are written: a level, or levels by module. `serve=debug` writes a line per request
    #[arg(
        long,
        env = "MARKETLOUNGE_LOG",
        default_value = "info,lance=warn,actix_server=warn"
    )]
    pub log: String,
}

impl Settings {
    /// Returns the folder of the lake, where it is one of this machine.
    pub(crate) fn lake_folder(&self) -> Option<PathBuf> {
        folder(&self.lake)
    }

    /// Returns the landing area, where it is said or in the lake, and on this machine.
    pub(crate) fn landing_folder(&self) -> Option<PathBuf> {
        match &self.landing {
            Some(landing) => folder(landing),
            None => self.lake_folder().map(|lake| lake.join("landing")),
        }
    }

    /// Returns the folder for copies of remote snapshots.
    pub(crate) fn cache_folder(&self) -> PathBuf {
        self.cache
            .clone()
            .unwrap_or_else(|| std::env::temp_dir().join("marketlounge"))
    }

    /// Returns the node's name in letters that every file system takes.
    pub(crate) fn node_name(&self) -> String {
        let host = || std::fs::read_to_string("/etc/hostname").ok();
        let name = self
            .node
            .clone()
            .or_else(|| std::env::var("HOSTNAME").ok())
            .or_else(host);
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let plain = |name: String| -> String {
            name.trim()
                .chars()
                .map(|c| if is_plain(c) { c } else { '-' })
                .collect()
        };
        name.map(plain)
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| "node".to_owned())
    }

    /// Returns how many searches run at once.
    pub(crate) fn permit_count(&self) -> usize {
        self.permits.map_or_else(cores, usize::from)
    }

    /// Returns how many threads speak HTTP.
    pub(crate) fn worker_count(&self) -> usize {
        self.workers.map_or_else(|| cores().min(4), usize::from)
    }

    /// Returns how long a request waits for a permit.
    pub(crate) fn patience(&self) -> Duration {
        Duration::from_millis(self.patience_ms)
    }
}

/// Returns the folder that a path or a `file://` URL names; none for other URLs.
fn folder(place: &str) -> Option<PathBuf> {
    let path = place.strip_prefix("file://").unwrap_or(place);
    (!path.contains("://")).then(|| PathBuf::from(path))
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;
    use crate::Program;

    fn parse(arguments: &[&str]) -> Settings {
        let program = ["serve"].iter().chain(arguments);
        Program::parse_from(program).settings
    }

    #[test]
    fn every_flag_has_an_environment_variable_and_help() {
        let command = Program::command();
        command.clone().debug_assert();
        for flag in command
            .get_arguments()
            .filter(|flag| flag.get_id() != "version")
        {
            let variable = flag.get_env().unwrap_or_default().to_string_lossy();
            assert!(variable.starts_with("MARKETLOUNGE_"), "{}", flag.get_id());
            assert!(flag.get_help().is_some(), "{}", flag.get_id());
        }
    }

    #[test]
    fn the_landing_area_is_in_the_lake_unless_said_or_remote() {
        let landing = |args: &[&str]| parse(args).landing_folder();
        assert_eq!(landing(&["--lake", "x"]), Some(PathBuf::from("x/landing")));
        assert_eq!(
            landing(&["--lake", "file:///x"]),
            Some(PathBuf::from("/x/landing"))
        );
        assert_eq!(landing(&["--lake", "s3://x"]), None);
        assert_eq!(
            landing(&["--lake", "s3://x", "--landing", "y"]),
            Some(PathBuf::from("y"))
        );
        assert_eq!(landing(&["--lake", "x", "--landing", "s3://y"]), None);
    }

    #[test]
    fn a_node_name_is_plain() {
        let settings = parse(&["--node", "nœud 1/../x"]);
        assert_eq!(settings.node_name(), "n-ud-1----x");
    }
}
