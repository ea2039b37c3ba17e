use std::io;

use model::EntryKind;

use super::staging::Staging;
use super::{JOURNAL, MANIFEST, SinkError, TREE};

impl Staging {
    /// Removes everything that was received, and nothing else: what strangers put there stays, and then
    /// so do the folders around it.
    pub fn discard(mut self) -> Result<(), SinkError> {
        self.tree.close_all();
        for page in (0..self.pages()).rev() {
            for entry in self.manifest.page(page)?.iter().rev() {
                tolerate(match entry.kind {
                    EntryKind::Directory => self.tree.remove_folder(&entry.path),
                    EntryKind::File { .. } | EntryKind::Stream => {
                        self.tree.remove_file(&entry.path)
                    }
                })?;
            }
        }
        self.tree.close_all();
        Ok(self.remove_home()?)
    }

    /// Removes the emptied private folder; the journal goes last, for it says whose folder it is.
    pub(super) fn remove_home(&self) -> io::Result<()> {
        let home = &self.home.dir;
        tolerate(home.remove_dir(TREE))?;
        tolerate(home.remove_file(MANIFEST))?;
        tolerate(home.remove_file(JOURNAL))?;
        tolerate(self.home.root.remove_dir(&self.home.name))
    }
}

/// Lets pass what is gone already and what is not ours to remove.
fn tolerate(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound
                    | io::ErrorKind::NotADirectory
                    | io::ErrorKind::DirectoryNotEmpty
                    | io::ErrorKind::AlreadyExists
            ) || crate::platform::is_link_refusal(&error) =>
        {
            Ok(())
        }
        other => other,
    }
}
