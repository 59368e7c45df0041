//! `GET /admin/metrics?tenant=&from=&weeks=`: how the tenant's marketplace does, week by week.

mod legend;

use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    ApiError,
    body::invalid,
    edge::Arrival,
    node::Answering,
    parameters::{Parameters, required},
    reference::{Kpis, Week},
};
use legend::{METRICS, legend};

/// Weeks shown where the caller does not say how many.
const WEEKS_DEFAULT: usize = 12;
/// Weeks shown at most: two years.
const WEEKS_MAX: usize = 104;

#[derive(Debug, Serialize)]
struct Answer {
    request_id: String,
    snapshot_id: String,
    tenant: String,
    /// First and last week shown; none where there is none.
    from: Option<Week>,
    to: Option<Week>,
    /// Unit and meaning of each figure, in the caller's language.
    legend: Value,
    /// Every week of the window, the newest first, the quiet ones too.
    weeks: Vec<Shown>,
}

#[derive(Debug, Serialize)]
struct Shown {
    week: Week,
    #[serde(flatten)]
    figures: Map<String, Value>,
}

/// Answers the figures of the tenant that asks, and of no other.
pub(crate) async fn get(
    Answering(serving): Answering,
    arrival: Arrival,
    request: HttpRequest,
    mut parameters: Parameters,
) -> Result<HttpResponse, ApiError> {
    let from = parameters
        .take("from")
        .map(|text| read_from(&text))
        .transpose()?;
    let weeks = parameters.take_count("weeks", WEEKS_DEFAULT, WEEKS_MAX)?;
    let tenant = required("tenant", parameters.take_tenant(&request)?)?;
    let language = parameters.take_language()?;
    parameters.finish()?;
    let kpis = serving.reference().kpis()?;
    let window = window(kpis.weeks(tenant.as_str()), from, weeks);
    let shown = window.into_iter().flat_map(|(first, last)| first.to(last));
    Ok(HttpResponse::Ok().json(Answer {
        request_id: arrival.request_id,
        snapshot_id: serving.id().to_string(),
        tenant: tenant.to_string(),
        from: window.map(|(first, _)| first),
        to: window.map(|(_, last)| last),
        legend: legend(language),
        weeks: shown
            .rev()
            .map(|week| show(kpis, tenant.as_str(), week))
            .collect(),
    }))
}

fn read_from(text: &str) -> Result<Week, ApiError> {
    text.parse().map_err(|_| {
        invalid(
            "from",
            "« from » est un jour de la première semaine : 2026-11-20.".to_owned(),
            "\"from\" is a day of the first week: 2026-11-20.".to_owned(),
        )
    })
}

/// First and last week shown: so many from `from` on, or the last so many; none where the tenant has none of them.
fn window(known: Option<(Week, Week)>, from: Option<Week>, weeks: usize) -> Option<(Week, Week)> {
    let (first, last) = known?;
    let more = i32::try_from(weeks).unwrap_or(i32::MAX) - 1;
    let start = from.unwrap_or(last.plus(-more)).max(first);
    (start <= last).then(|| (start, start.plus(more).min(last)))
}

/// The figures of a week. Where nothing happened counts are 0, and there is no share of anything.
fn show(kpis: &Kpis, tenant: &str, week: Week) -> Shown {
    let known = kpis.figures(tenant, week);
    let figure = |metric: &legend::Metric| match known {
        Some(figures) => figures.get(metric.name).copied(),
        None => metric.unit.of_nothing(),
    };
    Shown {
        week,
        figures: METRICS
            .iter()
            .map(|metric| (metric.name.to_owned(), json!(figure(metric))))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn week(day: &str) -> Week {
        day.parse().unwrap()
    }

    #[test]
    fn a_window_has_no_week_before_the_first_nor_after_the_last() {
        let known = Some((week("2026-09-07"), week("2026-11-16")));
        let shown = |from: Option<&str>, weeks| window(known, from.map(week), weeks);
        let pair = |first, last| Some((week(first), week(last)));
        assert_eq!(shown(None, 1), pair("2026-11-16", "2026-11-16"));
        assert_eq!(shown(None, 3), pair("2026-11-02", "2026-11-16"));
        assert_eq!(shown(None, 104), known);
        assert_eq!(
            shown(Some("2026-10-01"), 2),
            pair("2026-09-28", "2026-10-05")
        );
        assert_eq!(
            shown(Some("2020-01-01"), 2),
            pair("2026-09-07", "2026-09-14")
        );
        assert_eq!(
            shown(Some("2026-11-22"), 9),
            pair("2026-11-16", "2026-11-16")
        );
        assert_eq!(shown(Some("2026-11-23"), 9), None);
        assert_eq!(window(None, None, 12), None);
    }
}
