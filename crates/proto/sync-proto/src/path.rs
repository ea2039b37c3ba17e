//! Where something lies in a shared folder: checked names, kept as one text to be small in memory.

use std::fmt;
use std::sync::Arc;

use model::{Name, NameError, RelPath};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// A path below a shared folder: what a [`RelPath`] is, in a form of which an index holds very many.
///
/// Sorted as text, so everything below a folder stands together, and after it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct FolderPath(Arc<str>);

/// Why a path is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// A name in it, or its length, is refused.
    #[error(transparent)]
    Name(#[from] NameError),
    /// It lies in the folder's own storage, which is never shared.
    #[error("the path lies in the folder's own storage")]
    Reserved,
}

/// The folder at the top of every shared folder that holds versions and unfinished files; never shared.
pub const OWN_STORAGE: &str = ".wherry";
/// The file at the top that says what is not shared, shared itself.
pub const IGNORE_FILE: &str = ".wherryignore";

impl FolderPath {
    /// Checks a path of names joined by slashes.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let names: Result<Vec<Name>, NameError> = text.split('/').map(Name::parse).collect();
        Self::try_from(&RelPath::new(names?)?)
    }

    /// Stands before every path; none itself.
    pub(crate) fn first() -> Self {
        Self("".into())
    }

    /// Its names, from the outermost inward.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }

    /// The innermost name.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The folder that holds it, or `None` at the top.
    pub fn parent(&self) -> Option<Self> {
        let (parent, _) = self.0.rsplit_once('/')?;
        Some(Self(parent.into()))
    }

    /// Every folder it lies in, the outermost first.
    pub fn ancestors(&self) -> Vec<Self> {
        let ends = self.0.match_indices('/').map(|(end, _)| end);
        ends.map(|end| Self(self.0[..end].into())).collect()
    }

    /// Whether it lies below `folder`, at any depth.
    pub fn is_below(&self, folder: &Self) -> bool {
        let rest = self.0.strip_prefix(&*folder.0);
        rest.is_some_and(|rest| rest.starts_with('/'))
    }

    /// The path beside it called `name`, or why there is none.
    pub fn renamed(&self, name: &str) -> Result<Self, PathError> {
        match self.0.rsplit_once('/') {
            Some((parent, _)) => Self::parse(&format!("{parent}/{name}")),
            None => Self::parse(name),
        }
    }

    /// What it has in common with every path that some file system takes for the same.
    pub fn collision_key(&self) -> String {
        if self.0.is_ascii() {
            return self.0.to_ascii_lowercase();
        }
        let names = self.names().map(|name| {
            let name = Name::parse(name).expect("every name of a path was checked");
            name.collision_key()
        });
        names.collect::<Vec<_>>().join("/")
    }

    /// The path with accents composed (NFC): for disks that write names in their own way.
    pub fn composed(&self) -> Self {
        if self.0.is_ascii() {
            return self.clone();
        }
        let composed: String = self.0.nfc().collect();
        // A name that becomes too long or forbidden stays as it is.
        Self::parse(&composed).unwrap_or_else(|_| self.clone())
    }

    /// The path as text with slashes. Escape it before printing: see [`RelPath`].
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&RelPath> for FolderPath {
    type Error = PathError;

    fn try_from(path: &RelPath) -> Result<Self, PathError> {
        if path.top().collision_key() == OWN_STORAGE {
            return Err(PathError::Reserved);
        }
        let names: Vec<&str> = path.names().iter().map(Name::as_str).collect();
        Ok(Self(names.join("/").into()))
    }
}

impl From<&FolderPath> for RelPath {
    fn from(path: &FolderPath) -> Self {
        let names = path.names().map(Name::parse).collect::<Result<_, _>>();
        Self::new(names.expect("every name of a path was checked"))
            .expect("the length of a path was checked")
    }
}

impl From<FolderPath> for String {
    fn from(path: FolderPath) -> Self {
        path.0.as_ref().to_owned()
    }
}

impl TryFrom<String> for FolderPath {
    type Error = PathError;

    fn try_from(text: String) -> Result<Self, PathError> {
        Self::parse(&text)
    }
}

impl fmt::Debug for FolderPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FolderPath(depth {})", self.names().count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn path(text: &str) -> FolderPath {
        FolderPath::parse(text).unwrap()
    }

    proptest! {
        #[test]
        fn any_text_is_a_path_or_refused_without_panic(text in any::<String>()) {
            if let Ok(path) = FolderPath::parse(&text) {
                prop_assert_eq!(path.as_str(), &text);
                prop_assert_eq!(FolderPath::try_from(&RelPath::from(&path)), Ok(path.clone()));
                let _key = path.collision_key();
            }
        }
    }

    #[test]
    fn the_own_storage_is_never_shared_however_it_is_spelled() {
        for text in [".wherry", ".Wherry/versions", ".WHERRY/x/y"] {
            assert_eq!(FolderPath::parse(text), Err(PathError::Reserved), "{text}");
        }
        assert!(FolderPath::parse("a/.wherry").is_ok());
        assert!(FolderPath::parse(".wherryignore").is_ok());
    }

    #[test]
    fn paths_that_leave_the_folder_are_refused() {
        for text in [
            "", "/", "/a", "a/", "a//b", "../a", "a/../b", "a\\b", "a/\0",
        ] {
            assert!(FolderPath::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_path_knows_its_folders() {
        let deep = path("a/b/c");
        assert_eq!(deep.parent(), Some(path("a/b")));
        assert_eq!(deep.ancestors(), [path("a"), path("a/b")]);
        assert_eq!(deep.file_name(), "c");
        assert_eq!(deep.renamed("d"), Ok(path("a/b/d")));
        assert!(deep.is_below(&path("a")) && !path("ab").is_below(&path("a")));
        assert!(!path("a").is_below(&path("a")));
    }
}
