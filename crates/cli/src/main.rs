//! The headless face: `wherry` sends, receives and pairs from a terminal or a script.
//!
//! Every command becomes the owner of the home or attaches to the process that owns it, asks through
//! `api`, and prints what it is told: bars on a terminal, lines elsewhere, JSON with `--json`.

mod args;
mod commands;
mod daemon;
mod destination;
mod exit;
mod flags;
mod interrupt;
mod invited;
mod outcome;
mod patience;
mod prompt;
mod report;

use std::process::ExitCode;

use clap::Parser as _;

use args::Arguments;

fn main() -> ExitCode {
    engine::use_one_heap();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return exit::after_parse_error(&error),
    };
    if let Err(error) = logging::init(arguments.log()) {
        return exit::without_log(&error);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "the async runtime does not start");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(Box::pin(commands::run(arguments)));
    // A prompt may still be reading standard input: it must not hold up the exit.
    runtime.shutdown_background();
    code
}
