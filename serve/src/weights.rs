//! The weights of a ranking, as a caller gives them: `weights=fit:0.5,loc:0.2`.

use ranking::{CheckedWeights, Formula, ParamGuard as _, WeightParams};

use crate::{ApiError, body::invalid, parameters::Parameters};

/// The parameter's name.
const NAME: &str = "weights";

impl Parameters {
    /// Takes the weights of a formula; a term that is not named keeps its default.
    pub(crate) fn take_weights(&mut self, formula: Formula) -> Result<CheckedWeights, ApiError> {
        match self.take_own_weights(formula)? {
            Some(weights) => Ok(weights),
            None => parse("", formula),
        }
    }

    /// Takes the weights of a formula; none where the caller leaves them all as they are.
    pub(crate) fn take_own_weights(
        &mut self,
        formula: Formula,
    ) -> Result<Option<CheckedWeights>, ApiError> {
        match self.take(NAME) {
            None => Ok(None),
            Some(text) if text.trim().is_empty() => Err(refused("", formula)),
            Some(text) => parse(&text, formula).map(Some),
        }
    }
}

/// Reads `term:share,…`, each term once, each share from 0 to 1.
fn parse(text: &str, formula: Formula) -> Result<CheckedWeights, ApiError> {
    let mut weights = WeightParams::new(formula);
    let mut named: Vec<&str> = Vec::new();
    for pair in text.split(',').filter(|_| !text.is_empty()) {
        let (term, share) = pair.split_once(':').unwrap_or((pair, ""));
        let (term, share) = (term.trim(), share.trim().parse::<f64>().ok());
        let share = share.filter(|share| (0.0..=1.0).contains(share));
        let (Some(share), false) = (share, named.contains(&term)) else {
            return Err(refused(term, formula));
        };
        weights = weights
            .weight(term, share)
            .map_err(|_| refused(term, formula))?;
        named.push(term);
    }
    weights.check().map_err(|_| refused("", formula))
}

/// Makes the error for a term that the formula lacks, that stands twice, or whose share is none; it is at `weights.<term>`. Without a term it is that no
/// term weighs anything.
fn refused(term: &str, formula: Formula) -> ApiError {
    let terms = formula.terms().map(ranking::Term::name).join(", ");
    // What is sent back is cut: it is as long as the caller likes.
    let term: String = term.chars().take(40).collect();
    let field = if term.is_empty() {
        NAME.to_owned()
    } else {
        format!("{NAME}.{term}")
    };
    invalid(
        &field,
        format!(
            "« {term} » n'est pas un poids : écrivez terme:part, séparés par des virgules, chaque terme une fois, chaque part de 0 à 1, l'une \
             au-dessus de 0. Les termes sont : {terms}."
        ),
        format!(
            "\"{term}\" is no weight: write term:share, with commas between, each term once, each share from 0 to 1, one of them above 0. The \
             terms are: {terms}."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    fn shares(text: &str) -> Vec<f64> {
        let weights = parse(text, Formula::People).unwrap();
        weights.shares().map(|(_, share)| share).to_vec()
    }

    #[test]
    fn a_term_that_is_not_named_keeps_its_default_and_shares_sum_to_one() {
        assert_eq!(shares(""), shares("fit:0.3,reputation:0.2"));
        let only_fit = shares("fit:1,reputation:0, price_alignment:0,availability:0,loc:0,risk:0");
        assert_eq!(only_fit, [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        for text in ["", "fit:0.7", "loc:1,risk:0.33"] {
            assert_eq!(shares(text).iter().sum::<f64>(), 1.0, "{text}");
        }
    }

    #[test]
    fn a_bad_weight_is_refused_by_its_term_with_the_terms_there_are() {
        for (text, term) in [
            ("prix:0.2", "prix"),
            ("quality:0.2", "quality"),
            ("fit:0.2,chance:1", "chance"),
            ("fit", "fit"),
            ("fit:", "fit"),
            ("fit:2", "fit"),
            ("fit:-0.1", "fit"),
            ("fit:NaN", "fit"),
            ("fit:0.1,fit:0.2", "fit"),
            ("fit:0.1,", ""),
            (
                "fit:0,reputation:0,price_alignment:0,availability:0,loc:0,risk:0",
                "",
            ),
        ] {
            let error = parse(text, Formula::People).unwrap_err();
            assert_eq!(error.code(), Code::InvalidValue, "{text}");
            let said = error.to_string();
            assert!(
                said.contains(&format!("\"{term}"))
                    && said.contains("fit, reputation, price_alignment"),
                "{text}: {said}"
            );
        }
    }
}
