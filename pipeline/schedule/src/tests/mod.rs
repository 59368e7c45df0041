//! Tests under a simulated clock: no test waits, and none looks at the real time.

mod clock_changes;
mod clock_jumps;
mod due;
mod failures;
mod heartbeat;
mod lease;
mod long_runs;
mod outage;
mod pauses;
mod programs;
mod world;
