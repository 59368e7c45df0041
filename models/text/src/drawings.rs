//! Signs of a technical drawing: tolerances, diameters, bores, roughness, threads and dimensions.

use crate::grades::is_fit;
use crate::numbers::{Number, number, scaled};
use crate::scan::View;
use crate::technical::Found;
use crate::token::Kind;
use crate::units::measured;

/// `± 0,02 mm`, after the sign.
pub(crate) fn tolerance(view: &View<'_>, at: usize) -> Option<Found> {
    let number = number(view, view.skip_space(at))?;
    match measured(view, &number) {
        Some(measured) => Found::one(measured.term, Kind::Tolerance, measured.end),
        None => Found::one(in_millimetres(&number), Kind::Tolerance, number.end),
    }
}

/// `+0,02/-0,01 mm`, after the first sign: both limits, in millimetres.
pub(crate) fn limits(view: &View<'_>, at: usize) -> Option<Found> {
    let upper = number(view, at)?;
    let slash = view.skip_space(upper.end);
    let sign = view.skip_space(slash + usize::from(view.at(slash) == Some('/')));
    if view.at(sign) != Some('-') {
        return None;
    }
    let lower = number(view, sign + 1)?;
    let (unit, end) = match measured(view, &lower) {
        Some(found) if found.unit == "mm" => (found.power, found.end),
        _ if view.is(lower.end, char::is_alphanumeric) => return None,
        _ => (0, lower.end),
    };
    let term = format!(
        "+{}/-{}mm",
        scaled(&upper.digits, unit),
        scaled(&lower.digits, unit)
    );
    Found::one(term, Kind::Tolerance, end)
}

/// On a drawing a bare number is in millimetres.
fn in_millimetres(number: &Number) -> String {
    format!("{}mm", scaled(&number.digits, 0))
}

/// `Ø12`, after the sign; `Ø12H7` up to its fit.
pub(crate) fn diameter(view: &View<'_>, at: usize) -> Option<Found> {
    let number = number(view, at)?;
    match measured(view, &number) {
        Some(found) if found.unit == "mm" => {
            Found::one(format!("ø{}", found.value), Kind::Measure, found.end)
        }
        _ if view.is(number.end, char::is_alphanumeric) && !is_before_fit(view, number.end) => None,
        _ => Found::one(
            format!("ø{}", scaled(&number.digits, 0)),
            Kind::Measure,
            number.end,
        ),
    }
}

/// `12H7`: a bore or a shaft, up to its fit. Grades of one digit only: `8h10` is a time.
pub(crate) fn bore(view: &View<'_>, at: usize) -> Option<Found> {
    let end = view.run(at, |ch| ch.is_ascii_digit());
    let letters_end = view.letters(end);
    let is_bore = view.at(at) != Some('0')
        && end - at <= 3
        && !view.is(end, is_times)
        && is_before_fit(view, end)
        && !view.is(letters_end + 1, char::is_alphanumeric);
    if !is_bore {
        return None;
    }
    Found::one(format!("ø{}", view.text(at, end)), Kind::Measure, end)
}

fn is_before_fit(view: &View<'_>, at: usize) -> bool {
    let end = view.run(at, |ch| ch.is_ascii_alphanumeric());
    end > at && !view.is(end, char::is_alphanumeric) && is_fit(&view.text(at, end))
}

/// `Ra 0,8`, `Rz ≤ 6,3 µm`.
pub(crate) fn roughness(view: &View<'_>, word: &str, at: usize) -> Option<Found> {
    let at = view.skip_space(view.run(at, |ch| matches!(ch, '<' | '≤' | '=' | ':')));
    let number = number(view, at)?;
    let end = match measured(view, &number) {
        Some(found) if found.unit == "mm" => found.end,
        _ if view.is(number.end, char::is_alphanumeric) => return None,
        _ => number.end,
    };
    Found::one(
        format!("{word}{}", scaled(&number.digits, 0)),
        Kind::Tolerance,
        end,
    )
}

/// Metric threads with their pitch and class, after the letter: `M8x1,25`, `M8 x 1.25`, `M12x1,75-6H`.
pub(crate) fn thread(view: &View<'_>, at: usize) -> Option<Found> {
    let number_end = view.run(at, |ch| ch.is_ascii_digit());
    let times = view.skip_space(number_end);
    if number_end == at || !view.is(times, is_times) {
        return None;
    }
    let pitch = number(view, view.skip_space(times + 1))?;
    if view.is(pitch.end, char::is_alphanumeric) {
        return None;
    }
    let base = format!("m{}", view.text(at, number_end));
    let whole = format!("{base}x{}", scaled(&pitch.digits, 0));
    let mut terms = vec![(base, Kind::Code), (whole.clone(), Kind::Code)];
    let mut end = pitch.end;
    let class_end = view.run(end + 1, |ch| ch.is_ascii_alphanumeric());
    let class = view.text(end + 1, class_end);
    if view.at(end) == Some('-')
        && matches!(class.as_str(), "4h" | "5h" | "6h" | "6g" | "6e" | "7h")
    {
        terms.push((format!("{whole}-{class}"), Kind::Code));
        end = class_end;
    }
    Some(Found { terms, end })
}

/// `5 x 10 x 20 mm`, `5mm×10mm`, `3 x 8`: one term, in the unit of the last.
pub(crate) fn dimensions(view: &View<'_>, first: &Number) -> Option<Found> {
    let mut numbers = vec![first.clone()];
    let mut end = after_unit(view, first);
    loop {
        let times = view.skip_space(end);
        if !view.is(times, is_times) {
            break;
        }
        let Some(next) = number(view, view.skip_space(times + 1)) else {
            break;
        };
        end = after_unit(view, &next);
        numbers.push(next);
    }
    let last = numbers.last().filter(|_| numbers.len() > 1)?;
    let unit = measured(view, last);
    let (name, power) = unit
        .as_ref()
        .map_or(("", 0), |unit| (unit.unit, unit.power));
    let mut term = String::new();
    // Sides without a unit are in that of the last; `2 x 500 kg` begins with a count.
    let power = if name == "mm" { power } else { 0 };
    for number in &numbers {
        let own = measured(view, number).map_or(power, |own| own.power);
        let is_other = measured(view, number).is_some_and(|own| own.unit != name);
        if is_other {
            return None;
        }
        if !term.is_empty() {
            term.push('x');
        }
        term.push_str(&scaled(&number.digits, own));
    }
    if view.is(end, char::is_alphanumeric) {
        return None;
    }
    let kind = if name.is_empty() {
        Kind::Code
    } else {
        Kind::Measure
    };
    Found::one(term + name, kind, end)
}

fn after_unit(view: &View<'_>, number: &Number) -> usize {
    measured(view, number).map_or(number.end, |found| found.end)
}

fn is_times(ch: char) -> bool {
    matches!(ch, 'x' | '×' | '*')
}
