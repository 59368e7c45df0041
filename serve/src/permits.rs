//! As many computations at once as there are cores, and a short wait for the others.

use std::{sync::Arc, time::Duration};

use tokio::sync::Semaphore;

use crate::{ApiError, Code};

/// Lets a bounded number of computations run off the event loop.
#[derive(Debug, Clone)]
pub struct Permits {
    semaphore: Arc<Semaphore>,
    patience: Duration,
}

impl Permits {
    /// Makes `count` permits; a request waits for one at most for `patience`.
    #[must_use]
    pub fn new(count: usize, patience: Duration) -> Self {
        Self {
            semaphore: Arc::new(Semaphore::new(count)),
            patience,
        }
    }

    /// Runs a computation on a blocking thread once a permit is free. The permit is held until the computation ends, even where
    /// the caller has gone away, so that there are never more computations than permits.
    ///
    /// # Errors
    /// [`Code::Overloaded`] where no permit came in time; [`Code::Internal`] where the computation panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let acquire = self.semaphore.clone().acquire_owned();
        let Ok(Ok(permit)) = tokio::time::timeout(self.patience, acquire).await else {
            return Err(ApiError::new(
                Code::Overloaded,
                "Tous les cœurs sont occupés ; réessayez dans une seconde.",
                "Every core is busy; try again in a second.",
            ));
        };
        let work = move || {
            let result = work();
            drop(permit);
            result
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| {
            tracing::error!(%error, "a computation failed");
            ApiError::internal()
        })
    }

    /// Returns how many permits are free.
    #[must_use]
    pub fn free(&self) -> usize {
        self.semaphore.available_permits()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_second_computation_is_shed_while_the_only_permit_is_taken() {
        let permits = Permits::new(1, Duration::from_millis(20));
        let (release, wait) = std::sync::mpsc::channel::<()>();
        let busy = tokio::spawn({
            let permits = permits.clone();
            async move { permits.run(move || wait.recv()).await }
        });
        while permits.free() > 0 {
            tokio::task::yield_now().await;
        }
        let shed = permits.run(|| ()).await.unwrap_err();
        assert_eq!(shed.code(), Code::Overloaded);
        release.send(()).unwrap();
        busy.await.unwrap().unwrap().unwrap();
        permits.run(|| ()).await.unwrap();
    }

    #[actix_web::test]
    async fn a_panic_is_an_internal_error_and_gives_its_permit_back() {
        let permits = Permits::new(1, Duration::from_millis(200));
        let failed = permits.run(|| panic!("planned")).await.unwrap_err();
        assert_eq!(failed.code(), Code::Internal);
        permits.run(|| ()).await.unwrap();
    }
}
