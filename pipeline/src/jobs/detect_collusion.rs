//! `detect_collusion`: who bids together, and which auctions look rigged; what people decided of rings, bidders and auctions is learnt from where that is better.

use std::collections::{BTreeMap, BTreeSet};

use abuse::{Entity, Family};
use anyhow::Result;
use collusion::{DetectParams, ParamGuard as _, detect};
use futures::future::BoxFuture;

use super::Job;
use crate::{
    artefact::Artefact,
    context::{Context, Inputs},
    signs::{
        AUCTIONS, COLLUSION, DECISIONS, Market, Signals, Verdicts, auctions, commit, read_signals,
    },
};

const CODE: &str = "detect_collusion 2";
/// Draws the permutations of tests: any number does, and the same gives the same.
const SEED: u64 = 20_261_121;

/// Signs of what accounts are and do.
const CONDUCT: &str = "gold.conduct_signals";

/// Looks at all bids of every tenant, but for those of accounts that are spam by themselves: many accounts of one hand are no cartel.
pub(super) struct DetectCollusion;

impl Job for DetectCollusion {
    fn name(&self) -> String {
        "detect_collusion".to_owned()
    }

    fn reads(&self) -> Vec<String> {
        let others = [CONDUCT, DECISIONS];
        AUCTIONS
            .into_iter()
            .chain(others)
            .map(str::to_owned)
            .collect()
    }

    fn writes(&self) -> String {
        COLLUSION.to_owned()
    }

    fn depends_on(&self, _: &Context) -> Result<BTreeMap<String, String>> {
        Ok(BTreeMap::from([(
            "code".to_owned(),
            format!("{CODE}, {}", abuse::RULES),
        )]))
    }

    fn make<'a>(
        &'a self,
        context: &'a Context,
        inputs: &'a Inputs,
        fingerprint: &'a str,
    ) -> BoxFuture<'a, Result<Artefact>> {
        Box::pin(async move {
            let params = DetectParams::new(SEED).check()?;
            let verdicts = Verdicts::read(context, inputs).await?;
            let spam = spam_accounts(context, inputs, &verdicts).await?;
            let tenants = auctions(context, inputs, &spam).await?;
            let work = move || {
                let tenants = tenants.into_iter();
                let found = tenants.map(|(tenant, (names, bids))| {
                    let mut market = Market {
                        detection: detect(&bids, &params),
                        tenant,
                        names,
                        cards: Vec::new(),
                    };
                    market.learn(&bids, &verdicts, SEED)?;
                    Ok(market)
                });
                found.collect::<Result<Vec<_>>>()
            };
            let markets = tokio::task::spawn_blocking(work).await??;
            commit(context, &markets, fingerprint).await
        })
    }
}

/// Accounts that are flagged for spam, by tenant.
async fn spam_accounts(
    context: &Context,
    inputs: &Inputs,
    verdicts: &Verdicts,
) -> Result<BTreeSet<(String, Entity)>> {
    let mut signals = Signals::new();
    read_signals(context, inputs, CONDUCT, &mut signals).await?;
    let precisions = verdicts.precisions(&signals);
    let is_spam = |whose: &&(String, Entity)| {
        let case = verdicts.case(whose, &signals, &precisions);
        case.level.is_flagged() && case.family == Some(Family::Spam)
    };
    Ok(signals.keys().filter(is_spam).cloned().collect())
}
