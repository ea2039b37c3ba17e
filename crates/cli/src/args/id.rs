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
