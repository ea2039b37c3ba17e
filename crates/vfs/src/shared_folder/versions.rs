//! What was replaced or deleted: below `versions` as it lay in the folder, each name with its time and the beginning of its digest.

use std::ffi::OsStr;
use std::io;

use model::limits::NAME_BYTES;
use model::{Digest, Name, RelPath};

use super::{FileStat, OpenFile, SharedFolder};
use crate::platform::{Dir, NodeKind, Privacy, joined};

/// A file among the versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptFile {
    /// Where it was, as far as its name tells.
    pub path: RelPath,
    /// When it was replaced, in milliseconds since 1970 by this device's clock.
    pub replaced_ms: u64,
    /// The first eight bytes of its digest.
    pub digest_start: [u8; 8],
    /// What it is.
    pub stat: FileStat,
    /// Where it lies below the versions.
    pub stored: RelPath,
}

impl SharedFolder {
    /// Everything that was kept, in no order.
    pub fn kept(&self) -> io::Result<Vec<KeptFile>> {
        let mut kept = Vec::new();
        let mut left: Vec<Option<RelPath>> = vec![None];
        while let Some(folder) = left.pop() {
            let opened = match &folder {
                Some(path) => Some(self.versions.open_dir(&joined(path.names()))?),
                None => None,
            };
            let dir = opened.as_ref().unwrap_or(&self.versions);
            let mut names = Vec::new();
            dir.list(&mut |name| {
                names.extend(name.to_str().and_then(|name| Name::parse(name).ok()));
                Ok(())
            })?;
            for name in names {
                let stored = match &folder {
                    Some(folder) => folder.join(name.clone()),
                    None => Ok(RelPath::of_name(name.clone())),
                };
                let (Ok(stored), Ok(stat)) = (stored, dir.stat(OsStr::new(name.as_str()))) else {
                    continue;
                };
                match stat.kind {
                    NodeKind::Folder => left.push(Some(stored)),
                    NodeKind::File => kept.extend(kept_file(folder.as_ref(), &name, &stat, stored)),
                    NodeKind::Link | NodeKind::Special => {}
                }
            }
        }
        Ok(kept)
    }

    /// Opens a file among the versions.
    pub fn open_kept(&self, stored: &RelPath) -> io::Result<OpenFile> {
        let file = self.versions.open_file(&joined(stored.names()))?;
        Ok(OpenFile::new(file))
    }

    /// Removes a file from among the versions, and folders that are empty then.
    pub fn remove_kept(&self, stored: &RelPath) -> io::Result<()> {
        let mut folder = stored.parent();
        let name = stored.file_name().as_str();
        match &folder {
            Some(path) => self
                .versions
                .open_dir(&joined(path.names()))?
                .remove_file(name)?,
            None => self.versions.remove_file(name)?,
        }
        while let Some(path) = folder {
            folder = path.parent();
            let name = path.file_name().as_str();
            let removed = match &folder {
                Some(above) => self
                    .versions
                    .open_dir(&joined(above.names()))?
                    .remove_dir(name),
                None => self.versions.remove_dir(name),
            };
            if removed.is_err() {
                break; // Something else is kept there.
            }
        }
        Ok(())
    }

    /// Moves `name` from `placing` to the versions of `path`.
    pub(super) fn keep_version(&self, name: &str, path: &RelPath) -> io::Result<()> {
        let mut dir: Option<Dir> = None;
        for step in path.parent().iter().flat_map(|parent| parent.names()) {
            let above = dir.as_ref().unwrap_or(&self.versions);
            match above.create_dir(step.as_str(), Privacy::Private) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                Ok(()) | Err(_) => {}
            }
            dir = Some(above.open_dir(step.as_str())?);
        }
        let dir = dir.as_ref().unwrap_or(&self.versions);
        self.placing.rename_new(name, dir, name)
    }
}

/// What a version of a file is called: `report~1790000000000-00ff00ff00ff00ff.docx`.
pub(super) fn version_name(name: &Name, replaced_ms: u64, digest: &Digest) -> String {
    let text = name.as_str();
    let dot = text.rfind('.').filter(|&dot| dot > 0);
    let is_extension = |it: &str| it.len() <= EXTENSION_BYTES && !it.contains('~');
    let (stem, extension) = match dot.map(|dot| text.split_at(dot)) {
        Some((stem, extension)) if is_extension(extension) => (stem, extension),
        Some(_) | None => (text, ""),
    };
    let start: String = digest.to_string().chars().take(16).collect();
    let ending = format!("~{replaced_ms:013}-{start}{extension}");
    let room = NAME_BYTES - ending.len();
    let end = (0..=room.min(stem.len()))
        .rev()
        .find(|&end| stem.is_char_boundary(end))
        .unwrap_or(0);
    format!("{}{ending}", &stem[..end])
}

fn kept_file(
    folder: Option<&RelPath>,
    name: &Name,
    stat: &crate::platform::Stat,
    stored: RelPath,
) -> Option<KeptFile> {
    let (name, replaced_ms, digest_start) = parse(name.as_str())?;
    let path = match folder {
        Some(folder) => folder.join(name).ok()?,
        None => RelPath::of_name(name),
    };
    Some(KeptFile {
        path,
        replaced_ms,
        digest_start,
        stat: FileStat::of(stat),
        stored,
    })
}

/// The reverse of [`version_name`].
fn parse(text: &str) -> Option<(Name, u64, [u8; 8])> {
    let (stem, rest) = text.rsplit_once('~')?;
    let (time, rest) = rest.split_once('-')?;
    let (start, extension) = rest.split_at_checked(16)?;
    let is_plain = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let is_extension = extension.is_empty() || extension.starts_with('.');
    let replaced_ms = Some(time).filter(|it| is_plain(it) && is_extension)?;
    let start = u64::from_str_radix(start, 16).ok()?;
    let name = Name::parse(&format!("{stem}{extension}")).ok()?;
    Some((name, replaced_ms.parse().ok()?, start.to_be_bytes()))
}

/// What counts as an extension, with its dot.
const EXTENSION_BYTES: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_name_of_a_version_tells_what_it_is_of(text in "\\PC{1,60}", replaced in 0u64..4_000_000_000_000, digest: [u8; 32]) {
            if let Ok(name) = Name::parse(&text) {
                let version = version_name(&name, replaced, &Digest(digest));
                let start: [u8; 8] = digest[..8].try_into().unwrap();
                prop_assert!(Name::parse(&version).is_ok());
                prop_assert_eq!(parse(&version), Some((name, replaced, start)));
            }
        }
    }

    #[test]
    fn what_editors_call_their_copies_is_no_extension() {
        for text in ["notes.txt~", "a.~", "b.~1~"] {
            let name = Name::parse(text).unwrap();
            let version = version_name(&name, 1, &Digest([0; 32]));
            assert_eq!(parse(&version), Some((name, 1, [0; 8])), "{version}");
        }
    }

    #[test]
    fn the_longest_names_are_cut_and_keep_their_extension() {
        let name = Name::parse(&format!("{}.txt", "ä".repeat(125))).unwrap();
        let version = version_name(&name, 1_790_000_000_000, &Digest([0xFF; 32]));
        assert!(version.len() <= NAME_BYTES && version.ends_with("ffffffffffffffff.txt"));
    }

    #[test]
    fn other_names_are_no_versions() {
        for text in [
            "a",
            "a~1",
            "a~x-0000000000000000",
            "a~1-00",
            "~1-0000000000000000",
            "a~1-0000000000000000x",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
