//! Salaries as France Travail writes them, in cents a year.

/// Hours paid in a year of the legal full time: 35 hours in each of 52 weeks (Code du travail, article L3121-27).
const HOURS: f64 = 35.0 * 52.0;
/// Months paid in a year where the text says none, or fewer.
const MONTHS: f64 = 12.0;
/// Most months that a year is paid in.
const MOST_MONTHS: f64 = 18.0;
/// Euros a year that a text can mean: a monthly salary given as a year's, or a year's given as a month's, is outside.
const PLAUSIBLE_EUR: std::ops::RangeInclusive<f64> = 3_000.0..=250_000.0;

/// What an offer pays in a year of full time, gross, in cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AnnualSalary {
    /// The least.
    pub(crate) min_cents: i64,
    /// The most; the least where only one amount is given.
    pub(crate) max_cents: i64,
}

/// Reads `Annuel de 28000,00 Euros à 32000,00 Euros sur 12 mois`; what says no period or no plausible amount is none.
///
/// A year's salary counts as it is, however many months it is paid in; a month's counts as often as months are paid, twelve at
/// least; an hour's counts 35 × 52 times, and a twelfth more for each month beyond twelve. Amounts in the wrong order are swapped.
pub(crate) fn annual_salary(label: &str) -> Option<AnnualSalary> {
    let mut words = label.split_whitespace();
    let period = words.next()?;
    let is_led_in = words.next()? == "de";
    let first = euros(&mut words).filter(|_| is_led_in)?;
    let (mut last, mut months) = (first, MONTHS);
    while let Some(word) = words.next() {
        match word {
            "à" => last = euros(&mut words)?,
            "sur" => months = paid_months(&mut words)?,
            _ => return None,
        }
    }
    let times = match period {
        "Annuel" => 1.0,
        "Mensuel" => months,
        "Horaire" => HOURS * months / MONTHS,
        _ => return None,
    };
    let (first, last) = (first * times, last * times);
    let is_plausible = PLAUSIBLE_EUR.contains(&first) && PLAUSIBLE_EUR.contains(&last);
    is_plausible.then(|| AnnualSalary {
        min_cents: cents(first.min(last)),
        max_cents: cents(first.max(last)),
    })
}

/// Takes `12,50 Euros`.
fn euros<'a>(words: &mut impl Iterator<Item = &'a str>) -> Option<f64> {
    let amount = number(words.next()?)?;
    matches!(words.next()?, "Euros" | "Euro" | "€").then_some(amount)
}

/// Takes `13.5 mois`; `0.0 mois` and parts of a year are the length of the contract, not what a year pays.
fn paid_months<'a>(words: &mut impl Iterator<Item = &'a str>) -> Option<f64> {
    let months = number(words.next()?)?;
    let is_months = words.next()? == "mois" && months <= MOST_MONTHS;
    is_months.then_some(months.max(MONTHS))
}

fn number(text: &str) -> Option<f64> {
    let is_plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'.'));
    if !is_plain {
        return None;
    }
    text.replace(',', ".").parse().ok()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a plausible salary fits many times over"
)]
fn cents(euros: f64) -> i64 {
    (euros * 100.0).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_france_travail_writes_becomes_cents_a_year() {
        for (label, min_cents, max_cents) in [
            (
                "Annuel de 28000,00 Euros à 32000,00 Euros sur 12 mois",
                2_800_000,
                3_200_000,
            ),
            (
                "Annuel de 30000.0 Euros à 40000.0 Euros sur 13.0 mois",
                3_000_000,
                4_000_000,
            ),
            ("Annuel de 24000,50 Euros", 2_400_050, 2_400_050),
            (
                "Mensuel de 1900 Euros à 2100 Euros sur 13.5 mois",
                2_565_000,
                2_835_000,
            ),
            ("Mensuel de 1801,80 Euros", 2_162_160, 2_162_160),
            ("Mensuel de 2400 Euros à 2000 Euros", 2_400_000, 2_880_000),
            ("Horaire de 12,50 Euros", 2_275_000, 2_275_000),
            (
                "Horaire de 11.88 Euros à 12 Euros sur 13 mois",
                2_342_340,
                2_366_000,
            ),
            ("Horaire de 12.02 Euros sur 0.0 mois", 2_187_640, 2_187_640),
        ] {
            let expected = AnnualSalary {
                min_cents,
                max_cents,
            };
            assert_eq!(annual_salary(label), Some(expected), "{label}");
        }
    }

    #[test]
    fn what_cannot_be_read_or_believed_is_none() {
        for label in [
            "",
            "Annuel de",
            "Autre",
            "Autre de 1839,76 Euros à 1935,31 Euros",
            "De 40000,00 Euros à 40000,00 Euros",
            "Selon profil et expérience",
            "Mensuel de 30000.0 Euros à 40000.0 Euros sur 12.0 mois",
            "Mensuel de 14,96 Euros à 14,96 Euros",
            "Annuel de 2000,00 Euros à 26000,00 Euros",
            "Annuel de 38000,00 Euros à 330000,00 Euros",
            "Mensuel de 2000 Euros sur 40 mois",
            "Mensuel de -2000 Euros",
            "Mensuel de NaN Euros",
            "Mensuel de 2000 Euros à",
            "Mensuel de 2000 Euros environ",
        ] {
            assert_eq!(annual_salary(label), None, "{label}");
        }
    }
}
