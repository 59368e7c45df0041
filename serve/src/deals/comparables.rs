//! What was paid for deals alike.

use std::collections::HashMap;

use deals::{Facts, Kind};
use serde::Serialize;
use serde_json::Value;

use super::book::Row;

/// Distance up to which a deal is comparable.
const NEAR: f64 = 2.5;
/// Comparables shown.
const SHOWN: usize = 5;
/// Deals of other tenants that must be comparable before any of them is shown: one alone would tell whose it is.
const CROWD: usize = 5;

#[derive(Debug)]
struct Agreed {
    tenant: String,
    deal_id: String,
    price_cents: i64,
    /// `2026-11-21`.
    day: String,
    category_label: Option<String>,
    facts: Facts,
}

/// Prices that were agreed, by kind of deal.
#[derive(Debug, Default)]
pub(crate) struct Comparables {
    kinds: HashMap<Kind, Vec<Agreed>>,
}

/// The comparables of a deal.
#[derive(Debug, Serialize)]
pub(crate) struct Nearest {
    /// How many there are.
    pub(crate) count: usize,
    /// The nearest of them, nearest first.
    pub(crate) nearest: Vec<Comparable>,
}

/// A deal alike. One of another tenant has no id, a month for its day and a price of two digits.
#[derive(Debug, Serialize)]
pub(crate) struct Comparable {
    deal_id: Option<String>,
    is_own: bool,
    price_cents: i64,
    agreed: String,
    category_label: Option<String>,
    region: Option<String>,
    size: Option<f64>,
    unit: Option<String>,
    hours: Option<f64>,
    /// 1 for the same, towards 0 with the distance.
    similarity: f64,
}

impl Comparables {
    pub(super) fn new(rows: Vec<Row>) -> Self {
        let mut kinds: HashMap<Kind, Vec<Agreed>> = HashMap::new();
        for row in rows {
            let text = |column: &str| row.get(column).and_then(Value::as_str).map(str::to_owned);
            let Some(kind) = text("kind").and_then(|kind| kind.parse::<Kind>().ok()) else {
                continue;
            };
            let agreed = Agreed {
                tenant: text("tenant").unwrap_or_default(),
                deal_id: text("deal_id").unwrap_or_default(),
                price_cents: row.get("price_cents").and_then(Value::as_i64).unwrap_or(0),
                day: text("day").unwrap_or_default(),
                category_label: text("category_label"),
                facts: Facts::of_json(kind, &row),
            };
            kinds.entry(kind).or_default().push(agreed);
        }
        Self { kinds }
    }

    /// Finds what was paid for deals like one that a tenant asks about.
    pub(crate) fn of(&self, kind: Kind, tenant: &str, facts: &Facts) -> Nearest {
        let all = self.kinds.get(&kind).map_or(&[][..], Vec::as_slice);
        let measured = all
            .iter()
            .map(|agreed| (facts.distance(kind, &agreed.facts), agreed));
        let mut near: Vec<(f64, &Agreed)> =
            measured.filter(|(distance, _)| *distance <= NEAR).collect();
        let others = near
            .iter()
            .filter(|(_, agreed)| agreed.tenant != tenant)
            .count();
        if others < CROWD {
            near.retain(|(_, agreed)| agreed.tenant == tenant);
        }
        near.sort_by(|(a, one), (b, other)| {
            // Ties by what a caller may know: own deals first, by id; the others by their day.
            let place = |agreed: &Agreed| {
                (
                    agreed.tenant != tenant,
                    agreed.day.clone(),
                    agreed.deal_id.clone(),
                )
            };
            a.total_cmp(b).then_with(|| place(one).cmp(&place(other)))
        });
        let shown = near
            .iter()
            .take(SHOWN)
            .map(|(distance, agreed)| agreed.shown(*distance, tenant));
        Nearest {
            count: near.len(),
            nearest: shown.collect(),
        }
    }
}

impl Agreed {
    fn shown(&self, distance: f64, tenant: &str) -> Comparable {
        let is_own = self.tenant == tenant;
        let month = self.day.get(..7).unwrap_or_default();
        let label = |name: &str| self.facts.label(name).map(str::to_owned);
        // A size is as telling as an id: of others, one digit.
        let size = self.facts.number("size");
        Comparable {
            deal_id: is_own.then(|| self.deal_id.clone()),
            is_own,
            price_cents: if is_own {
                self.price_cents
            } else {
                digits(self.price_cents as f64, 2) as i64
            },
            agreed: if is_own {
                self.day.clone()
            } else {
                month.to_owned()
            },
            category_label: self.category_label.clone(),
            region: label("region"),
            size: if is_own {
                size
            } else {
                size.map(|size| digits(size, 1))
            },
            unit: label("unit"),
            hours: self.facts.number("hours"),
            similarity: (1000.0 / (1.0 + distance)).round() / 1000.0,
        }
    }
}

/// A number of so many digits, the rest being zeros.
fn digits(number: f64, count: i32) -> f64 {
    if number <= 0.0 {
        return number;
    }
    let scale = 10_f64.powi(number.log10().floor() as i32 + 1 - count);
    (number / scale).round() * scale
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rows(of: &[(&str, f64, i64)]) -> Vec<Row> {
        let row = |(at, (tenant, size, cents)): (usize, &(&str, f64, i64))| {
            let row = json!({
                "tenant": tenant, "kind": "project", "deal_id": format!("p{at}"), "price_cents": cents, "day": "2026-11-21",
                "family": "peinture", "size": size,
            });
            row.as_object().unwrap().clone()
        };
        of.iter().enumerate().map(row).collect()
    }

    #[test]
    fn another_tenant_s_deals_have_no_name_and_are_shown_in_a_crowd_only() {
        let mut all = vec![("tenant_a", 100.0, 123_456)];
        all.extend([("tenant_b", 101.0, 123_456); 4]);
        let mut facts = Facts::default();
        facts.set_label("family", "peinture".to_owned());
        facts.set_number("size", 100.0);
        let few = Comparables::new(rows(&all)).of(Kind::Project, "tenant_a", &facts);
        assert_eq!((few.count, few.nearest.len()), (1, 1));
        all.push(("tenant_b", 99.0, 123_456));
        let crowd = Comparables::new(rows(&all)).of(Kind::Project, "tenant_a", &facts);
        assert_eq!((crowd.count, crowd.nearest.len()), (6, 5));
        let own = &crowd.nearest[0];
        assert_eq!(
            (own.deal_id.as_deref(), own.price_cents, own.agreed.as_str()),
            (Some("p0"), 123_456, "2026-11-21")
        );
        let other = &crowd.nearest[1];
        assert_eq!(
            (
                other.deal_id.as_deref(),
                other.price_cents,
                other.agreed.as_str()
            ),
            (None, 120_000, "2026-11")
        );
        assert_eq!(other.size, Some(100.0));
    }

    #[test]
    fn a_deal_of_another_family_is_not_comparable() {
        let mut facts = Facts::default();
        facts.set_label("family", "soudure".to_owned());
        let book = Comparables::new(rows(&[("tenant_a", 100.0, 5)]));
        assert_eq!(book.of(Kind::Project, "tenant_a", &facts).count, 0);
        assert_eq!(book.of(Kind::Intro, "tenant_a", &facts).count, 0);
    }
}
