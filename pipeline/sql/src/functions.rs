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

use crate::{asked, salary::annual_salary};

/// Raise it when a function gives another result for the same argument.
const VERSION: u32 = 2;

/// Returns the version of the functions, which says whether a table made by SQL still stands.
#[must_use]
pub fn functions_version() -> String {
    format!("functions {VERSION}, analysis {}", text::ANALYSIS_VERSION)
}

/// Returns every function, for registration in a session.
pub(crate) fn all() -> Vec<ScalarUDF> {
    vec![
        text_to_text("clean_text", text::clean),
        text_to_text("clean_naf", clean_naf),
        text_to_text("fold", |s| Some(text::fold(s))),
        text_to_text("phrase_key", |s| {
            Some(text::phrase_key(s)).filter(|key| !key.is_empty())
        }),
        text_to_text("query_key", |s| Some(asked::query_key(s))),
        text_to_text("region_of", |s| schemas::region_of(s).map(str::to_owned)),
        text_to_text("department_of", schemas::department_of),
        phrases(),
        crate::minhash::minhash_buckets(),
        text_to_cents("eur_cents", cents_of_euros),
        text_to_cents("salary_min_cents", |s| {
            annual_salary(s).map(|s| s.min_cents)
        }),
        text_to_cents("salary_max_cents", |s| {
            annual_salary(s).map(|s| s.max_cents)
        }),
        text_to_claim("is_siren", schemas::is_valid_siren),
        text_to_claim("is_shareable", asked::is_shareable),
    ]
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
    fn a_naf_code_has_one_spelling() {
        for given in ["2562B", "25.62b", " 25.62 B"] {
            assert_eq!(clean_naf(given).as_deref(), Some("2562B"), "{given}");
        }
        assert_eq!(clean_naf(" "), None);
    }
}
