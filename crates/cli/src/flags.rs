//! The flags that the table of settings names.

use std::ffi::OsString;

use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches};
use engine::settings::{Flag, Given, Kind, ROWS, Row};

/// The flags of every command that set a row.
#[derive(Debug, Clone, Default)]
pub(crate) struct EverywhereFlags(Said);

/// The flags of the commands that receive.
#[derive(Debug, Clone, Default)]
pub(crate) struct ReceivingFlags(Said);

/// What was said on the command line, as it was said.
type Said = Vec<(&'static Row, OsString)>;

impl EverywhereFlags {
    pub(crate) fn add_to(&self, given: Given) -> Given {
        add(&self.0, given)
    }
}

impl ReceivingFlags {
    pub(crate) fn add_to(&self, given: Given) -> Given {
        add(&self.0, given)
    }
}

fn add(said: &Said, given: Given) -> Given {
    said.iter().fold(given, |given, (row, value)| {
        given.with_flag(row, absolute_if_folder(row, value.clone()))
    })
}

/// A folder on the command line is meant from where the command runs.
fn absolute_if_folder(row: &Row, value: OsString) -> OsString {
    if row.kind != Kind::Folder {
        return value;
    }
    std::path::absolute(&value).map_or(value, Into::into)
}

fn rows(of_every_command: bool) -> impl Iterator<Item = (&'static Row, &'static str)> {
    ROWS.into_iter().filter_map(move |row| match row.flag? {
        Flag::Everywhere(name) => of_every_command.then_some((row, name)),
        Flag::Receiving(name) => (!of_every_command).then_some((row, name)),
    })
}

fn augment(command: Command, of_every_command: bool) -> Command {
    rows(of_every_command).fold(command, |command, (row, name)| {
        let value = match row.kind {
            Kind::Folder => "DIR",
            Kind::ServerUrl => "URL",
            Kind::Hosts => "HOSTS",
            Kind::Interfaces => "INTERFACES",
            Kind::Proxy => "URL",
            Kind::Hosting => "HOST",
            Kind::Name => "NAME",
            Kind::Bytes { .. } => "BYTES",
            Kind::Number { .. } => "N",
            Kind::Rate => "SPEED",
            Kind::Command => "COMMAND",
            Kind::Switch => "SWITCH",
            Kind::Choice(_) => "WORD",
        };
        let about = format!(
            "{} [env: {}]",
            row.about.trim_end_matches('.'),
            row.environment
        );
        let flag = Arg::new(row.key)
            .long(name)
            .value_name(value)
            .value_parser(clap::value_parser!(OsString))
            .global(of_every_command)
            .help(about);
        command.arg(flag)
    })
}

fn read(matches: &ArgMatches, of_every_command: bool) -> Said {
    rows(of_every_command)
        .filter_map(|(row, _)| Some((row, matches.get_one::<OsString>(row.key)?.clone())))
        .collect()
}

/// Makes a set of flags something that clap can flatten into its arguments.
macro_rules! flattened {
    ($flags:ident, $of_every_command:literal) => {
        impl Args for $flags {
            fn augment_args(command: Command) -> Command {
                augment(command, $of_every_command)
            }

            fn augment_args_for_update(command: Command) -> Command {
                augment(command, $of_every_command)
            }
        }

        impl FromArgMatches for $flags {
            fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
                Ok(Self(read(matches, $of_every_command)))
            }

            fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
                self.0 = read(matches, $of_every_command);
                Ok(())
            }
        }
    };
}

flattened!(EverywhereFlags, true);
flattened!(ReceivingFlags, false);
