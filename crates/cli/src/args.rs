mod id;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::flags::{EverywhereFlags, ReceivingFlags};
pub(crate) use id::{IdArguments, IdCommand};

/// Carries files straight from this machine to another one.
#[derive(Debug, Parser)]
#[command(
    name = "wherry",
    version,
    propagate_version = true,
    max_term_width = 100
)]
#[command(after_help = crate::exit::TABLE)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: GlobalArguments,
    #[command(subcommand)]
    pub(crate) command: Subcommands,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct GlobalArguments {
    /// Where this device's identity, contacts and unfinished transfers are kept
    #[arg(long, global = true, value_name = "DIR", env = "WHERRY_HOME")]
    pub(crate) home: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) flags: EverywhereFlags,
    /// Print one JSON object per line
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print results and errors only
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Subcommands {
    /// Send files and folders to a contact, or to whoever says the code
    Send(SendArguments),
    /// Receive what is sent under a code, or what contacts send
    Receive(ReceiveArguments),
    /// Make a contact: shows a code, or takes the other device's
    Pair(PairArguments),
    /// List and change contacts
    #[command(subcommand)]
    Contacts(ContactsCommand),
    /// Stay online: carry on what is unfinished, receive from contacts
    Run(RunArguments),
    /// List and steer transfers
    #[command(subcommand)]
    Transfers(TransfersCommand),
    /// Show this device's id and name; see and change this person's devices
    Id(IdArguments),
    /// Read and change settings
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Try it: carry a file between two devices on this machine
    Demo(DemoArguments),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page
    Man,
}

#[derive(Debug, Args)]
pub(crate) struct SendArguments {
    /// Files and folders; `-` is standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// A contact's name
    #[arg(
        long,
        value_name = "NAME",
        conflicts_with = "code",
        required_unless_present = "code"
    )]
    pub(crate) to: Option<String>,
    /// Show a code to say to the other person
    #[arg(long)]
    pub(crate) code: bool,
    /// Wait for a contact that is offline, as long as it takes
    #[arg(long)]
    pub(crate) wait: bool,
    /// The name that standard input gets at the receiver
    #[arg(long, value_name = "NAME", default_value = "stdin")]
    pub(crate) name: String,
}

#[derive(Debug, Args)]
pub(crate) struct ReceiveArguments {
    /// The code that the sender shows; `-` asks for it (or reads it from standard input).
    /// Without one, the next transfer from a contact is received
    pub(crate) code: Option<String>,
    #[command(flatten)]
    pub(crate) flags: ReceivingFlags,
    /// Accept without asking
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Write the one file that arrives to standard output
    #[arg(long, conflicts_with = "destination-folder")]
    pub(crate) stdout: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PairArguments {
    /// The code that the other device shows; `-` asks for it. Without one, this device shows one
    pub(crate) code: Option<String>,
    /// Add the contact without comparing the six words; it is marked "not compared"
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// This is the new device of a contact whose old one is lost or was reset
    #[arg(long, value_name = "NAME")]
    pub(crate) replaces: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ContactsCommand {
    /// List contacts
    List,
    /// Give a contact another name
    Rename {
        /// Its name
        contact: String,
        /// The new name
        name: String,
    },
    /// Forget a contact and the secret shared with it
    Remove {
        /// Its name
        contact: String,
    },
    /// Look offline to a contact
    Block {
        /// Its name
        contact: String,
        /// Undo it
        #[arg(long)]
        undo: bool,
    },
    /// Decline what a contact offers, without being asked
    Mute {
        /// Its name
        contact: String,
        /// Undo it
        #[arg(long)]
        undo: bool,
    },
    /// Note that you compared the six words
    Verify {
        /// Its name
        contact: String,
        /// Undo it
        #[arg(long)]
        undo: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) flags: ReceivingFlags,
    /// Accept everything from contacts
    #[arg(long, short)]
    pub(crate) yes: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TransfersCommand {
    /// List transfers
    List,
    /// Stop carrying until resumed
    Pause {
        /// Its id
        transfer: String,
    },
    /// Go on carrying
    Resume {
        /// Its id
        transfer: String,
    },
    /// End it; the receiver keeps nothing
    Cancel {
        /// Its id
        transfer: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print a setting
    Get {
        /// Its key
        key: String,
    },
    /// Change a setting; without a value it returns to its default
    Set {
        /// Its key
        key: String,
        /// Its value
        value: Option<String>,
    },
    /// Print all settings: value, where it comes from, default, and whether a policy holds it
    List,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// What to carry; without one, a file of random bytes is made
    #[arg(conflicts_with = "size")]
    pub(crate) path: Option<PathBuf>,
    /// The size of that file in bytes, or with K, M, G
    #[arg(long, value_name = "N", default_value = "64M", value_parser = parse_size)]
    pub(crate) size: u64,
}

fn parse_size(text: &str) -> Result<u64, String> {
    let (number, unit) = match text.char_indices().next_back() {
        Some((at, 'k' | 'K')) => (&text[..at], 1024),
        Some((at, 'm' | 'M')) => (&text[..at], 1024 * 1024),
        Some((at, 'g' | 'G')) => (&text[..at], 1024 * 1024 * 1024),
        Some(_) | None => (text, 1u64),
    };
    let number: u64 = number
        .parse()
        .map_err(|_| format!("{text} is not a size: use a number, or one with K, M or G"))?;
    number
        .checked_mul(unit)
        .ok_or_else(|| format!("{text} is too large"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn sizes_take_units() {
        assert_eq!(parse_size("3"), Ok(3));
        assert_eq!(parse_size("3k"), Ok(3 * 1024));
        assert_eq!(parse_size("2G"), Ok(2 << 30));
        assert!(parse_size("many").is_err());
        assert!(parse_size("99999999999G").is_err());
    }
}
