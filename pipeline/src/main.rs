//! The `pipeline` program: see `pipeline --help`.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let arguments = pipeline::Arguments::parse();
    pipeline::execute(arguments)
}
