use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct IdArguments {
    #[command(subcommand)]
    pub(crate) command: Option<IdCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IdCommand {
    /// Make this home a new device that nobody knows yet, for example because it was copied
    Renew {
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}
