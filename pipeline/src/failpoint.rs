//! Named points at which a test may kill the process, to prove that the same command run again finishes the work.

/// The variable that names the point to die at.
const VARIABLE: &str = "MARKETLOUNGE_DIE_AT";

/// Ends the process at once, without clean-up, where `MARKETLOUNGE_DIE_AT` names this point.
pub(crate) fn point(name: &str) {
    if std::env::var_os(VARIABLE).is_some_and(|wanted| wanted == name) {
        eprintln!("dying at {name}, as {VARIABLE} asks");
        std::process::abort();
    }
}
