//! The reliability diagram of a likelihood: what it said, what happened, and of how many deals.

use deals::ModelCard;
use plotters::prelude::*;
use tabular::metrics::ReliabilityBin;

use super::frame::{Area, Drawn, GRID, INK, WANTED, WIDTH, WORDS, count, titled, words};

const HEIGHT: u32 = 860;
/// Height of the counts below the diagram.
const COUNTS: u32 = 150;

pub(super) fn draw(card: &ModelCard, svg: &mut String) -> Drawn {
    let root = SVGBackend::with_string(svg, (WIDTH, HEIGHT)).into_drawing_area();
    let metric = |name: &str| card.metrics.get(name).copied().unwrap_or(f64::NAN);
    let said = format!(
        "log loss {:.4} (base rate {:.4}) · calibration error {:.4}",
        metric("loss"),
        metric("constant_loss"),
        metric("calibration_error")
    );
    let below = titled(&root, card, &said)?;
    let (diagram, counts) = below.split_vertically(below.dim_in_pixel().1 - COUNTS);
    draw_diagram(&diagram, &card.reliability)?;
    draw_counts(&counts, &card.reliability)?;
    root.present()?;
    Ok(())
}

fn draw_diagram(area: &Area<'_>, bins: &[ReliabilityBin]) -> Drawn {
    let mut chart = ChartBuilder::on(area)
        .margin_left(12)
        .margin_right(24)
        .margin_top(10)
        .x_label_area_size(44)
        .y_label_area_size(64)
        .build_cartesian_2d(0.0..1.0, 0.0..1.0)?;
    chart
        .configure_mesh()
        .x_labels(11)
        .y_labels(11)
        .x_label_formatter(&percent)
        .y_label_formatter(&percent)
        .x_desc("said")
        .y_desc("happened")
        .label_style(words(12))
        .axis_desc_style(words(14))
        .axis_style(WORDS)
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .draw()?;
    chart.draw_series(LineSeries::new(
        [(0.0, 0.0), (1.0, 1.0)],
        WANTED.stroke_width(1),
    ))?;
    // Where the share of so many deals lies nineteen times in twenty, whatever its true value near it (Wilson, 1927).
    let likely = bins.iter().map(|bin| {
        let (low, high) = wilson(bin.happened, bin.rows as f64);
        PathElement::new(
            [(bin.said, low), (bin.said, high)],
            INK.mix(0.45).stroke_width(2),
        )
    });
    chart.draw_series(likely)?;
    let line = bins.iter().map(|bin| (bin.said, bin.happened));
    chart.draw_series(LineSeries::new(line, INK.stroke_width(2)))?;
    let dots = bins
        .iter()
        .map(|bin| Circle::new((bin.said, bin.happened), 5, INK.filled()));
    chart.draw_series(dots)?;
    Ok(())
}

fn draw_counts(area: &Area<'_>, bins: &[ReliabilityBin]) -> Drawn {
    let most = bins.iter().map(|bin| bin.rows).max().unwrap_or(1).max(1) as f64;
    let mut chart = ChartBuilder::on(area)
        .margin_left(12)
        .margin_right(24)
        .margin_bottom(14)
        .x_label_area_size(0)
        .y_label_area_size(64)
        // Room for the counts above the bars.
        .build_cartesian_2d(0.0..1.0, 0.0..most * 1.25)?;
    chart
        .configure_mesh()
        .disable_mesh()
        .y_labels(3)
        .y_label_formatter(&|rows| count(*rows as usize))
        .y_desc("deals")
        .label_style(words(12))
        .axis_desc_style(words(14))
        .axis_style(WORDS)
        .draw()?;
    let width = 1.0 / bins.len().max(10) as f64;
    let place = |bin: &ReliabilityBin| ((bin.said / width).floor() * width).min(1.0 - width);
    let bars = bins.iter().map(|bin| {
        let left = place(bin);
        let corners = [
            (left + 0.08 * width, 0.0),
            (left + 0.92 * width, bin.rows as f64),
        ];
        Rectangle::new(corners, INK.mix(0.55).filled())
    });
    chart.draw_series(bars)?;
    use plotters::style::text_anchor::{HPos, Pos, VPos};
    let style = words(11).pos(Pos::new(HPos::Center, VPos::Bottom));
    let counts = bins.iter().map(|bin| {
        let above = (place(bin) + width / 2.0, bin.rows as f64 + most * 0.03);
        Text::new(count(bin.rows), above, style.clone())
    });
    chart.draw_series(counts)?;
    Ok(())
}

fn percent(share: &f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// The interval of a share of so many rows at 95 % (Wilson, *Probable inference*, JASA 1927).
fn wilson(share: f64, rows: f64) -> (f64, f64) {
    let z = 1.96_f64;
    let scale = 1.0 + z * z / rows;
    let centre = (share + z * z / (2.0 * rows)) / scale;
    let reach = z / scale * (share * (1.0 - share) / rows + z * z / (4.0 * rows * rows)).sqrt();
    ((centre - reach).max(0.0), (centre + reach).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_share_narrows_with_rows_and_stays_within_bounds() {
        // Wilson's own arithmetic for 5 of 10.
        let (low, high) = wilson(0.5, 10.0);
        assert!(
            (low - 0.2366).abs() < 1e-3 && (high - 0.7634).abs() < 1e-3,
            "{low} {high}"
        );
        let (narrow_low, narrow_high) = wilson(0.5, 1000.0);
        assert!(low < narrow_low && narrow_high < high);
        assert_eq!(wilson(0.0, 20.0).0, 0.0);
        assert!(wilson(1.0, 20.0).1 <= 1.0);
    }
}
