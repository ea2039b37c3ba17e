//! The list of what is not shared, as a file of its folder.

use std::io;

use api::CommandError;
use sync_proto::{FolderPath, IGNORE_FILE, IgnoreRules, Recipe};
use vfs::shared_folder::{Change, ChangeError, Deed, Expected, Found, Keep, SharedFolder, Source};

use crate::{clock, problem};

/// Adds lines to the list of a folder that does not run yet.
pub(crate) fn add_rules(shared: &SharedFolder, add: &[String]) -> Result<(), CommandError> {
    if add.is_empty() {
        return Ok(());
    }
    let refused = |error: &dyn std::error::Error| problem::usage(problem::sentence(error));
    let mut lines = text(shared).map_err(|error| refused(&error))?;
    if !lines.is_empty() && !lines.ends_with('\n') {
        lines.push('\n');
    }
    for line in add {
        if !lines.lines().any(|known| known == line) {
            lines.push_str(line);
            lines.push('\n');
        }
    }
    IgnoreRules::parse(&lines).map_err(|error| refused(&error))?;
    write(shared, lines.as_bytes()).map_err(|error| refused(&error))
}

/// The list; empty if there is none.
pub(super) fn text(shared: &SharedFolder) -> io::Result<String> {
    let path = super::disk::rel(&file());
    if !matches!(shared.look(&path)?, Found::File(_)) {
        return Ok(String::new());
    }
    let file = shared.open_file(&path)?;
    let most = u32::try_from(model::limits::IGNORE_BYTES + 1).unwrap_or(u32::MAX);
    String::from_utf8(file.read(0, most)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is no text"))
}

/// Puts another list into its place.
pub(super) fn write(shared: &SharedFolder, text: &[u8]) -> Result<(), ChangeError> {
    let path = super::disk::rel(&file());
    let digest = Recipe::of(text).digest();
    shared.unstage(&digest)?;
    shared.stage(&digest)?.write(0, text)?;
    shared.flush(&[digest])?;
    let expected = match shared.look(&path)? {
        Found::File(stat) => Expected::File(stat),
        Found::Nothing => Expected::Nothing,
        Found::Folder | Found::Other => return Err(ChangeError::Unholdable),
    };
    shared.change(&Change {
        path: &path,
        expected,
        keep: Keep::Nothing,
        deed: Deed::Place {
            source: Source::Staged(&digest),
            modified: clock::timestamp(),
            executable: false,
        },
        now_ms: clock::milliseconds(),
    })?;
    Ok(())
}

pub(super) fn file() -> FolderPath {
    FolderPath::parse(IGNORE_FILE).expect("it is a good name")
}
