//! How prices held over time: coverage and loss by block, each judged by what was fitted on all before it.

use deals::ModelCard;
use plotters::prelude::*;

use super::frame::{Area, Drawn, GRID, INK, WANTED, WIDTH, WORDS, count, titled, words};

const HEIGHT: u32 = 640;
/// The share of prices that the outer levels promise.
const PROMISED: f64 = 0.8;

/// One panel.
struct Panel<'a> {
    /// The measure, as the card names it.
    measure: &'a str,
    /// The line that it should lie at or about.
    wanted: f64,
    /// What the line is.
    wanted_is: String,
    range: std::ops::Range<f64>,
    label: fn(&f64) -> String,
}

pub(super) fn draw(card: &ModelCard, svg: &mut String) -> Drawn {
    let root = SVGBackend::with_string(svg, (WIDTH, HEIGHT)).into_drawing_area();
    let metric = |name: &str| card.metrics.get(name).copied().unwrap_or(f64::NAN);
    let said = format!(
        "pinball loss {:.4} (constant {:.4}) · coverage {:.1} %",
        metric("loss"),
        metric("constant_loss"),
        metric("coverage") * 100.0
    );
    let below = titled(&root, card, &said)?;
    let (coverage, loss) = below.split_vertically(below.dim_in_pixel().1 / 2);
    let coverages = values(card, "coverage");
    let least = coverages.iter().copied().fold(PROMISED, f64::min);
    let panel = Panel {
        measure: "coverage",
        wanted: PROMISED,
        wanted_is: "promised: 80 %".to_owned(),
        range: (least - 0.1).clamp(0.0, 0.5)..1.05,
        label: |share| format!("{:.0} %", share * 100.0),
    };
    draw_panel(&coverage, card, &panel)?;
    let losses = values(card, "loss");
    let overall = metric("calibrated_loss");
    let most = losses.iter().copied().fold(overall, f64::max);
    let panel = Panel {
        measure: "loss",
        wanted: overall,
        wanted_is: format!("over folds by deal: {overall:.4}"),
        range: 0.0..most * 1.3,
        label: |loss| format!("{loss:.2}"),
    };
    draw_panel(&loss, card, &panel)?;
    root.present()?;
    Ok(())
}

fn values(card: &ModelCard, measure: &str) -> Vec<f64> {
    let known = card.by_time.iter().filter_map(|block| block.get(measure));
    known.copied().filter(|value| value.is_finite()).collect()
}

fn draw_panel(area: &Area<'_>, card: &ModelCard, panel: &Panel<'_>) -> Drawn {
    let blocks = card.by_time.len();
    let rows = |block: usize| card.by_time[block].get("rows").copied().unwrap_or(0.0);
    let right = blocks as f64 + 0.5;
    let mut chart = ChartBuilder::on(area)
        .margin_left(12)
        .margin_right(24)
        .margin_top(10)
        .x_label_area_size(34)
        .y_label_area_size(64)
        .build_cartesian_2d(0.5..right, panel.range.clone())?;
    let name = |at: &f64| {
        let block = at.round();
        let is_block = (at - block).abs() < 1e-9 && block >= 1.0 && block <= blocks as f64;
        match is_block {
            true => format!(
                "block {block:.0}: {} prices",
                count(rows(block as usize - 1) as usize)
            ),
            false => String::new(),
        }
    };
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_labels(blocks + 1)
        .y_labels(6)
        .x_label_formatter(&name)
        .y_label_formatter(&panel.label)
        .y_desc(panel.measure)
        .label_style(words(12))
        .axis_desc_style(words(14))
        .axis_style(WORDS)
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .draw()?;
    let wanted = [(0.5, panel.wanted), (right, panel.wanted)];
    chart.draw_series(LineSeries::new(wanted, WANTED.stroke_width(1)))?;
    let measured = values(card, panel.measure).into_iter().enumerate();
    let points: Vec<(f64, f64)> = measured
        .map(|(at, value)| (at as f64 + 1.0, value))
        .collect();
    chart.draw_series(LineSeries::new(points.clone(), INK.stroke_width(2)))?;
    let dots = points
        .iter()
        .map(|point| Circle::new(*point, 5, INK.filled()));
    chart.draw_series(dots)?;
    use plotters::style::text_anchor::{HPos, Pos, VPos};
    let height = panel.range.end - panel.range.start;
    let said = points.iter().map(|(block, value)| {
        let text = if panel.measure == "coverage" {
            format!("{:.1} %", value * 100.0)
        } else {
            format!("{value:.4}")
        };
        // Away from the line of what is wanted.
        let (side, apart) = match *value < panel.wanted {
            true => (VPos::Top, -0.04),
            false => (VPos::Bottom, 0.04),
        };
        let style = words(12).pos(Pos::new(HPos::Center, side));
        Text::new(text, (*block, value + apart * height), style)
    });
    chart.draw_series(said)?;
    // In the corner, where no point can be.
    let style = words(12)
        .color(&WANTED)
        .pos(Pos::new(HPos::Right, VPos::Top));
    let corner = (right, panel.range.end);
    chart.draw_series([Text::new(panel.wanted_is.clone(), corner, style)])?;
    Ok(())
}
