//! The heartbeat: what makes a scheduler look at the clock.
//!
//! tokio-cron-scheduler ticks by the wall clock, so it falls silent where that is set back: who listens looks after it with a stopwatch,
//! and starts it anew.

use std::{future::Future, time::Duration};

use tokio::sync::mpsc;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

use crate::{
    ScheduleError,
    run::Moment,
    scheduler::{Beat, Scheduler},
};

/// Periods without a tick after which the timer is started anew.
const PATIENCE: u32 = 3;
/// How often a run is looked at while nothing else is waited for.
const POLL: Duration = Duration::from_millis(200);

/// How a scheduler runs on.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Between two heartbeats.
    pub period: Duration,
    /// How long a run under way may go on once the scheduler was told to stop.
    pub drain: Duration,
}

/// The ticks of a timer.
pub(crate) struct Ticks {
    timer: JobScheduler,
    pub(crate) ticks: mpsc::Receiver<()>,
}

impl Ticks {
    pub(crate) async fn start(period: Duration) -> Result<Self, ScheduleError> {
        let failed = |error: JobSchedulerError| ScheduleError::Heartbeat(error.to_string());
        // One tick waits at most: a heartbeat that takes long is followed by one, not by all that it held up.
        let (sender, ticks) = mpsc::channel(1);
        let tick = move |_, _| -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
            let _ = sender.try_send(());
            Box::pin(std::future::ready(()))
        };
        let timer = JobScheduler::new().await.map_err(failed)?;
        let job = Job::new_repeated_async(period, tick).map_err(failed)?;
        timer.add(job).await.map_err(failed)?;
        timer.start().await.map_err(failed)?;
        Ok(Self { timer, ticks })
    }

    pub(crate) async fn next(&mut self, period: Duration) -> Result<(), ScheduleError> {
        let tick = tokio::time::timeout(period * PATIENCE, self.ticks.recv()).await;
        if !matches!(tick, Ok(Some(()))) {
            tracing::warn!(
                "the timer fell silent, as it does when the clock is set back; it is started anew"
            );
            self.stop().await;
            *self = Self::start(period).await?;
        }
        Ok(())
    }

    pub(crate) async fn stop(&mut self) {
        // It only sets a flag; a timer that cannot stop is left behind.
        let _ = self.timer.shutdown().await;
    }
}

/// Runs a scheduler until `stop` is ready; then starts nothing more, gives the run under way the time that `pace` allows, ends it, and
/// gives the lease up. `told` hears of every heartbeat that the lake allowed.
///
/// # Errors
/// The timer cannot be started. What fails at one heartbeat is logged, and tried again at the next.
pub async fn run(
    mut scheduler: Scheduler,
    pace: Pace,
    clock: impl Fn() -> Moment,
    mut told: impl FnMut(&Beat),
    stop: impl Future<Output = ()>,
) -> Result<(), ScheduleError> {
    let mut ticks = Ticks::start(pace.period).await?;
    tokio::pin!(stop);
    loop {
        hear(scheduler.beat(clock()).await, &mut told);
        tokio::select! {
            () = &mut stop => break,
            tick = ticks.next(pace.period) => tick?,
        }
    }
    ticks.stop().await;
    scheduler.drain();
    let until = clock().elapsed + pace.drain;
    while clock().elapsed < until {
        let beat = scheduler.beat(clock()).await;
        // A heartbeat that failed says nothing of the run: it goes on.
        let is_idle = matches!(
            &beat,
            Ok(Beat::Leads { is_idle: true, .. } | Beat::StandsBy { .. })
        );
        hear(beat, &mut told);
        if is_idle {
            break;
        }
        tokio::time::sleep(POLL).await;
    }
    let records = scheduler.stop(clock()).await?;
    told(&Beat::Leads {
        records,
        is_idle: true,
    });
    Ok(())
}

/// Runs what is due now, and what that leaves to run, then gives the lease up.
///
/// # Errors
/// The lake failed, or another scheduler took over in the middle.
pub async fn run_once(
    mut scheduler: Scheduler,
    clock: impl Fn() -> Moment,
    mut told: impl FnMut(&Beat),
) -> Result<(), ScheduleError> {
    loop {
        let beat = scheduler.beat(clock()).await?;
        told(&beat);
        if !matches!(beat, Beat::Leads { is_idle: false, .. }) {
            break;
        }
        tokio::time::sleep(POLL).await;
    }
    scheduler.stop(clock()).await?;
    Ok(())
}

fn hear(beat: Result<Beat, ScheduleError>, told: &mut impl FnMut(&Beat)) {
    match beat {
        Ok(beat) => told(&beat),
        Err(error) => tracing::error!(%error, "a heartbeat failed; the next one tries again"),
    }
}
