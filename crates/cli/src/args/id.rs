use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct IdArguments {
    #[command(subcommand)]
    pub(crate) command: Option<IdCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IdCommand {
    /// Show a code with which a new device becomes one more of yours: wherry join CODE there
    AddDevice {
        /// Add it without comparing the six words
        #[arg(long, short)]
        yes: bool,
    },
    /// List your devices
    Devices,
    /// Take a device out for good: your contacts answer it no more
    Revoke {
        /// Its name or id
        device: String,
    },
    /// Write this identity and its contacts into a file, encrypted with a passphrase that is asked for
    Export {
        /// The file; it must not exist yet
        file: PathBuf,
    },
    /// Become the identity in an exported file. The home it came from must not run any more
    Import {
        /// The file
        file: PathBuf,
    },
    /// Make this home a new device that nobody knows yet, for example because it was copied
    Renew {
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct JoinArguments {
    /// The code that your other device shows; `-` asks for it
    pub(crate) code: String,
    /// Join without comparing the six words
    #[arg(long, short)]
    pub(crate) yes: bool,
}
