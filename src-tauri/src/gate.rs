use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use api::{
    Command, CommandError, Destination, ErrorCode, FolderCommand, IdentityCommand, ReceiveCommand,
    Reply, SendCommand, SendSources, SettingCommand,
};

use crate::keeper::DESTINATION_FOLDER;

/// What the page may ask of the engine: everything that names no place on the disk, and the folders that
/// the shell itself showed it because a person chose them.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    shown: Mutex<BTreeSet<PathBuf>>,
}

impl Gate {
    /// The page may name this folder from now on.
    pub(crate) fn show(&self, folder: &Path) {
        let mut shown = self.lock();
        if shown.len() < FOLDERS {
            shown.insert(folder.to_owned());
        }
    }

    /// Notes the folders in an answer that the page gets.
    pub(crate) fn note(&self, reply: &Reply) {
        if let Reply::Settings { settings, .. } = reply {
            let folders = settings.iter().filter(|it| it.key == DESTINATION_FOLDER);
            for folder in folders.filter_map(|it| it.value.as_deref()) {
                self.show(Path::new(folder));
            }
        } else if let Reply::Offer(offer) = reply
            && let Some(Destination::Folder(folder)) = &offer.destination
        {
            self.show(folder);
        }
    }

    /// Refuses what would let a page read or write where no person pointed.
    pub(crate) fn check(&self, command: &Command) -> Result<(), CommandError> {
        match command {
            Command::Send(
                SendCommand::ToContacts { sources, .. } | SendCommand::ByCode { sources, .. },
            ) => check_sources(sources),
            Command::Receive(
                ReceiveCommand::ByCode { destination, .. }
                | ReceiveCommand::FromContacts { destination, .. },
            ) => self.check_destination(destination),
            Command::Receive(ReceiveCommand::Answer { destination, .. }) => destination
                .as_ref()
                .map_or(Ok(()), |it| self.check_destination(it)),
            Command::Identity(IdentityCommand::Export { .. } | IdentityCommand::Import { .. }) => {
                Err(refused())
            }
            Command::Setting(
                SettingCommand::Change {
                    key,
                    value: Some(value),
                }, // What is said for now is not shown among the settings, so a page does not say it.
            ) if key == DESTINATION_FOLDER => self.check_folder(Path::new(value)),
            Command::Setting(SettingCommand::Change {
                key,
                value: Some(_),
            }) if key == AFTER_RECEIVE_COMMAND => Err(refused()),
            Command::Setting(SettingCommand::UseForNow { .. }) => Err(refused()),
            Command::Folder(
                FolderCommand::Share { place, .. } | FolderCommand::Accept { place, .. },
            ) => self.check_folder(place),
            Command::GoOnline
            | Command::Folder(_)
            | Command::Status
            | Command::Examine { .. }
            | Command::Offer(_)
            | Command::Rule(_)
            | Command::Identity(_)
            | Command::Pairing(_)
            | Command::Nearby(_)
            | Command::Contact(_)
            | Command::Group(_)
            | Command::Transfer(_)
            | Command::Receipt(_)
            | Command::History(_)
            | Command::Setting(_)
            | Command::Link(_) => Ok(()),
        }
    }

    fn check_destination(&self, destination: &Destination) -> Result<(), CommandError> {
        match destination {
            Destination::Folder(folder) => self.check_folder(folder),
            Destination::StandardOutput => Err(refused()),
        }
    }

    fn check_folder(&self, folder: &Path) -> Result<(), CommandError> {
        match self.lock().contains(folder) {
            true => Ok(()),
            false => Err(refused()),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<PathBuf>> {
        self.shown
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn check_sources(sources: &SendSources) -> Result<(), CommandError> {
    match sources {
        SendSources::Text(_) => Ok(()),
        SendSources::Paths(_) | SendSources::StandardInput { .. } => Err(refused()),
    }
}

/// The page asked for what no person gave it.
pub(crate) fn refused() -> CommandError {
    CommandError::new(
        ErrorCode::Usage,
        "The window may only use files and folders that a person chose.",
    )
}

/// A program that runs: who could name one could do anything.
const AFTER_RECEIVE_COMMAND: &str = "after-receive-command";
/// So many folders are remembered: nobody chooses more in one run.
const FOLDERS: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;
    use api::{Passphrase, SendOptions, Wishes};

    fn answer(folder: &str) -> Command {
        Command::Receive(ReceiveCommand::Answer {
            transfer: model::TransferId([0; 16]),
            destination: Some(Destination::Folder(folder.into())),
            wishes: Wishes::default(),
        })
    }

    #[test]
    fn a_page_names_only_folders_that_were_shown_to_it() {
        let gate = Gate::default();
        let change = |value: &str| {
            Command::Setting(SettingCommand::Change {
                key: DESTINATION_FOLDER.into(),
                value: Some(value.into()),
            })
        };
        gate.show(Path::new("/home/ana/Downloads"));
        for fits in [answer("/home/ana/Downloads"), change("/home/ana/Downloads")] {
            assert_eq!(gate.check(&fits), Ok(()), "{fits:?}");
        }
        for wrong in [
            answer("/home/ana/.config/autostart"),
            answer("/home/ana/Downloads/../.ssh"),
            change("/etc"),
        ] {
            assert_eq!(gate.check(&wrong), Err(refused()), "{wrong:?}");
        }
    }

    #[test]
    fn a_page_sends_no_file_by_its_path() {
        let gate = Gate::default();
        let send = |sources| {
            Command::Send(SendCommand::ByCode {
                sources,
                options: SendOptions::default(),
            })
        };
        let paths = SendSources::Paths(vec!["/home/ana/.ssh/id_ed25519".into()]);
        assert_eq!(gate.check(&send(paths)), Err(refused()));
        let input = SendSources::StandardInput { name: "x".into() };
        assert_eq!(gate.check(&send(input)), Err(refused()));
        assert_eq!(gate.check(&send(SendSources::Text("hi".into()))), Ok(()));
    }

    #[test]
    fn a_page_names_no_program_to_run() {
        let change = |value: Option<&str>| {
            Command::Setting(SettingCommand::Change {
                key: AFTER_RECEIVE_COMMAND.into(),
                value: value.map(str::to_owned),
            })
        };
        let gate = Gate::default();
        assert_eq!(gate.check(&change(Some("/bin/sh"))), Err(refused()));
        assert_eq!(gate.check(&change(None)), Ok(()));
    }

    #[test]
    fn a_page_takes_no_identity_away() {
        let export = Command::Identity(IdentityCommand::Export {
            file: "/tmp/me".into(),
            passphrase: Passphrase("x".into()),
        });
        assert_eq!(Gate::default().check(&export), Err(refused()));
    }
}
