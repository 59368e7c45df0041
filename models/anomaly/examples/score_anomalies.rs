//! Fits an isolation forest on a set of a benchmark and scores the same rows: `score_anomalies settings.json out.json`.
//!
//! The settings name a `.npy` file of 64-bit floats, row after row (`rows`), the `columns` of a hyperplane (0 splits along axes), `seeds`, and the
//! `.npy` file that the scores of each are written to (`scores`). Times leave reading and writing out.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write};
use std::time::Instant;

use anomaly::{IsolationForest, IsolationParams, Splits};
use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::{Array1, Array2};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [settings, out] = paths.as_slice() else {
        return Err("usage: score_anomalies settings.json out.json".into());
    };
    let settings: Value = serde_json::from_str(&fs::read_to_string(settings)?)?;
    let text = |value: &Value| value.as_str().map(str::to_owned).ok_or("want a text");
    let number = |value: &Value| value.as_u64().ok_or("want a number");
    let data = DatasetBase::from(read(&text(&settings["rows"])?)?);
    let loaded = memory("VmRSS")?;
    let splits = match number(&settings["columns"])? as usize {
        0 => Splits::Axis,
        columns => Splits::Extended { columns },
    };
    let mut runs = Vec::new();
    let seeds = settings["seeds"].as_array().into_iter().flatten();
    for (seed, path) in seeds.zip(settings["scores"].as_array().into_iter().flatten()) {
        let params = IsolationParams::new(number(seed)?).splits(splits);
        let (start, before) = (Instant::now(), processor()?);
        let forest: IsolationForest = params.fit(&data)?;
        let fitted = start.elapsed();
        let scores = forest.predict(&data.records)?;
        let (scored, busy) = (start.elapsed() - fitted, processor()? - before);
        write(&text(path)?, &scores)?;
        let bytes = tabular::to_bytes(&forest)?.len();
        runs.push(
            json!({"fit": fitted.as_secs_f64(), "score": scored.as_secs_f64(), "processor": busy, "bytes": bytes}),
        );
    }
    let found = json!({"runs": runs, "loaded": loaded, "peak": memory("VmHWM")?});
    fs::write(out, found.to_string())?;
    Ok(())
}

/// Reads a matrix as `numpy.save` writes it: a mark, a version, the length of a header, the header, the values.
fn read(path: &str) -> Result<Array2<f64>, Box<dyn Error>> {
    let mut file = BufReader::new(File::open(path)?);
    let mut head = [0; 10];
    file.read_exact(&mut head)?;
    let mut header = vec![0; usize::from(u16::from_le_bytes([head[8], head[9]]))];
    file.read_exact(&mut header)?;
    let header = String::from_utf8(header)?;
    if !header.contains("'<f8'") || !header.contains("'fortran_order': False") {
        return Err("want 64-bit floats, row after row".into());
    }
    let shape = header.split(['(', ')']).nth(1).ok_or("no shape")?;
    let [rows, columns] = shape.split(',').collect::<Vec<_>>()[..] else {
        return Err("want a matrix".into());
    };
    let (rows, columns) = (rows.trim().parse()?, columns.trim().parse()?);
    let mut values = Array2::zeros((rows, columns));
    for value in &mut values {
        let mut bytes = [0; 8];
        file.read_exact(&mut bytes)?;
        *value = f64::from_le_bytes(bytes);
    }
    Ok(values)
}

/// Writes a vector as `numpy.load` reads it.
fn write(path: &str, values: &Array1<f64>) -> Result<(), Box<dyn Error>> {
    let mut file = BufWriter::new(File::create(path)?);
    let shape = format!("({},)", values.len());
    let header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}");
    file.write_all(b"\x93NUMPY\x01\x00")?;
    file.write_all(&118_u16.to_le_bytes())?;
    file.write_all(format!("{header:<117}\n").as_bytes())?;
    for value in values {
        file.write_all(&value.to_le_bytes())?;
    }
    Ok(file.flush()?)
}

/// Seconds that all threads of this process have had of a processor, in hundredths: what a busy machine hardly changes.
fn processor() -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat
        .rsplit_once(')')
        .ok_or("no fields in /proc/self/stat")?;
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: Vec<f64> = ticks.map(str::parse).collect::<Result<_, _>>()?;
    Ok(ticks.iter().sum::<f64>() / 100.0)
}

/// KiB of memory that this process has (`VmRSS`) or had at most (`VmHWM`).
fn memory(what: &str) -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(what));
    let line = line.ok_or("no such line in /proc/self/status")?;
    let digits: String = line.chars().filter(char::is_ascii_digit).collect();
    Ok(digits.parse()?)
}
