//! Measures what a transfer costs: ours beside plain TCP and the tools that are installed, in one table.
//!
//! `docs/performance.md` says what the numbers mean. The exit code is 0 even when a floor is missed, and 1
//! when a transfer failed or its result differed.

mod compare;
mod contest;
mod figures;
mod floors;
mod folders;
#[cfg(target_os = "linux")]
mod links;
mod machine;
mod measured;
mod peers;
mod raw;
mod relays;
mod samples;
mod settings;
mod stage;
mod table;
mod wherry;

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use contest::Contest;
use figures::Figures;
use machine::{Machine, Steal};
use settings::Settings;
use stage::Stage;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = if arguments.is_empty() {
        Settings::from_environment().and_then(|settings| measure(&settings))
    } else {
        play(&arguments).map(|()| ExitCode::SUCCESS)
    };
    outcome.unwrap_or_else(|error| {
        writeln!(io::stderr(), "bench: {error:#}").ok();
        ExitCode::FAILURE
    })
}

/// The part of a process that the bench has started.
fn play(arguments: &[String]) -> anyhow::Result<()> {
    if arguments == [folders::MEASURE_FOLDERS] {
        let text = folders::measure_alone()?;
        return Ok(write!(io::stdout(), "{text}")?);
    }
    #[cfg(target_os = "linux")]
    {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        match *arguments.as_slice() {
            [links::INSIDE] => return links::play(&Settings::from_environment()?),
            [role @ (interop::flow::OFFER | interop::flow::ANSWER), place] => {
                return interop::flow::play(role, place);
            }
            _ => {}
        }
    }
    raw::play(arguments)
}

/// What links of a lab make of a connection; nothing where there are no labs.
fn measure_links(settings: &Settings) -> anyhow::Result<(String, bool)> {
    #[cfg(target_os = "linux")]
    let found = links::measure(settings);
    #[cfg(not(target_os = "linux"))]
    let found = Ok((String::new(), false));
    found
}

/// Every contest once per round, so that a busy minute of the machine touches all of them.
fn measure(settings: &Settings) -> anyhow::Result<ExitCode> {
    let machine = Machine::look(settings);
    let steal = Steal::begin();
    let (contests, left_out) = contest::choose(settings);
    let stage = Stage::set(settings, &contests).context("the samples cannot be made")?;
    let mut results: Vec<Vec<Figures>> = contests.iter().map(|_| Vec::new()).collect();
    let mut notes = left_out;
    let mut has_failed = false;
    for round in 1..=settings.runs {
        for (contest, results) in contests.iter().zip(&mut results) {
            let label = format!(
                "{round}/{} {}: {}",
                settings.runs, contest.load, contest.name
            );
            match contest.run(&stage, settings) {
                Ok(figures) => {
                    writeln!(io::stderr(), "{label}: {:.2} s", figures.seconds)?;
                    results.push(figures);
                }
                Err(error) => {
                    has_failed = true;
                    writeln!(io::stderr(), "{label}: FAILED: {error:#}")?;
                    notes.push(format!("FAILED in round {label}: {error:#}"));
                }
            }
        }
    }
    let (relayed, has_relay_failed) = relays::measure(settings)?;
    let (linked, has_link_failed) = measure_links(settings)?;
    let (shared, has_sharing_failed) = folders::measure(settings)?;
    notes.extend(steal.end());
    let medians = results.iter().map(|runs| figures::median(runs));
    let rows: Vec<(&Contest, Option<Figures>)> = contests.iter().zip(medians).collect();
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{machine}\n")?;
    if !rows.is_empty() {
        writeln!(stdout, "{}", table::results(&rows, &stage))?;
    }
    let verdicts = floors::judge(&rows, &stage);
    if !verdicts.is_empty() {
        writeln!(stdout, "{}", table::verdicts(&verdicts))?;
    }
    for more in [relayed, linked].iter().filter(|it| !it.is_empty()) {
        writeln!(stdout, "{more}")?;
    }
    if !shared.is_empty() {
        writeln!(stdout, "{shared}")?;
    }
    for note in notes {
        writeln!(stdout, "{note}")?;
    }
    let have_others_failed = has_relay_failed || has_link_failed || has_sharing_failed;
    Ok(if has_failed || have_others_failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
