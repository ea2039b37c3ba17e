//! Arguments of commands that nobody watches.

use std::path::PathBuf;

use clap::Args;
use logging::{DefaultLevel, LogConfig, LogTarget};

use super::{Arguments, Subcommands, parse_size};
use crate::flags::ReceivingFlags;

#[derive(Debug, Args)]
pub(crate) struct DoctorArguments {
    /// Look at the way to this contact, too, by its name or id
    pub(crate) contact: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) flags: ReceivingFlags,
    /// Accept everything from contacts
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Keep a log in this file too; the one before it is kept as FILE.1
    #[arg(long, value_name = "FILE", env = "WHERRY_LOG_FILE")]
    pub(crate) log_file: Option<PathBuf>,
    /// When the log file is started anew, in bytes, or with K, M, G
    #[arg(long, value_name = "N", default_value = "8M", value_parser = parse_size)]
    pub(crate) log_size: u64,
    /// Keep texts as files, instead of only showing them
    #[arg(long)]
    pub(crate) keep_texts: bool,
}

/// For commands that a script may not wait for.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct TimeoutArguments {
    /// Give up when nothing happened for so long: nobody came, nobody answered, no byte moved
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=MAX_TIMEOUT_S))]
    pub(crate) timeout: Option<u64>,
}

impl Arguments {
    /// How this command logs: one that stays tells what happens, the others what goes wrong.
    pub(crate) fn log(&self) -> LogConfig {
        let quiet = LogConfig {
            default_level: DefaultLevel::Warn,
            file: None,
        };
        let Subcommands::Run(run) = &self.command else {
            return quiet;
        };
        let Some(path) = run.log_file.clone() else {
            return quiet;
        };
        LogConfig {
            default_level: DefaultLevel::Info,
            file: Some(LogTarget {
                path,
                limit_bytes: run.log_size,
            }),
        }
    }
}

/// A year.
const MAX_TIMEOUT_S: u64 = 365 * 24 * 60 * 60;

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[test]
    fn what_units_and_container_start_is_understood() {
        let units = [
            include_str!("../../systemd/wherry.service"),
            include_str!("../../systemd/wherry-receiver.service"),
        ];
        let container = include_str!("../../oci/Containerfile");
        let container_says = |word: &str| {
            let mut lines = container.lines();
            let line = lines.find_map(|line| line.strip_prefix(word)).unwrap();
            serde_json::from_str::<Vec<String>>(line).unwrap()
        };
        let mut started: Vec<Vec<String>> = units
            .iter()
            .map(|unit| {
                let mut lines = unit.lines();
                let line = lines
                    .find_map(|line| line.strip_prefix("ExecStart="))
                    .unwrap();
                line.split(' ').map(str::to_owned).collect()
            })
            .collect();
        let default = container_says("CMD ");
        started.push([container_says("ENTRYPOINT "), default].concat());
        for words in started {
            let parsed = Arguments::try_parse_from(&words).unwrap();
            assert!(matches!(parsed.command, Subcommands::Run(_)), "{words:?}");
        }
    }
}
