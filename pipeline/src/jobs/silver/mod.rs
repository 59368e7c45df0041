//! `silver.<table>`: the table's SELECT, then its contract; new rows are merged into the table as it stands.

mod job;
mod standing;

pub(super) use job::Silver;
