//! The requests' side: a bounded queue to one writer thread.

use std::{
    collections::BTreeMap,
    io,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    Counts,
    counts::Counters,
    writer::{Lines, Writer},
};

/// Lines that are written in one step at most.
const BATCH_LINES: u64 = 1024;
/// Waits for room in a full queue, and how often.
const WAIT: Duration = Duration::from_millis(5);
const WAITS: usize = 10;

/// What an operator may change about the collector.
#[derive(Debug, Clone)]
pub struct CollectorSettings {
    /// The landing area.
    pub landing: PathBuf,
    /// Name of the node: the folder of its files.
    pub node: String,
    /// A file of this size is rotated.
    pub rotate_bytes: u64,
    /// A file of this age is rotated.
    pub rotate_after: Duration,
    /// Lines that may wait for the writer.
    pub queue_lines: usize,
}

enum Message {
    Line { table: &'static str, line: Vec<u8> },
    Stop,
}

/// Appends records to landing tables, in the order given, by a thread of its own.
#[derive(Debug)]
pub struct Collector {
    sender: SyncSender<Message>,
    thread: Mutex<Option<JoinHandle<()>>>,
    counters: Arc<Counters>,
}

impl Collector {
    /// Recovers what an earlier process of this node left of `tables`, then starts the writer.
    ///
    /// # Errors
    /// The landing area cannot be read.
    pub fn start(
        settings: CollectorSettings,
        clock: fn() -> DateTime<Utc>,
        tables: &[&'static str],
    ) -> io::Result<Self> {
        let (sender, receiver) = sync_channel(settings.queue_lines.max(1));
        let writer = Writer::new(settings, clock, tables)?;
        let counters = Arc::new(Counters::default());
        let thread = std::thread::Builder::new()
            .name("collector".to_owned())
            .spawn({
                let counters = counters.clone();
                move || drain(&receiver, writer, &counters)
            })?;
        Ok(Self {
            sender,
            thread: Mutex::new(Some(thread)),
            counters,
        })
    }

    /// Queues one record. Where the queue stays full for 50 ms the record is given up and counted: a disk that cannot follow must
    /// not stop the answers. Returns whether it was queued.
    pub async fn append(&self, table: &'static str, record: &impl Serialize) -> bool {
        let Ok(mut line) = serde_json::to_vec(record) else {
            self.counters.refuse();
            return false;
        };
        line.push(b'\n');
        self.counters.accept();
        let mut message = Message::Line { table, line };
        for _ in 0..=WAITS {
            match self.sender.try_send(message) {
                Ok(()) => return true,
                Err(TrySendError::Disconnected(_)) => break,
                Err(TrySendError::Full(back)) => message = back,
            }
            tokio::time::sleep(WAIT).await;
        }
        self.counters.drop_lines(1);
        tracing::warn!(table, "the collector's queue is full: one line is lost");
        false
    }

    /// Returns what became of the records so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counters.counts()
    }

    /// Writes all that is queued, brings it to disk, gives the files their final names and ends the thread. To be called once no
    /// request is under way.
    pub fn stop(&self) {
        let thread = self.thread.lock().ok().and_then(|mut thread| thread.take());
        if let Some(thread) = thread {
            let is_gone = self.sender.send(Message::Stop).is_err() || thread.join().is_err();
            if is_gone {
                tracing::error!("the collector had stopped early: what was queued is lost");
            }
        }
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.stop();
    }
}

fn drain(receiver: &Receiver<Message>, mut writer: Writer, counters: &Counters) {
    loop {
        let is_stopped = match receiver.recv_timeout(writer.until_due()) {
            Ok(message) => write_batch(message, receiver, &mut writer, counters),
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => true,
        };
        if is_stopped {
            break;
        }
        let due = writer.old_tables();
        writer.seal(&due);
    }
    while let Ok(message) = receiver.try_recv() {
        write_batch(message, receiver, &mut writer, counters);
    }
    let all = writer.open_tables();
    writer.seal(&all);
}

/// Writes a message and what waits behind it, one write per table; says whether a stop was among them.
fn write_batch(
    first: Message,
    receiver: &Receiver<Message>,
    writer: &mut Writer,
    counters: &Counters,
) -> bool {
    let mut batch: BTreeMap<&'static str, Lines> = BTreeMap::new();
    let (mut next, mut is_stopped, mut count) = (Some(first), false, 0);
    while let Some(message) = next {
        match message {
            Message::Stop => is_stopped = true,
            Message::Line { table, line } => {
                let lines = batch.entry(table).or_default();
                lines.bytes.extend_from_slice(&line);
                lines.count += 1;
                count += 1;
            }
        }
        next = if count < BATCH_LINES {
            receiver.try_recv().ok()
        } else {
            None
        };
    }
    for (table, lines) in &batch {
        writer.append(table, lines, counters);
    }
    is_stopped
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
