//! The nightly, killed at random instants: nothing lost, nothing twice, and what is announced always verifies.

mod kills;
mod lottery;

pub(crate) use kills::objects;
use kills::{Plan, kill_again_and_again};

#[test]
fn a_night_killed_at_random_instants_gives_the_snapshot_of_an_undisturbed_one() {
    let told = kill_again_and_again(Plan {
        scale: 1,
        kills: 25,
        seed: 7,
    });
    println!("{told}");
    assert!(told.kills >= 25);
    assert!(told.jobs() > 5, "kills met several jobs: {told}");
}

/// `make kill-test`.
#[test]
#[ignore = "takes half an hour: `make kill-test` runs it"]
fn two_hundred_kills_of_a_night_at_scale_5() {
    let told = kill_again_and_again(Plan {
        scale: 5,
        kills: 200,
        seed: 2026,
    });
    println!("{told}");
    assert!(told.kills >= 200);
    assert!(
        told.of("publish_snapshot") > 0,
        "some met the publication: {told}"
    );
}
