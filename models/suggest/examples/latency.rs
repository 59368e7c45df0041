//! Latency of suggestions over many entries, asked by several threads: `latency [entries] [threads] [folder]`. Writes the entries, the
//! queries and their answers into the folder, where one is named, so that a peer can be asked the same.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use suggest::{Entry, Index, Kind, Query, index_bytes};

const SEED: u64 = 20_261_120;
const QUERIES: usize = 20_000;
const LIMIT: usize = 10;
/// How often each query is asked where its best time is wanted, which other work on the machine disturbs least.
const ROUNDS: usize = 5;

/// Trades and materials that labels are made of, and syllables that names are made of.
const TRADES: [&str; 40] = [
    "Tôlerie",
    "Usinage",
    "Tournage",
    "Fraisage",
    "Décolletage",
    "Chaudronnerie",
    "Soudage",
    "Pliage",
    "Découpe laser",
    "Emboutissage",
    "Rectification",
    "Électro-érosion",
    "Fonderie",
    "Forge",
    "Estampage",
    "Injection plastique",
    "Thermoformage",
    "Extrusion",
    "Rotomoulage",
    "Anodisation",
    "Galvanisation",
    "Thermolaquage",
    "Peinture industrielle",
    "Polissage",
    "Sablage",
    "Grenaillage",
    "Contrôle dimensionnel",
    "Métrologie",
    "Prototypage",
    "Impression 3D",
    "Câblage",
    "Montage",
    "Automatisme",
    "Robotique",
    "Maintenance",
    "Mécanosoudure",
    "Serrurerie",
    "Menuiserie",
    "Oxycoupage",
    "Commande numérique",
];
const QUALITIES: [&str; 30] = [
    "inox 316L",
    "aluminium",
    "de précision",
    "5 axes",
    "grande série",
    "prototype",
    "acier",
    "titane",
    "laiton",
    "cuivre",
    "bronze",
    "pour l'aéronautique",
    "pour l'agroalimentaire",
    "médical",
    "ferroviaire",
    "naval",
    "automobile",
    "nucléaire",
    "sous vide",
    "à chaud",
    "à froid",
    "haute pression",
    "TIG",
    "MIG",
    "laser",
    "par points",
    "fine",
    "lourde",
    "petite série",
    "à façon",
];
const SYLLABLES: [&str; 48] = [
    "mar", "tin", "du", "pont", "ber", "nard", "ro", "bert", "ri", "chard", "mo", "reau", "lau",
    "rent", "si", "mon", "mi", "chel", "le", "fèvre", "gar", "cia", "da", "vid", "ber", "trand",
    "rou", "vin", "cent", "four", "nier", "gi", "rard", "bon", "net", "lam", "fon", "taine", "fa",
    "bre", "mer", "cier", "blan", "chet", "gué", "rin", "né", "vau",
];
const FORMS: [&str; 12] = [
    "Ateliers",
    "Établissements",
    "Société",
    "Mécanique",
    "Tôlerie",
    "Usinage",
    "Chaudronnerie",
    "Précision",
    "Industrie",
    "Outillage",
    "Soudure",
    "Groupe",
];

fn pick<'a>(from: &[&'a str], random: &mut impl Rng) -> &'a str {
    from[random.random_range(0..from.len())]
}

fn name(random: &mut impl Rng) -> String {
    let syllables = random.random_range(2..5);
    let word: String = (0..syllables).map(|_| pick(&SYLLABLES, random)).collect();
    let mut letters = word.chars();
    letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(letters)
        .collect()
}

fn entry(number: usize, random: &mut impl Rng) -> Entry {
    let is_company = !number.is_multiple_of(5);
    let text = if is_company {
        format!(
            "{} {} {}",
            pick(&FORMS, random),
            name(random),
            pick(&["SARL", "SAS", "& Fils", "Industries", ""], random)
        )
    } else {
        let (trade, one, other) = (
            pick(&TRADES, random),
            pick(&QUALITIES, random),
            pick(&QUALITIES, random),
        );
        format!("{trade} {one} {other} {}", name(random))
    };
    Entry {
        kind: if is_company {
            Kind::Company
        } else {
            Kind::Concept
        },
        id: number.to_string(),
        text: text.trim().to_owned(),
        weight: random.random_range(0..2000) + if is_company { 0 } else { 2000 },
        ..Entry::default()
    }
}

/// What somebody types who wants the entry: some of its words, the last one begun, every third with an error.
fn typed(entry: &Entry, random: &mut impl Rng) -> String {
    let words: Vec<&str> = entry.text.split(' ').collect();
    let first = random.random_range(0..words.len());
    let last = (first + random.random_range(0..2)).min(words.len() - 1);
    let mut letters: Vec<char> = words[first..=last].join(" ").chars().collect();
    let in_last = words[last].chars().count();
    let cut = random.random_range(0..in_last.max(1));
    letters.truncate((letters.len() - cut).max(1));
    if random.random_range(0..3) == 0 && letters.len() > 4 {
        let at = random.random_range(0..letters.len() - 1);
        match random.random_range(0..4) {
            0 => letters.swap(at, at + 1),
            1 => drop(letters.remove(at)),
            2 => letters.insert(at, 'e'),
            _ => letters[at] = 'a',
        }
    }
    letters.into_iter().collect()
}

fn percentile(sorted: &[Duration], share: f64) -> f64 {
    let at = ((sorted.len() - 1) as f64 * share).round() as usize;
    sorted[at].as_secs_f64() * 1e6
}

fn report(what: &str, mut latencies: Vec<Duration>, wall: Duration) {
    latencies.sort_unstable();
    println!(
        "{{\"what\": \"{what}\", \"queries\": {}, \"p50_us\": {:.1}, \"p95_us\": {:.1}, \"p99_us\": {:.1}, \"max_us\": {:.1}, \"per_second\": {:.0}}}",
        latencies.len(),
        percentile(&latencies, 0.5),
        percentile(&latencies, 0.95),
        percentile(&latencies, 0.99),
        percentile(&latencies, 1.0),
        latencies.len() as f64 / wall.as_secs_f64(),
    );
}

fn measure(index: &Index, queries: &[String]) -> Vec<Duration> {
    let one = |text: &String| {
        let start = Instant::now();
        let found = index.suggest(&Query {
            text,
            tenant: "tenant_demo",
            limit: LIMIT,
        });
        let elapsed = start.elapsed();
        std::hint::black_box(found);
        elapsed
    };
    queries.iter().map(one).collect()
}

fn write(
    folder: &Path,
    entries: &[Entry],
    queries: &[String],
    index: &Index,
) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut text = String::new();
    for entry in entries {
        let _ = writeln!(
            text,
            "{}\t{}\t{}\t{}",
            entry.kind.as_str(),
            entry.id,
            entry.weight,
            entry.text
        );
    }
    std::fs::write(folder.join("entries.tsv"), &text)?;
    text.clear();
    for query in queries {
        let found = index.suggest(&Query {
            text: query,
            tenant: "tenant_demo",
            limit: LIMIT,
        });
        let ids: Vec<&str> = found.iter().map(|s| s.id.as_str()).collect();
        let _ = writeln!(text, "{query}\t{}", ids.join(" "));
    }
    std::fs::write(folder.join("queries.tsv"), &text)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let entries: usize = arguments
        .next()
        .unwrap_or_else(|| "100000".to_owned())
        .parse()?;
    let threads: usize = arguments.next().unwrap_or_else(|| "4".to_owned()).parse()?;
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let entries: Vec<Entry> = (0..entries)
        .map(|number| entry(number, &mut random))
        .collect();
    let queries: Vec<String> = (0..QUERIES)
        .map(|_| typed(&entries[random.random_range(0..entries.len())], &mut random))
        .collect();
    let start = Instant::now();
    let bytes = index_bytes(entries.clone())?;
    let (size, built) = (bytes.len(), start.elapsed());
    let start = Instant::now();
    let index = Index::from_bytes(bytes)?;
    println!(
        "{{\"what\": \"index\", \"entries\": {}, \"bytes\": {size}, \"build_s\": {:.2}, \"open_s\": {:.2}}}",
        index.entries(),
        built.as_secs_f64(),
        start.elapsed().as_secs_f64()
    );
    if let Some(folder) = arguments.next() {
        write(Path::new(&folder), &entries, &queries, &index)?;
    }
    let start = Instant::now();
    let alone = measure(&index, &queries);
    let wall = start.elapsed();
    let best = (1..ROUNDS).fold(alone.clone(), |best, _| {
        let again = measure(&index, &queries);
        best.into_iter().zip(again).map(|(a, b)| a.min(b)).collect()
    });
    report("best of 5, undisturbed", best.clone(), best.iter().sum());
    report("one thread", alone, wall);
    let start = Instant::now();
    let all = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..threads)
            .map(|_| scope.spawn(|| measure(&index, &queries)))
            .collect();
        asked
            .into_iter()
            .flat_map(|thread| thread.join().unwrap_or_default())
            .collect::<Vec<_>>()
    });
    report(&format!("{threads} threads"), all, start.elapsed());
    Ok(())
}
