use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A home folder of one device, and beside it folders to send from and to receive into; all vanish on drop.
#[derive(Debug)]
pub struct TempHome {
    folder: TempDir,
}

impl TempHome {
    /// Makes the folders.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let home = Self { folder };
        for path in [home.home(), home.outbox(), home.inbox()] {
            fs::create_dir(path).expect("a new folder is empty");
        }
        home
    }

    /// Where the device keeps its state.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Where files to send lie.
    pub fn outbox(&self) -> PathBuf {
        self.folder.path().join("outbox")
    }

    /// Where received files go.
    pub fn inbox(&self) -> PathBuf {
        self.folder.path().join("inbox")
    }
}

impl Default for TempHome {
    fn default() -> Self {
        Self::new()
    }
}

/// The files and folders below some folder: relative path with `/` → content, or `None` for a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    /// The entries, sorted by path.
    pub entries: BTreeMap<String, Option<Vec<u8>>>,
}

impl Tree {
    /// Adds a file, and the folders it lies in.
    pub fn file(mut self, path: &str, content: impl Into<Vec<u8>>) -> Self {
        for (place, _) in path.match_indices('/') {
            self.entries.insert(path[..place].to_owned(), None);
        }
        self.entries.insert(path.to_owned(), Some(content.into()));
        self
    }

    /// Adds a folder, and those it lies in.
    pub fn folder(mut self, path: &str) -> Self {
        for (place, _) in path.match_indices('/') {
            self.entries.insert(path[..place].to_owned(), None);
        }
        self.entries.insert(path.to_owned(), None);
        self
    }

    /// Writes everything below `root`, which exists.
    pub fn write(&self, root: &Path) {
        for (path, content) in &self.entries {
            let path = root.join(path);
            match content {
                Some(content) => fs::write(path, content).expect("the file can be written"),
                None => fs::create_dir_all(path).expect("the folder can be made"),
            }
        }
    }

    /// Reads everything below `root`; links and other things that are no files or folders panic.
    pub fn read(root: &Path) -> Self {
        let mut tree = Self::default();
        tree.read_below(root, "");
        tree
    }

    fn read_below(&mut self, folder: &Path, prefix: &str) {
        for item in fs::read_dir(folder).expect("the folder can be read") {
            let item = item.expect("the folder can be read");
            let name = item
                .file_name()
                .into_string()
                .expect("test names are UTF-8");
            let path = format!("{prefix}{name}");
            let kind = item.file_type().expect("the item can be looked at");
            if kind.is_dir() {
                self.read_below(&item.path(), &format!("{path}/"));
                self.entries.insert(path, None);
            } else {
                assert!(kind.is_file(), "{path} is neither file nor folder");
                let content = fs::read(item.path()).expect("the file can be read");
                self.entries.insert(path, Some(content));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_read_as_it_was_written() {
        let home = TempHome::new();
        let tree = Tree::default()
            .file("a/b/c.txt", "hello")
            .file("d", "")
            .folder("e/f");
        tree.write(&home.outbox());
        assert_eq!(Tree::read(&home.outbox()), tree);
        assert_eq!(Tree::read(&home.inbox()), Tree::default());
    }

    #[test]
    fn a_home_vanishes_when_it_is_dropped() {
        let home = TempHome::new();
        let path = home.home();
        assert!(path.is_dir());
        drop(home);
        assert!(!path.exists());
    }
}
