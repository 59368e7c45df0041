//! JSON: lines and arrays, sound and broken.

use schemas::ColumnKind;
use serde_json::{Value, json};

use super::harness::{contract, mapping, run, run_mapped, why_undecodable};

fn pair() -> schemas::Contract {
    contract(&[("a", ColumnKind::String), ("b", ColumnKind::Int)])
}

#[test]
fn broken_lines_are_quarantined_and_the_others_read() {
    let content = b"\xef\xbb\xbf{\"a\":\"x\"}\r\n\n{\"a\":\n[1]\n\"s\"\n{\"a\":\"\xff\"}\n{\"a\":\"y\",\"b\":3}";
    let ingested = run(&pair(), "x.jsonl", content).unwrap();
    assert_eq!(ingested.column("a"), ["x", "y"]);
    assert_eq!(ingested.column("_line"), [1, 7]);
    assert_eq!(
        ingested.column("_offset"),
        [json!(3), json!(content.len() - 15)]
    );
    let rules = [
        "invalid_json",
        "invalid_json",
        "invalid_json",
        "invalid_utf8",
    ];
    assert_eq!(ingested.rejected("rule"), rules);
    assert_eq!(ingested.rejected("line"), [3, 4, 5, 6]);
    assert_eq!(ingested.rejected("raw")[0], "{\"a\":");
}

#[test]
fn a_broken_element_of_an_array_is_quarantined_and_the_others_read() {
    let content = br#" [ {"a":"x ]}\" ,","b":1} , {"a":} ,7, {"a":"y"} ] "#;
    let ingested = run(&pair(), "x.json", content).unwrap();
    assert_eq!(ingested.column("a"), ["x ]}\" ,", "y"]);
    assert_eq!(ingested.column("_line"), [1, 4]);
    assert_eq!(ingested.rejected("raw"), [r#"{"a":}"#, "7"]);
    assert_eq!(ingested.rejected("rule"), ["invalid_json", "invalid_json"]);
    let offset = usize::try_from(ingested.rows[1]["_offset"].as_u64().unwrap()).unwrap();
    assert!(content[offset..].starts_with(br#"{"a":"y"}"#));
}

#[test]
fn an_array_cut_short_or_followed_by_text_is_undecodable() {
    for content in [
        r#"[{"a":"x"},{"a":"y""#,
        r#"[{"a":"x"}"#,
        r#"[{"a":"x"},"#,
        "[",
        r#"[{"a":"x"}] and more"#,
        r#"[{"a":"x"} {"a":"y"}]"#,
        r#"[{"a":"x"},]"#,
    ] {
        why_undecodable(run(&pair(), "x.json", content.as_bytes()));
    }
    assert_eq!(run(&pair(), "x.json", b" [] ").unwrap().report.rows_read, 0);
}

#[test]
fn an_array_is_found_below_keys() {
    let mapping = mapping(
        &pair(),
        "table = \"things\"\nfiles = \"*\"\njson = { pointer = \"/data/rows\" }\n",
    )
    .unwrap();
    let content =
        r#"{"meta":{"rows":[1,"]"]},"data":{"n":"}","rows":[{"a":"x"},{"a":"y"}],"z":[]}}"#;
    let ingested = run_mapped(&pair(), &mapping, "x.json", content.as_bytes()).unwrap();
    assert_eq!(ingested.column("a"), ["x", "y"]);
    let reason = why_undecodable(run_mapped(&pair(), &mapping, "x.json", br#"{"data":{}}"#));
    assert!(reason.contains("\"rows\""), "{reason}");
    why_undecodable(run_mapped(&pair(), &mapping, "x.json", b"[]"));
}

#[test]
fn values_take_the_type_of_the_column_not_of_the_json() {
    let contract = contract(&[
        ("t", ColumnKind::String),
        ("n", ColumnKind::Int),
        ("f", ColumnKind::Float),
        ("o", ColumnKind::Bool),
        ("l", ColumnKind::Strings),
        ("v", ColumnKind::Floats),
        ("j", ColumnKind::Json),
    ]);
    let content = concat!(
        r#"{"t":12.50,"n":"7","f":3,"o":true,"l":["x",1,null],"v":[1,"2.5"],"j":{"k":[1]}}"#,
        "\n",
        r#"{"t":"","n":"","f":null,"l":[],"v":[],"j":"[1, 2]"}"#,
        "\n",
    );
    let ingested = run(&contract, "x.jsonl", content.as_bytes()).unwrap();
    assert_eq!(ingested.column("t"), [json!("12.5"), Value::Null]);
    assert_eq!(ingested.column("n"), [json!(7), Value::Null]);
    assert_eq!(ingested.column("f"), [json!(3.0), Value::Null]);
    assert_eq!(ingested.column("o"), [json!(true), Value::Null]);
    assert_eq!(ingested.column("l"), [json!(["x", "1"]), json!([])]);
    assert_eq!(ingested.column("v"), [json!([1.0, 2.5]), json!([])]);
    assert_eq!(ingested.column("j"), [r#"{"k":[1]}"#, "[1, 2]"]);
}

#[test]
fn values_of_the_wrong_shape_are_rejected_under_their_column() {
    let contract = contract(&[
        ("t", ColumnKind::String),
        ("l", ColumnKind::Strings),
        ("v", ColumnKind::Floats),
        ("j", ColumnKind::Json),
    ]);
    let content = concat!(
        r#"{"t":["x"]}"#,
        "\n",
        r#"{"t":{"x":1}}"#,
        "\n",
        r#"{"l":[{"x":1}]}"#,
        "\n",
        r#"{"v":[1,null]}"#,
        "\n",
        r#"{"v":["x"]}"#,
        "\n",
        r#"{"j":"{"}"#,
        "\n",
    );
    let ingested = run(&contract, "x.jsonl", content.as_bytes()).unwrap();
    let rules = ["type_t", "type_t", "type_l", "type_v", "type_v", "type_j"];
    assert_eq!(ingested.rejected("rule"), rules);
}

#[test]
fn keys_that_no_column_reads_are_reported_once() {
    let content = b"{\"a\":\"x\",\"z\":1}\n{\"a\":\"y\",\"z\":1,\"q\":2}\n";
    let ingested = run(&pair(), "x.jsonl", content).unwrap();
    assert_eq!(ingested.report.unknown_columns, ["q", "z"]);
    assert_eq!(ingested.report.missing_columns, ["b"]);
}

#[test]
fn an_endless_line_is_refused() {
    let content = format!("{{\"a\":\"{}\"}}\n", "x".repeat(1 << 20));
    let reason = why_undecodable(run(&pair(), "x.jsonl", content.as_bytes()));
    assert!(reason.contains("line 1 is longer than"), "{reason}");
    why_undecodable(run(&pair(), "x.json", format!("[{content}]").as_bytes()));
}

#[test]
fn deeply_nested_json_is_rejected_not_a_crash() {
    let content = format!(
        "{{\"a\":{}1{}}}\n",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    for file in ["x.jsonl", "x.json"] {
        let ingested = run(&pair(), file, content.as_bytes()).unwrap();
        assert_eq!(ingested.rejected("rule"), ["invalid_json"]);
    }
}
