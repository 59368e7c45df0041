use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn account() -> Subject {
    Subject::Account("k".to_owned())
}

fn tenant() -> Subject {
    Subject::Tenant("tenant_a".parse().unwrap())
}

fn limits(per_minute: u32, burst: u32) -> Limits {
    Limits {
        per_minute: Some(per_minute),
        burst: Some(burst),
        ..Limits::default()
    }
}

const NOON: &str = "2026-11-20T12:00:00Z";

#[test]
fn who_has_no_limit_is_counted_and_never_refused() {
    let mut meter = Meter::default();
    let payers = [
        (account(), Limits::default()),
        (tenant(), Limits::default()),
    ];
    for _ in 0..1000 {
        let verdict = meter.admit(&payers, 20, at(NOON));
        assert_eq!((verdict.refused, verdict.policies), (None, Vec::new()));
    }
    let (today, month) = meter.spent(&tenant(), at(NOON));
    assert_eq!((today.requests, month.cost), (1000, 20_000));
}

#[test]
fn a_request_that_one_limit_refuses_costs_nobody_anything() {
    let mut meter = Meter::default();
    let payers = [(account(), limits(600, 100)), (tenant(), limits(60, 10))];
    assert_eq!(meter.admit(&payers, 10, at(NOON)).refused, None);
    let verdict = meter.admit(&payers, 10, at(NOON));
    assert_eq!(verdict.refused, Some(("tenant", 10)));
    let left: Vec<_> = verdict
        .policies
        .iter()
        .map(|policy| (policy.name, policy.left))
        .collect();
    assert_eq!(left, [("key", 90), ("tenant", 0)]);
    assert_eq!(verdict.tightest().unwrap().name, "tenant");
    assert_eq!(meter.spent(&account(), at(NOON)).0.requests, 1);
}

#[test]
fn a_quota_refuses_until_its_window_ends_and_says_when() {
    let mut meter = Meter::default();
    let quotas = Limits {
        per_day: Some(10),
        per_month: Some(15),
        ..Limits::default()
    };
    let payers = [(account(), quotas)];
    assert_eq!(
        meter.admit(&payers, 10, at("2026-11-29T23:59:58Z")).refused,
        None
    );
    let over = meter.admit(&payers, 1, at("2026-11-29T23:59:58Z"));
    assert_eq!(over.refused, Some(("key-day", 3)));
    assert_eq!(
        meter.admit(&payers, 5, at("2026-11-30T00:00:00Z")).refused,
        None
    );
    // Both are over what is left; the month's end is the later one.
    let over = meter.admit(&payers, 6, at("2026-11-30T12:00:00Z"));
    assert_eq!(over.refused, Some(("key-month", 43_201)));
    assert_eq!(
        meter.admit(&payers, 10, at("2026-12-01T00:00:00Z")).refused,
        None
    );
}

#[test]
fn what_was_spent_is_spent_after_a_restart() {
    let quotas = Limits {
        per_month: Some(20),
        ..Limits::default()
    };
    let payers = [(account(), quotas), (tenant(), Limits::default())];
    let mut meter = Meter::default();
    assert_eq!(meter.admit(&payers, 20, at(NOON)).refused, None);
    let lines = meter.take_pending();
    assert_eq!((lines.len(), &lines), (2, &meter.lines()));
    let mut again = Meter::restored(lines, at(NOON).date_naive());
    let verdict = again.admit(&payers, 1, at(NOON));
    assert_eq!(verdict.refused.map(|(name, _)| name), Some("key-month"));
    assert_eq!(verdict.policies[0].window_seconds, 30 * 86_400);
}

#[test]
fn a_limit_that_is_lowered_holds_at_once_and_one_that_is_raised_forgets_nothing() {
    let mut meter = Meter::default();
    meter.admit(&[(account(), limits(60, 100))], 50, at(NOON));
    let lowered = meter.policies(&account(), limits(60, 10), at(NOON));
    assert_eq!(lowered[0].left, 10);
    let raised = meter.policies(&account(), limits(60, 1000), at(NOON));
    assert_eq!(raised[0].left, 50);
}
