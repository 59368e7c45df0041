use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::harness::Harness;

/// The program itself, on a port of its own.
pub(crate) struct Process {
    child: Child,
    address: String,
}

impl Process {
    pub(crate) fn start(harness: &Harness) -> Self {
        Self::start_with(harness, &[])
    }

    pub(crate) fn start_with(harness: &Harness, more: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_serve"))
            .arg("--lake")
            .arg(harness.lake())
            .args([
                "--listen",
                "127.0.0.1:0",
                "--node",
                "test",
                "--poll-ms",
                "20",
            ])
            .args(["--log-format", "json"])
            .args(more)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = lines
            .find_map(|line| {
                let line: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
                Some(line["fields"]["address"].as_str()?.to_owned())
            })
            .unwrap();
        // The pipe is read to its end, else the program would block on a full one.
        std::thread::spawn(move || lines.for_each(drop));
        let process = Self { child, address };
        while !process.ask("GET /readyz", "").starts_with("HTTP/1.1 200") {
            std::thread::sleep(Duration::from_millis(10));
        }
        process
    }

    pub(crate) fn ask(&self, request: &str, body: &str) -> String {
        self.ask_with("X-Nothing: x", request, body)
    }

    /// Asks with one more header.
    pub(crate) fn ask_with(&self, header: &str, request: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{request} HTTP/1.1\r\nHost: x\r\n{header}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn ask_match(&self, query: &str) {
        let body = format!(r#"{{"query": "{query}", "tenant": "tenant_demo"}}"#);
        let answer = self.ask("POST /api/match", &body);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    pub(crate) fn end(mut self, signal: &str) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &pid])
                .status()
                .unwrap()
                .success()
        );
        self.child.wait().unwrap().code()
    }
}

#[actix_web::test]
async fn a_stopped_node_loses_no_line_and_a_killed_one_none_that_was_written() {
    let harness = Harness::serving().await;
    harness.collector.stop();
    let first = Process::start(&harness);
    (0..5).for_each(|_| first.ask_match("inox"));
    assert_eq!(first.end("-TERM"), Some(0));
    assert_eq!(harness.logged().len(), 5);

    let second = Process::start(&harness);
    second.ask_match("tournage");
    while !second.ask("GET /health", "").contains(r#""written":1"#) {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(second.end("-KILL"), None);
    let third = Process::start(&harness);
    assert_eq!(third.end("-INT"), Some(0));
    let texts: Vec<_> = harness
        .logged()
        .iter()
        .map(|row| row["text"].clone())
        .collect();
    assert_eq!(texts.iter().filter(|text| *text == "inox").count(), 5);
    assert_eq!(texts.iter().filter(|text| *text == "tournage").count(), 1);
}

#[actix_web::test]
async fn a_node_tells_prometheus_what_it_serves_and_what_it_answered() {
    let harness = Harness::serving().await;
    harness.collector.stop();
    let process = Process::start(&harness);
    process.ask_match("inox");
    process.ask_match("inox");
    process.ask("GET /nowhere/at/all", "");
    let answer = process.ask("GET /metrics", "");
    let (head, text) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let media_type = "content-type: text/plain; version=0.0.4; charset=utf-8";
    assert!(head.to_lowercase().contains(media_type), "{head}");
    let snapshot = format!(
        r#"marketlounge_snapshot_info{{id="{}",slot="2026-11-20",encoder="none"}} 1"#,
        "a".repeat(32)
    );
    for line in [
        "marketlounge_ready 1",
        &snapshot,
        // 2026-11-20T00:00:00Z.
        "marketlounge_snapshot_slot_timestamp_seconds 1795132800",
        "marketlounge_snapshot_refused 0",
        "marketlounge_canary_served 0",
        "marketlounge_canary_refused 0",
        r#"marketlounge_snapshot_looks_total{outcome="swapped"} 1"#,
        r#"marketlounge_requests_total{route="/api/match",status="2xx"} 2"#,
        r#"marketlounge_requests_total{route="/api/match",status="5xx"} 0"#,
        r#"marketlounge_requests_total{route="unknown",status="4xx"} 1"#,
        r#"marketlounge_request_seconds_bucket{route="/api/match",le="+Inf"} 2"#,
        r#"marketlounge_request_seconds_count{route="/api/match"} 2"#,
        r#"marketlounge_query_log_lines_total{outcome="lost"} 0"#,
    ] {
        assert!(text.lines().any(|told| told == line), "{line}\n{text}");
    }
    #[cfg(target_os = "linux")]
    assert!(text.contains("\nprocess_resident_memory_bytes "), "{text}");
    // A family is told once, and every sample belongs to one.
    let names = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let names: Vec<_> = names.filter_map(|line| line.split(' ').next()).collect();
    let mut once = names.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), names.len(), "{names:?}");
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        assert!(names.iter().any(|name| line.starts_with(name)), "{line}");
    }
    assert_eq!(process.end("-TERM"), Some(0));
}

#[actix_web::test]
async fn a_node_without_a_snapshot_answers_prometheus_all_the_same() {
    let harness = Harness::new();
    harness.current.refresh().await;
    assert_eq!(harness.get("/metrics").await.status, 200);
    assert_eq!(harness.post("/metrics", "").await.status, 405);
}
