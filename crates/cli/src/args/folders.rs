use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct ShareArguments {
    /// The folder; made if it is missing
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// A contact or a group; may be given several times, and later for further people
    #[arg(long, value_name = "NAME")]
    pub(crate) with: Vec<String>,
    /// They only read: what they change stays with them
    #[arg(long, requires = "with")]
    pub(crate) read_only: bool,
    /// What to call it; without one, the name of the folder
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// What is not shared of it, as in .gitignore, from the start; may be given several times
    #[arg(long, value_name = "PATTERN")]
    pub(crate) ignore: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FoldersCommand {
    /// List shared folders, and those that contacts ask you to join
    List,
    /// Show how folders stand and who belongs to them
    Status {
        /// Its name; without one, all of them
        folder: Option<String>,
    },
    /// Join a folder that a contact shares
    Accept {
        /// Its name
        folder: String,
        /// Where it is to lie, made if it is missing; without one, a folder of its name here
        #[arg(value_name = "DIR")]
        place: Option<PathBuf>,
    },
    /// Do not join a folder that a contact shares
    Decline {
        /// Its name
        folder: String,
    },
    /// Let a folder stand still
    Pause {
        /// Its name
        folder: String,
        /// Let it go on
        #[arg(long)]
        undo: bool,
    },
    /// Say which way changes go between this device and the others
    Direction {
        /// Its name
        folder: String,
        /// Which way
        way: DirectionArgument,
    },
    /// Share a folder no more on this device, or take people out of it; files stay where they are
    Remove {
        /// Its name
        folder: String,
        /// A contact or a group to take out of it
        #[arg(long, value_name = "NAME")]
        member: Vec<String>,
    },
    /// List conflicts, or decide them
    Conflicts {
        /// Its name
        folder: String,
        /// The copy that was kept; without one, all of them
        copy: Option<String>,
        /// What stays
        #[arg(long, value_name = "WHICH")]
        keep: Option<KeepArgument>,
    },
    /// List what was replaced or deleted
    Versions {
        /// Its name
        folder: String,
        /// Only what lay there or below
        path: Option<String>,
    },
    /// Bring a version back; what is there now becomes a version
    Restore {
        /// The folder's name
        folder: String,
        /// The version, or a path: then its latest
        #[arg(value_name = "VERSION|PATH")]
        which: String,
        /// Another path for it
        #[arg(long, value_name = "PATH")]
        to: Option<String>,
    },
    /// Show or change what is not shared: patterns as in .gitignore
    Ignore {
        /// The folder's name
        folder: String,
        /// Patterns to add
        pattern: Vec<String>,
        /// A line to remove
        #[arg(long, value_name = "LINE")]
        remove: Vec<String>,
    },
    /// Answer when very many files are about to be deleted
    Deletions {
        /// The folder's name
        folder: String,
        /// What becomes of them
        answer: DeletionsArgument,
    },
    /// Undo what was changed here and the others do not take
    Revert {
        /// The folder's name
        folder: String,
    },
    /// Let everything here count, whatever others changed meanwhile
    Override {
        /// The folder's name
        folder: String,
    },
}

/// Which way changes go.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum DirectionArgument {
    /// Both ways
    Both,
    /// From here to the others: `override` lets what is here count, whatever they changed
    Send,
    /// From the others to here: what is changed here stays here, and `revert` undoes it
    Receive,
}

/// How a conflict ends.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum KeepArgument {
    /// What is at the path; the copy becomes a version
    Present,
    /// The copy, at the path; what is there becomes a version
    Copy,
    /// Both, under their names
    Both,
}

/// What becomes of many deletions.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum DeletionsArgument {
    /// They happen; the files become versions
    Allow,
    /// They are taken back for everybody
    Refuse,
}
