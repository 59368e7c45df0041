//! Lakes in a bucket of the S3 emulator.

use std::sync::Arc;

use serde_json::Value;

use crate::{Lake, Ran, S3, SLOT};

/// A lake in a bucket, reached by the programs as any other.
#[derive(Debug)]
pub struct Bucket {
    server: Arc<S3>,
    url: String,
}

impl Bucket {
    /// Makes an empty lake on an emulator that other tests use too; none where there is no emulator to be had.
    #[must_use]
    pub fn empty() -> Option<Self> {
        S3::shared().map(Self::on)
    }

    /// Makes an empty lake on an emulator of its own, whose requests may be made to fail.
    #[must_use]
    pub fn alone() -> Option<Self> {
        S3::start().map(|server| Self::on(Arc::new(server)))
    }

    fn on(server: Arc<S3>) -> Self {
        let url = server.place();
        Self { server, url }
    }

    /// Returns another place on the same emulator.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self::on(Arc::clone(&self.server))
    }

    /// Returns the URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Makes requests fail from now on; see [`S3::fail`].
    pub fn fail(&self, rules: &str) -> u64 {
        self.server.fail(rules)
    }

    /// Returns the variables with which programs reach the bucket.
    #[must_use]
    pub fn variables(&self) -> Vec<(String, String)> {
        self.server.variables()
    }

    /// Brings what a lake on disk holds into the bucket, with the pipeline's own backup and restoration.
    ///
    /// # Panics
    /// Either fails.
    pub fn fill_from(&self, lake: &Lake) {
        let (place, backup) = (lake.path().display().to_string(), self.beside());
        let taken = self.pipeline(&["backup", "--lake", &place, "--to", backup.url()], &[]);
        assert!(taken.is_success(), "{}", taken.stderr);
        let filled = self.pipeline(
            &["restore", "--lake", self.url(), "--from", backup.url()],
            &[],
        );
        assert!(filled.is_success(), "{}", filled.stderr);
    }

    /// Lands rows as the JSON lines of `landing/<file>.jsonl`.
    ///
    /// # Panics
    /// The emulator does not take them.
    pub fn land(&self, file: &str, rows: &[Value]) {
        let lines: String = rows.iter().map(|row| format!("{row}\n")).collect();
        let key = self.url.strip_prefix("s3://").expect("a place in a bucket");
        let url = format!("{}/{key}/landing/{file}.jsonl", self.server.endpoint());
        let put = ureq::put(url).header("content-type", "application/octet-stream");
        put.send(lines.as_bytes())
            .expect("the emulator takes what is put");
    }

    /// Runs `pipeline` with the bucket's variables and more.
    #[must_use]
    pub fn pipeline(&self, arguments: &[&str], more: &[(&str, &str)]) -> Ran {
        let own = self.variables();
        let own = own
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let all: Vec<_> = own.chain(more.iter().copied()).collect();
        Ran::pipeline(arguments, &all)
    }

    /// Runs the nightly DAG, lexical only, with JSON events.
    #[must_use]
    pub fn nightly(&self, more: &[(&str, &str)]) -> Ran {
        self.pipeline(&self.nightly_arguments(), more)
    }

    /// Returns what [`Bucket::nightly`] says to the program.
    #[must_use]
    pub fn nightly_arguments(&self) -> [&str; 9] {
        [
            "--json", "run", "nightly", "--slot", SLOT, "--model", "none", "--lake", &self.url,
        ]
    }

    /// Returns the rows of a query.
    ///
    /// # Panics
    /// The query fails.
    #[must_use]
    pub fn query(&self, sql: &str) -> Vec<Value> {
        let ran = self.pipeline(
            &[
                "--json", "query", sql, "--limit", "1000000", "--lake", &self.url,
            ],
            &[],
        );
        assert!(ran.is_success(), "{}", ran.stderr);
        ran.json()
    }

    /// Returns the announced snapshot; none where there is none.
    ///
    /// # Panics
    /// The snapshots cannot be listed.
    #[must_use]
    pub fn announced(&self) -> Option<String> {
        let ran = self.pipeline(&["--json", "snapshot", "list", "--lake", &self.url], &[]);
        assert!(ran.is_success(), "{}", ran.stderr);
        let listed = ran.json();
        let announced = listed.iter().find(|one| one["state"] == "announced")?;
        Some(announced["id"].as_str()?.to_owned())
    }

    /// Verifies every byte of the announced snapshot.
    #[must_use]
    pub fn verify(&self) -> Ran {
        self.pipeline(&["snapshot", "verify", "--lake", &self.url], &[])
    }
}
