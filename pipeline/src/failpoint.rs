//! Named points at which a test may kill or hold the process, or let a job panic, to prove that the same command run again finishes the work.

/// The variable that names the point to die at.
const DIE: &str = "MARKETLOUNGE_DIE_AT";
/// The variable that names the point to panic at.
const PANIC: &str = "MARKETLOUNGE_PANIC_AT";
/// The variable that names the point to wait at, until standard input ends.
const HOLD: &str = "MARKETLOUNGE_HOLD_AT";

/// Ends the process at once, without clean-up, where `MARKETLOUNGE_DIE_AT` names this point; panics where `MARKETLOUNGE_PANIC_AT` does, and waits
/// where `MARKETLOUNGE_HOLD_AT` does, holding its thread as work does that computes.
pub(crate) fn point(name: &str) {
    let is_named = |variable| std::env::var_os(variable).is_some_and(|wanted| wanted == name);
    if is_named(DIE) {
        eprintln!("dying at {name}, as {DIE} asks");
        std::process::abort();
    }
    assert!(!is_named(PANIC), "at {name}, as {PANIC} asks");
    if is_named(HOLD) {
        eprintln!("holding at {name}, as {HOLD} asks");
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
    }
}
