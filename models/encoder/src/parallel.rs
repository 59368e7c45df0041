//! Shares numbered pieces of work between threads, and hands the results to the caller as they come.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

/// Calls `work` for 0..`count` on `threads` threads and `receive` on the calling one, in the order of completion.
///
/// Plain threads rather than a pool: `receive` may block or draw, and the caller may itself be a pool's worker.
///
/// # Errors
///
/// The first error of `work` or `receive`; what has not started by then is left out.
pub(crate) fn share<R: Send, E: Send>(
    threads: usize,
    count: usize,
    work: impl Fn(usize) -> Result<R, E> + Sync,
    mut receive: impl FnMut(usize, R) -> Result<(), E>,
) -> Result<(), E> {
    if threads.min(count) <= 1 {
        return (0..count).try_for_each(|index| receive(index, work(index)?));
    }
    let next = AtomicUsize::new(0);
    let is_stopped = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (sender, results) = mpsc::channel();
        for _ in 0..threads.min(count) {
            let (sender, next, is_stopped, work) = (sender.clone(), &next, &is_stopped, &work);
            scope.spawn(move || {
                while !is_stopped.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count || sender.send((index, work(index))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let outcome = results
            .iter()
            .try_for_each(|(index, result)| receive(index, result?));
        is_stopped.store(true, Ordering::Relaxed);
        outcome
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_received_once() {
        for threads in [1, 3] {
            let mut seen = vec![0; 100];
            share(
                threads,
                100,
                |i| Ok::<_, ()>(i * i),
                |i, square| {
                    assert_eq!(square, i * i);
                    seen[i] += 1;
                    Ok(())
                },
            )
            .unwrap();
            assert!(seen.iter().all(|&n| n == 1));
        }
    }

    #[test]
    fn an_error_ends_the_work() {
        for threads in [1, 3] {
            let outcome = share(
                threads,
                1_000_000,
                |i| if i == 7 { Err("seven") } else { Ok(()) },
                |_, ()| Ok(()),
            );
            assert_eq!(outcome, Err("seven"));
        }
    }
}
