use std::path::PathBuf;

use api::{CommandError, ErrorCode};
use model::{Name, RelPath};
use transfer_proto::{ListedFile, ReceiptContent, ReceiptLine};
use vfs::source::Source;

use super::{WholeFile, whole_file};
use crate::problem::sentence;

/// What a receipt is held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Against {
    /// Nothing: only the receipt itself is checked.
    Nothing,
    /// One file, under whatever name: it must be one of those in the receipt.
    File(PathBuf),
    /// A folder: everything in the receipt must be there. A receipt of one folder is held against that
    /// folder, under whatever name, any other against the folder that holds what arrived.
    Tree(PathBuf),
}

/// The checking of files against the lines of a receipt.
pub(super) enum Check {
    Nothing,
    File {
        file: WholeFile,
        found: bool,
    },
    Tree {
        source: Box<Source>,
        root: Name,
        /// The one outermost folder in the receipt, if everything lies in one.
        top: Option<Name>,
    },
}

/// Finds out whether everything lies in one folder.
#[derive(Debug, Default)]
pub(super) struct Top {
    first: Option<ReceiptLine>,
    others: bool,
}

impl Top {
    pub(super) fn note(&mut self, line: &ReceiptLine) {
        let first = self.first.get_or_insert_with(|| line.clone());
        self.others |= first.path.top() != line.path.top();
    }

    pub(super) fn into_folder(self) -> Option<Name> {
        let first = self.first.filter(|_| !self.others)?;
        matches!(first.content, ReceiptContent::Folder).then(|| first.path.top().clone())
    }
}

impl Check {
    pub(super) fn new(against: &Against, top: Option<Name>) -> Result<Self, CommandError> {
        match against {
            Against::Nothing => Ok(Self::Nothing),
            Against::File(path) => {
                let mut source = open(path.clone())?;
                let root = root_of(&source)?;
                let opened = source.open_entry(&RelPath::of_name(root));
                let file = opened.and_then(|file| whole_file(&file)).map_err(|error| {
                    CommandError::new(ErrorCode::SourceUnreadable, sentence(&error))
                })?;
                Ok(Self::File { file, found: false })
            }
            Against::Tree(path) => {
                let source = Box::new(open(path.clone())?);
                let root = root_of(&source)?;
                Ok(Self::Tree { source, root, top })
            }
        }
    }

    pub(super) fn line(&mut self, line: &ReceiptLine) -> Result<(), CommandError> {
        match self {
            Self::Nothing => Ok(()),
            Self::File { file, found } => {
                *found |= line.file().is_some_and(|listed| is_same(file, listed));
                Ok(())
            }
            Self::Tree { source, root, top } => {
                let path = place(root, top.as_ref(), &line.path)?;
                check_place(source, &path, line)
            }
        }
    }

    pub(super) fn end(self) -> Result<(), CommandError> {
        match self {
            Self::File { found: false, .. } => Err(CommandError::new(
                ErrorCode::Integrity,
                "The receipt is genuine, but this file is none of those it speaks of.",
            )),
            Self::Nothing | Self::File { .. } | Self::Tree { .. } => Ok(()),
        }
    }
}

/// Where an entry of the receipt should lie below `root`.
fn place(root: &Name, top: Option<&Name>, path: &RelPath) -> Result<RelPath, CommandError> {
    let below = match top {
        Some(_) => &path.names()[1..],
        // Several outermost entries: the folder is the one that holds them all.
        None => path.names(),
    };
    let names = std::iter::once(root).chain(below).cloned().collect();
    RelPath::new(names).map_err(|error| CommandError::new(ErrorCode::BadName, sentence(&error)))
}

fn check_place(
    source: &mut Source,
    path: &RelPath,
    line: &ReceiptLine,
) -> Result<(), CommandError> {
    let opened = source.open_entry(path);
    let Some(listed) = line.file() else {
        return match opened {
            Err(vfs::source::ReadFailure::BecameFolder) => Ok(()),
            Ok(_) | Err(_) => Err(mismatch(line, "is not that folder")),
        };
    };
    let found = opened.and_then(|file| whole_file(&file));
    source.close_entry(path);
    match found {
        Ok(found) if is_same(&found, listed) => Ok(()),
        Ok(_) => Err(mismatch(line, "differs")),
        Err(_) => Err(mismatch(line, "cannot be read")),
    }
}

fn is_same(file: &WholeFile, listed: &ListedFile) -> bool {
    file.size_bytes == listed.size_bytes
        && file.digest == listed.digest
        && listed.sha256.is_none_or(|sum| sum == file.sha256)
}

fn mismatch(line: &ReceiptLine, what: &str) -> CommandError {
    CommandError::new(
        ErrorCode::Integrity,
        format!(
            "The receipt is genuine, but what is here is something else: {} {what}.",
            line.path
        ),
    )
}

fn open(path: PathBuf) -> Result<Source, CommandError> {
    Source::open(&[path])
        .map_err(|error| CommandError::new(ErrorCode::SourceUnreadable, sentence(&error)))
}

fn root_of(source: &Source) -> Result<Name, CommandError> {
    let names = source.root_names();
    let name = names.first().copied().cloned();
    name.ok_or_else(|| CommandError::new(ErrorCode::SourceUnreadable, "There is nothing there."))
}
