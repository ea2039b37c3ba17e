use std::io;
use std::sync::Arc;

use model::EntryKind;

use super::staging::Staging;
use super::{JOURNAL, MANIFEST, SinkError, TREE};
use crate::platform::Dir;

impl Staging {
    /// Removes everything that was received, and nothing else: what strangers put there stays, and then
    /// so do the folders around it.
    pub fn discard(mut self) -> Result<(), SinkError> {
        self.tree.close_all();
        for page in (0..self.pages()).rev() {
            for entry in self.manifest.page(page)?.iter().rev() {
                let removed = match entry.kind {
                    EntryKind::Directory => self.tree.remove_folder(&entry.path),
                    EntryKind::File { .. } | EntryKind::Stream => {
                        self.tree.remove_file(&entry.path)
                    }
                };
                // What is not taken was never stored, unless other rules held then: what the system says of such names is no matter.
                if self.judging.takes(entry) {
                    tolerate(removed)?;
                }
            }
        }
        self.tree.close_all();
        Ok(self.remove_home()?)
    }

    /// Removes the emptied private folder; the journal goes last, for it says whose folder it is.
    pub(super) fn remove_home(&mut self) -> io::Result<()> {
        let home = &self.home.dir;
        tolerate(home.remove_dir(TREE))?;
        tolerate(home.remove_file(MANIFEST))?;
        tolerate(home.remove_file(JOURNAL))?;
        let removed = self.home.root.remove_dir(&self.home.name);
        if removed.is_err() {
            self.leftover = Leftover(Some((Arc::clone(&self.home.root), self.home.name.clone())));
        }
        tolerate(removed)
    }
}

/// An emptied private folder that could not be removed while it was in use: some file systems (FAT, and Windows of old) keep
/// the name of what is open until it is closed. It is removed when this is dropped, unless strangers put something there.
#[derive(Debug, Default)]
pub(super) struct Leftover(Option<(Arc<Dir>, String)>);

impl Drop for Leftover {
    fn drop(&mut self) {
        if let Some((root, name)) = &self.0 {
            let _stays_if_it_is_not_empty = root.remove_dir(name);
        }
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
