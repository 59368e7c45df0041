//! Brings what was spent and counted to disk: quotas every second, the bill every ten.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};

use super::{Gatekeeper, QuotaLog, USAGE, records::UsageRow};
use crate::Collector;

/// Between writes of the quotas: what a killed node forgets of them at most.
const QUOTAS_EVERY: Duration = Duration::from_secs(1);
/// Writes of quotas for one of the bill.
const USAGE_EVERY: u32 = 10;

/// Keeps the books of a gatekeeper.
#[derive(Debug)]
pub(crate) struct Bookkeeper {
    gatekeeper: Arc<Gatekeeper>,
    collector: Arc<Collector>,
    quotas: Mutex<QuotaLog>,
    node: String,
    clock: fn() -> DateTime<Utc>,
}

impl Bookkeeper {
    /// Keeps quotas in a file and the bill in the landing area, under the node's name.
    pub(crate) fn new(
        (gatekeeper, collector): (Arc<Gatekeeper>, Arc<Collector>),
        quotas: QuotaLog,
        node: String,
        clock: fn() -> DateTime<Utc>,
    ) -> Self {
        Self {
            gatekeeper,
            collector,
            quotas: Mutex::new(quotas),
            node,
            clock,
        }
    }

    /// Writes again and again, for ever.
    pub(crate) async fn keep(self: Arc<Self>) {
        for turn in 1u32.. {
            tokio::time::sleep(QUOTAS_EVERY).await;
            self.clone().write_quotas().await;
            if turn % USAGE_EVERY == 0 {
                self.write_usage().await;
            }
        }
    }

    /// Writes all that is not written yet. To be called once no request is under way, and before the collector stops.
    pub(crate) async fn close(self: Arc<Self>) {
        self.clone().write_quotas().await;
        self.write_usage().await;
    }

    async fn write_quotas(self: Arc<Self>) {
        let write = move || {
            let lately = self.gatekeeper.take_spent();
            let mut quotas = self.quotas.lock().unwrap_or_else(PoisonError::into_inner);
            quotas.append(&lately, || self.gatekeeper.all_spent())
        };
        match tokio::task::spawn_blocking(write).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::error!(%error, "the quota file cannot be written: what is spent now is forgotten at a restart")
            }
            Err(error) => tracing::error!(%error, "writing the quota file failed"),
        }
    }

    /// Writes what was counted. What the collector does not take is counted again, and written the next time.
    async fn write_usage(&self) {
        let now = (self.clock)();
        for (key, count) in self.gatekeeper.take_usage() {
            let row = UsageRow::new(&self.node, &key, count, now);
            if !self.collector.append(USAGE, &row).await {
                self.gatekeeper.count_usage(key, count);
            }
        }
    }
}
