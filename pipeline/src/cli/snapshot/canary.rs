//! `pipeline snapshot canary`.

use anyhow::{Result, bail};
use canary::{Decision, Limits, Verdict, Watch};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use lake::Lake;
use schedule::Span;
use schemas::{Canary, Environment, SnapshotId};
use serde_json::json;

use crate::{
    canaries::{Canaries, Looker, Standing, Start},
    cli::{Output, exit},
    report::print_json,
};

/// Announce a snapshot to a share of nodes first, watch how they fare, then announce it to all or take it away.
///
/// Nodes look at the canary as they look at what is announced, within seconds. Which ones take part follows from their names and the share, or from
/// `serve --canary yes|no`; a node that cannot serve it goes on with the announced one, and says so. Anything else that is announced, and any pin, ends
/// it:
///
///   pipeline run nightly --env next                          # makes it, and announces it there only
///   pipeline snapshot canary start --from next --share 0.2
///   pipeline snapshot canary watch --node http://10.0.0.7:8080 --node http://10.0.0.8:8080 --for 15m --act
///   pipeline snapshot canary finish                          # what --act does when all is well
///   pipeline snapshot canary abort                           # what --act does when it is not
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct CanaryArguments {
    #[command(subcommand)]
    action: CanaryAction,
}

/// Actions on the canary.
#[derive(Debug, Subcommand)]
enum CanaryAction {
    /// Have a share of nodes serve a snapshot, once every byte of it is verified. Again with the same snapshot: change the share.
    Start {
        /// The snapshot; that which `--from` announces unless named.
        id: Option<SnapshotId>,
        /// The environment that made it: `finish` then publishes its tables too, as `pipeline promote` does.
        #[arg(long, value_name = "ENV")]
        from: Option<Environment>,
        /// The share of nodes that take part, from 0 to 1. A larger one tells sooner, a smaller one risks less.
        #[arg(long, default_value_t = 0.2, value_name = "SHARE", value_parser = super::share)]
        share: f64,
        /// Who begins it, for whoever asks later.
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
    /// Tell which snapshot is the canary, since when, and how it stands.
    Status,
    // Its help is that of its arguments.
    Watch(WatchArguments),
    /// Announce the canary to all nodes; one of an environment with its tables, of any other only the snapshot.
    Finish,
    /// Take the canary away: its nodes go back to the announced snapshot.
    Abort,
}

/// Compare the nodes that serve the canary with those that do not, and decide: go on (exit code 0), roll back (3), or wait (8), each with its reasons.
///
/// Nodes are asked for `/metrics` and `/readyz`. A roll-back is decided as soon as there is a reason; going on only after the whole time.
#[derive(Debug, Args)]
struct WatchArguments {
    /// The address of a node; as often as there are nodes. Both kinds are wanted: some that serve the canary, some that do not.
    #[arg(long = "node", required = true, value_name = "URL")]
    nodes: Vec<String>,
    /// For how long to watch. Longer sees rarer faults.
    #[arg(long = "for", default_value = "15m", value_name = "SPAN")]
    span: Span,
    /// Time between looks. Shorter rolls back sooner.
    #[arg(long, default_value = "10s", value_name = "SPAN")]
    every: Span,
    /// By how much the share of answers with 5xx may exceed that of the other nodes.
    #[arg(long, default_value_t = Limits::default().max_error_share, value_name = "SHARE")]
    max_error_share: f64,
    /// How many times as slow the 95th percentile of a route may be.
    #[arg(long, default_value_t = Limits::default().max_latency_ratio, value_name = "RATIO")]
    max_latency_ratio: f64,
    /// Answers of each side before anything is decided by them.
    #[arg(long, default_value_t = Limits::default().min_requests, value_name = "COUNT")]
    min_requests: u64,
    /// Do what is decided: `finish` or `abort`.
    #[arg(long)]
    act: bool,
}

pub(super) async fn canary(output: Output, lake: &Lake, arguments: CanaryArguments) -> Result<u8> {
    let canaries = Canaries::new(lake);
    match arguments.action {
        CanaryAction::Start {
            id,
            from,
            share,
            by,
        } => {
            let start = Start {
                id,
                from,
                share,
                by,
                now: now(),
            };
            let begun = canaries.start(start).await?;
            match output {
                Output::Json => print_json(&json!(begun)),
                Output::Text => println!(
                    "snapshot {} is the canary of {} % of the nodes; the others serve {}",
                    begun.id,
                    100.0 * begun.share,
                    begun.against
                ),
            }
        }
        CanaryAction::Status => status(output, canaries.state().await?),
        CanaryAction::Watch(arguments) => return watch(output, &canaries, arguments).await,
        CanaryAction::Finish => finish(output, &canaries).await?,
        CanaryAction::Abort => abort(output, &canaries).await?,
    }
    Ok(0)
}

fn status(output: Output, state: Option<(Canary, Standing)>) {
    let Some((canary, standing)) = state else {
        match output {
            Output::Json => print_json(&json!({ "state": "none" })),
            Output::Text => println!("there is no canary: every node serves the same snapshot"),
        }
        return;
    };
    if output == Output::Json {
        let mut told = json!(standing);
        told["canary"] = json!(canary);
        return print_json(&told);
    }
    let by = canary.by.map_or(String::new(), |by| format!(" by {by}"));
    println!(
        "snapshot {}, the canary of {} % of the nodes since {}{by}",
        canary.id,
        100.0 * canary.share,
        canary.begun_at.format("%Y-%m-%d %H:%M UTC")
    );
    if let Some(from) = canary.from {
        println!("made in   {from}");
    }
    println!("against   {}", canary.against);
    match standing {
        Standing::Running => {}
        Standing::Announced => println!("it is announced to all: `finish` puts the pointer away"),
        Standing::Pinned { pinned } => {
            println!("no node serves it: {pinned} is pinned (`pipeline snapshot unpin`)");
        }
        Standing::Over { announced } => println!(
            "no node serves it: {} was announced since",
            announced.map_or("nothing".to_owned(), |id| id.to_string())
        ),
    }
}

async fn finish(output: Output, canaries: &Canaries<'_>) -> Result<()> {
    let done = canaries.finish().await?;
    match (output, done.tables) {
        (Output::Json, _) => print_json(&json!(done)),
        (Output::Text, Some(tables)) => println!(
            "snapshot {} is announced to all, {tables} tables are published in another version",
            done.id
        ),
        (Output::Text, None) => {
            println!(
                "snapshot {} is announced to all; tables stay as they are",
                done.id
            );
        }
    }
    Ok(())
}

async fn abort(output: Output, canaries: &Canaries<'_>) -> Result<()> {
    let gone = canaries.abort().await?;
    match output {
        Output::Json => print_json(&json!({ "id": gone.id, "state": "aborted" })),
        Output::Text => println!(
            "snapshot {} is no canary any more: its nodes go back to {}",
            gone.id, gone.against
        ),
    }
    Ok(())
}

async fn watch(output: Output, canaries: &Canaries<'_>, arguments: WatchArguments) -> Result<u8> {
    let limits = Limits {
        max_error_share: arguments.max_error_share,
        max_latency_ratio: arguments.max_latency_ratio,
        min_requests: arguments.min_requests,
    };
    let limits = limits.check()?;
    let every = arguments.every.as_seconds().max(1);
    // The first look only tells from where to count.
    let looks = arguments.span.as_seconds().div_euclid(every).max(1) + 1;
    let (canary, standing) = canaries.there().await?;
    if standing != Standing::Running {
        bail!("no node serves the canary: `pipeline snapshot canary status` says why");
    }
    let looker = Looker::new()?;
    let mut watch = Watch::new(canary.id.as_str(), canary.against.as_str(), limits);
    let mut verdict = watch.verdict();
    for look in 0..looks {
        if look > 0 {
            let pause = u64::try_from(every).unwrap_or(1);
            tokio::time::sleep(std::time::Duration::from_secs(pause)).await;
        }
        for node in &arguments.nodes {
            watch.look(node, &looker.look(node).await?);
        }
        match canaries.state().await? {
            Some((now, Standing::Running)) if now.id == canary.id => {}
            _ => bail!("the canary ended while it was watched: `pipeline snapshot canary status`"),
        }
        verdict = watch.verdict();
        tell(output, &watch, &verdict, (look + 1, looks));
        if verdict.decision == Decision::RollBack {
            break;
        }
    }
    if output == Output::Text {
        println!("{}", verdict.decision);
        verdict.reasons.iter().for_each(|why| println!("  {why}"));
    }
    match (verdict.decision, arguments.act) {
        (Decision::GoOn, true) => finish(output, canaries).await?,
        (Decision::RollBack, true) => abort(output, canaries).await?,
        _ => {}
    }
    Ok(match verdict.decision {
        Decision::GoOn => 0,
        Decision::RollBack => exit::REFUSED,
        Decision::Wait => exit::UNDECIDED,
    })
}

/// Tells a look: of so many.
fn tell(output: Output, watch: &Watch, verdict: &Verdict, (look, looks): (i64, i64)) {
    let [canary, others] = watch.answers();
    match output {
        Output::Json => print_json(&json!({
            "look": look, "looks": looks, "answers": { "canary": canary, "others": others },
            "decision": verdict.decision.to_string(), "reasons": verdict.reasons,
        })),
        Output::Text => println!(
            "look {look} of {looks}: {canary} answers from the canary, {others} from the others; so far: {}",
            verdict.decision
        ),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command line is where the clock is read"
)]
fn now() -> DateTime<Utc> {
    Utc::now()
}
