//! The `serve` program: one node that answers from the announced snapshot.

use std::{io::IsTerminal, process::ExitCode};

use clap::Parser;
use serve::{LogFormat, Program, Settings};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let Program { settings, command } = Program::parse();
    if let Err(error) = trace(&settings) {
        eprintln!("serve: {error:#}");
        return ExitCode::from(2);
    }
    if let Some(command) = command {
        return match command.execute(&settings) {
            Ok(text) => {
                println!("{text}");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("serve: {error:#}");
                ExitCode::FAILURE
            }
        };
    }
    match serve::run(settings).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "the node cannot run");
            ExitCode::FAILURE
        }
    }
}

fn trace(settings: &Settings) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&settings.log)?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match settings.log_format {
        LogFormat::Text => lines.init(),
        LogFormat::Json => lines.json().init(),
    }
    Ok(())
}
