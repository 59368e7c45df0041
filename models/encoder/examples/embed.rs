//! Embeds the texts of a file, one JSON string per line, and reports how fast.
//!
//! `cargo run --release -p encoder --example embed -- models/weights/all-MiniLM-L6-v2 texts.jsonl --threads 2`

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::{Parser, ValueEnum};
use encoder::{Arithmetic, Device, Encoder, EncoderSettings};

/// Embeds texts and prints one line of JSON: texts per second, and milliseconds for a single query.
#[derive(Parser)]
struct Arguments {
    /// Folder with config.json, tokenizer.json and model.safetensors.
    model: PathBuf,
    /// File of texts, one JSON string per line.
    texts: PathBuf,
    /// Where to write the vectors: little-endian 32-bit floats, row after row.
    #[arg(long)]
    vectors: Option<PathBuf>,
    /// Threads to use; all cores by default.
    #[arg(long)]
    threads: Option<usize>,
    /// Tokens that a thread works on at once: memory against speed.
    #[arg(long, default_value_t = EncoderSettings::default().batch_tokens)]
    batch_tokens: usize,
    /// What runs the forward pass.
    #[arg(long, value_enum, default_value_t = On::Cpu)]
    device: On,
    /// What the forward pass on the CPU multiplies; the model decides by default.
    #[arg(long, value_enum)]
    arithmetic: Option<With>,
    /// Runs over all texts; the best counts, since other programs only ever slow one down.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// File of queries to time one by one, after the runs, one JSON string per line; the first texts by default.
    #[arg(long)]
    queries: Option<PathBuf>,
    /// Number of queries to time.
    #[arg(long, default_value_t = 50)]
    singles: usize,
}

#[derive(Clone, Copy, ValueEnum)]
enum On {
    Cpu,
    CandleCpu,
    Cuda,
}

#[derive(Clone, Copy, ValueEnum)]
enum With {
    Float32,
    Int16,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let texts = read(&arguments.texts)?;
    if texts.is_empty() || arguments.runs == 0 {
        bail!("nothing to run");
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let settings = EncoderSettings {
        threads: arguments.threads,
        batch_tokens: arguments.batch_tokens,
        device: match arguments.device {
            On::Cpu => Device::Cpu,
            On::CandleCpu => Device::CandleCpu,
            On::Cuda => Device::Cuda(0),
        },
        arithmetic: arguments.arithmetic.map(|with| match with {
            With::Float32 => Arithmetic::Float32,
            With::Int16 => Arithmetic::Int16,
        }),
        ..Default::default()
    };
    let start = Instant::now();
    let encoder = Encoder::load(&arguments.model, &settings)?;
    let load_s = start.elapsed().as_secs_f64();
    let tokens = texts
        .iter()
        .map(|text| Ok(encoder.token_ids(text)?.len()))
        .sum::<Result<usize>>()?;

    encoder.encode(&texts[..texts.len().min(32)])?;
    let (mut vectors, mut seconds, cpu_s) = (Vec::new(), Vec::new(), processor_seconds());
    for _ in 0..arguments.runs {
        let start = Instant::now();
        vectors = encoder.encode(&texts)?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    let run_texts = (arguments.runs * texts.len()) as f64;
    let cpu_ms = processor_seconds()
        .zip(cpu_s)
        .map(|(end, start)| (end - start) / run_texts * 1e3);
    let mut singles_ms = Vec::new();
    let queries = match &arguments.queries {
        Some(path) => read(path)?,
        None => texts.iter().map(|text| (*text).to_owned()).collect(),
    };
    for text in queries.iter().take(arguments.singles) {
        let start = Instant::now();
        encoder.encode(&[text.as_str()])?;
        singles_ms.push(start.elapsed().as_secs_f64() * 1e3);
    }
    singles_ms.sort_by(f64::total_cmp);
    if let Some(path) = &arguments.vectors {
        let mut file = BufWriter::new(std::fs::File::create(path)?);
        for value in vectors.iter().flatten() {
            file.write_all(&value.to_le_bytes())?;
        }
        file.flush()?;
    }
    let best_s = seconds.iter().copied().fold(f64::INFINITY, f64::min);
    let report = serde_json::json!({
        "model": encoder.id(), "arithmetic": format!("{:?}", encoder.arithmetic()).to_lowercase(), "texts": texts.len(), "tokens": tokens, "load_s": load_s, "seconds": seconds,
        "texts_per_s": texts.len() as f64 / best_s, "cpu_ms_per_text": cpu_ms,
        "single_ms": singles_ms.get(singles_ms.len() / 2),
    });
    println!("{report}");
    Ok(())
}

/// Processor time of all threads so far, in steps of 10 ms, where Linux tells.
fn processor_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11).take(2);
    Some(
        fields
            .filter_map(|ticks| ticks.parse::<f64>().ok())
            .sum::<f64>()
            / 100.0,
    )
}

fn read(path: &PathBuf) -> Result<Vec<String>> {
    let file = std::fs::File::open(path).with_context(|| path.display().to_string())?;
    BufReader::new(file)
        .lines()
        .map(|line| Ok(serde_json::from_str(&line?)?))
        .collect()
}
