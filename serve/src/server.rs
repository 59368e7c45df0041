//! Starting and stopping a node.

use std::{io, sync::Arc, time::Duration};

use actix_web::{
    App, HttpServer,
    middleware::{Compress, from_fn},
    web::Data,
};
use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use snapshot::{Reader, Store};

use crate::{
    Collector, CollectorSettings, Current, Gatekeeper, Loader, Node, NodeParts, Permits, Settings,
    admission::{ADMIN_CALLS, Bookkeeper, KeySource, KeyWatch, QuotaLog, USAGE},
    edge::edge,
    query_record::QUERIES,
    routes,
};

/// What is wrong where there is no landing area.
const NO_LANDING: &str = "the query log needs a folder of this machine: name one with --landing";
/// Seconds that a caller gets to send its request.
const REQUEST_SECONDS: u64 = 15;

/// Runs a node until SIGTERM or SIGINT: requests under way end, and the query log is complete and on disk. A second signal does not
/// wait for the requests.
///
/// # Errors
/// A setting that cannot be used: the lake, the landing area or the address.
pub async fn run(settings: Settings) -> anyhow::Result<()> {
    let current = Arc::new(
        Current::new(loader(&settings)?).taking_part(settings.canary.choice, settings.node_name()),
    );
    let collector = Arc::new(collector(&settings)?);
    let (gatekeeper, quotas) = gatekeeper(&settings)?;
    let mut keys = key_watch(&settings, gatekeeper.clone())?;
    keys.begin().await?;
    if settings.require_keys && gatekeeper.is_open() {
        bail!("--require-keys, and there are none: make one with `serve keys new`");
    }
    let parts = NodeParts {
        current: current.clone(),
        collector: collector.clone(),
        permits: Permits::new(settings.permit_count(), settings.patience()),
        is_behind_proxy: settings.trust_forwarded,
    };
    let node = Data::new(Node::new(parts, salt()).guarded_by(gatekeeper.clone()));
    let name = settings.node_name();
    let books = Bookkeeper::new((gatekeeper, collector.clone()), quotas, name, now);
    let books = Arc::new(books);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(node.clone())
            .wrap(Compress::default())
            .wrap(from_fn(edge))
            .configure(routes)
    })
    .workers(settings.worker_count())
    .client_request_timeout(Duration::from_secs(REQUEST_SECONDS))
    .shutdown_timeout(settings.shutdown_seconds)
    .disable_signals()
    .bind(settings.listen)
    .with_context(|| format!("cannot listen on {}", settings.listen))?;
    for address in server.addrs() {
        tracing::info!(%address, lake = settings.lake, "listening on http://{address}");
    }
    let server = server.run();
    let poll = Duration::from_millis(settings.poll_ms);
    let watcher = tokio::spawn(async move { current.watch(poll).await });
    let helpers = [
        tokio::spawn(keys.watch(poll)),
        tokio::spawn(books.clone().keep()),
        tokio::spawn(stop_at_signal(server.handle())),
    ];
    let served = server.await;
    watcher.abort();
    helpers.iter().for_each(tokio::task::JoinHandle::abort);
    books.close().await;
    tokio::task::spawn_blocking(move || {
        collector.stop();
        let counts = collector.counts();
        tracing::info!(written = counts.written, lost = counts.lost, "stopped");
    })
    .await
    .context("the query log could not be closed")?;
    served.context("the HTTP server failed")
}

fn loader(settings: &Settings) -> anyhow::Result<Loader> {
    if let Some(folder) = settings.lake_folder().filter(|folder| !folder.exists()) {
        tracing::warn!(lake = %folder.display(), "the lake does not exist yet: made an empty one");
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make the lake {}", folder.display()))?;
    }
    let store = Store::open(&settings.lake)?.in_environment(settings.env.clone());
    let reader = Reader::new(store);
    Ok(Loader::new(
        reader,
        settings.cache_folder(),
        settings.weights.clone(),
        settings.answers_mib << 20,
    )
    .reranking_within(Duration::from_millis(settings.rerank_budget_ms)))
}

/// Makes who lets callers in, shut until keys are looked for, with what was spent this month.
fn gatekeeper(settings: &Settings) -> anyhow::Result<(Arc<Gatekeeper>, QuotaLog)> {
    let landing = settings.landing_folder().context(NO_LANDING)?;
    // Files below a folder with an underscore are no landing files.
    let node = format!("node={}", settings.node_name());
    let folder = landing.join("_quotas").join(node);
    let cannot = || format!("cannot use the quota file in {}", folder.display());
    let (quotas, lines) = QuotaLog::open(&folder).with_context(cannot)?;
    let meter = access::Meter::restored(lines, now().date_naive());
    let gatekeeper = Gatekeeper::shut(meter).with_open_metrics(settings.open_metrics);
    Ok((Arc::new(gatekeeper), quotas))
}

fn key_watch(settings: &Settings, gatekeeper: Arc<Gatekeeper>) -> anyhow::Result<KeyWatch> {
    let source = match &settings.keys {
        Some(path) => KeySource::File(path.clone()),
        None => KeySource::Lake(Store::open(&settings.lake)?),
    };
    Ok(KeyWatch::new(
        source,
        settings.tokens.clone(),
        gatekeeper,
        now,
    ))
}

fn collector(settings: &Settings) -> anyhow::Result<Collector> {
    let landing = settings.landing_folder().context(NO_LANDING)?;
    let log = CollectorSettings {
        landing: landing.clone(),
        node: settings.node_name(),
        rotate_bytes: settings.rotate_mib << 20,
        rotate_after: Duration::from_secs(settings.rotate_seconds),
        queue_lines: settings.queue_lines as usize,
    };
    Collector::start(log, now, &[QUERIES, USAGE, ADMIN_CALLS])
        .with_context(|| format!("cannot use the landing area {}", landing.display()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "names of log files tell when they were begun, keys when they were made"
)]
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}

/// Draws the salt of this process's address hashes.
fn salt() -> [u8; 32] {
    let mut salt = [0; 32];
    salt[..16].copy_from_slice(uuid::Uuid::new_v4().as_bytes());
    salt[16..].copy_from_slice(uuid::Uuid::new_v4().as_bytes());
    salt
}

async fn stop_at_signal(server: actix_web::dev::ServerHandle) {
    for is_graceful in [true, false] {
        if let Err(error) = signal().await {
            tracing::error!(%error, "cannot listen for signals: end the process with SIGKILL");
            return;
        }
        tracing::info!(is_graceful, "stopping");
        tokio::spawn(server.stop(is_graceful));
    }
}

#[cfg(unix)]
async fn signal() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn signal() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
