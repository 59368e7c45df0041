//! Named points at which a test may kill or hold the process, to prove that the same command run again finishes the work.

/// The variable that names the point to die at.
const DIE: &str = "MARKETLOUNGE_DIE_AT";
/// The variable that names the point to wait at, until standard input ends.
const HOLD: &str = "MARKETLOUNGE_HOLD_AT";

/// Ends the process at once, without clean-up, where `MARKETLOUNGE_DIE_AT` names this point; waits where `MARKETLOUNGE_HOLD_AT` does.
pub(crate) fn point(name: &str) {
    let is_named = |variable| std::env::var_os(variable).is_some_and(|wanted| wanted == name);
    if is_named(DIE) {
        eprintln!("dying at {name}, as {DIE} asks");
        std::process::abort();
    }
    if is_named(HOLD) {
        eprintln!("holding at {name}, as {HOLD} asks");
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
    }
}
