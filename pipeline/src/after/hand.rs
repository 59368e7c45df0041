//! Handing an alert over: to an address, a program, or the system's mailer.

use std::{process::Stdio, time::Duration};

use anyhow::{Context as _, Result, bail};
use serde_json::json;
use tokio::{io::AsyncWriteExt as _, process};

use super::{
    alert::{Alert, Event},
    config::{After, Mail, Webhook},
};

/// How long one address or program may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Tells everybody who asked for such an event; returns what did not arrive. Offline, nobody is told.
pub(crate) async fn send(after: &After, alert: &Alert) -> Vec<anyhow::Error> {
    let mut failures = Vec::new();
    if after.is_offline {
        return failures;
    }
    let wants = |on: &[Event]| alert.event == Event::Test || on.contains(&alert.event);
    let alerts = &after.alerts;
    for webhook in alerts.webhook.iter().filter(|one| wants(&one.on)) {
        failures.extend(post(webhook, alert).await.err());
    }
    for command in alerts.command.iter().filter(|one| wants(&one.on)) {
        let told = format!("{}\n", json!(alert));
        failures.extend(hand(&command.run, told.as_bytes()).await.err());
    }
    for mail in alerts.mail.iter().filter(|one| wants(&one.on)) {
        failures.extend(
            hand(&mail.program, letter(mail, alert).as_bytes())
                .await
                .err(),
        );
    }
    failures
}

async fn post(webhook: &Webhook, alert: &Alert) -> Result<()> {
    let body = json!(alert).to_string();
    super::deliver::post(&webhook.url, None, body, PATIENCE).await
}

/// Starts a program and hands it a text on its standard input.
async fn hand(program: &[String], text: &[u8]) -> Result<()> {
    let Some((name, arguments)) = program.split_first() else {
        bail!("no program is named");
    };
    let run = async {
        let mut child = process::Command::new(name)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        if let Some(mut input) = child.stdin.take() {
            // A program that does not read what it is told may still have done its work.
            let _ = input.write_all(text).await;
        }
        let status = child.wait().await?;
        if !status.success() {
            bail!("{name} ended with {status}");
        }
        Ok(())
    };
    match tokio::time::timeout(PATIENCE, run).await {
        Ok(done) => done,
        Err(_) => bail!("{name} took longer than {} s", PATIENCE.as_secs()),
    }
}

/// A letter of RFC 5322 with an encoded subject.
fn letter(mail: &Mail, alert: &Alert) -> String {
    let mut text = format!(
        "From: {}\r\nTo: {}\r\nSubject: {}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: 8bit\r\nAuto-Submitted: auto-generated\r\n\r\n{}\r\n",
        mail.from,
        mail.to.join(", "),
        subject(alert),
        alert.text
    );
    for reason in &alert.reasons {
        text.push_str(&format!("\r\n- {}", reason.replace('\n', "\r\n  ")));
    }
    if let Some(report) = &alert.report {
        text.push_str(&format!("\r\n\r\nReport, below the lake: {report}\r\n"));
    }
    text
}

/// A subject of ASCII letters only, so that it needs no encoding and holds no head of its own.
fn subject(alert: &Alert) -> String {
    let event = format!("{:?}", alert.event).to_lowercase();
    let said = format!(
        "[MarketLounge] {event} {} {}",
        alert.dag,
        alert.run.as_deref().unwrap_or(&alert.slot)
    );
    said.chars()
        .filter(|ch| ch.is_ascii_graphic() || *ch == ' ')
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_holds_no_head_that_a_reason_wrote() {
        let mail = Mail {
            from: "nuit@exemple.fr".to_owned(),
            to: vec!["garde@exemple.fr".to_owned()],
            program: vec![],
            on: vec![],
        };
        let alert = Alert::gave_up("night\r\nBcc: x@y", "2026-11-20", "échec\nBcc: x@y");
        let letter = letter(&mail, &alert);
        let (heads, body) = letter.split_once("\r\n\r\n").unwrap();
        assert!(!heads.contains("\nBcc:"), "{heads}");
        assert!(body.contains("échec"));
    }
}
