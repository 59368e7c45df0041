//! `pipeline models`.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context as _, Result};
use chrono::{DateTime, Utc};
use deals::ModelCard;
use serde_json::json;

use super::{
    arguments::{Common, ModelsAction, ModelsArguments, Output},
    arms::arms,
};
use crate::{
    deal_models::{Decisions, Sort, Version},
    models::Models,
    plot::plot,
    report::print_json,
    rows,
};

pub(super) async fn models(common: &Common, arguments: ModelsArguments) -> Result<u8> {
    let lake = arguments.lake.open_existing()?;
    let models = Models::new(&lake);
    let output = common.output();
    match arguments.action {
        ModelsAction::List { name } => list(output, &models, name.as_deref()).await?,
        ModelsAction::Show { version } => show(output, &models, &version).await?,
        ModelsAction::Compare { a, b } => compare(output, &models, [&a, &b]).await?,
        ModelsAction::Arms(arguments) => arms(output, &models, arguments).await?,
        ModelsAction::Promote { version, note } => {
            decide(output, &models, Sort::Promote, &version, note).await?;
        }
        ModelsAction::Pin { version, note } => {
            decide(output, &models, Sort::Pin, &version, note).await?;
        }
        ModelsAction::Unpin { name, note } => {
            let decision = models.unpin(&name, note, now()).await?;
            match output {
                Output::Json => print_json(&json!(decision)),
                Output::Text => println!(
                    "{name} is pinned no longer: from the next run on challengers may take the place of what is served"
                ),
            }
        }
        ModelsAction::Plot { name, version, out } => {
            let named = version.unwrap_or_else(|| name.clone());
            draw(output, &models, &name, &named, &out).await?;
        }
    }
    Ok(0)
}

/// What became of a version, and what was decided of it.
fn states(version: &Version, decisions: &Decisions) -> Vec<&'static str> {
    let is_it = |decided: Option<&str>| decided == Some(version.version.as_str());
    let is_pinned = is_it(decisions.pinned(&version.name));
    let promoted = decisions.promoted(&version.name);
    let is_promoted = is_it(promoted.and_then(|one| one.version.as_deref()));
    let mut states = Vec::new();
    states.extend(version.is_served.then_some("served"));
    match (is_pinned, version.is_served) {
        (true, true) => states.push("pinned"),
        (true, false) => states.push("pinned from the next run"),
        _ => {}
    }
    states.extend(is_promoted.then_some("promoted by decision"));
    states.extend((version.verdict == "refused").then_some("refused"));
    states
}

async fn list(output: Output, models: &Models<'_>, name: Option<&str>) -> Result<()> {
    let decisions = models.decisions().await?;
    let mut versions = models.versions().await?;
    versions.retain(|one| name.is_none_or(|name| one.name == name));
    // What is served comes first, then the newest data.
    versions.sort_by(|a, b| {
        let place = |one: &Version| (one.name.clone(), !one.is_served);
        place(a)
            .cmp(&place(b))
            .then(b.data_until.cmp(&a.data_until))
            .then(a.version.cmp(&b.version))
    });
    let mut of = "";
    for version in &versions {
        let states = states(version, &decisions);
        if output == Output::Json {
            let mut line = json!(version);
            line["states"] = json!(states);
            print_json(&line);
            continue;
        }
        if of != version.name {
            println!("{}", version.name);
            of = &version.name;
        }
        println!(
            "  {}  {:30} {}",
            version.version,
            states.join(", "),
            figures(version)
        );
        for reason in &version.reasons {
            println!("  {:18}{reason}", "");
        }
    }
    if versions.is_empty() && output == Output::Text {
        println!("no model was fitted: there are too few deals, or no run of this version");
    }
    Ok(())
}

fn figures(version: &Version) -> String {
    let told = [
        ("loss", version.loss),
        ("of", version.constant_loss),
        ("coverage", version.coverage),
        ("calibration error", version.calibration_error),
    ];
    let known = told
        .iter()
        .filter_map(|(name, value)| Some(format!("{name} {:.4}", (*value)?)));
    let known: Vec<String> = known.collect();
    format!(
        "{} · {} deals until {}",
        known.join(" "),
        version.deals,
        version.data_until
    )
}

async fn show(output: Output, models: &Models<'_>, named: &str) -> Result<()> {
    let version = models.find(named).await?;
    let card = models.card(&version).await?;
    let states = states(&version, &models.decisions().await?);
    if output == Output::Json {
        let mut line = json!(card);
        line["is_served"] = json!(version.is_served);
        line["states"] = json!(states);
        print_json(&line);
        return Ok(());
    }
    println!("{} {}  {}", card.name, card.version, states.join(", "));
    println!("{}", card.sentence());
    println!(
        "first fitted for slot {}, on {} rows of {} deals until {}",
        card.slot, card.rows, card.deals, version.data_until
    );
    println!("parent     {}", card.parent.as_deref().unwrap_or("none"));
    println!("data       {}", card.data_digest);
    println!("seed       {}", card.seed);
    println!("features   {}", card.features.join(", "));
    for (name, value) in &card.params {
        println!("setting    {name:34} {value}");
    }
    for (name, value) in &card.metrics {
        println!("measure    {name:34} {value:.4}");
    }
    for (part, measured) in [("fold", &card.folds), ("block", &card.by_time)] {
        for (place, measures) in measured.iter().enumerate() {
            println!("{part:10} {:<6} {}", place + 1, measures_text(measures));
        }
    }
    for bin in &card.reliability {
        println!(
            "reliable   said {:.3} happened {:.3} of {} deals",
            bin.said, bin.happened, bin.rows
        );
    }
    Ok(())
}

fn measures_text(measures: &BTreeMap<String, f64>) -> String {
    let said: Vec<String> = measures
        .iter()
        .map(|(name, value)| match name.as_str() {
            "rows" => format!("{name} {value}"),
            _ => format!("{name} {value:.4}"),
        })
        .collect();
    said.join("  ")
}

/// How a card tells something in words.
type Told = fn(&ModelCard) -> String;

async fn compare(output: Output, models: &Models<'_>, named: [&str; 2]) -> Result<()> {
    let mut cards = Vec::new();
    for one in named {
        let version = models.find(one).await?;
        cards.push(models.card(&version).await?);
    }
    let [a, b] = &cards[..] else { return Ok(()) };
    let names: std::collections::BTreeSet<&String> =
        a.metrics.keys().chain(b.metrics.keys()).collect();
    let measured = names.into_iter().map(|name| {
        (
            name,
            a.metrics.get(name).copied(),
            b.metrics.get(name).copied(),
        )
    });
    let difference = |a: Option<f64>, b: Option<f64>| Some(b? - a?);
    if output == Output::Json {
        let metrics = measured.map(|(name, a, b)| {
            (
                name.clone(),
                json!({ "a": a, "b": b, "difference": difference(a, b) }),
            )
        });
        let metrics: serde_json::Map<_, _> = metrics.collect();
        print_json(&json!({ "a": a, "b": b, "metrics": metrics }));
        return Ok(());
    }
    println!("{:34} {:>28} {:>28} {:>12}", "", a.name, b.name, "");
    println!(
        "{:34} {:>28} {:>28} {:>12}",
        "version", a.version, b.version, "b − a"
    );
    let texts: [(&str, Told); 4] = [
        ("champion", |card| card.champion.clone()),
        ("deals", |card| card.deals.to_string()),
        ("data until", |card| rows::date_text(card.data_until_day)),
        ("promoted", |card| {
            if card.is_promoted() { "yes" } else { "no" }.to_owned()
        }),
    ];
    for (what, of) in texts {
        println!("{what:34} {:>28} {:>28}", of(a), of(b));
    }
    for (name, a, b) in measured {
        let figure = |value: Option<f64>| {
            value.map_or_else(|| "–".to_owned(), |value| format!("{value:.4}"))
        };
        let change = difference(a, b).map_or_else(String::new, |change| format!("{change:+.4}"));
        println!("{name:34} {:>28} {:>28} {change:>12}", figure(a), figure(b));
    }
    let only = |of: &ModelCard, other: &ModelCard| {
        let own = of
            .features
            .iter()
            .filter(|name| !other.features.contains(name));
        own.cloned().collect::<Vec<_>>().join(", ")
    };
    for (mark, own) in [("a", only(a, b)), ("b", only(b, a))] {
        if !own.is_empty() {
            println!("only {mark} looks at {own}");
        }
    }
    if a.data_digest != b.data_digest {
        println!("they were judged on other rows: a difference may be that of the rows");
    }
    Ok(())
}

async fn decide(
    output: Output,
    models: &Models<'_>,
    sort: Sort,
    named: &str,
    note: Option<String>,
) -> Result<()> {
    let version = models.find(named).await?;
    let decision = models.decide(sort, &version, note, now()).await?;
    if output == Output::Json {
        print_json(&json!(decision));
        return Ok(());
    }
    let what = format!("version {} of {}", version.version, version.name);
    match sort {
        Sort::Pin => println!(
            "{what} is pinned: from the next run on it is served, whatever is fitted, until `pipeline models unpin {}`",
            version.name
        ),
        _ => println!(
            "{what} is promoted: from the next run on it is served until a fit is no worse on rows that came after {}",
            version.data_until
        ),
    }
    if version.verdict == "refused" {
        println!("note: the gate refused it: {}", version.reasons.join(", "));
    }
    Ok(())
}

async fn draw(
    output: Output,
    models: &Models<'_>,
    name: &str,
    named: &str,
    out: &Path,
) -> Result<()> {
    let version = models.find(named).await?;
    if version.name != name {
        anyhow::bail!(
            "version {} is one of {}, not of {name}",
            version.version,
            version.name
        );
    }
    let card = models.card(&version).await?;
    let svg = plot(&card)?;
    std::fs::write(out, svg).with_context(|| format!("cannot write {}", out.display()))?;
    match output {
        Output::Json => {
            print_json(&json!({ "name": name, "version": version.version, "out": out }))
        }
        Output::Text => println!("{name} {} is drawn in {}", version.version, out.display()),
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command line is where the clock is read"
)]
fn now() -> DateTime<Utc> {
    Utc::now()
}
