//! Plots in SVG: what a likelihood said and what happened, how prices held over time, who is in a ring.

mod blocks;
mod frame;
mod reliability;
mod ring;

use anyhow::{Result, anyhow, bail};
use deals::{ModelCard, ModelKind};

use crate::cases::{Pair, Ring};

/// Draws a card; returns the SVG. The same card gives the same bytes.
///
/// # Errors
/// The card has nothing that can be drawn.
pub(crate) fn plot(card: &ModelCard) -> Result<String> {
    let mut svg = String::new();
    let drawn = if !card.reliability.is_empty() {
        reliability::draw(card, &mut svg)
    } else if card.says == ModelKind::Price && card.by_time.len() > 1 {
        blocks::draw(card, &mut svg)
    } else {
        bail!(
            "version {} of {} has neither bins of reliability nor blocks of time to draw",
            card.version,
            card.name
        );
    };
    drawn.map_err(|error| anyhow!("cannot draw {}: {error}", card.name))?;
    Ok(svg)
}

/// Draws a ring of bidders; returns the SVG. The same ring gives the same bytes.
///
/// # Errors
/// Drawing failed, which it does not where it writes to memory.
pub(crate) fn plot_ring(ring: &Ring, pairs: &[Pair]) -> Result<String> {
    let mut svg = String::new();
    ring::draw(ring, pairs, &mut svg)
        .map_err(|error| anyhow!("cannot draw {}: {error}", ring.ring_id))?;
    Ok(svg)
}
