use std::path::PathBuf;

use clap::Parser;
use engine::EngineConfig;
use engine::settings::Given;

/// Opens the window of Wherry, or brings the one that is open to the front.
#[derive(Debug, Clone, Parser)]
#[command(name = "wherry-app", version)]
pub(crate) struct Arguments {
    /// Where this device's identity, contacts and unfinished transfers are kept
    #[arg(long, value_name = "DIR", env = "WHERRY_HOME")]
    pub(crate) home: Option<PathBuf>,
    /// Start in the tray, without showing the window
    #[arg(long)]
    pub(crate) hidden: bool,
    /// Links that invite, and files and folders to send
    #[arg(value_name = "LINK|FILE")]
    pub(crate) handed: Vec<String>,
}

impl Arguments {
    /// What the engine is to know.
    pub(crate) fn engine_config(&self) -> EngineConfig {
        EngineConfig {
            home: self.home.clone(),
            given: Given::by_environment(),
        }
    }
}

/// Starts in the tray: what the system's autostart says.
pub(crate) const HIDDEN: &str = "--hidden";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_autostart_and_the_file_manager_say_is_understood() {
        let hidden = Arguments::try_parse_from(["wherry-app", HIDDEN]).unwrap();
        assert!(hidden.hidden);
        let handed =
            Arguments::try_parse_from(["wherry-app", "wherry://pair#v=1", "file:///a"]).unwrap();
        assert_eq!(handed.handed, ["wherry://pair#v=1", "file:///a"]);
    }
}
