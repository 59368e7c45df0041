//! Two nodes, one of them with the canary, at several looks.

use super::*;
use crate::Decision;

/// A node's page, as `serve` writes it.
#[derive(Clone)]
struct Page {
    snapshot: &'static str,
    encoder: &'static str,
    refused: u8,
    ok: u64,
    failed: u64,
    /// Answers that took at most 10 ms, at most 100 ms, and longer.
    buckets: [u64; 3],
}

fn page(snapshot: &'static str, ok: u64, failed: u64) -> Page {
    let all = ok + failed;
    Page {
        snapshot,
        encoder: "minilm",
        refused: 0,
        ok,
        failed,
        buckets: [all, all, all],
    }
}

impl Page {
    fn text(&self) -> String {
        let Self {
            snapshot,
            encoder,
            refused,
            ok,
            failed,
            buckets: [a, b, c],
        } = self;
        format!(
            "# HELP marketlounge_snapshot_info The snapshot.\n\
             marketlounge_snapshot_info{{id=\"{snapshot}\",slot=\"2026-11-20\",encoder=\"{encoder}\"}} 1\n\
             marketlounge_canary_refused {refused}\n\
             marketlounge_canary_info{{id=\"new\",takes_part=\"yes\"}} 1\n\
             marketlounge_requests_total{{route=\"/api/match\",status=\"2xx\"}} {ok}\n\
             marketlounge_requests_total{{route=\"/api/match\",status=\"5xx\"}} {failed}\n\
             marketlounge_request_seconds_bucket{{route=\"/api/match\",le=\"0.01\"}} {a}\n\
             marketlounge_request_seconds_bucket{{route=\"/api/match\",le=\"0.1\"}} {b}\n\
             marketlounge_request_seconds_bucket{{route=\"/api/match\",le=\"+Inf\"}} {c}\n"
        )
    }

    fn seen(&self) -> Seen {
        Seen::page(true, &self.text()).unwrap()
    }
}

/// A watch over a first look at both, and a second one.
fn watched(canary: &Page, other: &Page) -> Watch {
    let mut watch = Watch::new("new", "old", Limits::default());
    for (node, first, then) in [
        ("c", page("new", 40, 7), canary),
        ("o", page("old", 1_000, 90), other),
    ] {
        watch.look(node, &first.seen());
        watch.look(node, &then.seen());
    }
    watch
}

/// So many more answers, and failures among them, than at the first look.
fn canary(more: u64, failed: u64) -> Page {
    page("new", 40 + more - failed, 7 + failed)
}

fn other(more: u64, failed: u64) -> Page {
    page("old", 1_000 + more - failed, 90 + failed)
}

fn decided(watch: &Watch) -> (Decision, String) {
    let verdict = watch.verdict();
    (verdict.decision, verdict.reasons.join("\n"))
}

#[test]
fn a_canary_that_fares_as_well_goes_on_and_says_what_was_compared() {
    let (decision, why) = decided(&watched(&canary(300, 1), &other(900, 3)));
    assert_eq!(decision, Decision::GoOn, "{why}");
    assert!(
        why.contains("1 of 300 answers of the canary failed (0.33 %), 3 of 900 of the others"),
        "{why}"
    );
    assert!(why.contains("/api/match: 95 in 100"), "{why}");
}

#[test]
fn what_was_answered_before_the_watch_counts_nowhere() {
    assert_eq!(watched(&canary(0, 0), &other(0, 0)).answers(), [0, 0]);
}

#[test]
fn more_failures_than_the_others_have_roll_it_back() {
    let (decision, why) = decided(&watched(&canary(300, 12), &other(300, 0)));
    assert_eq!(decision, Decision::RollBack, "{why}");
    assert!(
        why.contains("(4.00 %)") && why.contains("more than 1.00 % above"),
        "{why}"
    );
    // As many as allowed are no reason.
    assert_eq!(
        decided(&watched(&canary(300, 3), &other(300, 0))).0,
        Decision::GoOn
    );
}

#[test]
fn where_all_nodes_fail_alike_nothing_is_known_of_the_canary() {
    let (decision, why) = decided(&watched(&canary(300, 30), &other(300, 30)));
    assert_eq!(decision, Decision::Wait, "{why}");
    assert!(why.contains("fail without the canary too"), "{why}");
}

#[test]
fn slower_answers_roll_it_back_and_little_slower_ones_do_not() {
    let mut slow = canary(300, 0);
    // All took between 10 and 100 ms, the others at most 10.
    slow.buckets = [47, 347, 347];
    let (decision, why) = decided(&watched(&slow, &other(300, 0)));
    assert_eq!(decision, Decision::RollBack, "{why}");
    assert!(why.contains("more than 1.5 times as long"), "{why}");
    let mut little = canary(300, 0);
    // 94 in 100 as fast as the others: the 95th lies just behind the bound.
    little.buckets = [47 + 284, 347, 347];
    assert_eq!(decided(&watched(&little, &other(300, 0))).0, Decision::GoOn);
}

#[test]
fn too_few_answers_of_either_side_wait() {
    for (canary, other) in [
        (canary(199, 199), other(300, 0)),
        (canary(300, 0), other(10, 0)),
    ] {
        let (decision, why) = decided(&watched(&canary, &other));
        assert_eq!(decision, Decision::Wait, "{why}");
        assert!(why.contains("too few answers"), "{why}");
    }
}

#[test]
fn without_a_node_of_each_side_there_is_nothing_to_compare() {
    let mut watch = Watch::new("new", "old", Limits::default());
    watch.look("o", &other(0, 0).seen());
    let (decision, why) = decided(&watch);
    assert_eq!(decision, Decision::Wait);
    assert!(why.contains("--canary yes"), "{why}");
}

#[test]
fn a_node_that_refuses_the_canary_rolls_it_back_at_once() {
    let mut watch = Watch::new("new", "old", Limits::default());
    let mut refusing = other(0, 0);
    refusing.refused = 1;
    watch.look("o", &refusing.seen());
    let (decision, why) = decided(&watch);
    assert_eq!(decision, Decision::RollBack);
    assert!(why.contains("o refuses the canary"), "{why}");
    // What it refused before is no news of this one.
    let mut watch = Watch::new("newer", "old", Limits::default());
    watch.look("o", &refusing.seen());
    assert_eq!(decided(&watch).0, Decision::Wait);
}

#[test]
fn a_canary_node_without_its_encoder_rolls_it_back_where_others_have_one() {
    let mut lexical = canary(300, 0);
    lexical.encoder = "none";
    let (decision, why) = decided(&watched(&lexical, &other(300, 0)));
    assert_eq!(decision, Decision::RollBack);
    assert!(why.contains("no encoder"), "{why}");
    let mut both = other(300, 0);
    both.encoder = "none";
    let mut watch = Watch::new("new", "old", Limits::default());
    watch.look("c", &lexical.seen());
    watch.look("o", &both.seen());
    assert_eq!(decided(&watch).0, Decision::Wait);
}

#[test]
fn a_canary_node_that_falls_silent_rolls_it_back_and_another_only_waits() {
    let silent = Seen::Silent("connection refused".to_owned());
    let mut watch = watched(&canary(300, 0), &other(300, 0));
    watch.look("c", &silent);
    watch.look("c", &silent);
    assert_eq!(decided(&watch).0, Decision::Wait, "it may come back");
    watch.look("c", &silent);
    let (decision, why) = decided(&watch);
    assert_eq!(decision, Decision::RollBack);
    assert!(
        why.contains("c served the canary and does not answer (connection refused), 3 looks"),
        "{why}"
    );

    let mut watch = watched(&canary(300, 0), &other(300, 0));
    (0..5).for_each(|_| watch.look("o", &silent));
    assert_eq!(decided(&watch).0, Decision::Wait);
    let mut watch = watched(&canary(300, 0), &other(300, 0));
    let page = canary(300, 0).text();
    (0..3).for_each(|_| watch.look("c", &Seen::page(false, &page).unwrap()));
    assert!(decided(&watch).1.contains("is not ready"));
}

#[test]
fn a_node_that_starts_again_or_changes_sides_counts_from_then_on() {
    let mut watch = watched(&canary(300, 0), &other(300, 0));
    // Its counters began at 0 again.
    watch.look("c", &page("new", 5, 0).seen());
    assert_eq!(watch.answers(), [300, 300]);
    watch.look("c", &page("new", 25, 0).seen());
    assert_eq!(watch.answers(), [320, 300]);
    // Between these looks it swapped: nobody knows who answered what.
    watch.look("c", &page("old", 100, 0).seen());
    assert_eq!(watch.answers(), [320, 300]);
    watch.look("c", &page("old", 110, 0).seen());
    assert_eq!(watch.answers(), [320, 310]);
}
