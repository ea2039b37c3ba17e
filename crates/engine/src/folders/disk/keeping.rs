//! Versions, what is left of earlier runs, and the list of what is not shared.

use std::io;

use api::{CommandError, FolderNote, VersionView};
use model::Digest;
use sync_proto::{Chunker, FileState, FolderPath, IgnoreError, IgnoreRules, KeptVersion, outdated};
use vfs::shared_folder::{KeptFile, OpenFile};

use super::Disk;
use crate::folders::rules;
use crate::{clock, problem};

impl Disk {
    /// Removes versions that are too old, and unfinished files that nobody wants.
    pub(super) fn tidy_up(&mut self, wanted: &[Digest]) {
        for file in self.shared.staged().unwrap_or_default() {
            if !wanted.contains(&file) {
                self.unstage(&file);
            }
        }
        let kept = self.shared.kept().unwrap_or_default();
        let versions: Vec<KeptVersion> = kept
            .iter()
            .filter_map(|file| {
                Some(KeptVersion {
                    path: FolderPath::try_from(&file.path).ok()?,
                    replaced: file.replaced_ms,
                    size_bytes: file.stat.size_bytes,
                })
            })
            .collect();
        let old = outdated(&versions, self.version_time, clock::milliseconds());
        let limit = old.map(|version| version.replaced).max();
        for file in kept {
            if limit.is_some_and(|limit| file.replaced_ms <= limit) {
                self.shared.remove_kept(&file.stored).ok();
            }
        }
    }

    pub(super) fn versions(&self) -> Result<Vec<VersionView>, CommandError> {
        let mut kept = self.shared.kept().map_err(unreadable)?;
        kept.sort_by(|a, b| (&a.path, b.replaced_ms).cmp(&(&b.path, a.replaced_ms)));
        let view = |file: &KeptFile| VersionView {
            version: file.stored.to_string(),
            path: file.path.to_string(),
            replaced_ms: file.replaced_ms,
            bytes: file.stat.size_bytes,
        };
        Ok(kept.iter().map(view).collect())
    }

    /// Where a version was, and what it is.
    pub(super) fn version(&self, version: &str) -> Result<(FolderPath, FileState), CommandError> {
        let kept = self.shared.kept().map_err(unreadable)?;
        let is_it = |file: &&KeptFile| {
            file.stored.to_string() == version || file.path.to_string() == version
        };
        let named = kept.iter().filter(is_it);
        let Some(file) = named.max_by_key(|file| file.replaced_ms) else {
            return Err(problem::usage(
                "There is no such version: see wherry folders versions.",
            ));
        };
        let path = FolderPath::try_from(&file.path)
            .map_err(|_| problem::usage("A version of that name cannot be restored."))?;
        let opened = self.shared.open_kept(&file.stored).map_err(unreadable)?;
        let digest = digest_of(&opened, file.stat.size_bytes).map_err(unreadable)?;
        let state = FileState {
            size_bytes: file.stat.size_bytes,
            modified: file.stat.modified,
            executable: file.stat.executable,
            digest,
        };
        Ok((path, state))
    }

    /// A version of this content.
    pub(super) fn open_version(&self, file: &FileState) -> io::Result<OpenFile> {
        let kept = self.shared.kept()?;
        let mut kept = kept.iter().filter(|it| {
            it.stat.size_bytes == file.size_bytes && it.digest_start[..] == file.digest.0[..8]
        });
        let found = kept.next().ok_or(io::ErrorKind::NotFound)?;
        self.shared.open_kept(&found.stored)
    }

    /// Takes the list of what is not shared as it is in the folder; a bad one changes nothing.
    pub(super) fn read_rules(&mut self) {
        let rules = match rules::text(&self.shared) {
            Ok(text) => IgnoreRules::parse(&text),
            Err(_) => return,
        };
        match rules {
            Ok(rules) => {
                self.settle(|note| matches!(note, FolderNote::BadRules { .. }));
                self.rules = rules.clone();
                self.report.rules = Some(rules);
            }
            Err(IgnoreError::BadLine { line }) => {
                self.note(FolderNote::BadRules { line: Some(line) });
            }
            Err(IgnoreError::TooLong) => self.note(FolderNote::BadRules { line: None }),
        }
    }

    pub(super) fn change_rules(
        &mut self,
        add: &[String],
        remove: &[String],
    ) -> Result<Vec<String>, CommandError> {
        let text = rules::text(&self.shared).map_err(unreadable)?;
        let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
        if add.is_empty() && remove.is_empty() {
            return Ok(lines);
        }
        if let Some(unknown) = remove.iter().find(|line| !lines.contains(line)) {
            return Err(problem::usage(format!(
                "The list has no line {unknown:?}: see wherry folders ignore."
            )));
        }
        lines.retain(|line| !remove.contains(line));
        let new = add.iter().filter(|line| !lines.contains(line));
        let new: Vec<String> = new.cloned().collect();
        lines.extend(new);
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        IgnoreRules::parse(&text).map_err(|error| problem::usage(problem::sentence(&error)))?;
        rules::write(&self.shared, text.as_bytes())
            .map_err(|error| problem::usage(problem::sentence(&error)))?;
        let path = rules::file();
        self.look(&path, false);
        self.read_rules();
        self.hints
            .everything_after(std::time::Duration::ZERO, std::time::Instant::now());
        Ok(lines)
    }
}

fn digest_of(file: &OpenFile, size_bytes: u64) -> io::Result<Digest> {
    let mut chunker = Chunker::new(size_bytes);
    let mut offset = 0;
    while offset < size_bytes {
        let length = u32::try_from((size_bytes - offset).min(BLOCK)).unwrap_or(u32::MAX);
        let block = file.read(offset, length)?;
        if block.len() < length as usize {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        chunker.push(&block);
        offset += u64::from(length);
    }
    Ok(chunker.finish().digest())
}

fn unreadable(error: io::Error) -> CommandError {
    CommandError::new(
        api::ErrorCode::SourceUnreadable,
        format!("The folder cannot be read: {error}."),
    )
}

/// Read at once.
const BLOCK: u64 = 1024 * 1024;
