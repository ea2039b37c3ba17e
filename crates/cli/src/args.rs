mod daemon;
mod folders;
mod host;
mod id;
mod nearby;
mod receipts;
mod rules;

use std::num::NonZeroU64;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::flags::{EverywhereFlags, ReceivingFlags};
pub(crate) use daemon::{DoctorArguments, RunArguments, TimeoutArguments};
pub(crate) use folders::{
    DeletionsArgument, DirectionArgument, FoldersCommand, KeepArgument, ShareArguments,
};
pub(crate) use host::HostArguments;
pub(crate) use id::{IdArguments, IdCommand, JoinArguments};
pub(crate) use nearby::{NearbyArguments, PairArguments};
pub(crate) use receipts::{HistoryArguments, HistoryCommand, ReceiptsCommand, VerifyArguments};
pub(crate) use rules::{RulesCommand, SetRule};

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
    /// List who is on this network: contacts, and devices that show themselves
    Nearby(NearbyArguments),
    /// List and change contacts
    #[command(subcommand)]
    Contacts(ContactsCommand),
    /// List and change groups: names for several contacts
    #[command(subcommand)]
    Groups(GroupsCommand),
    /// Share a folder with contacts: it stays in step on every member's machine
    Share(ShareArguments),
    /// List shared folders, join some, decide conflicts, bring versions back
    #[command(subcommand)]
    Folders(FoldersCommand),
    /// List and change receiving rules: what is accepted without asking, and where it goes
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Stay online: carry on what is unfinished, receive from contacts
    Run(RunArguments),
    /// Let this machine introduce devices to each other, and relay for them, without any other server
    Host(HostArguments),
    /// Look at this device's networks, and at the way to a contact: what works, what does not, and what to do about it
    Doctor(DoctorArguments),
    /// List and steer transfers
    #[command(subcommand)]
    Transfers(TransfersCommand),
    /// List, show, export and check receipts, which both sides signed
    #[command(subcommand)]
    Receipts(ReceiptsCommand),
    /// Search what was sent and received
    History(HistoryArguments),
    /// Become a further device of the person whose other device shows the code
    Join(JoinArguments),
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
    #[arg(required_unless_present = "text", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// A contact or a group; may be given several times
    #[arg(
        long,
        value_name = "NAME",
        conflicts_with = "code",
        required_unless_present = "code"
    )]
    pub(crate) to: Vec<String>,
    /// One of the contact's devices; without it, whichever is there first
    #[arg(long, value_name = "NAME", requires = "to")]
    pub(crate) device: Option<String>,
    /// Show a code to say to the other person
    #[arg(long)]
    pub(crate) code: bool,
    /// Send a text instead of files, at most 64 KiB; it is shown and not stored. Others on this machine
    /// may see what stands here: `-` reads it from standard input, or asks for it
    #[arg(long, value_name = "TEXT", conflicts_with = "paths")]
    pub(crate) text: Option<String>,
    /// Print the SHA-256 of every file, as sha256sum does; it is in the receipt too
    #[arg(long)]
    pub(crate) checksum: bool,
    /// Wait for a contact that is offline, as long as it takes
    #[arg(long)]
    pub(crate) wait: bool,
    #[command(flatten)]
    pub(crate) timeout: TimeoutArguments,
    /// The name that standard input gets at the receiver
    #[arg(long, value_name = "NAME", default_value = "stdin")]
    pub(crate) name: String,
    /// Which sends go first while others wait
    #[arg(long, value_name = "WHEN", default_value = "normal")]
    pub(crate) priority: PriorityArgument,
    /// What to do if something cannot be sent, or will not arrive as it is (a name is taken there, or cannot be
    /// held; too little space): each such thing is told before data moves
    #[arg(long, value_name = "WHAT", default_value = "go-on")]
    pub(crate) on_problem: ProblemArgument,
    /// The most bytes a second, like 2M
    #[arg(long, value_name = "SPEED", value_parser = parse_limit)]
    pub(crate) limit: Option<NonZeroU64>,
}

/// What to do if something cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ProblemArgument {
    /// Send the rest
    GoOn,
    /// Wait for a person: at a terminal it asks, elsewhere `wherry transfers resume` or `cancel` answers
    Ask,
    /// Send nothing
    Stop,
}

/// Which sends go first.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum PriorityArgument {
    /// Before everything else
    High,
    /// As they come
    Normal,
    /// When nothing else waits
    Low,
}

#[derive(Debug, Args)]
pub(crate) struct ReceiveArguments {
    /// The code or link that the sender shows, or CODE@SERVER; `-` asks for it (or reads it from standard input).
    /// Without one, the next transfer from a contact is received
    pub(crate) code: Option<String>,
    #[command(flatten)]
    pub(crate) flags: ReceivingFlags,
    /// Accept without asking
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// End after one transfer, as `receive` does anyway: scripts may say so
    #[arg(long)]
    pub(crate) once: bool,
    #[command(flatten)]
    pub(crate) timeout: TimeoutArguments,
    /// Write the one file that arrives to standard output
    #[arg(long, conflicts_with = "destination-folder")]
    pub(crate) stdout: bool,
    /// Keep a text as a file too, instead of only showing it
    #[arg(long)]
    pub(crate) keep_texts: bool,
    /// Print the SHA-256 of every file, as sha256sum does; it is in the receipt too
    #[arg(long)]
    pub(crate) checksum: bool,
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
    /// Say how a contact is reached
    Set {
        /// Its name
        contact: String,
        /// Whether transfers with it go through a relay
        #[arg(long, value_name = "WHEN")]
        relay: RelayArgument,
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

/// Whether transfers go through a relay.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum RelayArgument {
    /// Where no direct way exists
    Automatic,
    /// Directly or not at all
    Never,
    /// Always, so that the contact learns no address of this device
    Only,
    /// As `wherry config get relay` says
    AsSet,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TransfersCommand {
    /// List transfers
    List,
    /// List what a transfer holds, and how far each file is
    Files {
        /// Its id
        transfer: String,
    },
    /// Stop carrying until resumed
    Pause(WhichTransfer),
    /// Go on carrying
    Resume(WhichTransfer),
    /// End it; the receiver keeps nothing
    Cancel(WhichTransfer),
    /// Take what is offered
    Accept {
        /// Its id
        transfer: String,
        /// The folder that receives; made if it is missing
        #[arg(long, value_name = "DIR", default_value = ".")]
        into: PathBuf,
        /// What becomes of names that are taken: keep-both, skip or replace
        #[arg(long, value_name = "WORD")]
        existing: Option<model::Existing>,
    },
    /// Say no to what is offered
    Decline {
        /// Its id
        transfer: String,
    },
    /// Let a send go before or after others
    Priority {
        /// Its id
        transfer: String,
        /// Which go first
        priority: PriorityArgument,
    },
    /// Let a send go first or last among those of its priority
    Move {
        /// Its id
        transfer: String,
        /// Before all others, or after them
        to: EndArgument,
    },
    /// Keep a transfer to a speed
    Limit {
        /// Its id
        transfer: String,
        /// The most bytes a second, like 2M, or none
        speed: String,
    },
}

/// One transfer, or all of them.
#[derive(Debug, Args)]
pub(crate) struct WhichTransfer {
    /// Its id
    #[arg(required_unless_present = "all")]
    pub(crate) transfer: Option<String>,
    /// All that are not finished
    #[arg(long, conflicts_with = "transfer")]
    pub(crate) all: bool,
}

/// An end of the queue.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum EndArgument {
    /// Before all others
    First,
    /// After all others
    Last,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GroupsCommand {
    /// List groups and who is in them
    List,
    /// Make a group
    Create {
        /// Its name
        group: String,
        /// Contacts
        members: Vec<String>,
    },
    /// Give a group another name
    Rename {
        /// Its name
        group: String,
        /// The new name
        name: String,
    },
    /// Forget a group; its members stay contacts
    Remove {
        /// Its name
        group: String,
    },
    /// Put contacts into a group
    Add {
        /// Its name
        group: String,
        /// Contacts
        #[arg(required = true)]
        members: Vec<String>,
    },
    /// Take contacts out of a group
    Drop {
        /// Its name
        group: String,
        /// Contacts
        #[arg(required = true)]
        members: Vec<String>,
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

fn parse_limit(text: &str) -> Result<NonZeroU64, String> {
    let limit = engine::parse_speed(text).map_err(|error| error.to_string())?;
    limit.ok_or_else(|| "leave it away to go as fast as possible".into())
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
