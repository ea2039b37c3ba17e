use std::path::{Path, PathBuf};

use api::{CommandError, Reply};
use model::{DisplayName, Entropy as _};
use store::{FolderDirection, FolderRecord};
use sync_proto::{FolderRoster, Role};
use vfs::shared_folder::SharedFolder;

use crate::entropy::OsEntropy;
use crate::folders;
use crate::hub::Hub;
use crate::problem;

impl Hub {
    /// Shares a folder; one that is shared already gets further members.
    pub(super) fn share(
        &mut self,
        place: PathBuf,
        name: Option<&str>,
        (with, role): (&[String], Role),
        ignore: &[String],
    ) -> Result<Reply, CommandError> {
        // Everybody must be known before anything is made.
        let people = self.find_recipients(with)?;
        let folders = self.store.folders().map_err(problem::store)?;
        if let Some(record) = folders.into_iter().find(|it| it.place == place) {
            self.grant(&record, &people, role)?;
            return Ok(Reply::Folder {
                folder: record.folder,
                name: record.name,
            });
        }
        let name = match name {
            Some(name) => DisplayName::new(name),
            None => self.free_folder_name(last_name(&place).as_str())?,
        };
        if name.as_str().is_empty() {
            return Err(problem::usage("A folder needs a name."));
        }
        let nonce = OsEntropy.draw();
        let own_name = self.device_name();
        let mut roster = FolderRoster::found(&self.identity.secrets, own_name, nonce);
        self.grant_in(&mut roster, &people, role)?;
        let record = FolderRecord {
            folder: roster.folder(),
            name,
            place,
            roster: roster.encode(),
            direction: FolderDirection::Both,
            paused: false,
            version_time: None,
        };
        self.begin_folder(record, ignore)
    }

    /// A folder begins on this device: it is made, remembered, and runs.
    pub(super) fn begin_folder(
        &mut self,
        record: FolderRecord,
        ignore: &[String],
    ) -> Result<Reply, CommandError> {
        self.check_held_place(&record.place)?;
        let shared = SharedFolder::found(&record.place, record.folder).map_err(|error| {
            let trouble = crate::folders::FolderTrouble::from(error);
            CommandError::new(trouble.code(), problem::sentence(&trouble))
        })?;
        let begun = folders::add_rules(&shared, ignore)
            .and_then(|()| self.store.add_folder(&record).map_err(problem::folder));
        if let Err(error) = begun {
            shared.leave().ok();
            return Err(error);
        }
        drop(shared);
        if self.folders.is_on {
            self.start_folder(&record, true);
        }
        Ok(Reply::Folder {
            folder: record.folder,
            name: record.name,
        })
    }

    /// A name that no folder has: `Photos`, `Photos (2)`.
    pub(super) fn free_folder_name(&self, wish: &str) -> Result<DisplayName, CommandError> {
        let folders = self.store.folders().map_err(problem::store)?;
        let is_free = |name: &DisplayName| {
            let name = name.as_str().to_lowercase();
            folders
                .iter()
                .all(|it| it.name.as_str().to_lowercase() != name)
        };
        let numbered = (2u32..).map(|number| DisplayName::new(&format!("{wish} ({number})")));
        let mut names = std::iter::once(DisplayName::new(wish)).chain(numbered);
        Ok(names
            .find(is_free)
            .expect("there are more numbers than folders"))
    }
}

fn last_name(place: &Path) -> String {
    let name = place.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
