//! What one offer pays, where it is and which skills it wants.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{area::Point, conditions::SkillsAsked};
use crate::documents::{Competence, competences};

/// How an offer says that a skill is required.
const REQUIRED: &str = "E";

/// What is read of the payload of an offer or a company, the rest of it skipped: all of them are read at each swap.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Payload {
    latitude: Value,
    longitude: Value,
    postal_code: Value,
    salary_min_cents: Value,
    salary_max_cents: Value,
    competences: Value,
}

/// The facts of an offer, or of a company, that conditions look at; anything odd is none.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Facts {
    pub(super) point: Option<Point>,
    pub(super) postal_code: Option<String>,
    /// Cents a year.
    pub(super) salary: Option<(i64, i64)>,
    pub(super) competences: Vec<Competence>,
}

impl Facts {
    /// Reads a payload.
    pub(super) fn parse(payload: &str) -> Self {
        let payload: Payload = serde_json::from_str(payload).unwrap_or_default();
        let (min_cents, max_cents) = (payload.salary_min_cents, payload.salary_max_cents);
        Self {
            point: Point::new(payload.latitude.as_f64(), payload.longitude.as_f64()),
            postal_code: payload.postal_code.as_str().map(str::to_owned),
            salary: min_cents.as_i64().zip(max_cents.as_i64()),
            competences: competences(Some(&payload.competences)),
        }
    }
}

/// How a skill is compared: by its words, whatever case, accents, plurals and stop words; the label as it is where no word counts.
pub(super) fn skill_key(label: &str) -> String {
    let key = text::phrase_key(label);
    if key.is_empty() {
        text::fold(label.trim())
    } else {
        key
    }
}

impl Competence {
    /// Says whether the offer insists on it; what is asked for without saying how much is wished for.
    pub(super) fn is_required(&self) -> bool {
        self.exigence
            .as_deref()
            .is_some_and(|word| word.trim().eq_ignore_ascii_case(REQUIRED))
    }
}

/// Which of an offer's skills the caller has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct SkillFit {
    /// Required, and there.
    pub(crate) required_met: Vec<String>,
    /// Required, and not there.
    pub(crate) required_missing: Vec<String>,
    /// Wished for, and there.
    pub(crate) wished_met: Vec<String>,
}

/// Compares the skills of an offer with those that the caller gave; none where none were given.
pub(crate) fn skill_fit(asked: &SkillsAsked, wanted: &[Competence]) -> Option<SkillFit> {
    if asked.skills.is_empty() {
        return None;
    }
    let keys: Vec<String> = asked.skills.iter().map(|skill| skill_key(skill)).collect();
    let has = |skill: &Competence| {
        let code = skill.code.as_deref();
        keys.contains(&skill_key(&skill.libelle))
            || asked
                .skills
                .iter()
                .any(|given| Some(given.as_str()) == code)
    };
    let mut fit = SkillFit::default();
    for skill in wanted {
        let label = skill.libelle.clone();
        match (skill.is_required(), has(skill)) {
            (true, true) => fit.required_met.push(label),
            (true, false) => fit.required_missing.push(label),
            (false, true) => fit.wished_met.push(label),
            (false, false) => {}
        }
    }
    Some(fit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skills_are_the_same_whatever_their_form_or_by_their_code() {
        let skill = |code: &str, label: &str, exigence: &str| Competence {
            code: Some(code.to_owned()),
            libelle: label.to_owned(),
            exigence: Some(exigence.to_owned()),
        };
        let wanted = [
            skill("1", "Lecture de plans", "E"),
            skill("2", "Souder à l'arc", "E"),
            skill("3", "Métrologie", "S"),
            skill("4", "Anglais", "S"),
        ];
        let asked = SkillsAsked {
            skills: ["lecture de plan", "3"].map(str::to_owned).to_vec(),
            must_cover: false,
        };
        let fit = skill_fit(&asked, &wanted).unwrap();
        assert_eq!(fit.required_met, ["Lecture de plans"]);
        assert_eq!(fit.required_missing, ["Souder à l'arc"]);
        assert_eq!(fit.wished_met, ["Métrologie"]);
        assert_eq!(skill_fit(&SkillsAsked::default(), &wanted), None);
    }

    #[test]
    fn odd_facts_of_a_payload_are_none() {
        let read = Facts::parse;
        let facts = read(r#"{"latitude": "48", "longitude": 3, "salary_min_cents": 5}"#);
        assert_eq!((facts.point, facts.salary), (None, None));
        let facts = read(
            r#"{"latitude": 48, "longitude": -3.5, "salary_min_cents": 1, "salary_max_cents": 2}"#,
        );
        assert!(facts.point.is_some());
        assert_eq!(facts.salary, Some((1, 2)));
        assert_eq!(read("no JSON").postal_code, None);
    }
}
