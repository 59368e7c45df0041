//! `pipeline models arms`.

use anyhow::Result;
use clap::Args;
use schemas::Arm;
use serde_json::{Value, json};

use super::arguments::Output;
use crate::{
    arm_comparison::{ArmComparison, Evidence, Share},
    models::Models,
    report::print_json,
};

/// Which experiments are compared.
#[derive(Debug, Args)]
pub(crate) struct ArmsArguments {
    /// Only this experiment.
    experiment: Option<String>,
    /// Only this tenant's users; all of them together unless named.
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
}

pub(super) async fn arms(
    output: Output,
    models: &Models<'_>,
    arguments: ArmsArguments,
) -> Result<()> {
    let ArmsArguments { experiment, tenant } = arguments;
    let mut weeks = models.arm_weeks().await?;
    weeks.retain(|week| {
        experiment
            .as_ref()
            .is_none_or(|name| *name == week.experiment)
            && tenant.as_ref().is_none_or(|name| *name == week.tenant)
    });
    let all = ArmComparison::of(&weeks);
    for (name, compared) in &all {
        match output {
            Output::Json => print_json(&line(name, compared)),
            Output::Text => print(name, compared),
        }
    }
    if output == Output::Text {
        println!(
            "{}",
            match all.is_empty() {
                true =>
                    "no request of such an experiment is in the log yet: declare one in data/experiment.toml, and let callers send X-User-Id",
                false => "An interval holds for one look: set the day of the decision beforehand.",
            }
        );
    }
    Ok(())
}

fn line(name: &str, compared: &ArmComparison) -> Value {
    let arm = |arm: Arm| {
        let counts = compared.arm(arm);
        let mut line = json!(counts);
        for share in Share::ALL {
            line[format!("{}_share", share.name())] = json!(counts.share(share));
        }
        line["ndcg_10"] = json!(counts.ndcg_10());
        line
    };
    let difference = |share: Share| json!(compared.difference(share));
    json!({
        "experiment": name,
        "arms": { "A": arm(Arm::A), "B": arm(Arm::B) },
        "differences": { "clicked": difference(Share::Clicked), "converted": difference(Share::Converted) },
    })
}

fn print(name: &str, compared: &ArmComparison) {
    let figure =
        |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.4}"));
    println!(
        "{name:22} {:>10} {:>10} {:>10} {:>10} {:>10}",
        "requests", "users", "clicked", "converted", "NDCG@10"
    );
    for arm in Arm::ALL {
        let counts = compared.arm(arm);
        println!(
            "  arm {:16} {:>10} {:>10} {:>10} {:>10} {:>10}",
            arm.as_str(),
            counts.requests,
            counts.users,
            figure(counts.share(Share::Clicked)),
            figure(counts.share(Share::Converted)),
            figure(counts.ndcg_10())
        );
    }
    for share in Share::ALL {
        let told = match compared.difference(share) {
            None => "not enough evidence yet: an arm has no users".to_owned(),
            Some(found) => format!(
                "{:+.4} ({:+.4} to {:+.4}): {}",
                found.difference,
                found.low,
                found.high,
                match found.verdict {
                    Evidence::BIsHigher => "arm B is higher",
                    Evidence::AIsHigher => "arm A is higher",
                    Evidence::NotEnough => "not enough evidence yet",
                }
            ),
        };
        println!("  B − A {:14} {told}", share.name());
    }
}
