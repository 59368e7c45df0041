//! Small histograms of the columns that moved: how they were, and how they are.

use std::fmt::Write as _;

use super::view::{Bar, Drift, RunView};
use crate::html::{count, esc, state};

const WIDTH: f64 = 320.0;
/// Of the plot itself, where bars stand.
const HEIGHT: f64 = 92.0;
/// Of a row, where bars lie.
const ROW: f64 = 20.0;
/// Room for the names of values.
const NAMES: f64 = 126.0;
/// Letters of a name that have room there.
const LETTERS: usize = 15;

/// Draws the columns that moved most.
pub(super) fn drift(view: &RunView) -> String {
    if view.drift.is_empty() {
        return String::new();
    }
    let since = match &view.compared_with {
        Some(run) => format!("Beside run <code>{}</code>", esc(run)),
        None => "Beside the run before".to_owned(),
    };
    let mut out = format!(
        "<p>{since}, whose snapshot was announced: the columns that moved most, by share of their rows. Pale and broad is what was, dark and narrow what is.</p>\
         <div class=\"plots\">"
    );
    for one in &view.drift {
        let word = match one.is_over {
            true => state("warned", "! over its limit"),
            false => state("passed", "✓ within"),
        };
        let _ = write!(
            out,
            "<figure><h3><code>{}.{}</code> {word}</h3>{}<figcaption>{}. {} rows then, {} now.</figcaption></figure>",
            esc(&one.table),
            esc(&one.column),
            draw(one),
            esc(&one.detail),
            count(one.rows[0]),
            count(one.rows[1])
        );
    }
    out.push_str("</div>");
    out
}

fn draw(one: &Drift) -> String {
    match one.is_ordered {
        true => standing(one),
        false => lying(one),
    }
}

fn frame(one: &Drift, height: f64) -> String {
    format!(
        "<svg role=\"img\" aria-label=\"{}.{}: {}\" viewBox=\"0 0 {WIDTH} {height:.0}\">",
        esc(&one.table),
        esc(&one.column),
        esc(&one.detail)
    )
}

fn most(bars: &[Bar]) -> f64 {
    let shares = bars.iter().flat_map(|bar| [bar.was, bar.is]);
    shares.fold(0.0, f64::max).max(f64::MIN_POSITIVE)
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

fn title(bar: &Bar) -> String {
    format!(
        "<title>{}: {} then, {} now</title>",
        esc(&bar.label),
        percent(bar.was),
        percent(bar.is)
    )
}

/// Numbers in their order.
fn standing(one: &Drift) -> String {
    let bars = &one.bars;
    let most = most(bars);
    let slot = WIDTH / bars.len().max(1) as f64;
    let (top, floor) = (14.0, 14.0 + HEIGHT);
    let mut svg = frame(one, floor + 18.0);
    let _ = write!(
        svg,
        "<text class=\"soft\" x=\"0\" y=\"10\">{}</text><line class=\"grid\" x1=\"0\" y1=\"{top}\" x2=\"{WIDTH}\" y2=\"{top}\"/>\
         <line class=\"grid\" x1=\"0\" y1=\"{floor}\" x2=\"{WIDTH}\" y2=\"{floor}\"/>",
        percent(most)
    );
    for (place, bar) in bars.iter().enumerate() {
        let left = slot * place as f64;
        let _ = write!(svg, "<g>{}", title(bar));
        for (class, share, from, wide) in [("was", bar.was, 0.06, 0.88), ("is", bar.is, 0.3, 0.4)] {
            let high = HEIGHT * share / most;
            let _ = write!(
                svg,
                "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{high:.1}\"/>",
                left + slot * from,
                floor - high,
                slot * wide
            );
        }
        svg.push_str("</g>");
    }
    let names = [
        (0, 0.0, "start"),
        (bars.len() / 2, WIDTH / 2.0, "middle"),
        (bars.len().saturating_sub(1), WIDTH, "end"),
    ];
    for (place, x, anchor) in names {
        if let Some(bar) = bars.get(place) {
            let _ = write!(
                svg,
                "<text class=\"soft\" x=\"{x}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>",
                floor + 14.0,
                esc(&bar.label)
            );
        }
    }
    svg.push_str("</svg>");
    svg
}

/// Values with names, the most frequent first.
fn lying(one: &Drift) -> String {
    let most = most(&one.bars);
    let room = WIDTH - NAMES - 52.0;
    let mut svg = frame(one, ROW * one.bars.len() as f64 + 4.0);
    for (place, bar) in one.bars.iter().enumerate() {
        let y = ROW * place as f64 + 2.0;
        let mut name: String = bar.label.chars().take(LETTERS).collect();
        if name.len() < bar.label.len() {
            name.push('…');
        }
        let _ = write!(
            svg,
            "<g>{}<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            title(bar),
            NAMES - 8.0,
            y + 13.0,
            esc(&name)
        );
        for (class, share, from, high) in [("was", bar.was, 0.0, 16.0), ("is", bar.is, 5.0, 6.0)] {
            let _ = write!(
                svg,
                "<rect class=\"{class}\" x=\"{NAMES}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{high}\"/>",
                y + from,
                room * share / most
            );
        }
        let _ = write!(
            svg,
            "<text class=\"soft\" x=\"{WIDTH}\" y=\"{}\" text-anchor=\"end\">{}</text></g>",
            y + 13.0,
            percent(bar.is)
        );
    }
    svg.push_str("</svg>");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> RunView {
        let bar = |label: &str, was, is| Bar {
            label: label.to_owned(),
            was,
            is,
        };
        let prices = Drift {
            table: "silver.bids".to_owned(),
            column: "price_cents".to_owned(),
            detail: "PSI 0.312; the limit is 0.250".to_owned(),
            is_over: true,
            is_ordered: true,
            rows: [1_200, 1_300],
            bars: vec![
                bar("100", 0.5, 0.25),
                bar("1000", 0.5, 0.25),
                bar("10000", 0.0, 0.5),
            ],
        };
        let states = Drift {
            column: "<state>".to_owned(),
            is_over: false,
            is_ordered: false,
            bars: vec![
                bar("a very long value indeed", 0.75, 0.7),
                bar("b", 0.25, 0.3),
            ],
            ..prices.clone()
        };
        RunView {
            drift: vec![prices, states],
            compared_with: Some("2026-11-19.0001".to_owned()),
            ..RunView::default()
        }
    }

    #[test]
    fn each_column_is_drawn_with_its_distance_and_both_shares_of_each_bin() {
        let html = drift(&view());
        assert_eq!(html.matches("<svg").count(), 2);
        assert_eq!(html.matches("class=\"was\"").count(), 5);
        assert_eq!(html.matches("class=\"is\"").count(), 5);
        for told in [
            "PSI 0.312; the limit is 0.250",
            "2026-11-19.0001",
            "10000: 0.0 % then, 50.0 % now",
            "over its limit",
        ] {
            assert!(html.contains(told), "{told}");
        }
        // The largest share fills the plot.
        assert!(html.contains(&format!("height=\"{HEIGHT:.1}\"")), "{html}");
    }

    #[test]
    fn names_are_escaped_and_long_ones_cut() {
        let html = drift(&view());
        assert!(!html.contains("<state>") && html.contains("&lt;state&gt;"));
        assert!(html.contains("a very long val…"), "{html}");
    }

    #[test]
    fn without_a_column_to_draw_there_is_no_section() {
        assert_eq!(drift(&RunView::default()), "");
    }
}
