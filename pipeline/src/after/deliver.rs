//! Delivering lineage events over HTTP. What is to be delivered is noted on the lake first, so that what fails is tried again after the next run.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use lake::{Lake, RunId};
use serde_json::Value;

use super::live::{Arrived, name};

/// Names of runs whose events are still to be delivered.
const PENDING: &str = "lineage/pending";
/// How long one event may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Posts the events of runs but for those that arrived, after those that are still to be delivered; ends at the first that does not arrive.
pub(super) async fn deliver(
    lake: &Lake,
    (url, key): (&str, Option<&str>),
    runs: &[RunId],
    arrived: &Arrived,
) -> Result<()> {
    let folder = lake.own(PENDING);
    for run in runs {
        lake.write(&format!("{folder}/{run}"), Vec::new()).await?;
    }
    let pending = lake.list(&folder).await?.into_iter();
    let mut pending: Vec<String> = pending.map(|entry| entry.path).collect();
    pending.sort();
    for path in pending {
        let run = path.rsplit('/').next().unwrap_or_default();
        let events = lake
            .read(&lake.own(&format!("lineage/{run}.jsonl")))
            .await?;
        for event in String::from_utf8_lossy(&events.unwrap_or_default()).lines() {
            let has_arrived = serde_json::from_str(event)
                .is_ok_and(|event: Value| arrived.contains(&name(&event)));
            if !has_arrived {
                post(url, key, event.to_owned(), PATIENCE).await?;
            }
        }
        lake.delete(&path).await?;
    }
    Ok(())
}

/// Posts a JSON text; anything but success is an error that names the address without what may be secret in it.
pub(super) async fn post(
    url: &str,
    key: Option<&str>,
    body: String,
    patience: Duration,
) -> Result<()> {
    let whom = || {
        let parsed = reqwest::Url::parse(url).ok();
        let host = parsed
            .as_ref()
            .and_then(reqwest::Url::host_str)
            .map(str::to_owned);
        host.unwrap_or_else(|| "the address".to_owned())
    };
    let client = reqwest::Client::builder()
        .timeout(patience)
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let mut request = client
        .post(url)
        .header("content-type", "application/json")
        .body(body);
    if let Some(key) = key {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    let answer = request.send().await;
    let answer = answer
        .map_err(reqwest::Error::without_url)
        .with_context(|| format!("{} cannot be reached", whom()))?;
    if !answer.status().is_success() {
        bail!("{} answered {}", whom(), answer.status());
    }
    Ok(())
}
