//! Places on the globe, and how far apart they are.

use serde::{Serialize, Serializer};

/// Mean radius of the Earth in kilometres (IUGG 1980, R₁).
const EARTH_KM: f64 = 6371.0088;
/// Metres in a kilometre.
const KM: f64 = 1000.0;

/// A place, in degrees (WGS 84).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    /// North of the equator.
    pub(crate) latitude: f64,
    /// East of Greenwich.
    pub(crate) longitude: f64,
}

impl Point {
    /// Returns the place of two numbers that can be one; publishers write 0, 0 for « nowhere ».
    pub(crate) fn new(latitude: Option<f64>, longitude: Option<f64>) -> Option<Self> {
        let (latitude, longitude) = (latitude?, longitude?);
        let is_place = latitude.abs() <= 90.0
            && longitude.abs() <= 180.0
            && (latitude != 0.0 || longitude != 0.0);
        is_place.then_some(Self {
            latitude,
            longitude,
        })
    }

    /// Returns the great-circle distance in kilometres by the haversine formula (R. W. Sinnott, "Virtues of the haversine", Sky and
    /// Telescope 68, 1984): well conditioned for small distances, and within 0.6 % of the ellipsoid's.
    pub(crate) fn km_to(self, other: Self) -> f64 {
        let half_chord = |from: f64, to: f64| ((to - from).to_radians() / 2.0).sin().powi(2);
        let across = self.latitude.to_radians().cos() * other.latitude.to_radians().cos();
        let square = half_chord(self.latitude, other.latitude)
            + across * half_chord(self.longitude, other.longitude);
        2.0 * EARTH_KM * square.sqrt().min(1.0).asin()
    }

    /// Says whether another place is certainly farther away than `km`, by its latitude alone.
    pub(crate) fn is_surely_beyond(self, other: Self, km: f64) -> bool {
        (self.latitude - other.latitude).abs().to_radians() * EARTH_KM > km + 0.001
    }
}

/// Around which place, and how far.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub(crate) struct Area {
    /// The postal code in the middle.
    pub(crate) postal_code: String,
    /// The radius in metres.
    #[serde(rename = "distance_km", serialize_with = "as_km")]
    pub(crate) distance_m: u32,
}

impl Area {
    /// Returns the radius in kilometres.
    pub(crate) fn km(&self) -> f64 {
        f64::from(self.distance_m) / KM
    }
}

fn as_km<S: Serializer>(metres: &u32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(f64::from(*metres) / KM)
}

/// Where a postal code was taken to be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Center {
    /// The postal code asked.
    pub(crate) postal_code: String,
    /// Degrees north.
    pub(crate) latitude: f64,
    /// Degrees east.
    pub(crate) longitude: f64,
    /// `postal_code`, or `department` where nothing of the snapshot has a place in the postal code.
    pub(crate) precision: &'static str,
}

impl Center {
    /// Returns the place.
    pub(crate) fn point(&self) -> Point {
        Point {
            latitude: self.latitude,
            longitude: self.longitude,
        }
    }

    /// Says whether the middle of the department stands for the postal code.
    pub(crate) fn is_department(&self) -> bool {
        self.precision == super::places::DEPARTMENT
    }
}

/// Returns kilometres as answers show them, to a hundred metres.
pub(crate) fn shown_km(km: f64) -> f64 {
    (km * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(latitude: f64, longitude: f64) -> Point {
        Point::new(Some(latitude), Some(longitude)).unwrap()
    }

    #[test]
    fn distances_are_those_of_an_atlas() {
        let (lyon, brest, fort_de_france) = (
            point(45.764, 4.8357),
            point(48.3904, -4.4861),
            point(14.6161, -61.0588),
        );
        assert!(
            (lyon.km_to(brest) - 764.6).abs() < 2.0,
            "{}",
            lyon.km_to(brest)
        );
        let far = lyon.km_to(fort_de_france);
        assert!((6_930.0..7_030.0).contains(&far), "{far}");
        assert_eq!(lyon.km_to(lyon), 0.0);
        assert!((point(0.0, 179.5).km_to(point(0.0, -179.5)) - 111.195).abs() < 0.01);
        assert!((point(0.1, 0.0).km_to(point(-0.1, 180.0)) - 20_015.1).abs() < 0.1);
    }

    #[test]
    fn latitude_alone_never_leaves_out_what_is_near() {
        let (a, b) = (point(45.0, 4.0), point(46.0, 4.0));
        assert!(!a.is_surely_beyond(b, a.km_to(b)));
        assert!(a.is_surely_beyond(b, 100.0));
    }

    #[test]
    fn numbers_that_are_no_place_are_none() {
        for (latitude, longitude) in [(91.0, 0.0), (0.0, 181.0), (f64::NAN, 3.0), (0.0, 0.0)] {
            assert_eq!(Point::new(Some(latitude), Some(longitude)), None);
        }
        assert_eq!(Point::new(None, Some(3.0)), None);
    }
}
