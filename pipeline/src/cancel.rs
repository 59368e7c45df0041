//! Ending a run because somebody asks.

use std::{fmt, sync::Arc, time::Duration};

use anyhow::{Result, bail};
use lake::{Ledger, RunId};
use tokio::sync::watch;

/// How often a run looks whether somebody asked that it end.
const LOOK: Duration = Duration::from_secs(1);

/// Whether somebody asked that the run of this process end. Its clones know it at once.
#[derive(Debug, Clone)]
pub(crate) struct Cancel(Arc<watch::Sender<bool>>);

impl Default for Cancel {
    fn default() -> Self {
        Self(Arc::new(watch::channel(false).0))
    }
}

/// The run was cancelled: what it made stays, and nothing more of it is announced.
#[derive(Debug)]
pub(crate) struct Cancelled;

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the run was cancelled")
    }
}

impl std::error::Error for Cancelled {}

impl Cancel {
    /// Asks that the run end.
    pub(crate) fn ask(&self) {
        self.0.send_replace(true);
    }

    /// Says whether somebody asked.
    pub(crate) fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Refuses to go on where somebody asked.
    pub(crate) fn check(&self) -> Result<()> {
        match self.is_asked() {
            true => bail!(Cancelled),
            false => Ok(()),
        }
    }

    /// Takes the first Ctrl-C as asking. At the second the process ends at once, which harms nothing either.
    pub(crate) fn listen(&self) {
        let cancel = self.clone();
        tokio::spawn(async move {
            // `pipeline runs cancel` asks through the ledger and then interrupts: that it was asked for already makes no second time.
            let mut is_second = false;
            while tokio::signal::ctrl_c().await.is_ok() {
                if is_second {
                    std::process::exit(130);
                }
                is_second = true;
                eprintln!("cancelling the run; once more to end at once");
                cancel.ask();
            }
        });
    }

    /// Ends when it is known here that somebody asked.
    pub(crate) async fn heard(&self) {
        // The sender is this value's own: it is never gone.
        let _ = self.0.subscribe().wait_for(|is_asked| *is_asked).await;
    }

    /// Ends when somebody asks, here or through the ledger.
    pub(crate) async fn asked(&self, ledger: &Ledger, run: &RunId) {
        loop {
            if self.look(ledger, run).await {
                return;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Says whether somebody asked, here or through the ledger. Where the ledger cannot be read, nobody did.
    pub(crate) async fn look(&self, ledger: &Ledger, run: &RunId) -> bool {
        if !self.is_asked() && ledger.is_cancelled(run).await.unwrap_or(false) {
            self.ask();
        }
        self.is_asked()
    }
}
