//! Texts analysed per second: `speed <file>…`, a text per line; run two builds in turn to compare them.

use std::hint::black_box;
use std::time::Instant;

fn main() -> std::io::Result<()> {
    let mut texts = String::new();
    for path in std::env::args_os().skip(1) {
        texts.push_str(&std::fs::read_to_string(path)?);
    }
    let lines = texts.lines().count() as f64;
    let start = Instant::now();
    let tokens: usize = texts
        .lines()
        .map(|line| black_box(text::analyze(line)).len())
        .sum();
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{:.0} texts/s, {:.1} MB/s, {tokens} tokens",
        lines / seconds,
        texts.len() as f64 / seconds / 1e6
    );
    Ok(())
}
