//! `gold.search_quality`: how good the answers were.

use serde_json::json;

use super::small::small;

#[test]
fn search_quality_is_what_paper_and_pencil_say() {
    let rows = small().query("SELECT * FROM gold.search_quality");
    assert_eq!(rows.len(), 1, "{rows:?}");
    // r1 has its only good one second: 1 / log2(3), 1/2, 1/1. r2 has it first, though nobody said so there: the words
    // are the same. r4 as r1, by a click at a place that is looked at 616 times of 1000; r5 lacks what r4 shows. Three
    // showings at the top and one click are 1/3: nothing relevant is known of r6, r7 and r8.
    let expected = json!({
        "day": "2026-11-10", "tenant": "tenant_a", "endpoint": "/api/match", "snapshot_id": "s1",
        "experiment": "none", "arm": "A",
        "queries": 8, "judged_queries": 4, "clicked_queries": 3, "empty_answers": 1,
        "ndcg_5": 0.565465, "ndcg_10": 0.565465, "mrr": 0.5, "recall_20": 0.75,
        "click_through_rate": 0.375, "zero_result_rate": 0.125,
    });
    assert_eq!(rows[0], expected);
}
