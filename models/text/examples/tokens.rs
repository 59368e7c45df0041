//! Prints the tokens of each line of standard input: what the analysis makes of a text.
//!
//! `cargo run --release -p text -p unify --example tokens < texts.txt`

use std::io::{Result, read_to_string, stdin};

fn main() -> Result<()> {
    for line in read_to_string(stdin())?.lines() {
        let tokens: Vec<String> = text::analyze(line)
            .into_iter()
            .map(|token| format!("{} {:?}@{}", token.term, token.kind, token.position))
            .collect();
        println!("{line} → {}", tokens.join(" · "));
    }
    Ok(())
}
