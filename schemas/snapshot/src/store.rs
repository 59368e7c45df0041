//! The object store that a lake or a landing area lives in: a local folder, memory, or a bucket.

use std::{path::PathBuf, sync::Arc};

use bytes::Bytes;
use object_store::{
    ObjectStore, ObjectStoreExt,
    local::LocalFileSystem,
    path::{Path, PathPart},
};
use schemas::Environment;
use url::Url;

use crate::{SnapshotError, StoreSettings, remote};

/// A place where objects are kept, opened from a folder's path or a URL (`file://`, `s3://`; `gs://` and `az://` with the cargo features `gcs` and `azure`).
#[derive(Debug, Clone)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
    url: Url,
    folder: Option<PathBuf>,
    prefix: Path,
    environment: Option<Environment>,
    settings: StoreSettings,
}

impl Store {
    /// Opens a folder that exists, or a URL with the [`StoreSettings`] of the environment.
    ///
    /// # Errors
    /// The folder does not exist, or the URL is not understood.
    pub fn open(place: &str) -> Result<Self, SnapshotError> {
        Self::open_with(place, &StoreSettings::from_env())
    }

    /// Opens the same place once more, with connections of its own; what is in memory is only where it is.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn reopen(&self) -> Result<Self, SnapshotError> {
        match self.url.scheme() {
            "memory" => Ok(self.clone()),
            _ => {
                let store = Self::open_with(self.url.as_str(), &self.settings)?;
                Ok(store.in_environment(self.environment.clone()))
            }
        }
    }

    /// Opens a folder that exists, or a URL.
    ///
    /// # Errors
    /// The folder does not exist, or the URL is not understood.
    pub fn open_with(place: &str, settings: &StoreSettings) -> Result<Self, SnapshotError> {
        let refuse = |reason: String| SnapshotError::Open {
            place: place.to_owned(),
            reason,
        };
        let url = match Url::parse(place) {
            Ok(url) if url.scheme().len() > 1 => url,
            _ => {
                let folder = std::path::Path::new(place)
                    .canonicalize()
                    .map_err(|error| refuse(error.to_string()))?;
                Url::from_directory_path(&folder).map_err(|()| refuse("not a path".to_owned()))?
            }
        };
        if url.scheme() == "file" {
            let folder = url
                .to_file_path()
                .map_err(|()| refuse("not a local path".to_owned()))?;
            let objects = LocalFileSystem::new_with_prefix(&folder)
                .map_err(|error| refuse(error.to_string()))?;
            return Ok(Self {
                objects: Arc::new(objects),
                url,
                folder: Some(folder),
                prefix: Path::default(),
                environment: None,
                settings: settings.clone(),
            });
        }
        let (objects, prefix) = remote::open(&url, settings).map_err(refuse)?;
        Ok(Self {
            objects,
            url,
            folder: None,
            prefix,
            environment: None,
            settings: settings.clone(),
        })
    }

    /// Returns the same place as an environment sees it: with pointers of its own. None are the lake's own.
    #[must_use]
    pub fn in_environment(mut self, environment: Option<Environment>) -> Self {
        self.environment = environment;
        self
    }

    /// Returns the environment; none where the pointers are the lake's own.
    #[must_use]
    pub fn environment(&self) -> Option<&Environment> {
        self.environment.as_ref()
    }

    /// Returns the path of a pointer, or of anything else that an environment has for itself, from its path in a lake without one.
    #[must_use]
    pub fn own(&self, relative: &str) -> String {
        match &self.environment {
            Some(environment) => format!("{}/{relative}", environment.folder()),
            None => relative.to_owned(),
        }
    }

    /// Returns the objects, for engines that read them directly; see also [`Store::full_path`].
    #[must_use]
    pub fn objects(&self) -> &Arc<dyn ObjectStore> {
        &self.objects
    }

    /// Returns the place as a URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Returns the folder, where the place is one of this machine.
    #[must_use]
    pub fn folder(&self) -> Option<&std::path::Path> {
        self.folder.as_deref()
    }

    /// Returns the object's path in the store, from a path relative to the place. Names are taken as they are, so that what was listed
    /// can be read; only one that no store could have is escaped.
    #[must_use]
    pub fn full_path(&self, relative: &str) -> Path {
        let named = relative.split('/').filter(|part| !part.is_empty());
        let below = named.map(|part| PathPart::parse(part).unwrap_or_else(|_| part.into()));
        Path::from_iter(self.prefix.parts().chain(below))
    }

    /// Says whether an object exists.
    ///
    /// # Errors
    /// The store failed.
    pub async fn exists(&self, relative: &str) -> Result<bool, SnapshotError> {
        match self.objects.head(&self.full_path(relative)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(source) => Err(SnapshotError::Store {
                path: relative.to_owned(),
                source,
            }),
        }
    }

    /// Reads a whole object; none where it does not exist.
    ///
    /// # Errors
    /// The store failed.
    pub async fn read(&self, relative: &str) -> Result<Option<Bytes>, SnapshotError> {
        let failed = |source| SnapshotError::Store {
            path: relative.to_owned(),
            source,
        };
        match self.objects.get(&self.full_path(relative)).await {
            Ok(found) => found.bytes().await.map(Some).map_err(failed),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }
}
