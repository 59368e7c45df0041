//! Load on a running node: `autocomplete_load <address> <clients> <queries.tsv> [tenant]`. Each client keeps one connection and asks one
//! query after the other; prints the latencies that clients
//! saw as JSON lines: the best of five of one client alone, then all of several at once.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// How often one client asks each query for its best time, which other work on the machine disturbs least.
const ROUNDS: usize = 5;

type Failure = Box<dyn Error + Send + Sync>;

/// The request line and headers for one query.
fn request(typed: &str, tenant: &str) -> String {
    let mut query = String::new();
    for byte in typed.bytes() {
        let _ = write!(query, "%{byte:02X}");
    }
    format!("GET /api/autocomplete?q={query}&tenant={tenant} HTTP/1.1\r\nHost: node\r\n\r\n")
}

/// Sends a request and reads its whole answer; returns the status.
fn exchange(connection: &mut BufReader<TcpStream>, request: &str) -> Result<u16, Failure> {
    connection.get_mut().write_all(request.as_bytes())?;
    let (mut line, mut length, mut status) = (String::new(), 0, 0);
    loop {
        line.clear();
        connection.read_line(&mut line)?;
        let lower = line.trim_end().to_ascii_lowercase();
        if let Some(rest) = lower.strip_prefix("http/1.1 ") {
            status = rest.get(..3).unwrap_or_default().parse()?;
        } else if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse()?;
        } else if lower.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body)?;
    Ok(status)
}

fn client(address: &str, requests: &[String], start: usize) -> Result<Vec<Duration>, Failure> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut connection = BufReader::new(stream);
    let mut latencies = Vec::with_capacity(requests.len());
    let turned = requests[start..].iter().chain(&requests[..start]);
    for request in turned {
        let asked = Instant::now();
        let status = exchange(&mut connection, request)?;
        latencies.push(asked.elapsed());
        if status != 200 {
            return Err(format!("status {status} for {request}").into());
        }
    }
    Ok(latencies)
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, clients, file, rest @ ..] = arguments.as_slice() else {
        return Err("usage: autocomplete_load <address> <clients> <queries.tsv> [tenant]".into());
    };
    let clients: usize = clients.parse()?;
    let tenant = rest.first().map_or("tenant_demo", String::as_str);
    let text = std::fs::read_to_string(file)?;
    let typed = text.lines().filter_map(|line| line.split('\t').next());
    let requests: Vec<String> = typed.map(|typed| request(typed, tenant)).collect();
    client(address, &requests[..requests.len().min(500)], 0)?;
    let alone = (1..ROUNDS).try_fold(client(address, &requests, 0)?, |best, _| {
        let again = client(address, &requests, 0)?;
        Ok::<_, Failure>(best.into_iter().zip(again).map(|(a, b)| a.min(b)).collect())
    })?;
    let busy = alone.iter().sum();
    report("node, best of 5", alone, busy);
    let begun = Instant::now();
    let all = std::thread::scope(|scope| {
        let starts = (0..clients).map(|number| number * requests.len() / clients);
        let asked: Vec<_> = starts
            .map(|start| {
                scope.spawn({
                    let requests = &requests;
                    move || client(address, requests, start)
                })
            })
            .collect();
        let mut all = Vec::new();
        for client in asked {
            all.extend(client.join().map_err(|_| "a client panicked")??);
        }
        Ok::<_, Failure>(all)
    })?;
    report(&format!("node, {clients} clients"), all, begun.elapsed());
    Ok(())
}

fn report(what: &str, mut latencies: Vec<Duration>, wall: Duration) {
    latencies.sort_unstable();
    let at = |share: f64| {
        let place = ((latencies.len().max(1) - 1) as f64 * share).round() as usize;
        latencies
            .get(place)
            .map_or(0.0, |latency| latency.as_secs_f64() * 1e6)
    };
    println!(
        "{{\"what\": \"{what}\", \"queries\": {}, \"p50_us\": {:.1}, \"p95_us\": {:.1}, \"p99_us\": {:.1}, \"max_us\": {:.1}, \"per_second\": {:.0}}}",
        latencies.len(),
        at(0.5),
        at(0.95),
        at(0.99),
        at(1.0),
        latencies.len() as f64 / wall.as_secs_f64(),
    );
}
