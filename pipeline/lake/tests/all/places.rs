//! The places that a lake is tested in.

use std::sync::Arc;

use lake::Lake;
use snapshot::{Store, StoreSettings};

use crate::s3::S3;

/// A place, and what keeps it there.
pub(crate) enum Place {
    Memory(Store),
    Disk(tempfile::TempDir),
    S3(Arc<S3>, String),
}

impl Place {
    pub(crate) fn memory() -> Option<Self> {
        Some(Self::Memory(Store::open("memory:///lake").unwrap()))
    }

    pub(crate) fn disk() -> Option<Self> {
        Some(Self::Disk(tempfile::tempdir().unwrap()))
    }

    pub(crate) fn s3() -> Option<Self> {
        let server = S3::shared()?;
        let place = server.place();
        Some(Self::S3(server, place))
    }

    /// An S3 of its own, whose requests may be made to fail.
    pub(crate) fn own_s3() -> Option<Self> {
        let server = Arc::new(S3::start()?);
        let place = server.place();
        Some(Self::S3(server, place))
    }

    /// Makes requests fail from now on; returns how many did since the last call.
    pub(crate) fn fail(&self, rules: &str) -> u64 {
        match self {
            Self::S3(server, _) => server.fail(rules),
            _ => panic!("only the emulator fails as it is told"),
        }
    }

    /// Opens the lake as one more program would.
    pub(crate) fn lake(&self) -> Lake {
        self.lake_with(&[])
    }

    /// Opens the lake as a program with more variables would.
    pub(crate) fn lake_with(&self, more: &[(&str, &str)]) -> Lake {
        match self {
            Self::Memory(store) => Lake::from(store.clone()),
            Self::Disk(dir) => Lake::open(&dir.path().display().to_string()).unwrap(),
            Self::S3(server, place) => {
                let more = more.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
                let settings: StoreSettings = server.variables().into_iter().chain(more).collect();
                Lake::from(Store::open_with(place, &settings).unwrap())
            }
        }
    }
}
