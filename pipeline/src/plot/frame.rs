//! What all plots share: colours, sizes, titles.

use deals::ModelCard;
use plotters::prelude::*;

use crate::rows;

/// A part of the drawing.
pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
/// How drawing fails; nothing does, where it writes to memory.
pub(super) type Drawn = Result<(), Box<dyn std::error::Error>>;

/// What was measured.
pub(super) const INK: RGBColor = RGBColor(31, 94, 157);
/// What is wanted.
pub(super) const WANTED: RGBColor = RGBColor(196, 78, 58);
/// Axes and words.
pub(super) const WORDS: RGBColor = RGBColor(60, 64, 70);
/// Lines behind all.
pub(super) const GRID: RGBColor = RGBColor(232, 234, 237);

/// Width of every plot.
pub(super) const WIDTH: u32 = 720;
/// Height of the title.
const TITLE: u32 = 62;

/// A style of words of a size.
pub(super) fn words(size: u32) -> TextStyle<'static> {
    ("sans-serif", f64::from(size)).into_font().color(&WORDS)
}

/// Writes the title and one line below it; returns what is left to draw on.
pub(super) fn titled<'a>(
    root: &Area<'a>,
    card: &ModelCard,
    said: &str,
) -> Result<Area<'a>, Box<dyn std::error::Error>> {
    root.fill(&WHITE)?;
    let until = rows::date_text(card.data_until_day);
    let title = format!("{} {}", card.name, card.version);
    let data = format!("{said} · {} deals until {until}", count(card.deals));
    root.draw(&Text::new(title, (20, 14), words(19)))?;
    root.draw(&Text::new(data, (20, 40), words(13)))?;
    let (_, below) = root.split_vertically(TITLE);
    Ok(below)
}

/// A count with its thousands apart.
pub(super) fn count(of: usize) -> String {
    let digits = of.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = groups.map(|group| String::from_utf8_lossy(group)).collect();
    groups.join(",")
}
