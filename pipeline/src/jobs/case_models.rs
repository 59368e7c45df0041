//! `gold.case_models`: what was learnt from decided cases.

use std::collections::BTreeMap;

use abuse::Sign;
use anyhow::Result;
use arrow::record_batch::RecordBatch;
use collusion::CaseVerdict;
use futures::future::BoxFuture;
use serde::Serialize;

use super::table_job::{Rows, contract};
use crate::{
    context::{Context, Inputs},
    rows,
    signs::{COLLUSION, DECISIONS, Signals, Verdicts, markets, read_signals},
};

const SIGNALS: &str = "gold.abuse_signals";

/// Tells what was learnt.
pub(super) struct CaseModels;

#[derive(Default, Serialize)]
struct Learnt {
    tenant: String,
    subject: String,
    verdict: &'static str,
    confirmed: u64,
    cleared: u64,
    prior: Option<f64>,
    precision: Option<f64>,
    constant_loss: Option<f64>,
    combination_loss: Option<f64>,
    learned_loss: Option<f64>,
    combination_auc: Option<f64>,
    learned_auc: Option<f64>,
}

impl Rows for CaseModels {
    const TABLE: &'static str = "case_models";

    fn reads(&self) -> Vec<String> {
        [COLLUSION, DECISIONS, SIGNALS].map(str::to_owned).to_vec()
    }

    fn depends_on(&self, _: &Context) -> Result<BTreeMap<String, String>> {
        let code = abuse::RULES.to_owned();
        Ok(BTreeMap::from([("code".to_owned(), code)]))
    }

    fn rows<'a>(
        &'a self,
        context: &'a Context,
        inputs: &'a Inputs,
    ) -> BoxFuture<'a, Result<RecordBatch>> {
        Box::pin(async move {
            let mut all = collusion(context, inputs).await?;
            let mut signals = Signals::new();
            read_signals(context, inputs, SIGNALS, &mut signals).await?;
            let verdicts = Verdicts::read(context, inputs).await?;
            let precisions = verdicts.precisions(&signals);
            for (tenant, learnt) in precisions.iter() {
                for sign in Sign::ALL {
                    let [confirmed, cleared] = learnt.counts(sign);
                    if confirmed + cleared == 0 || sign.has_own_chance() {
                        continue;
                    }
                    all.push(Learnt {
                        tenant: tenant.to_owned(),
                        subject: sign.as_str().to_owned(),
                        verdict: "posterior",
                        confirmed,
                        cleared,
                        prior: Some(sign.prior()),
                        precision: Some(learnt.of(sign)),
                        ..Learnt::default()
                    });
                }
            }
            all.sort_by(|a, b| (&a.tenant, &a.subject).cmp(&(&b.tenant, &b.subject)));
            rows::batch(&contract::<Self>(context)?, &all)
        })
    }
}

async fn collusion(context: &Context, inputs: &Inputs) -> Result<Vec<Learnt>> {
    let mut all = Vec::new();
    for market in markets(context, inputs).await? {
        for card in market.cards {
            if card.confirmed + card.cleared == 0 {
                continue;
            }
            all.push(Learnt {
                tenant: market.tenant.clone(),
                verdict: match card.verdict {
                    CaseVerdict::Learned => "learned",
                    CaseVerdict::TooFew => "too_few",
                    CaseVerdict::LearntNothing => "learnt_nothing",
                    CaseVerdict::NoGain => "no_gain",
                },
                subject: card.subject,
                confirmed: card.confirmed as u64,
                cleared: card.cleared as u64,
                constant_loss: card.constant,
                combination_loss: card.combination.map(|one| one.log_loss),
                learned_loss: card.learned.map(|one| one.log_loss),
                combination_auc: card.combination.and_then(|one| one.auc),
                learned_auc: card.learned.and_then(|one| one.auc),
                ..Learnt::default()
            });
        }
    }
    Ok(all)
}
