//! Killing, checking, and going on.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    time::{Duration, Instant},
};

use marketlounge_tests::{Lake, SLOT, program, project};
use serde_json::Value;

use super::lottery::Lottery;

/// Jobs side by side, so that a kill meets several.
const AT_ONCE: &str = "3";

/// Kills of one night in its publication before it is let end.
const LATE: u32 = 3;

/// Folders of a lake that tell of runs, killed ones too, or are their scratch: no run is like another there.
const OF_RUNS: [&str; 4] = ["runs", "lineage", "reports", "_scratch"];

/// What is to be killed, and how often.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) scale: u32,
    pub(super) kills: u32,
    pub(super) seed: u64,
}

/// What was killed.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) kills: u32,
    /// Nights that were killed until one ended.
    nights: u32,
    /// Kills by the jobs that were under way, of which there may be several at a kill.
    under_way: BTreeMap<String, u32>,
    /// Kills after which another snapshot than the old one was announced already.
    after_announcing: u32,
}

impl Told {
    pub(super) fn jobs(&self) -> usize {
        self.under_way.len()
    }

    pub(super) fn of(&self, job: &str) -> u32 {
        self.under_way.get(job).copied().unwrap_or(0)
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} kills in {} nights, {} of them after the new snapshot was announced; by the jobs under way:",
            self.kills, self.nights, self.after_announcing
        )?;
        for (job, kills) in &self.under_way {
            writeln!(f, "{kills:>6}  {job}")?;
        }
        Ok(())
    }
}

/// How a run of the night ended.
struct Ended {
    is_killed: bool,
    /// The jobs that it told of as they ended, and how long after the one before. Jobs side by side end in an order of their own each night.
    jobs: Vec<(String, Duration)>,
    /// The jobs that were under way when it ended.
    under_way: BTreeSet<String>,
    /// How long it took after the last of them.
    rest: Duration,
}

impl Ended {
    /// Names what was under way.
    fn during(&self) -> BTreeSet<String> {
        let named = |name: &str| BTreeSet::from([name.to_owned()]);
        match (self.under_way.is_empty(), self.jobs.is_empty()) {
            (false, _) => self.under_way.clone(),
            (true, true) => named("starting"),
            (true, false) => named("between jobs, or publishing tables"),
        }
    }
}

/// What a run says as it goes.
enum Said {
    /// An event of standard output: a job ended.
    Told(String),
    /// A line of the log: a job starts.
    Starts(String),
    /// A line of the log: a job ended.
    Ended(String),
}

/// Reads a line of the log; what is none is passed on.
fn logged(line: &str) -> Option<Said> {
    let Ok(event) = serde_json::from_str::<Value>(line) else {
        eprintln!("{line}");
        return None;
    };
    let fields = &event["fields"];
    let job = fields["job"].as_str()?.to_owned();
    match fields["message"].as_str()? {
        "a job starts" => Some(Said::Starts(job)),
        "a job ended" => Some(Said::Ended(job)),
        _ => None,
    }
}

/// When a run is killed: once it has told of so many jobs, and so long after that.
struct Moment {
    after_jobs: usize,
    and: Duration,
}

/// Runs the night; kills it at an instant where one is given that it lives to see.
fn night(lake: &Lake, instant: Option<&Moment>) -> Ended {
    let mut process = Command::new(program("pipeline"))
        .args(["--json", "--log", "pipeline=info", "--log-format", "json"])
        .args(["run", "nightly", "--slot", SLOT, "--jobs", AT_ONCE])
        .args(["--model", "none", "--lake"])
        .arg(lake.path())
        .current_dir(project())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = BufReader::new(process.stdout.take().unwrap());
    let stderr = BufReader::new(process.stderr.take().unwrap());
    let (tell, told) = mpsc::channel();
    let log = tell.clone();
    let reading = [
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let event = serde_json::from_str::<Value>(&line).unwrap_or_default();
                if let Some(job) = event["record"]["job"].as_str() {
                    let _ = tell.send(Said::Told(job.to_owned()));
                }
            }
        }),
        std::thread::spawn(move || {
            let lines = stderr.lines().map_while(Result::ok);
            lines.filter_map(|line| logged(&line)).for_each(|said| {
                let _ = log.send(said);
            });
        }),
    ];
    let mut under_way = BTreeSet::new();
    let mut take = |said: Said| match said {
        Said::Told(job) => Some(job),
        Said::Starts(job) => {
            under_way.insert(job);
            None
        }
        Said::Ended(job) => {
            under_way.remove(&job);
            None
        }
    };
    let (mut jobs, mut last) = (Vec::new(), Instant::now());
    loop {
        let due = instant.filter(|instant| jobs.len() >= instant.after_jobs);
        let next = match due {
            Some(instant) => told.recv_timeout(instant.and.saturating_sub(last.elapsed())),
            None => told.recv().map_err(RecvTimeoutError::from),
        };
        match next {
            // A job that ends sooner than it did undisturbed: the one after it is killed at once.
            Ok(said) => {
                if let Some(job) = take(said) {
                    jobs.push((job, last.elapsed()));
                    last = Instant::now();
                }
            }
            Err(RecvTimeoutError::Timeout) => break,
            // It closed its output: it ends.
            Err(RecvTimeoutError::Disconnected) => {
                let _ = process.wait();
                break;
            }
        }
    }
    let _ = process.kill();
    let status = process.wait().unwrap();
    for thread in reading {
        thread.join().unwrap();
    }
    // What it still said: a job that started or ended just before.
    let told = told.into_iter().filter_map(&mut take);
    jobs.extend(told.map(|job| (job, Duration::ZERO)));
    let is_killed = status.code().is_none();
    assert!(
        is_killed || status.success(),
        "the night ended with {status}"
    );
    let rest = last.elapsed();
    Ended {
        is_killed,
        jobs,
        under_way,
        rest,
    }
}

/// Every object of a lake that a run makes, but for what tells of runs: paths and digests. What was killed may leave no trace among them. Of a
/// snapshot the names only, and those without what lance draws by chance: its id stands for the content, which is verified.
pub(crate) fn objects(lake: &Lake) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![lake.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path
                .strip_prefix(lake.path())
                .unwrap()
                .display()
                .to_string();
            let is_left_out = OF_RUNS.contains(&name.as_str()) || name.ends_with(".lance");
            if path.is_dir() && !is_left_out {
                folders.push(path);
            } else if path.is_file() {
                let digest = || {
                    blake3::hash(&std::fs::read(&path).unwrap())
                        .to_hex()
                        .to_string()
                };
                let is_snapshot = name.starts_with("snapshots/");
                let digest = if is_snapshot { String::new() } else { digest() };
                found.insert(name, digest);
            }
        }
    }
    found
}

/// Makes a lake of which an earlier market is announced, and the rest has landed since.
fn with_yesterday(scale: u32) -> Lake {
    let lake = Lake::with_demo(scale);
    let held_back = ["companies", "offers", "bids", "queries"];
    let mut kept = Vec::new();
    for table in held_back {
        let mut files: Vec<_> = std::fs::read_dir(lake.file(&format!("landing/{table}")))
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
            .collect();
        files.sort();
        if files.len() > 1 {
            kept.extend(files.pop());
        }
    }
    assert!(!kept.is_empty(), "some table has several landing files");
    for file in &kept {
        std::fs::rename(file, file.with_extension("part")).unwrap();
    }
    let ran = lake.run_for("2026-11-19", "nightly", &["--model", "none"], &[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    for file in &kept {
        std::fs::rename(file.with_extension("part"), file).unwrap();
    }
    lake
}

/// Draws an instant from what is left of a night, rather its beginning than its end, so that a night is killed often before it is over:
/// half of them by the time that the undisturbed night took, half by its jobs, so that short ones are met too.
fn drawn(whole: &Ended, made: usize, lottery: &mut Lottery) -> Moment {
    let lasted = whole.jobs.iter().map(|(_, lasted)| *lasted);
    let lasted: Vec<Duration> = lasted.chain([whole.rest]).collect();
    // Some in what is skipped, too.
    let from = if lottery.draw() < 0.1 { 0 } else { made };
    let is_by_job = lottery.draw() < 0.5;
    let share = lottery.draw() * lottery.draw();
    if is_by_job {
        let after_jobs = from + ((lasted.len() - from) as f64 * share) as usize;
        let and = lasted[after_jobs].mul_f64(lottery.draw());
        return Moment { after_jobs, and };
    }
    let mut and = lasted[from..].iter().sum::<Duration>().mul_f64(share);
    let mut after_jobs = from;
    while after_jobs + 1 < lasted.len() && and >= lasted[after_jobs] {
        and -= lasted[after_jobs];
        after_jobs += 1;
    }
    Moment { after_jobs, and }
}

/// Kills nights until there were so many kills; each night is killed until it ends by itself, and must then have made what an
/// undisturbed one makes.
pub(super) fn kill_again_and_again(plan: Plan) -> Told {
    let yesterday = with_yesterday(plan.scale);
    let old = yesterday.announced().unwrap();
    let undisturbed = Lake::copy_of(&yesterday);
    let whole = night(&undisturbed, None);
    let wanted = (undisturbed.announced().unwrap(), objects(&undisturbed));
    assert_ne!(wanted.0, old, "the night announces something new");
    let mut lottery = Lottery::new(plan.seed);
    let mut told = Told::default();
    while told.kills < plan.kills {
        told.nights += 1;
        let lake = Lake::copy_of(&yesterday);
        // What is left of the night, by what it told so far: later runs skip what earlier ones made.
        let (mut made, mut late) = (0, 0);
        loop {
            // The last kill of the plan is followed by a run to the end; and so are some in the publication, which is made anew each
            // time: every night would stay there.
            let goes_on = told.kills < plan.kills && late < LATE;
            let moment = goes_on.then(|| drawn(&whole, made, &mut lottery));
            let ended = night(&lake, moment.as_ref());
            if !ended.is_killed {
                break;
            }
            made = made.max(ended.jobs.len());
            told.kills += 1;
            let during = ended.during();
            let under_way: Vec<&str> = during.iter().map(String::as_str).collect();
            let is_late = |job: &&str| job.contains("publish");
            late += u32::from(under_way.iter().any(is_late));
            let under_way = under_way.join(", ");
            println!("kill {} in night {}: {under_way}", told.kills, told.nights);
            for job in during {
                *told.under_way.entry(job).or_default() += 1;
            }
            let announced = lake.announced().expect("something is always announced");
            assert!(
                announced == old || announced == wanted.0,
                "{announced} was never audited"
            );
            told.after_announcing += u32::from(announced != old);
            let verified = lake.snapshot(&["verify"]);
            assert!(
                verified.is_success(),
                "after a kill in {under_way}: {}",
                verified.stderr
            );
        }
        assert_eq!(lake.announced().as_ref(), Some(&wanted.0));
        assert!(lake.snapshot(&["verify"]).is_success());
        let found = objects(&lake);
        let differing = |found: &BTreeMap<String, String>, other: &BTreeMap<String, String>| {
            let differs = found
                .iter()
                .filter(|(path, digest)| other.get(*path) != Some(digest));
            differs
                .map(|(path, _)| path.clone())
                .take(10)
                .collect::<Vec<_>>()
        };
        let (extra, lost) = (differing(&found, &wanted.1), differing(&wanted.1, &found));
        assert!(
            extra.is_empty() && lost.is_empty(),
            "more or other: {extra:?}; lost or other: {lost:?}"
        );
    }
    told
}
