//! Names that cannot be held here: given another one that can, or left out with everything below them; and
//! programs, where none are wanted.

use std::ffi::OsStr;
use std::io;

use model::{ChunkSet, Entry, Name, NameError, NameRules, RelPath, is_program};

use super::journal::Record;
use super::pages::{OpenPage, Outcome};
use super::staging::Staging;

/// How names are judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judging {
    pub(super) rules: NameRules,
    /// Whether a name that cannot be held is changed.
    pub(super) rename: bool,
    /// Whether programs are left out.
    pub(super) no_programs: bool,
}

/// A name that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renamed {
    /// The path as it was sent.
    pub path: RelPath,
    /// The last name as it is here.
    pub name: Name,
}

/// The path that an entry gets where Windows' rules hold and names are changed that cannot be held.
pub fn windows_path(path: &RelPath) -> RelPath {
    let judging = Judging {
        rules: NameRules::Windows,
        rename: true,
        no_programs: false,
    };
    judging.local_path(path)
}

impl Judging {
    /// The entries under the names that they get here.
    pub(super) fn localize(self, entries: &[Entry]) -> Vec<Entry> {
        let local = |entry: &Entry| Entry {
            path: self.local_path(&entry.path),
            ..entry.clone()
        };
        entries.iter().map(local).collect()
    }

    fn local_path(self, path: &RelPath) -> RelPath {
        if !self.rename || self.holds(path) {
            return path.clone();
        }
        let names = path.names().iter().map(|name| self.local_name(name));
        RelPath::new(names.collect()).unwrap_or_else(|_| path.clone())
    }

    fn local_name(self, name: &Name) -> Name {
        match name.check(self.rules) {
            Ok(()) => name.clone(),
            Err(error) => portable(name, error, self.rules).unwrap_or_else(|| name.clone()),
        }
    }

    /// Whether an entry is taken: it can be held here, and is no program where none is wanted.
    pub(super) fn takes(self, entry: &Entry) -> bool {
        self.holds(&entry.path) && !(self.no_programs && is_program(entry))
    }

    /// Whether every name of a path can be held here.
    fn holds(self, path: &RelPath) -> bool {
        let mut names = path.names().iter();
        names.all(|name| name.check(self.rules).is_ok())
    }
}

impl Staging {
    /// The entries whose last name is another one here.
    pub fn renamed(&self, entries: &[Entry]) -> Vec<Renamed> {
        let local = |entry: &Entry| {
            let sent = entry.path.file_name();
            let name = self.judging.local_name(sent);
            let is_changed = self.judging.rename && name != *sent;
            is_changed.then(|| Renamed {
                path: entry.path.clone(),
                name,
            })
        };
        entries.iter().filter_map(local).collect()
    }

    /// Whether the destination has something with the name of this outermost entry already.
    pub fn is_taken(&self, entry: &Entry) -> bool {
        let [name] = entry.path.names() else {
            return false;
        };
        let name = self.judging.local_name(name);
        let there = self.home.root.stat(OsStr::new(name.as_str()));
        there.is_ok() && self.judging.takes(entry)
    }

    /// Whether an entry, as it was sent, is left out for being a program.
    pub fn refuses_program(&self, entry: &Entry) -> bool {
        self.judging.no_programs && is_program(entry)
    }

    /// Leaves out the entries that are not taken, durably and once.
    pub(super) fn leave_out(&mut self, page: &mut OpenPage) -> io::Result<()> {
        let mut refused = ChunkSet::new();
        for ((index, entry), state) in (page.first_entry..)
            .zip(&page.entries)
            .zip(&mut page.states)
        {
            if self.judging.takes(entry) {
                continue;
            }
            refused.insert(index.into());
            if state.outcome != Some(Outcome::Dropped) {
                self.journal.append(&Record::Dropped { entry: index })?;
                state.outcome = Some(Outcome::Dropped);
            }
            self.progress.dropped.insert(index.into());
        }
        page.refused = refused;
        Ok(())
    }
}

/// A name like this one that the rules allow; the same for the same name, always.
fn portable(name: &Name, error: NameError, rules: NameRules) -> Option<Name> {
    let mut text: String = name
        .as_str()
        .chars()
        .map(|character| match character {
            '<' | '>' | ':' | '"' | '|' | '?' | '*' => '_',
            other => other,
        })
        .collect();
    if text.ends_with(['.', ' ']) {
        text.pop();
        text.push('_');
    }
    if error == NameError::WindowsReserved {
        let stem = text.find('.').unwrap_or(text.len());
        text.insert(stem, '_');
    }
    let changed = Name::parse(&text).ok()?;
    changed.check(rules).is_ok().then_some(changed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WINDOWS: Judging = Judging {
        rules: NameRules::Windows,
        rename: true,
        no_programs: false,
    };

    #[test]
    fn names_that_windows_cannot_hold_get_one_that_it_can() {
        for (sent, here) in [
            ("con", "con_"),
            ("nul.tar.gz", "nul_.tar.gz"),
            ("what?", "what_"),
            ("a:b", "a_b"),
            ("end.", "end_"),
            ("fine.txt", "fine.txt"),
        ] {
            let name = WINDOWS.local_name(&Name::parse(sent).unwrap());
            assert_eq!(name.as_str(), here);
        }
    }

    proptest! {
        #[test]
        fn a_changed_name_is_allowed(text in "[ -~]{1,40}") {
            if let Ok(name) = Name::parse(&text) {
                let local = WINDOWS.local_name(&name);
                prop_assert!(local == name || local.check(NameRules::Windows).is_ok());
            }
        }
    }
}
