//! `gold.conduct_signals`: signs of spam and harmful conduct in what accounts are and do.

use std::collections::BTreeMap;

use abuse::{ConductParams, ParamGuard as _, conduct, unusual};
use anyhow::Result;
use arrow::record_batch::RecordBatch;
use futures::future::BoxFuture;

use super::table_job::{Rows, contract};
use crate::{
    context::{Context, Inputs},
    rows,
    signs::{ACCOUNTS, EVENTS, Found, Tenants, accounts, signal_rows},
};


/// Draws the forest: any number does, and the same gives the same.
const SEED: u64 = 20_261_121;

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
        let strange = unusual(*kind, accounts, SEED)?;
        for one in conduct(*kind, accounts, &params).into_iter().chain(strange) {
            for signal in one.signals {
                found.push(Found {
                    tenant: tenant.clone(),
                    of: one.of.clone(),
                    signal,
                    said_by: abuse::RULES.to_owned(),
                });
            }
        }
    }
    Ok(found)
}
