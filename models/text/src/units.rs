//! Units of measure and the canonical unit that each is counted in.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::numbers::{Number, scaled};
use crate::scan::View;

/// A unit as written (folded).
struct Unit {
    written: &'static str,
    canonical: &'static str,
    /// Power of ten to the canonical unit.
    power: i32,
    /// Whether it is read after a space too (`5 m`, but not `5 a`).
    is_spaced: bool,
}

const fn unit(written: &'static str, canonical: &'static str, power: i32) -> Unit {
    Unit {
        written,
        canonical,
        power,
        is_spaced: true,
    }
}

const fn glued(written: &'static str, canonical: &'static str, power: i32) -> Unit {
    Unit {
        written,
        canonical,
        power,
        is_spaced: false,
    }
}

const UNITS: &[Unit] = &[
    unit("μm", "mm", -3),
    unit("um", "mm", -3),
    unit("micron", "mm", -3),
    unit("microns", "mm", -3),
    unit("mm", "mm", 0),
    unit("cm", "mm", 1),
    unit("dm", "mm", 2),
    unit("m", "mm", 3),
    unit("km", "km", 0),
    unit("millimetre", "mm", 0),
    unit("millimetres", "mm", 0),
    unit("metre", "mm", 3),
    unit("metres", "mm", 3),
    unit("mm2", "mm2", 0),
    unit("cm2", "mm2", 2),
    unit("m2", "mm2", 6),
    unit("ha", "ha", 0),
    unit("cm3", "l", -3),
    unit("m3", "l", 3),
    unit("l", "l", 0),
    unit("litre", "l", 0),
    unit("litres", "l", 0),
    unit("ml", "l", -3),
    unit("cl", "l", -2),
    unit("hl", "l", 2),
    unit("mg", "kg", -6),
    unit("g", "kg", -3),
    unit("kg", "kg", 0),
    unit("t", "kg", 3),
    unit("tonne", "kg", 3),
    unit("tonnes", "kg", 3),
    unit("bar", "bar", 0),
    unit("bars", "bar", 0),
    unit("kpa", "mpa", -3),
    unit("mpa", "mpa", 0),
    unit("gpa", "mpa", 3),
    glued("n", "n", 0),
    unit("kn", "n", 3),
    unit("dan", "n", 1),
    unit("nm", "nm", 0),
    unit("w", "w", 0),
    unit("kw", "w", 3),
    unit("mw", "mw", 0),
    unit("kwh", "kwh", 0),
    unit("kva", "kva", 0),
    unit("cv", "cv", 0),
    unit("v", "v", 0),
    unit("kv", "v", 3),
    glued("a", "a", 0),
    unit("ma", "ma", 0),
    unit("hz", "hz", 0),
    unit("khz", "hz", 3),
    unit("mhz", "hz", 6),
    unit("ghz", "hz", 9),
    unit("db", "db", 0),
    unit("dpi", "dpi", 0),
    unit("tr/min", "tr/min", 0),
    unit("tours/min", "tr/min", 0),
    unit("rpm", "tr/min", 0),
    unit("m/min", "m/min", 0),
    unit("m/s", "m/s", 0),
    unit("km/h", "km/h", 0),
    unit("h", "h", 0),
    unit("heure", "h", 0),
    unit("heures", "h", 0),
    unit("min", "min", 0),
    glued("s", "s", 0),
    unit("ms", "ms", 0),
    unit("%", "%", 0),
    unit("°", "°", 0),
    unit("°c", "°c", 0),
    unit("€", "€", 0),
    unit("eur", "€", 0),
    unit("euro", "€", 0),
    unit("euros", "€", 0),
    unit("k€", "€", 3),
    unit("keur", "€", 3),
    unit("hrc", "hrc", 0),
    unit("hrb", "hrb", 0),
    unit("hv", "hv", 0),
    unit("hb", "hb", 0),
    unit("axe", "axe", 0),
    unit("axes", "axe", 0),
    unit("axis", "axe", 0),
    unit("dm3", "l", 0),
    unit("dm2", "mm2", 4),
    unit("degre", "°", 0),
    unit("degres", "°", 0),
    unit("kg/m3", "kg/m3", 0),
    unit("g/cm3", "kg/m3", 3),
    unit("g/m2", "g/m2", 0),
    unit("g/l", "g/l", 0),
    unit("n/mm2", "mpa", 0),
    unit("n.m", "nm", 0),
    unit("n·m", "nm", 0),
    unit("a/dm2", "a/dm2", 0),
    unit("mm/min", "m/min", -3),
    unit("l/min", "l/min", 0),
    unit("l/h", "l/h", 0),
    unit("m3/h", "l/h", 3),
    unit("kg/h", "kg/h", 0),
    unit("t/h", "kg/h", 3),
    unit("μf", "nf", 3),
    unit("nf", "nf", 0),
    unit("ω", "ω", 0),
    unit("ohm", "ω", 0),
    unit("ohms", "ω", 0),
    unit("kω", "ω", 3),
    unit("volt", "v", 0),
    unit("volts", "v", 0),
    unit("vac", "v", 0),
    unit("vdc", "v", 0),
    unit("vcc", "v", 0),
    unit("watts", "w", 0),
    unit("m€", "€", 6),
];

/// A number with its unit.
pub(crate) struct Measured {
    /// `0.02mm`
    pub(crate) term: String,
    /// The canonical unit.
    pub(crate) unit: &'static str,
    /// The value in the canonical unit.
    pub(crate) value: String,
    /// Power of ten to the canonical unit.
    pub(crate) power: i32,
    /// Index after the unit.
    pub(crate) end: usize,
}

static BY_NAME: LazyLock<HashMap<&'static str, &'static Unit>> =
    LazyLock::new(|| UNITS.iter().map(|unit| (unit.written, unit)).collect());

/// Reads the unit after `number`, glued or one space away (`5-axes` by a hyphen).
pub(crate) fn measured(view: &View<'_>, number: &Number) -> Option<Measured> {
    let gap = view.is(number.end, |ch| ch == ' ' || ch == '-');
    let at = number.end + usize::from(gap);
    let part = |ch: char| ch.is_alphanumeric() || matches!(ch, '%' | '°' | '€');
    let plain_end = view.run(at, part);
    let whole_end = view.run(at, |ch| part(ch) || matches!(ch, '/' | '.' | '·'));
    if plain_end == at && whole_end == at {
        return None;
    }
    // `20 h/semaine`: where the whole is no unit, what stands before the slash may be one.
    let whole = Some(whole_end).filter(|end| *end > plain_end);
    let ends = [whole, whole.map(|end| end - 1), Some(plain_end)];
    ends.into_iter().flatten().find_map(|end| {
        let unit = *BY_NAME.get(view.text(at, end).as_str())?;
        let is_axis = unit.canonical == "axe";
        let is_allowed = match view.at(number.end) {
            Some(' ') => unit.is_spaced,
            Some('-') => is_axis,
            _ => true,
        };
        // `5 m'a…`: an apostrophe makes the letter an elision.
        let is_elided = view.at(end) == Some('\'');
        let value = scaled(&number.digits, unit.power);
        (is_allowed && !is_elided).then(|| Measured {
            term: format!("{value}{}", unit.canonical),
            unit: unit.canonical,
            value,
            power: unit.power,
            end,
        })
    })
}
