//! Golden queries: what people searched is asked of the announced snapshot and of the new one, and what they find is compared.

use std::collections::BTreeMap;

use anyhow::Result;
use matching::{Request, section_weights};
use rayon::prelude::*;
use retrieval::Filters;
use schemas::{Action, GateResult, Manifest, Section, SnapshotGates};
use snapshot::{Reader, SnapshotError};

use super::{Audit, trial::Trial};
use crate::rows::{self, Row};

/// The table that queries are drawn from.
const QUERIES: &str = "silver.queries";
/// The sections that are asked.
const SECTIONS: [Section; 2] = [Section::Companies, Section::Offers];
/// Fewer questions than this tell nothing.
const FEWEST: usize = 10;

/// What somebody searched.
struct Asked {
    tenant: String,
    text: String,
    filters: Filters,
}

/// Asks both snapshots the same; nothing is asked where none is announced.
pub(super) async fn gates(audit: &Audit<'_>) -> Result<Vec<GateResult>> {
    let policy = audit.catalog.snapshot_gates();
    let Some(parent) = audit.parent.filter(|_| policy.overlap_queries > 0) else {
        return Ok(Vec::new());
    };
    let reader = Reader::new(audit.context.lake.store().clone());
    let cache = audit.context.lake.scratch()?;
    let said = |why: &str| GateResult {
        name: "golden queries".to_owned(),
        is_passed: true,
        detail: format!("not asked: {why}"),
    };
    let before = match reader.bring(&parent.id, None, cache.path()).await {
        Ok(verified) => verified,
        Err(SnapshotError::Refused { .. }) => {
            return Ok(vec![said("the announced snapshot is damaged")]);
        }
        Err(error) => return Err(error.into()),
    };
    let Ok(old) = Trial::open(&before.dir, SECTIONS.into_iter()).await else {
        return Ok(vec![said("the announced snapshot has another layout")]);
    };
    let new = Trial::open(audit.assembly.dir(), SECTIONS.into_iter()).await?;
    let asked = asked(audit, policy.overlap_queries).await?;
    let mut results = Vec::new();
    for section in SECTIONS {
        results.push(overlap(
            audit,
            policy,
            section,
            (&old, &new, parent),
            &asked,
        ));
        results.extend(ndcg(audit, policy, section, (&old, &new, parent)));
    }
    Ok(results)
}

/// Draws queries by a lot that is the same every night, one of each wording.
async fn asked(audit: &Audit<'_>, most: usize) -> Result<Vec<Asked>> {
    let mut drawn = BTreeMap::new();
    let files = audit.context.input_files(audit.inputs, QUERIES).await?;
    for batch in rows::open_all(&files)? {
        for row in Row::all(&batch?) {
            let text = |column| row.text(column).unwrap_or_default().to_owned();
            let (tenant, words, region) = (text("tenant"), text("text"), text("region"));
            if words.is_empty() {
                continue;
            }
            let key = format!("{tenant}\n{words}\n{region}");
            let filters = match region.as_str() {
                "" => Filters::default(),
                region => Filters::default().with("region", region),
            };
            let asked = Asked {
                tenant,
                text: words,
                filters,
            };
            drawn.insert(*blake3::hash(key.as_bytes()).as_bytes(), asked);
            // Those drawn are the first by lot: others need not be kept.
            while drawn.len() > most {
                drawn.pop_last();
            }
        }
    }
    Ok(drawn.into_values().collect())
}

fn overlap(
    audit: &Audit<'_>,
    policy: &SnapshotGates,
    section: Section,
    (old, new, parent): (&Trial, &Trial, &Manifest),
    asked: &[Asked],
) -> GateResult {
    let name = section.as_str();
    let weights = [
        section_weights(&parent.fusion, name),
        section_weights(&audit.assembly.weights().weights(), name),
    ];
    let shares: Vec<f64> = asked
        .par_iter()
        .filter_map(|asked| {
            // By words only: vectors of another encoder are no reason to refuse.
            let request = Request {
                text: &asked.text,
                encoded: None,
                tenant: &asked.tenant,
                filters: &asked.filters,
                limit: policy.overlap_depth,
            };
            let before = old.first(section, &request, weights[0]);
            let after = new.first(section, &request, weights[1]);
            let both = before.intersection(&after).count();
            (!before.is_empty()).then(|| both as f64 / before.len() as f64)
        })
        .collect();
    if shares.len() < FEWEST {
        return GateResult {
            name: format!("overlap {name}"),
            is_passed: true,
            detail: format!(
                "{} logged searches found anything before: too few to tell",
                shares.len()
            ),
        };
    }
    let mean = shares.iter().sum::<f64>() / shares.len() as f64;
    verdict(
        format!("overlap {name}"),
        mean >= policy.min_overlap,
        policy.overlap_action,
        format!(
            "of the first {} hits of {} logged searches, {:.0} % are those of the announced snapshot; at least {:.0} % wanted",
            policy.overlap_depth,
            shares.len(),
            100.0 * mean,
            100.0 * policy.min_overlap
        ),
    )
}

/// Compares NDCG@10 where requests are judged and both snapshots have the vectors of one encoder.
fn ndcg(
    audit: &Audit<'_>,
    policy: &SnapshotGates,
    section: Section,
    (old, new, parent): (&Trial, &Trial, &Manifest),
) -> Option<GateResult> {
    let judged = audit.judged.get(&section)?;
    let encoder = audit.context.encoder.as_ref().map(|encoder| encoder.id());
    if judged.len() < FEWEST || parent.encoder.as_ref().map(|card| card.id.as_str()) != encoder {
        return None;
    }
    let name = section.as_str();
    let before = old.figures(section, judged, section_weights(&parent.fusion, name));
    let weights = section_weights(&audit.assembly.weights().weights(), name);
    let after = new.figures(section, judged, weights);
    let loss = before.ndcg_10 - after.ndcg_10;
    Some(verdict(
        format!("ndcg {name}"),
        loss <= policy.max_ndcg_loss,
        policy.ndcg_action,
        format!(
            "NDCG@10 of {} judged requests is {:.3} after {:.3} of the announced snapshot; a loss of {:.3} is allowed",
            judged.len(),
            after.ndcg_10,
            before.ndcg_10,
            policy.max_ndcg_loss
        ),
    ))
}

fn verdict(name: String, is_within: bool, action: Action, detail: String) -> GateResult {
    let refuses = matches!(action, Action::FailJob | Action::FailSnapshot);
    GateResult {
        name,
        is_passed: is_within || !refuses,
        detail: match is_within || refuses {
            true => detail,
            false => format!("warning: {detail}"),
        },
    }
}
