//! Which offers of a snapshot meet conditions that are no facets, and how far they are.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use retrieval::Collection;
use schemas::PUBLIC_TENANT;

use super::{
    area::{Area, Center, shown_km},
    columns::{Columns, PassingCounts, SkillNumbers},
    conditions::Conditions,
    facts::Facts,
    places::{Places, Sightings},
};
use crate::{ApiError, body::invalid};

/// The offers that meet conditions, of those that a tenant sees.
#[derive(Debug, Default)]
pub(crate) struct Admitted {
    /// Their numbers, by tenant, as retrieval takes them.
    pub(crate) numbers: BTreeMap<String, Vec<u32>>,
    /// How many meet each condition by itself.
    pub(crate) counts: PassingCounts,
}

/// What is known of all offers, by tenant and number.
#[derive(Debug, Default)]
pub(crate) struct OfferIndex {
    columns: HashMap<String, Columns>,
    skills: SkillNumbers,
    places: Places,
}

impl OfferIndex {
    /// Reads the offers, and the places of offers and companies.
    pub(crate) fn new(offers: &Collection, companies: Option<&Collection>) -> Self {
        let mut index = Self::default();
        let mut sightings = Sightings::default();
        let mut unplaced = Vec::new();
        for document in offers.every_document() {
            let facts = Facts::parse(&document.payload);
            let columns = index.columns.entry(document.tenant.clone()).or_default();
            let number = columns.push(&facts, &mut index.skills);
            match (facts.point, facts.postal_code) {
                (Some(point), Some(code)) => sightings.add(&document.tenant, &code, point),
                (None, Some(code)) => unplaced.push((document.tenant, number, code)),
                (_, None) => {}
            }
        }
        for document in companies.into_iter().flat_map(Collection::every_document) {
            let facts = Facts::parse(&document.payload);
            if let (Some(point), Some(code)) = (facts.point, facts.postal_code) {
                sightings.add(&document.tenant, &code, point);
            }
        }
        index.places = sightings.middles();
        for (tenant, number, code) in unplaced {
            if let Some(columns) = index.columns.get_mut(&tenant) {
                columns.place(number, index.places.of_code(&tenant, &code));
            }
        }
        index
    }

    /// Returns where the middle of an area is, as a tenant sees it.
    ///
    /// # Errors
    /// Nothing that the tenant sees has a place in the postal code nor in its department.
    pub(crate) fn center(&self, tenant: &str, area: &Area) -> Result<Center, ApiError> {
        let code = &area.postal_code;
        self.places.center(tenant, code).ok_or_else(|| {
            invalid(
                "filters.postal_code",
                format!("Le code postal {code} n'est pas connu de l'instantané servi."),
                format!("The snapshot served does not know the postal code {code}."),
            )
        })
    }

    /// Returns the offers that meet conditions, of those that a tenant sees; none where every offer does.
    pub(crate) fn admitted(
        &self,
        tenant: &str,
        conditions: &Conditions,
        center: Option<&Center>,
    ) -> Option<Admitted> {
        if conditions.is_none() {
            return None;
        }
        let around = center.zip(conditions.area.as_ref());
        let around = around.map(|(center, area)| (center.point(), area.km()));
        let had = self.skills.look_up(&conditions.skills);
        let passing = |columns: &Columns| {
            let admits = |salary| conditions.admits_salary(salary);
            columns.passing(around, admits, had.as_ref())
        };
        let visible = BTreeSet::from([PUBLIC_TENANT, tenant]);
        let mut admitted = Admitted::default();
        for name in visible {
            let Some(columns) = self.columns.get(name) else {
                continue;
            };
            let passing = passing(columns);
            admitted.numbers.insert(name.to_owned(), passing.numbers);
            admitted.counts.near += passing.counts.near;
            admitted.counts.paid += passing.counts.paid;
            admitted.counts.suited += passing.counts.suited;
        }
        Some(admitted)
    }

    /// Returns the kilometres from a center to an offer of a tenant, to a hundred metres; none where its place is not known.
    pub(crate) fn km(&self, center: &Center, tenant: &str, payload: &str) -> Option<f64> {
        let Facts {
            point, postal_code, ..
        } = Facts::parse(payload);
        let place = point.or_else(|| self.places.of_code(tenant, &postal_code?))?;
        Some(shown_km(center.point().km_to(place)))
    }
}
