//! Asking nodes what they serve and how they fare.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use canary::Seen;
use reqwest::{Client, Url, redirect::Policy};

/// How long a node may take to answer a look.
const PATIENCE: Duration = Duration::from_secs(5);

/// Looks at nodes.
pub(crate) struct Looker {
    client: Client,
}

impl Looker {
    pub(crate) fn new() -> Result<Self> {
        let client = Client::builder()
            .timeout(PATIENCE)
            .redirect(Policy::none())
            .no_proxy();
        Ok(Self {
            client: client.build()?,
        })
    }

    /// Looks at a node once: `/readyz`, and `/metrics`.
    ///
    /// # Errors
    /// The address is none, or what answers there is no node. That it does not answer is something seen.
    pub(crate) async fn look(&self, node: &str) -> Result<Seen> {
        let base: Url = node.parse().with_context(|| {
            format!("--node {node} is no address, such as http://10.0.0.7:8080")
        })?;
        if !matches!(base.scheme(), "http" | "https") {
            bail!("--node {node}: nodes are asked over http or https");
        }
        match self.ask(&base).await {
            Ok((is_ready, page)) => {
                let seen = Seen::page(is_ready, &page);
                seen.with_context(|| format!("{node} does not answer as a node does"))
            }
            Err(error) => Ok(Seen::Silent(said(&error.without_url()))),
        }
    }

    async fn ask(&self, base: &Url) -> reqwest::Result<(bool, String)> {
        let at = |path: &str| {
            let mut url = base.clone();
            url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
            url
        };
        let ready = self.client.get(at("/readyz")).send().await?;
        let page = self.client.get(at("/metrics")).send().await?;
        let page = page.error_for_status()?.text().await?;
        Ok((ready.status().is_success(), page))
    }
}

/// The last cause says what a person wants to know: that the connection was refused, say.
fn said(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}
