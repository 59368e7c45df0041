//! Where postal codes are: in the middle of the companies and offers of the snapshot that have a place and the code.

use std::collections::HashMap;

use schemas::{PUBLIC_TENANT, department_of};

use super::area::{Center, Point};

/// The precision of a center that is the department's.
pub(super) const DEPARTMENT: &str = "department";
const POSTAL_CODE: &str = "postal_code";

/// The places seen with each code, by tenant; a code is a postal code (five digits) or a department's (two or three signs).
#[derive(Debug, Default)]
pub(super) struct Sightings(HashMap<String, HashMap<String, Vec<Point>>>);

impl Sightings {
    /// Notes that something of a tenant stands at `point`.
    pub(super) fn add(&mut self, tenant: &str, postal_code: &str, point: Point) {
        let codes = self.0.entry(tenant.to_owned()).or_default();
        let department = department_of(postal_code);
        for code in department.into_iter().chain([postal_code.to_owned()]) {
            codes.entry(code).or_default().push(point);
        }
    }

    /// Returns the middle of each code as each tenant sees it: from its own things and the public ones.
    pub(super) fn middles(&self) -> Places {
        let nothing = HashMap::new();
        let public = self.0.get(PUBLIC_TENANT).unwrap_or(&nothing);
        let middle_of = |tenant: &str, (code, points): (&String, &Vec<Point>)| {
            let shared = public.get(code).filter(|_| tenant != PUBLIC_TENANT);
            let all = points.iter().chain(shared.into_iter().flatten()).copied();
            (code.clone(), middle(all.collect()))
        };
        let of_tenant = |(tenant, codes): (&String, &HashMap<String, Vec<Point>>)| {
            let middles = codes.iter().map(|entry| middle_of(tenant, entry)).collect();
            (tenant.clone(), middles)
        };
        Places(self.0.iter().map(of_tenant).collect())
    }
}

/// The middle of each code, by tenant.
#[derive(Debug, Default)]
pub(super) struct Places(HashMap<String, HashMap<String, Point>>);

impl Places {
    /// Returns the middle of a postal code, as a tenant sees it.
    pub(super) fn of_code(&self, tenant: &str, code: &str) -> Option<Point> {
        let seen = |name: &str| self.0.get(name)?.get(code).copied();
        seen(tenant).or_else(|| seen(PUBLIC_TENANT))
    }

    /// Returns the middle of a postal code, or else of its department.
    pub(super) fn center(&self, tenant: &str, postal_code: &str) -> Option<Center> {
        let exact = self.of_code(tenant, postal_code);
        let of_department = || self.of_code(tenant, &department_of(postal_code)?);
        let (point, precision) = match exact {
            Some(point) => (point, POSTAL_CODE),
            None => (of_department()?, DEPARTMENT),
        };
        Some(Center {
            postal_code: postal_code.to_owned(),
            latitude: point.latitude,
            longitude: point.longitude,
            precision,
        })
    }
}

/// The median of the latitudes and that of the longitudes: one wrong place among many moves it little.
fn middle(points: Vec<Point>) -> Point {
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        let half = values.len() / 2;
        if values.len() % 2 == 1 {
            values[half]
        } else {
            f64::midpoint(values[half - 1], values[half])
        }
    };
    Point {
        latitude: median(points.iter().map(|point| point.latitude).collect()),
        longitude: median(points.iter().map(|point| point.longitude).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> Places {
        let mut sightings = Sightings::default();
        for (tenant, code, latitude) in [
            (PUBLIC_TENANT, "29200", 48.39),
            (PUBLIC_TENANT, "29200", 48.41),
            (PUBLIC_TENANT, "29200", 2.0),
            (PUBLIC_TENANT, "29000", 47.9),
            ("tenant_a", "29200", 48.45),
            ("tenant_a", "35000", 48.1),
        ] {
            let point = Point::new(Some(latitude), Some(-3.0)).unwrap();
            sightings.add(tenant, code, point);
        }
        sightings.middles()
    }

    #[test]
    fn a_code_stands_in_the_middle_of_what_has_it() {
        let center = places().center(PUBLIC_TENANT, "29200").unwrap();
        assert_eq!((center.latitude, center.precision), (48.39, POSTAL_CODE));
        let own = places().center("tenant_a", "29200").unwrap();
        assert!((own.latitude - 48.4).abs() < 1e-9, "{own:?}");
        assert_eq!(places().center("tenant_a", "29000").unwrap().latitude, 47.9);
    }

    #[test]
    fn an_unseen_code_stands_in_the_middle_of_its_department_or_nowhere() {
        let center = places().center(PUBLIC_TENANT, "29999").unwrap();
        assert_eq!(center.precision, DEPARTMENT);
        assert!(center.is_department());
        assert_eq!(places().center(PUBLIC_TENANT, "35000"), None);
        assert!(places().center("tenant_a", "35700").is_some());
        assert_eq!(places().center("tenant_a", "99999"), None);
    }
}
