//! Opening a bucket: whose credentials, and how long a request is tried.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

#[cfg(feature = "azure")]
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
#[cfg(feature = "gcs")]
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
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
/// How the names of variables begin that say something of a store.
const NAMES: [&str; 5] = [
    "AWS_",
    "GOOGLE_",
    "AZURE_",
    "IDENTITY_ENDPOINT",
    "MARKETLOUNGE_STORE_",
];

/// What an operator says of a bucket, by the names of the usual environment variables.
///
/// | variable | default | meaning |
/// |---|---|---|
/// | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` | those of the machine's role | who asks |
/// | `AWS_REGION` | `us-east-1` | where the bucket is |
/// | `AWS_ENDPOINT_URL` | Amazon's | a store that is not Amazon's |
/// | `AWS_ALLOW_HTTP` | `false` | whether that store may speak without TLS |
/// | `GOOGLE_SERVICE_ACCOUNT`, `GOOGLE_SERVICE_ACCOUNT_KEY`, `GOOGLE_APPLICATION_CREDENTIALS` | the machine's role | who asks, of `gs://bucket` (feature `gcs`): a file, its text, or gcloud's file |
/// | `GOOGLE_BASE_URL` | Google's | a store that is not Google's |
/// | `AZURE_STORAGE_ACCOUNT_NAME` with `AZURE_STORAGE_ACCOUNT_KEY`, `AZURE_STORAGE_SAS_TOKEN`, or `AZURE_CLIENT_ID`, `AZURE_CLIENT_SECRET` and `AZURE_TENANT_ID` | the machine's role | who asks, of `az://container` (feature `azure`) |
/// | `AZURE_STORAGE_ENDPOINT`, `AZURE_STORAGE_USE_EMULATOR`, `AZURE_ALLOW_HTTP` | Microsoft's, `false`, `false` | where |
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
        let ours = |name: &String| NAMES.iter().any(|start| name.starts_with(start));
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
    let bucket = match scheme {
        ObjectStoreScheme::AmazonS3 => s3(url, settings)?,
        ObjectStoreScheme::GoogleCloudStorage => gcs(url, settings)?,
        ObjectStoreScheme::MicrosoftAzure => azure(url, settings)?,
        _ => {
            return match object_store::parse_url(url) {
                Ok((objects, prefix)) => Ok((Arc::from(objects), prefix)),
                Err(error) => Err(error.to_string()),
            };
        }
    };
    Ok((bucket, prefix))
}

/// Builds a store's client of the settings that it knows. Builders have these methods alike, and no trait.
macro_rules! bucket {
    ($builder:ty, $key:ty, $url:expr, $settings:expr) => {{
        let mut bucket = <$builder>::new()
            .with_url($url.as_str())
            .with_retry($settings.retries()?);
        for (name, value) in &$settings.0 {
            if let Ok(key) = name.to_ascii_lowercase().parse::<$key>() {
                bucket = bucket.with_config(key, value);
            }
        }
        match bucket.build() {
            Ok(bucket) => Ok(Arc::new(bucket)),
            Err(error) => Err(error.to_string()),
        }
    }};
}

fn s3(url: &Url, settings: &StoreSettings) -> Result<Arc<dyn ObjectStore>, String> {
    bucket!(AmazonS3Builder, AmazonS3ConfigKey, url, settings)
}

#[cfg(feature = "gcs")]
fn gcs(url: &Url, settings: &StoreSettings) -> Result<Arc<dyn ObjectStore>, String> {
    bucket!(GoogleCloudStorageBuilder, GoogleConfigKey, url, settings)
}

#[cfg(not(feature = "gcs"))]
fn gcs(_: &Url, _: &StoreSettings) -> Result<Arc<dyn ObjectStore>, String> {
    Err(left_out("Google Cloud Storage", "gcs"))
}

#[cfg(feature = "azure")]
fn azure(url: &Url, settings: &StoreSettings) -> Result<Arc<dyn ObjectStore>, String> {
    bucket!(MicrosoftAzureBuilder, AzureConfigKey, url, settings)
}

#[cfg(not(feature = "azure"))]
fn azure(_: &Url, _: &StoreSettings) -> Result<Arc<dyn ObjectStore>, String> {
    Err(left_out("Azure Blob Storage", "azure"))
}

/// Says how a store comes in that this program was built without.
#[cfg(not(all(feature = "gcs", feature = "azure")))]
fn left_out(store: &str, feature: &str) -> String {
    format!(
        "{store} is not in this program: build it with the cargo feature `{feature}`, as in \
         `cargo build --release --workspace --bins --features {feature}`"
    )
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
        let allowed: StoreSettings = [
            ("GOOGLE_BASE_URL", "x"),
            ("PATH", "y"),
            ("AZURE_TENANT_ID", "z"),
        ]
        .into_iter()
        .collect();
        assert_eq!(
            allowed.0.len(),
            2,
            "what says nothing of stores is not kept"
        );
        let url = Url::parse("ftp://x/y").unwrap();
        assert!(open(&url, &StoreSettings::default()).is_err());
    }
    #[test]
    fn a_store_that_was_left_out_is_named_with_its_feature_and_one_that_is_in_is_opened() {
        let said: StoreSettings = [
            ("GOOGLE_SKIP_SIGNATURE", "true"),
            ("AZURE_STORAGE_ACCOUNT_NAME", "market"),
            ("AZURE_SKIP_SIGNATURE", "true"),
        ]
        .into_iter()
        .collect();
        let kinds = [
            ("gs://bucket/a/b", "gcs", cfg!(feature = "gcs")),
            ("az://container/a/b", "azure", cfg!(feature = "azure")),
            (
                "abfss://container@market.dfs.core.windows.net/a/b",
                "azure",
                cfg!(feature = "azure"),
            ),
        ];
        for (place, feature, is_in) in kinds {
            let opened = open(&Url::parse(place).unwrap(), &said);
            match (opened, is_in) {
                (Ok((_, prefix)), true) => assert_eq!(prefix, Path::from("a/b"), "{place}"),
                (Err(why), false) => {
                    assert!(
                        why.contains(&format!("--features {feature}")),
                        "{place}: {why}"
                    );
                }
                (opened, _) => panic!("{place}: {opened:?}"),
            }
        }
    }
}
