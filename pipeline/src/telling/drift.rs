//! The columns that moved most, as their gates measured them, with what they look like then and now.

use std::collections::{BTreeMap, BTreeSet};

use quality::{ColumnProfile, Profile, Sketch};
use report::run::{Bar, Drift};
use schemas::{GateReading, Verdict};

use super::story::{Story, Told};

/// Columns that are drawn.
const MOST: usize = 8;
/// Stretches that numbers are drawn in, and values that are drawn by name.
const BINS: usize = 16;
const NAMES: usize = 8;
/// From where numbers spread so far that they are drawn by their logarithms.
const WIDE: f64 = 50.0;

/// Returns the columns that moved most beside their limits.
pub(super) fn drift(story: &Story) -> Vec<Drift> {
    let mut found: Vec<(f64, Drift)> = story.jobs.iter().flat_map(of_job).collect();
    let name = |one: &Drift| (one.table.clone(), one.column.clone());
    found.sort_by(|(a, one), (b, other)| b.total_cmp(a).then_with(|| name(one).cmp(&name(other))));
    found.truncate(MOST);
    found.into_iter().map(|(_, one)| one).collect()
}

/// Says whether a job's gates measured how far a column moved.
pub(super) fn is_measured(gates: &[GateReading]) -> bool {
    gates.iter().any(|reading| distance(reading).is_some())
}

/// How far a column moved, as a part of its limit.
fn distance(reading: &GateReading) -> Option<f64> {
    let (value, limit) = (reading.value?, reading.threshold?);
    (reading.check == "drift" && value > 0.0).then(|| value / limit.max(f64::MIN_POSITIVE))
}

fn of_job(job: &Told) -> Vec<(f64, Drift)> {
    let profile = |of: &Option<crate::artefact::Artefact>| of.as_ref()?.profile.clone();
    let (Some(was), Some(is)) = (profile(&job.before), profile(&job.made)) else {
        return Vec::new();
    };
    let gates = job.record.gates.iter();
    gates
        .filter_map(|reading| {
            let far = distance(reading)?;
            Some((far, of_column(reading, [&was, &is])?))
        })
        .collect()
}

fn of_column(reading: &GateReading, profiles: [&Profile; 2]) -> Option<Drift> {
    let name = reading.column.as_ref()?;
    let [was, is] = profiles.map(|profile| profile.columns.get(name));
    let (was, is) = (was?, is?);
    let (is_ordered, bars) = match (&was.numbers, &is.numbers) {
        (Some(was), Some(is)) => (true, of_numbers([was, is])),
        _ => (false, of_values([was, is])?),
    };
    Some(Drift {
        table: reading.table.clone(),
        column: name.clone(),
        detail: reading.detail.clone(),
        is_over: reading.verdict >= Verdict::Warned,
        is_ordered,
        rows: profiles.map(|profile| profile.rows),
        bars,
    })
}

/// The numbers of a sketch, each as the middle of its bin, with how often it came.
fn numbers(sketch: &Sketch) -> Vec<(f64, u64)> {
    let middle = |bin| Sketch::from(vec![(bin, 1)]).quantile(0.5);
    let all = sketch.bins();
    all.filter_map(|(bin, count)| Some((middle(bin)?, count)))
        .collect()
}

fn of_numbers(sketches: [&Sketch; 2]) -> Vec<Bar> {
    let all = sketches.map(numbers);
    let ends = ends(sketches);
    let shares = all.map(|numbers| {
        let mut counts = vec![0_u64; ends.len() + 1];
        for (number, count) in &numbers {
            counts[ends.partition_point(|end| end <= number)] += count;
        }
        let total = counts.iter().sum::<u64>().max(1) as f64;
        counts.into_iter().map(move |count| count as f64 / total)
    });
    let label = |place: usize| match (
        place.checked_sub(1).and_then(|at| ends.get(at)),
        ends.get(place),
    ) {
        (None, Some(end)) => format!("under {}", short(*end)),
        (Some(start), None) => format!("from {}", short(*start)),
        (Some(start), Some(end)) => format!("{} to {}", short(*start), short(*end)),
        (None, None) => "all".to_owned(),
    };
    let [was, is] = shares;
    let bars = was.zip(is).enumerate();
    bars.map(|(place, (was, is))| Bar {
        label: label(place),
        was,
        is,
    })
    .collect()
}

/// Bounds between stretches, so that all but the outermost hundredth of the numbers of either side lies in stretches of one width, or of one ratio where they spread far.
fn ends(sketches: [&Sketch; 2]) -> Vec<f64> {
    let quantile = |share: f64| sketches.map(|sketch| sketch.quantile(share));
    let outer = |of: [Option<f64>; 2], pick: fn(f64, f64) -> f64| match of {
        [Some(a), Some(b)] => pick(a, b),
        [a, b] => a.or(b).unwrap_or(0.0),
    };
    let low = outer(quantile(0.01), f64::min);
    let high = outer(quantile(0.99), f64::max);
    let inner = (BINS - 2) as f64;
    let steps = 0..=BINS - 2;
    let mut ends: Vec<f64> = match low > 0.0 && high / low > WIDE {
        true => steps
            .map(|step| low * (high / low).powf(step as f64 / inner))
            .collect(),
        false => steps
            .map(|step| low + (high - low) * step as f64 / inner)
            .collect(),
    };
    ends.dedup_by(|a, b| a == b);
    ends
}

/// Values by name, the most frequent first and the rest together; none where either side has too many.
fn of_values(columns: [&ColumnProfile; 2]) -> Option<Vec<Bar>> {
    let [was, is] = columns.map(|column| column.values.as_ref());
    let counts: [&BTreeMap<String, u64>; 2] = [was?, is?];
    let totals = counts.map(|of| of.values().sum::<u64>().max(1) as f64);
    let share = |side: usize, value: &str| {
        counts[side].get(value).copied().unwrap_or(0) as f64 / totals[side]
    };
    let names: BTreeSet<&String> = counts.iter().flat_map(|of| of.keys()).collect();
    let mut bars: Vec<Bar> = names
        .into_iter()
        .map(|name| Bar {
            label: name.clone(),
            was: share(0, name),
            is: share(1, name),
        })
        .collect();
    bars.sort_by(|a, b| b.was.max(b.is).total_cmp(&a.was.max(a.is)));
    if bars.len() > NAMES {
        let rest = bars.split_off(NAMES - 1);
        bars.push(Bar {
            label: format!("{} others", rest.len()),
            was: rest.iter().map(|bar| bar.was).sum(),
            is: rest.iter().map(|bar| bar.is).sum(),
        });
    }
    Some(bars)
}

/// A number as axes have it.
fn short(number: f64) -> String {
    let size = number.abs();
    let (scaled, unit) = match size {
        1e9.. => (number / 1e9, " G"),
        1e6.. => (number / 1e6, " M"),
        1e4.. => (number / 1e3, " k"),
        _ => (number, ""),
    };
    let text = match scaled.abs() {
        100.0.. => format!("{scaled:.0}"),
        10.0.. => format!("{scaled:.1}"),
        _ => format!("{scaled:.2}"),
    };
    let text = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => text.as_str(),
    };
    format!("{text}{unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(numbers: impl Iterator<Item = f64>) -> Sketch {
        let mut sketch = Sketch::default();
        numbers.for_each(|number| sketch.add(number));
        sketch
    }

    #[test]
    fn stretches_hold_every_number_once_and_show_what_moved() {
        let was = sketch((1..=1_000).map(f64::from));
        let is = sketch((1..=1_000).map(|number| f64::from(number) * 10.0));
        let bars = of_numbers([&was, &is]);
        assert_eq!(bars.len(), BINS);
        for side in [|bar: &Bar| bar.was, |bar: &Bar| bar.is] {
            let sum: f64 = bars.iter().map(side).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        }
        let upper: Vec<&Bar> = bars.iter().skip(BINS / 2 + 3).collect();
        assert!(upper.iter().all(|bar| bar.was < bar.is), "{bars:?}");
        // The same twice does not move.
        assert!(of_numbers([&was, &was]).iter().all(|bar| bar.was == bar.is));
    }

    #[test]
    fn one_number_only_is_drawn_all_the_same() {
        let one = sketch(std::iter::repeat_n(5.0, 60));
        let bars = of_numbers([&one, &one]);
        assert!(
            (bars.iter().map(|bar| bar.is).sum::<f64>() - 1.0).abs() < 1e-9,
            "{bars:?}"
        );
    }

    #[test]
    fn rare_values_are_drawn_together() {
        let values = |first: u64| -> BTreeMap<String, u64> {
            let rest = (0..20).map(|place| (format!("v{place}"), 1));
            rest.chain([("most".to_owned(), first)]).collect()
        };
        let column = |first: u64| ColumnProfile {
            nulls: 0,
            min: None,
            max: None,
            distinct: 21,
            registers: quality::Distinct::default(),
            numbers: None,
            values: Some(values(first)),
            days: None,
        };
        let bars = of_values([&column(80), &column(20)]).unwrap();
        assert_eq!((bars.len(), bars[0].label.as_str()), (NAMES, "most"));
        assert_eq!((bars[0].was, bars[0].is), (0.8, 0.5));
        assert_eq!(bars[NAMES - 1].label, "14 others");
        assert!((bars.iter().map(|bar| bar.is).sum::<f64>() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn numbers_are_short() {
        for (number, text) in [
            (0.0, "0"),
            (1.016, "1.02"),
            (125.0, "125"),
            (45_000.0, "45 k"),
            (-1.5e6, "-1.5 M"),
            (100.0, "100"),
        ] {
            assert_eq!(short(number), text);
        }
    }
}
