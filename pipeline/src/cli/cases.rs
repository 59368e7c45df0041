//! `pipeline cases`.

use std::path::{Path, PathBuf};

use abuse::Verdict;
use anyhow::{Context as _, Result, bail};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use serde_json::json;

use super::arguments::{Common, LakeArguments, Output};
use super::findings::{self, StrongestArguments};
use crate::{
    cases::{Case, Cases, Ring, Ruling, counted},
    plot::plot_ring,
    report::print_json,
};

/// What to do with cases.
///
/// Every night signs of spam, dumping, collusion and harmful conduct are looked for. Signs of independent sources that agree flag a case: a
/// person should look. What that person finds lands as a file, and the next run learns from it: a confirmed case stays flagged, a
/// cleared one comes back only with evidence that nobody looked at, and each sign's precision moves. A case is named by its id (its first
/// letters do), or by what it is about:
///
///   pipeline cases list
///   pipeline cases pairs --limit 3
///   pipeline cases show provider:PRE-000008
///   pipeline cases show RNG-... --picture ring.svg
///   pipeline cases clear 3fa4 --by "M. Dupont" --note "one family, two workshops: known to the client"
///   pipeline run nightly
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct CasesArguments {
    #[command(flatten)]
    pub(crate) lake: LakeArguments,
    #[command(subcommand)]
    pub(crate) action: CasesAction,
}

/// Actions on cases. A decision is a file of the landing area: the next run follows it.
#[derive(Debug, Subcommand)]
pub(crate) enum CasesAction {
    /// List the cases that are flagged, the most serious first.
    List {
        /// Only this tenant's.
        #[arg(long, value_name = "TENANT")]
        tenant: Option<String>,
        /// Only of this family: `collusion`, `dumping`, `spam`, `conduct`.
        #[arg(long, value_name = "FAMILY")]
        family: Option<String>,
        /// Only about this kind: `provider`, `ring`, `project`, `bid`, `client`, `person`, `booking`, `intro`, `submission`.
        #[arg(long, value_name = "KIND")]
        kind: Option<String>,
        /// Those worth watching and those that were cleared too.
        #[arg(long)]
        all: bool,
    },
    /// Show a case: what was looked for, what was found, and the evidence.
    Show {
        #[command(flatten)]
        case: Named,
        /// Draw its ring in this file, as SVG.
        #[arg(long, value_name = "FILE")]
        picture: Option<PathBuf>,
    },
    /// Print the pairs of bidders that speak most for collusion, with what says so and the auctions that they share.
    Pairs(StrongestArguments),
    /// Print the auctions that speak most for collusion, with what says so and all bids.
    Auctions(StrongestArguments),
    /// Say that a case is abuse: it stays flagged, and its bids are left out of price models.
    Confirm {
        #[command(flatten)]
        case: Named,
        #[command(flatten)]
        why: Why,
    },
    /// Say that a case is no abuse: it is not flagged again for the same evidence.
    Clear {
        #[command(flatten)]
        case: Named,
        #[command(flatten)]
        why: Why,
    },
}

/// Which case.
#[derive(Debug, Args)]
pub(crate) struct Named {
    /// The case: its id, the first letters of it, or what it is about as `kind:id`.
    #[arg(value_name = "CASE")]
    name: String,
    /// Whose, where several tenants have one of that name.
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
}

/// Who decides, and why.
#[derive(Debug, Args)]
pub(crate) struct Why {
    /// Who decides.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Why, for whoever asks later.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

/// Which cases are listed.
struct Wanted {
    tenant: Option<String>,
    family: Option<String>,
    kind: Option<String>,
    is_all: bool,
}

pub(super) async fn cases(common: &Common, arguments: CasesArguments) -> Result<u8> {
    let lake = arguments.lake.open_existing()?;
    let cases = Cases::new(&lake);
    let output = common.output();
    match arguments.action {
        CasesAction::List {
            tenant,
            family,
            kind,
            all,
        } => {
            let wanted = Wanted {
                tenant,
                family,
                kind,
                is_all: all,
            };
            list(output, &cases, &wanted).await?;
        }
        CasesAction::Show { case, picture } => {
            show(output, &cases, &case, picture.as_deref()).await?;
        }
        CasesAction::Pairs(wanted) => findings::pairs(output, &lake, wanted).await?,
        CasesAction::Auctions(wanted) => findings::auctions(output, &lake, wanted).await?,
        CasesAction::Confirm { case, why } => {
            decide(output, &cases, &case, ruling(Verdict::Confirmed, why)).await?;
        }
        CasesAction::Clear { case, why } => {
            decide(output, &cases, &case, ruling(Verdict::Cleared, why)).await?;
        }
    }
    Ok(0)
}

fn ruling(verdict: Verdict, why: Why) -> Ruling {
    Ruling {
        verdict,
        by: why.by,
        note: why.note,
    }
}

async fn list(output: Output, cases: &Cases<'_>, wanted: &Wanted) -> Result<()> {
    let is_wanted =
        |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|one| one == is);
    let mut found = cases.all().await?;
    found.retain(|case| {
        (wanted.is_all || case.is_flagged)
            && is_wanted(&wanted.tenant, &case.tenant)
            && is_wanted(&wanted.family, case.family.as_deref().unwrap_or_default())
            && is_wanted(&wanted.kind, &case.entity_kind)
    });
    for case in &found {
        match output {
            Output::Json => print_json(&json!(case)),
            Output::Text => println!("{}", line(case)),
        }
    }
    if output == Output::Text && found.is_empty() {
        println!("no case is flagged: `--all` lists those worth watching too");
    }
    Ok(())
}

fn line(case: &Case) -> String {
    format!(
        "{}  {:9} {:9} {:.2}  {:28} {} ({})",
        case.case_id,
        case.level,
        case.family.as_deref().unwrap_or("–"),
        case.score,
        case.entity(),
        case.signs.join(", "),
        case.tenant
    )
}

async fn show(
    output: Output,
    cases: &Cases<'_>,
    named: &Named,
    picture: Option<&Path>,
) -> Result<()> {
    let case = cases.find(&named.name, named.tenant.as_deref()).await?;
    let signs = cases.signs(&case).await?;
    let ring = cases.ring(&case).await?;
    if let Some(file) = picture {
        let Some((ring, pairs)) = &ring else {
            bail!("{} is of no ring: there is nothing to draw", case.entity());
        };
        let svg = plot_ring(ring, pairs)?;
        std::fs::write(file, svg).with_context(|| format!("cannot write {}", file.display()))?;
    }
    if output == Output::Json {
        let (ring, pairs) = ring.unzip();
        print_json(&json!({ "case": case, "signals": signs, "ring": ring, "pairs": pairs }));
        return Ok(());
    }
    println!("{}", line(&case));
    if let Some(name) = &case.name {
        println!("name       {name}");
    }
    if let Some(verdict) = &case.verdict {
        let at = case.decided_at.as_deref().unwrap_or_default();
        println!(
            "decided    {verdict} on {at}, {} pieces of evidence since",
            case.news
        );
    }
    for (source, chance) in case.sources.iter().zip(&case.source_chances) {
        println!("source     {source:18} confidence {chance:.2}");
    }
    for sign in &signs {
        let mark = if sign.is_raised { "raised" } else { "–" };
        let percentile = sign.percentile.map_or_else(String::new, |share| {
            format!(", above {:.0} %", share * 100.0)
        });
        println!(
            "sign       {:18} {mark:7} {:.4} from {:.4} on{percentile}, {} observations [{}]",
            sign.sign, sign.value, sign.threshold, sign.support, sign.said_by
        );
    }
    println!("evidence   {}", counted(&case.evidence));
    for one in &case.evidence {
        println!("           {one}");
    }
    if let Some((ring, _)) = &ring {
        tell(ring);
    }
    if let Some(file) = picture {
        println!("its ring is drawn in {}", file.display());
    }
    Ok(())
}

fn tell(ring: &Ring) {
    println!(
        "ring       {} ({}), score {:.3}",
        ring.ring_id, ring.kind, ring.score
    );
    for ((id, name), wins) in ring
        .provider_ids
        .iter()
        .zip(&ring.provider_names)
        .zip(&ring.wins)
    {
        println!(
            "           {id}  {name}, {wins} wins in {} auctions",
            ring.project_ids.len()
        );
    }
    for ((name, value), chance) in ring.signals.iter().zip(&ring.values).zip(&ring.chances) {
        let mark = if ring.raised.contains(name) {
            "raised"
        } else {
            "–"
        };
        println!("           {name:20} {mark:7} {value:.4}, by chance {chance:.2e}");
    }
}

async fn decide(output: Output, cases: &Cases<'_>, named: &Named, ruling: Ruling) -> Result<()> {
    let case = cases.find(&named.name, named.tenant.as_deref()).await?;
    let decided = cases.decide(&case, &ruling, now()).await?;
    if output == Output::Json {
        print_json(&json!(decided));
        return Ok(());
    }
    match ruling.verdict {
        Verdict::Confirmed => println!(
            "{} is confirmed: from the next run on it stays flagged, and its signs count for more",
            case.entity()
        ),
        Verdict::Cleared => println!(
            "{} is cleared: from the next run on it is flagged only for evidence that comes beside {}",
            case.entity(),
            counted(&case.evidence)
        ),
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command line is where the clock is read"
)]
fn now() -> DateTime<Utc> {
    Utc::now()
}
