//! Functions that MarketLounge adds to SQL.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, BooleanArray, Int64Array, ListBuilder, StringArray, StringBuilder},
    datatypes::{DataType, Field},
};
use datafusion::{
    common::cast::{as_int64_array, as_string_array},
    logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf},
};

use crate::{Select, asked, salary::annual_salary};

/// Where a function's results come from: what changes when it gives another one for the same argument.
enum Basis {
    /// Its own code.
    Own,
    /// The analysis of texts, which has a version of its own.
    Analysis,
}

/// Every function with what it rests on and its version, to be raised when it gives another result for the same argument: the tables
/// whose SQL calls it, and no others, are then made anew.
fn versioned() -> Vec<(ScalarUDF, Basis, u32)> {
    use Basis::{Analysis, Own};
    let fold = |s: &str| Some(text::fold(s));
    let phrase_key = |s: &str| Some(text::phrase_key(s)).filter(|key| !key.is_empty());
    let query_key = |s: &str| Some(asked::query_key(s));
    let region_of = |s: &str| schemas::region_of(s).map(str::to_owned);
    let least = |s: &str| annual_salary(s).map(|s| s.min_cents);
    let most = |s: &str| annual_salary(s).map(|s| s.max_cents);
    vec![
        (text_to_text("clean_text", text::clean), Analysis, 2),
        (text_to_text("clean_naf", clean_naf), Own, 2),
        (text_to_text("fold", fold), Analysis, 2),
        (text_to_text("phrase_key", phrase_key), Analysis, 2),
        (text_to_text("query_key", query_key), Analysis, 2),
        (text_to_text("region_of", region_of), Own, 2),
        (
            text_to_text("department_of", schemas::department_of),
            Own,
            2,
        ),
        (phrases(), Analysis, 2),
        (crate::minhash::minhash_buckets(), Analysis, 2),
        (text_to_cents("eur_cents", cents_of_euros), Own, 2),
        (text_to_cents("salary_min_cents", least), Own, 2),
        (text_to_cents("salary_max_cents", most), Own, 2),
        (text_to_claim("is_siren", schemas::is_valid_siren), Own, 2),
        (
            text_to_claim("is_shareable", asked::is_shareable),
            Analysis,
            2,
        ),
    ]
}

/// Returns the versions of the functions that a SELECT calls, which say whether a table made by it still stands; nothing where it
/// calls none of ours.
#[must_use]
pub fn functions_version(select: &Select) -> String {
    let called =
        |(function, ..): &(ScalarUDF, Basis, u32)| select.calls().contains(function.name());
    let said = versioned()
        .into_iter()
        .filter(called)
        .map(|(function, basis, version)| {
            let name = function.name();
            match basis {
                Basis::Own => format!("{name} {version}"),
                Basis::Analysis => {
                    format!("{name} {version} (analysis {})", text::ANALYSIS_VERSION)
                }
            }
        });
    said.collect::<Vec<_>>().join(", ")
}

/// Returns every function, for registration in a session.
pub(crate) fn all() -> Vec<ScalarUDF> {
    versioned()
        .into_iter()
        .map(|(function, ..)| function)
        .collect()
}

/// `25.62b` and `2562 B` are the NAF code `2562B`; blank is null.
fn clean_naf(value: &str) -> Option<String> {
    let kept = value.chars().filter(|c| !c.is_whitespace() && *c != '.');
    Some(kept.flat_map(char::to_uppercase).collect()).filter(|s: &String| !s.is_empty())
}

/// `12,50 €`, `1 250` and `12.5` are euros; what is no amount is null.
fn cents_of_euros(value: &str) -> Option<i64> {
    let plain: String = value
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '€' | '\u{202f}' | '\u{a0}'))
        .map(|c| if c == ',' { '.' } else { c })
        .collect();
    let (sign, digits) = plain
        .strip_prefix('-')
        .map_or((1, plain.as_str()), |rest| (-1, rest));
    let (euros, cents) = digits.split_once('.').unwrap_or((digits, ""));
    let is_amount = !euros.is_empty()
        && cents.len() <= 2
        && euros
            .bytes()
            .chain(cents.bytes())
            .all(|b| b.is_ascii_digit());
    if !is_amount {
        return None;
    }
    let cents: i64 = format!("{cents:0<2}").parse().ok()?;
    Some(
        sign * euros
            .parse::<i64>()
            .ok()?
            .checked_mul(100)?
            .checked_add(cents)?,
    )
}

fn text_to_text(
    name: &str,
    apply: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
) -> ScalarUDF {
    unary(name, DataType::Utf8, move |values| {
        let mapped = values.iter().map(|value| value.and_then(&apply));
        Arc::new(mapped.collect::<StringArray>())
    })
}

fn text_to_cents(
    name: &str,
    apply: impl Fn(&str) -> Option<i64> + Send + Sync + 'static,
) -> ScalarUDF {
    unary(name, DataType::Int64, move |values| {
        let mapped = values.iter().map(|value| value.and_then(&apply));
        Arc::new(mapped.collect::<Int64Array>())
    })
}

fn text_to_claim(name: &str, apply: impl Fn(&str) -> bool + Send + Sync + 'static) -> ScalarUDF {
    unary(name, DataType::Boolean, move |values| {
        let mapped = values.iter().map(|value| value.map(&apply));
        Arc::new(mapped.collect::<BooleanArray>())
    })
}

fn unary(
    name: &str,
    returns: DataType,
    apply: impl Fn(&StringArray) -> ArrayRef + Send + Sync + 'static,
) -> ScalarUDF {
    let fun = move |arguments: &[ColumnarValue]| {
        let arrays = ColumnarValue::values_to_arrays(arguments)?;
        Ok(ColumnarValue::Array(apply(as_string_array(&arrays[0])?)))
    };
    create_udf(
        name,
        vec![DataType::Utf8],
        returns,
        Volatility::Immutable,
        Arc::new(fun),
    )
}

/// `phrases(s, n)`: the distinct phrase keys of all runs of 1 to n words of s.
fn phrases() -> ScalarUDF {
    let item = Arc::new(Field::new("item", DataType::Utf8, true));
    let fun = |arguments: &[ColumnarValue]| {
        let arrays = ColumnarValue::values_to_arrays(arguments)?;
        let (texts, lengths) = (as_string_array(&arrays[0])?, as_int64_array(&arrays[1])?);
        let mut lists = ListBuilder::new(StringBuilder::new());
        for (text, length) in texts.iter().zip(lengths) {
            let keys = text
                .zip(length)
                .map(|(text, length)| text::phrases(text, usize::try_from(length).unwrap_or(0)));
            for key in keys.iter().flatten() {
                lists.values().append_value(key);
            }
            lists.append(keys.is_some());
        }
        Ok(ColumnarValue::Array(Arc::new(lists.finish()) as ArrayRef))
    };
    let takes = vec![DataType::Utf8, DataType::Int64];
    create_udf(
        "phrases",
        takes,
        DataType::List(item),
        Volatility::Immutable,
        Arc::new(fun),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn euros_become_cents_exactly() {
        let cases = [
            ("12,50 €", Some(1250)),
            ("1 250", Some(125_000)),
            ("0.1", Some(10)),
            ("-3,5", Some(-350)),
            ("12,505", None),
            ("douze", None),
            ("", None),
            ("9223372036854775807", None),
        ];
        for (given, expected) in cases {
            assert_eq!(cents_of_euros(given), expected, "{given}");
        }
    }

    #[test]
    fn a_select_has_the_versions_of_the_functions_that_it_calls_and_no_others() {
        let version = |sql| functions_version(&Select::parse(sql).unwrap());
        assert_eq!(version("SELECT upper(a) FROM bronze.t"), "");
        assert_eq!(version("SELECT eur_cents(a) FROM bronze.t"), "eur_cents 2");
        let said = version("SELECT FOLD(a), is_siren(b) FROM bronze.t");
        assert!(
            said.starts_with("fold 2 (analysis ") && said.ends_with(", is_siren 2"),
            "{said}"
        );
    }

    #[test]
    fn a_naf_code_has_one_spelling() {
        for given in ["2562B", "25.62b", " 25.62 B"] {
            assert_eq!(clean_naf(given).as_deref(), Some("2562B"), "{given}");
        }
        assert_eq!(clean_naf(" "), None);
    }
}
