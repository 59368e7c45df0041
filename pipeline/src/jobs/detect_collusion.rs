//! `detect_collusion`: who bids together, and which auctions look rigged.

use std::collections::BTreeMap;

use anyhow::Result;
use collusion::{DetectParams, ParamGuard as _, detect};
use futures::future::BoxFuture;

use super::Job;
use crate::{
    artefact::Artefact,
    context::{Context, Inputs},
    signs::{AUCTIONS, COLLUSION, Market, auctions, commit},
};

const CODE: &str = "detect_collusion 1";
/// Draws the permutations of tests: any number does, and the same gives the same.
const SEED: u64 = 20_261_121;

/// Looks at all bids of every tenant.
pub(super) struct DetectCollusion;

impl Job for DetectCollusion {
    fn name(&self) -> String {
        "detect_collusion".to_owned()
    }

    fn reads(&self) -> Vec<String> {
        AUCTIONS.map(str::to_owned).to_vec()
    }

    fn writes(&self) -> String {
        COLLUSION.to_owned()
    }

    fn depends_on(&self, _: &Context) -> Result<BTreeMap<String, String>> {
        Ok(BTreeMap::from([("code".to_owned(), CODE.to_owned())]))
    }

    fn make<'a>(
        &'a self,
        context: &'a Context,
        inputs: &'a Inputs,
        fingerprint: &'a str,
    ) -> BoxFuture<'a, Result<Artefact>> {
        Box::pin(async move {
            let params = DetectParams::new(SEED).check()?;
            let tenants = auctions(context, inputs).await?;
            let work = move || {
                let tenants = tenants.into_iter();
                let found = tenants.map(|(tenant, (names, bids))| Market {
                    tenant,
                    names,
                    detection: detect(&bids, &params),
                });
                found.collect::<Vec<_>>()
            };
            let markets = tokio::task::spawn_blocking(work).await?;
            commit(context, &markets, fingerprint).await
        })
    }
}
