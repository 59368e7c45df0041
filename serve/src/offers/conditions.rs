//! Conditions on offers that are no facets: around a place, a salary, skills.

use serde::Serialize;
use serde_json::{Map, Value};

use super::area::Area;
use crate::{
    ApiError,
    body::{invalid, missing, wrong_type},
    filters::texts,
};

/// Their names among the filters.
pub(crate) const NAMES: [&str; 6] = [
    "postal_code",
    "distance_km",
    "salary_min_eur",
    "salary_max_eur",
    "skills",
    "must_cover",
];

/// Kilometres that one can ask for: the two ends of a postal code's ground, and France with its islands.
const KM: std::ops::RangeInclusive<f64> = 0.1..=20_000.0;
/// Euros a year that one can ask for.
const SALARY_EUR: std::ops::RangeInclusive<i64> = 0..=10_000_000;

/// What an offer must meet beside its facets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
pub(crate) struct Conditions {
    /// Not farther from a place than this.
    #[serde(flatten)]
    pub(crate) area: Option<Area>,
    /// Pays at least this in a year, in euros, at the upper end of its range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) salary_min_eur: Option<i64>,
    /// Pays at most this in a year, in euros, at the lower end of its range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) salary_max_eur: Option<i64>,
    /// Skills that the candidate has.
    #[serde(flatten)]
    pub(crate) skills: SkillsAsked,
}

/// The skills that a candidate has, and what they are for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
pub(crate) struct SkillsAsked {
    /// Labels or codes. Empty for no condition.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) skills: Vec<String>,
    /// Whether every skill that the offer requires must be among them; else the offer must ask for one of them.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) must_cover: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_false(claim: &bool) -> bool {
    !claim
}

impl Conditions {
    /// Takes the conditions out of `filters`; other names are left there.
    pub(crate) fn take(filters: &mut Map<String, Value>) -> Result<Self, ApiError> {
        let mut take = |name: &str| filters.shift_remove(name).filter(|v| !v.is_null());
        let area = area(take("postal_code"), take("distance_km"))?;
        let salary_min_eur = euros("filters.salary_min_eur", take("salary_min_eur"))?;
        let salary_max_eur = euros("filters.salary_max_eur", take("salary_max_eur"))?;
        if let (Some(least), Some(most)) = (salary_min_eur, salary_max_eur)
            && least > most
        {
            return Err(invalid(
                "filters.salary_max_eur",
                "Le salaire maximal est inférieur au salaire minimal.".to_owned(),
                "The highest salary is below the lowest.".to_owned(),
            ));
        }
        Ok(Self {
            area,
            salary_min_eur,
            salary_max_eur,
            skills: skills(take("skills"), take("must_cover"))?,
        })
    }

    /// Says whether every offer meets them.
    pub(crate) fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Says whether an offer's salary, a range in cents a year, meets and is known where it is asked for.
    pub(crate) fn admits_salary(&self, salary: Option<(i64, i64)>) -> bool {
        let least = self.salary_min_eur.map(|euros| euros * 100);
        let most = self.salary_max_eur.map(|euros| euros * 100);
        match salary {
            None => least.is_none() && most.is_none(),
            Some((low, high)) => {
                least.is_none_or(|least| high >= least) && most.is_none_or(|most| low <= most)
            }
        }
    }
}

fn area(postal_code: Option<Value>, distance: Option<Value>) -> Result<Option<Area>, ApiError> {
    let (code_field, distance_field) = ("filters.postal_code", "filters.distance_km");
    let (postal_code, distance) = match (postal_code, distance) {
        (None, None) => return Ok(None),
        (None, Some(_)) => return Err(missing(code_field)),
        (Some(_), None) => return Err(missing(distance_field)),
        (Some(postal_code), Some(distance)) => (postal_code, distance),
    };
    let Value::String(postal_code) = postal_code else {
        return Err(wrong_type(code_field, "un texte", "a text"));
    };
    let postal_code = postal_code.trim();
    if postal_code.len() != 5 || !postal_code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid(
            code_field,
            "Un code postal a cinq chiffres.".to_owned(),
            "A postal code has five digits.".to_owned(),
        ));
    }
    let km = distance
        .as_f64()
        .ok_or_else(|| wrong_type(distance_field, "un nombre", "a number"))?;
    if !KM.contains(&km) {
        let (least, most) = (KM.start(), KM.end());
        return Err(invalid(
            distance_field,
            format!("La distance va de {least} à {most} km."),
            format!("The distance goes from {least} to {most} km."),
        ));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range was checked"
    )]
    let distance_m = (km * 1000.0).round() as u32;
    Ok(Some(Area {
        postal_code: postal_code.to_owned(),
        distance_m,
    }))
}

fn euros(field: &str, value: Option<Value>) -> Result<Option<i64>, ApiError> {
    let Some(value) = value else {
        return Ok(None);
    };
    let euros = value
        .as_i64()
        .ok_or_else(|| wrong_type(field, "un nombre entier", "a whole number"))?;
    if SALARY_EUR.contains(&euros) {
        return Ok(Some(euros));
    }
    let most = SALARY_EUR.end();
    Err(invalid(
        field,
        format!("Un salaire annuel va de 0 à {most} euros."),
        format!("A year's salary goes from 0 to {most} euros."),
    ))
}

fn skills(skills: Option<Value>, must_cover: Option<Value>) -> Result<SkillsAsked, ApiError> {
    let must_cover = match must_cover {
        None => false,
        Some(Value::Bool(claim)) => claim,
        Some(_) => {
            let field = "filters.must_cover";
            return Err(wrong_type(field, "vrai ou faux", "true or false"));
        }
    };
    let Some(skills) = skills else {
        return if must_cover {
            Err(missing("filters.skills"))
        } else {
            Ok(SkillsAsked::default())
        };
    };
    let skills = texts("filters.skills", skills)?;
    let skills = skills.iter().map(|skill| skill.trim().to_owned());
    Ok(SkillsAsked {
        skills: skills.collect(),
        must_cover,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Code;

    fn take(value: Value) -> Result<Conditions, ApiError> {
        let Value::Object(mut filters) = value else {
            panic!("an object")
        };
        Conditions::take(&mut filters)
    }

    #[test]
    fn conditions_are_read_and_shown_as_they_were_given() {
        let given = json!({
            "postal_code": "29200", "distance_km": 12.5, "salary_min_eur": 24_000,
            "skills": ["Souder"], "must_cover": true,
        });
        let conditions = take(given.clone()).unwrap();
        assert_eq!(conditions.area.as_ref().unwrap().distance_m, 12_500);
        assert_eq!(serde_json::to_value(&conditions).unwrap(), given);
        let none = take(json!({"postal_code": null, "region": "Bretagne"})).unwrap();
        assert!(none.is_none());
        assert_eq!(serde_json::to_value(&none).unwrap(), json!({}));
    }

    #[test]
    fn a_condition_that_means_nothing_is_refused() {
        for (given, code) in [
            (json!({"postal_code": "29200"}), Code::MissingField),
            (json!({"distance_km": 3}), Code::MissingField),
            (
                json!({"postal_code": 29200, "distance_km": 3}),
                Code::WrongType,
            ),
            (
                json!({"postal_code": "2920", "distance_km": 3}),
                Code::InvalidValue,
            ),
            (
                json!({"postal_code": "29200", "distance_km": "3"}),
                Code::WrongType,
            ),
            (
                json!({"postal_code": "29200", "distance_km": 0}),
                Code::InvalidValue,
            ),
            (json!({"salary_min_eur": 1.5}), Code::WrongType),
            (json!({"salary_max_eur": -1}), Code::InvalidValue),
            (
                json!({"salary_min_eur": 3, "salary_max_eur": 2}),
                Code::InvalidValue,
            ),
            (json!({"skills": []}), Code::InvalidValue),
            (json!({"skills": 3}), Code::WrongType),
            (json!({"must_cover": true}), Code::MissingField),
            (json!({"skills": "a", "must_cover": "yes"}), Code::WrongType),
        ] {
            assert_eq!(take(given.clone()).unwrap_err().code(), code, "{given}");
        }
    }

    #[test]
    fn salaries_meet_where_the_ranges_do() {
        let conditions = |given| take(given).unwrap();
        let pays = Some((2_400_000, 2_800_000));
        for (given, is_met) in [
            (json!({"salary_min_eur": 28_000}), true),
            (json!({"salary_min_eur": 28_001}), false),
            (json!({"salary_max_eur": 24_000}), true),
            (json!({"salary_max_eur": 23_999}), false),
            (
                json!({"salary_min_eur": 25_000, "salary_max_eur": 26_000}),
                true,
            ),
        ] {
            assert_eq!(
                conditions(given.clone()).admits_salary(pays),
                is_met,
                "{given}"
            );
            assert!(!conditions(given).admits_salary(None));
        }
        assert!(Conditions::default().admits_salary(None));
    }
}
