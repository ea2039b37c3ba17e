use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What can be asked about receipts.
#[derive(Debug, Subcommand)]
pub(crate) enum ReceiptsCommand {
    /// List receipts
    List,
    /// Show a receipt with everything it is about
    Show {
        /// The transfer's id
        transfer: String,
    },
    /// Write a receipt into a file that anybody can check
    Export {
        /// The transfer's id
        transfer: String,
        /// The file; it must not exist
        file: PathBuf,
    },
    /// Check a receipt that was exported; needs no network and no home
    Verify(VerifyArguments),
    /// Forget a receipt
    Remove {
        /// The transfer's id
        transfer: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// The receipt
    pub(crate) receipt: PathBuf,
    /// Check that this file, whatever its name, is one of those in the receipt
    #[arg(long, value_name = "PATH", conflicts_with = "tree")]
    pub(crate) file: Option<PathBuf>,
    /// Check that everything in the receipt is in this folder: the folder that was sent, or the one that
    /// holds what arrived if that was more than one
    #[arg(long, value_name = "DIR")]
    pub(crate) tree: Option<PathBuf>,
}

/// What to look for in the history.
#[derive(Debug, Args)]
pub(crate) struct HistoryArguments {
    #[command(subcommand)]
    pub(crate) command: Option<HistoryCommand>,
    /// Only what has this in a name, of a file or of the other side
    #[arg(long, value_name = "TEXT")]
    pub(crate) search: Option<String>,
    /// Only with this contact
    #[arg(long, value_name = "NAME")]
    pub(crate) with: Option<String>,
    /// Only since this day, like 2026-11-22
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    pub(crate) since: Option<i64>,
    /// At most so many, the newest
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) limit: u32,
}

#[derive(Debug, Subcommand)]
pub(crate) enum HistoryCommand {
    /// Forget everything that ended; receipts stay
    Clear,
}

fn parse_day(text: &str) -> Result<i64, String> {
    let day = model::Timestamp::of_day(text);
    day.map(|day| day.seconds)
        .ok_or_else(|| format!("{text} is not a day: write it like 2026-11-22"))
}
