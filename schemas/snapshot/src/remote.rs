//! Opening a bucket: whose credentials, and how long a request is tried.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use object_store::{
    BackoffConfig, ObjectStore, ObjectStoreScheme, RetryConfig,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    path::Path,
};
use url::Url;

/// How often a request that failed is tried again.
const RETRIES: &str = "MARKETLOUNGE_STORE_RETRIES";
/// For how many seconds a request is tried again.
const PATIENCE: &str = "MARKETLOUNGE_STORE_PATIENCE_SECONDS";

/// What an operator says of a bucket, by the names of the usual environment variables.
///
/// | variable | default | meaning |
/// |---|---|---|
/// | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` | those of the machine's role | who asks |
/// | `AWS_REGION` | `us-east-1` | where the bucket is |
/// | `AWS_ENDPOINT_URL` | Amazon's | a store that is not Amazon's |
/// | `AWS_ALLOW_HTTP` | `false` | whether that store may speak without TLS |
/// | `MARKETLOUNGE_STORE_RETRIES` | 8 | how often a request that failed for now (5xx, slow down, no connection) is tried again, after pauses that double from 0.1 s to 10 s and vary by chance |
/// | `MARKETLOUNGE_STORE_PATIENCE_SECONDS` | 60 | for how long |
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoreSettings(BTreeMap<String, String>);

impl StoreSettings {
    /// Takes the settings from the environment.
    #[must_use]
    pub fn from_env() -> Self {
        let all = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        all.collect()
    }

    fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, String> {
        let Some(said) = self.0.get(name) else {
            return Ok(None);
        };
        match said.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(format!("{name} is {said:?}, which is no whole number")),
        }
    }

    fn retries(&self) -> Result<RetryConfig, String> {
        Ok(RetryConfig {
            backoff: BackoffConfig {
                init_backoff: Duration::from_millis(100),
                max_backoff: Duration::from_secs(10),
                base: 2.0,
            },
            max_retries: self.number(RETRIES)?.unwrap_or(8),
            retry_timeout: Duration::from_secs(self.number(PATIENCE)?.unwrap_or(60)),
        })
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for StoreSettings {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(said: I) -> Self {
        let named = said.into_iter().map(|(n, v)| (n.into(), v.into()));
        let ours =
            |name: &String| name.starts_with("AWS_") || name.starts_with("MARKETLOUNGE_STORE_");
        Self(named.filter(|(name, _)| ours(name)).collect())
    }
}

/// Opens the bucket of a URL, and returns the path in it.
pub(crate) fn open(
    url: &Url,
    settings: &StoreSettings,
) -> Result<(Arc<dyn ObjectStore>, Path), String> {
    let (scheme, prefix) =
        ObjectStoreScheme::parse(url).map_err(|error| format!("it names no store: {error}"))?;
    if scheme != ObjectStoreScheme::AmazonS3 {
        return match object_store::parse_url(url) {
            Ok((objects, prefix)) => Ok((Arc::from(objects), prefix)),
            Err(error) => Err(error.to_string()),
        };
    }
    let mut bucket = AmazonS3Builder::new()
        .with_url(url.as_str())
        .with_retry(settings.retries()?);
    for (name, value) in &settings.0 {
        if let Ok(key) = name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>() {
            bucket = bucket.with_config(key, value);
        }
    }
    match bucket.build() {
        Ok(bucket) => Ok((Arc::new(bucket), prefix)),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open_with(said: &[(&str, &str)]) -> Result<Path, String> {
        let url = Url::parse("s3://bucket/a/b").unwrap();
        open(&url, &said.iter().copied().collect()).map(|(_, prefix)| prefix)
    }

    #[test]
    fn a_bucket_is_opened_at_a_prefix_and_bad_settings_are_named() {
        assert_eq!(open_with(&[]), Ok(Path::from("a/b")));
        let refused = open_with(&[(RETRIES, "often")]).unwrap_err();
        assert!(
            refused.contains("MARKETLOUNGE_STORE_RETRIES is \"often\""),
            "{refused}"
        );
        let url = Url::parse("ftp://x/y").unwrap();
        assert!(open(&url, &StoreSettings::default()).is_err());
    }
}
