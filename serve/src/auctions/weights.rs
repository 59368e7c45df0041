//! What each term weighs for a client, as `weights=price:0.5,delay:0.2`.

use deals::bids::global_weights;
use ranking::{CheckedWeights, Formula};

use crate::{ApiError, body::invalid, parameters::Parameters};

/// Takes the weights that a caller sets; none where it leaves them as they are.
pub(crate) fn take_weights(
    parameters: &mut Parameters,
) -> Result<Option<CheckedWeights>, ApiError> {
    parameters
        .take("weights")
        .map(|text| read(&text))
        .transpose()
}

fn read(text: &str) -> Result<CheckedWeights, ApiError> {
    let mut set: Vec<(String, f64)> = Vec::new();
    for part in text.split(',') {
        let (name, weight) = part.split_once(':').unwrap_or((part, ""));
        let name = name.trim().to_owned();
        let is_twice = set.iter().any(|(other, _)| *other == name);
        let is_term = Formula::Global.term(&name).is_ok();
        let weight = weight.trim().parse().ok();
        let weight = weight.filter(|weight: &f64| (0.0..=1.0).contains(weight));
        match weight.filter(|_| is_term && !is_twice) {
            Some(weight) => set.push((name, weight)),
            None => return Err(refused(&name)),
        }
    }
    global_weights(&set).map_err(|_| {
        invalid(
            "weights",
            "Un poids au moins dépasse 0.".to_owned(),
            "One weight at least is above 0.".to_owned(),
        )
    })
}

fn refused(name: &str) -> ApiError {
    let terms = Formula::Global.terms().map(ranking::Term::name).join(", ");
    invalid(
        &format!("weights.{name}"),
        format!(
            "« {name} » : les poids s'écrivent price:0.5,delay:0.2, une fois chacun, de 0 à 1, pour {terms}."
        ),
        format!(
            "\"{name}\": weights are written price:0.5,delay:0.2, each once, from 0 to 1, for {terms}."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_read_and_a_bad_one_is_named() {
        let shares = read("price:1, quality:0,fit:0,delay:1,risk:0,loc:0")
            .unwrap()
            .shares();
        let share = |name: &str| {
            shares
                .iter()
                .find(|(term, _)| term.name() == name)
                .unwrap()
                .1
        };
        assert_eq!(
            (share("price"), share("delay"), share("fit")),
            (0.5, 0.5, 0.0)
        );
        for (text, name) in [
            ("prix:1", "prix"),
            ("price:2", "price"),
            ("price:NaN", "price"),
            ("price", "price"),
            ("price:0.1,price:0.2", "price"),
            ("", ""),
        ] {
            let error = read(text).unwrap_err();
            assert!(
                error.to_string().contains(&format!("\"{name}\"")),
                "{text}: {error}"
            );
        }
        let none = "price:0,quality:0,fit:0,delay:0,risk:0,loc:0";
        assert!(read(none).is_err());
    }
}
