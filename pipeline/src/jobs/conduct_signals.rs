//! `gold.conduct_signals`: signs of spam and harmful conduct in what accounts are and do.

use std::collections::BTreeMap;

use abuse::{Account, ConductParams, EntityKind, ParamGuard as _, conduct};
use anyhow::Result;
use arrow::record_batch::RecordBatch;
use futures::future::BoxFuture;

use super::table_job::{Rows, contract};
use crate::{
    context::{Context, Inputs},
    rows,
    signs::{ACCOUNTS, EVENTS, Found, Tenants, accounts, signal_rows},
};


/// Looks at every account.
pub(super) struct ConductSignals;

impl Rows for ConductSignals {
    const TABLE: &'static str = "conduct_signals";

    fn reads(&self) -> Vec<String> {
        [ACCOUNTS, EVENTS].map(str::to_owned).to_vec()
    }

    fn depends_on(&self, _: &Context) -> Result<BTreeMap<String, String>> {
        Ok(BTreeMap::from([("code".to_owned(), abuse::RULES.to_owned())]))
    }

    fn rows<'a>(
        &'a self,
        context: &'a Context,
        inputs: &'a Inputs,
    ) -> BoxFuture<'a, Result<RecordBatch>> {
        Box::pin(async move {
            let tenants = accounts(context, inputs).await?;
            let found = tokio::task::spawn_blocking(move || look(&tenants)).await??;
            rows::batch(&contract::<Self>(context)?, &signal_rows(found))
        })
    }
}

fn look(tenants: &Tenants) -> Result<Vec<Found>> {
    let params = ConductParams::default().check()?;
    let mut found = Vec::new();
    for ((tenant, kind), accounts) in tenants {
        for one in conduct(*kind, accounts, &params) {
            for signal in one.signals {
                found.push(Found {
                    tenant: tenant.clone(),
                    of: one.of.clone(),
                    signal,
                    said_by: abuse::RULES.to_owned(),
                });
            }
        }
        found.extend(unusual(tenant, *kind, accounts)?);
    }
    Ok(found)
}

/// The accounts that a forest isolates: to come with crate `anomaly`.
fn unusual(_: &str, _: EntityKind, _: &[Account]) -> Result<Vec<Found>> {
    Ok(Vec::new())
}
