//! How an offer meets the conditions, in sentences.

use super::{Conditions, SkillFit};
use crate::language::Language;

/// Skills that a sentence names at most.
const SKILLS: usize = 6;

/// What the sentences are built from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Met<'a> {
    /// What was asked.
    pub(crate) conditions: &'a Conditions,
    /// How far the offer is.
    pub(crate) distance_km: Option<f64>,
    /// How its skills compare.
    pub(crate) skills: Option<&'a SkillFit>,
    /// The language to speak.
    pub(crate) language: Language,
}

impl Met<'_> {
    /// Writes one sentence for each condition met.
    pub(crate) fn reasons(&self) -> Vec<String> {
        let sentences = [self.near(), self.paid(), self.skilled()];
        sentences.into_iter().flatten().collect()
    }

    fn near(&self) -> Option<String> {
        let (km, area) = (self.distance_km?, self.conditions.area.as_ref()?);
        let code = &area.postal_code;
        let french = format!("{km:.1}").replace('.', ",");
        Some(self.language.pick(
            format!("Lieu de travail à {french} km du {code}."),
            format!("The place of work is {km:.1} km from {code}."),
        ))
    }

    fn paid(&self) -> Option<String> {
        let (french, english) = match (
            self.conditions.salary_min_eur,
            self.conditions.salary_max_eur,
        ) {
            (None, None) => return None,
            (Some(least), None) => (
                format!("au moins {least} € par an"),
                format!("at least {least} EUR a year"),
            ),
            (None, Some(most)) => (
                format!("au plus {most} € par an"),
                format!("at most {most} EUR a year"),
            ),
            (Some(least), Some(most)) => (
                format!("{least} à {most} € par an"),
                format!("{least} to {most} EUR a year"),
            ),
        };
        Some(self.language.pick(
            format!("Salaire compatible avec la demande ({french})."),
            format!("The salary fits the request ({english})."),
        ))
    }

    fn skilled(&self) -> Option<String> {
        let fit = self.skills?;
        let met: Vec<&str> = fit
            .required_met
            .iter()
            .chain(&fit.wished_met)
            .map(String::as_str)
            .take(SKILLS)
            .collect();
        let covers = self.conditions.skills.must_cover;
        if met.is_empty() {
            return covers.then(|| {
                self.language.pick(
                    "L'offre n'exige aucune compétence particulière.".to_owned(),
                    "The offer requires no particular skill.".to_owned(),
                )
            });
        }
        let named = met.join(self.language.pick(" ; ", "; "));
        Some(if covers && !fit.required_met.is_empty() {
            self.language.pick(
                format!("Vous avez toutes les compétences exigées ({named})."),
                format!("You have every required skill ({named})."),
            )
        } else {
            self.language.pick(
                format!("Compétences demandées que vous avez : {named}."),
                format!("Skills asked for that you have: {named}."),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offers::conditions::SkillsAsked;

    #[test]
    fn each_condition_met_is_said() {
        let conditions = Conditions {
            salary_min_eur: Some(24_000),
            skills: SkillsAsked {
                skills: vec!["souder".to_owned()],
                must_cover: true,
            },
            ..Conditions::default()
        };
        let fit = SkillFit {
            required_met: vec!["Souder".to_owned()],
            ..SkillFit::default()
        };
        let met = Met {
            conditions: &conditions,
            distance_km: None,
            skills: Some(&fit),
            language: Language::French,
        };
        assert_eq!(
            met.reasons(),
            [
                "Salaire compatible avec la demande (au moins 24000 € par an).",
                "Vous avez toutes les compétences exigées (Souder)."
            ]
        );
    }
}
