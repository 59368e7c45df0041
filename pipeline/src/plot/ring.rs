//! A ring of bidders: who they are, who wins, and who meets whom.

use std::f64::consts::TAU;

use plotters::{
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

use super::frame::{Drawn, INK, WANTED, WIDTH, words};
use crate::cases::{Pair, Ring};

const HEIGHT: u32 = 640;
/// Middle of the circle of bidders.
const MIDDLE: (f64, f64) = (360.0, 360.0);
const RADIUS: f64 = 190.0;

pub(super) fn draw(ring: &Ring, pairs: &[Pair], svg: &mut String) -> Drawn {
    let root = SVGBackend::with_string(svg, (WIDTH, HEIGHT)).into_drawing_area();
    root.fill(&WHITE)?;
    let title = format!("{} · {}", ring.ring_id, ring.kind);
    let said = format!(
        "{} bidders, {} auctions together, score {:.3} · size: wins · lines: auctions that two share",
        ring.provider_ids.len(),
        ring.project_ids.len(),
        ring.score
    );
    root.draw(&Text::new(title, (20, 14), words(19)))?;
    root.draw(&Text::new(said, (20, 40), words(13)))?;
    let count = ring.provider_ids.len().max(1) as f64;
    let place = |at: usize| {
        let angle = TAU * at as f64 / count - TAU / 4.0;
        (
            (MIDDLE.0 + RADIUS * angle.cos()) as i32,
            (MIDDLE.1 + RADIUS * angle.sin()) as i32,
        )
    };
    let of = |id: &str| ring.provider_ids.iter().position(|known| known == id);
    let most = pairs
        .iter()
        .map(|pair| pair.shared)
        .max()
        .unwrap_or(1)
        .max(1);
    for pair in pairs {
        if let (Some(a), Some(b)) = (of(&pair.provider_a), of(&pair.provider_b)) {
            let width = 1 + (7 * pair.shared / most) as u32;
            let line = PathElement::new([place(a), place(b)], INK.mix(0.35).stroke_width(width));
            root.draw(&line)?;
            let ((ax, ay), (bx, by)) = (place(a), place(b));
            // A third of the way: lines cross in the middle.
            let at = (ax + (bx - ax) / 3, ay + (by - ay) / 3);
            root.draw(&Text::new(pair.shared.to_string(), at, words(12)))?;
        }
    }
    let wins: f64 = ring.wins.iter().sum();
    for (at, id) in ring.provider_ids.iter().enumerate() {
        let won = ring.wins.get(at).copied().unwrap_or(0.0);
        let size = 12 + (26.0 * (won / wins.max(1.0)).sqrt()) as i32;
        let colour = if won > 0.0 { WANTED } else { INK };
        root.draw(&Circle::new(place(at), size, WHITE.filled()))?;
        root.draw(&Circle::new(place(at), size, colour.mix(0.85).filled()))?;
        let (x, y) = place(at);
        // Names stand outside the circle, where no line is.
        let side = (TAU * at as f64 / count - TAU / 4.0).cos();
        let (anchor, dx, dy) = match side {
            side if side < -0.3 => (HPos::Right, -size - 10, -9),
            side if side > 0.3 => (HPos::Left, size + 10, -9),
            _ if y < MIDDLE.1 as i32 => (HPos::Center, 0, -size - 32),
            _ => (HPos::Center, 0, size + 16),
        };
        let style = words(13).pos(Pos::new(anchor, VPos::Center));
        let name = ring.provider_names.get(at).filter(|name| !name.is_empty());
        let lines = [name.cloned(), Some(format!("{id} · {won} wins"))];
        for (row, text) in lines.into_iter().flatten().enumerate() {
            let at = (x + dx, y + dy + 18 * row as i32);
            root.draw(&Text::new(text, at, style.clone()))?;
        }
    }
    root.present()?;
    Ok(())
}
