use clap::{Args, Subcommand, ValueEnum};
use model::{Existing, FolderPattern};

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// List rules: the one for everybody, and what contacts have besides
    List,
    /// Say what becomes of offers; what is not named stays as it was
    Set(SetRule),
    /// Take back all that was said
    Clear {
        /// A contact, or `default` for everybody
        #[arg(value_name = "CONTACT|default")]
        contact: String,
    },
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("said").required(true).multiple(true))]
pub(crate) struct SetRule {
    /// A contact, or `default` for everybody
    #[arg(value_name = "CONTACT|default")]
    pub(crate) contact: String,
    /// Whether offers are accepted without asking: only of contacts with whom you compared words
    #[arg(long, value_name = "on|off", group = "said")]
    pub(crate) accept: Option<Switch>,
    /// The largest offer that is, like 500M; 10G unless said otherwise
    #[arg(long, value_name = "SIZE", group = "said", value_parser = super::parse_size)]
    pub(crate) ceiling: Option<u64>,
    /// Whether programs are accepted too; else they are left out, and both sides are told
    #[arg(long, value_name = "on|off", group = "said")]
    pub(crate) executables: Option<Switch>,
    /// The folder below the destination, like '{sender}/{year}-{month}'; also {day} and {kind}
    #[arg(long, value_name = "PATTERN", group = "said")]
    pub(crate) into: Option<FolderPattern>,
    /// What becomes of names that are taken: keep-both, skip or replace
    #[arg(long, value_name = "WORD", group = "said")]
    pub(crate) existing: Option<Existing>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    /// Yes
    On,
    /// No
    Off,
}

impl From<Switch> for bool {
    fn from(switch: Switch) -> Self {
        switch == Switch::On
    }
}
