use std::io::Write as _;
use std::process::ExitCode;

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::args::Arguments;

/// Prints completions for `shell`.
pub(super) fn completions(shell: Shell) -> ExitCode {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "wherry", &mut text);
    print(&text)
}

/// Prints the manual page, with every subcommand after the overview.
pub(super) fn manual() -> ExitCode {
    let mut text = Vec::new();
    let command = Arguments::command();
    if clap_mangen::Man::new(command).render(&mut text).is_err() {
        return ExitCode::FAILURE;
    }
    print(&text)
}

fn print(text: &[u8]) -> ExitCode {
    match std::io::stdout().lock().write_all(text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
