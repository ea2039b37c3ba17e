use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Mutex;

use model::DisplayName;
use serde::Serialize;

/// Files and folders that a person dropped, chose or pasted: the page has their number, the shell their paths.
#[derive(Debug, Default)]
pub(crate) struct Picks {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    kept: VecDeque<(String, Vec<PathBuf>)>,
}

/// What the page sees of a pick.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Picked {
    /// Names it in commands.
    pub(crate) pick: String,
    /// The first name in it.
    pub(crate) first: String,
    /// How many files and folders, not counting what is inside.
    pub(crate) count: usize,
    /// Not known before it is listed.
    pub(crate) bytes: Option<u64>,
}

impl Picks {
    /// Keeps what a person picked, or returns `None` if that is nothing.
    pub(crate) fn keep(&self, paths: Vec<PathBuf>) -> Option<Picked> {
        let first = paths.first()?;
        let name = first.file_name().unwrap_or(first.as_os_str());
        let first = DisplayName::new(&name.to_string_lossy()).to_string();
        let count = paths.len();
        let mut state = self.lock();
        let pick = state.next.to_string();
        state.next += 1;
        state.kept.push_back((pick.clone(), paths));
        while state.kept.len() > PICKS {
            state.kept.pop_front();
        }
        Some(Picked {
            pick,
            first,
            count,
            bytes: None,
        })
    }

    /// The paths of a pick; it stays, as it may be sent to several people.
    pub(crate) fn paths(&self, pick: &str) -> Option<Vec<PathBuf>> {
        let state = self.lock();
        let found = state.kept.iter().find(|(known, _)| known == pick);
        found.map(|(_, paths)| paths.clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// So many picks are remembered; nobody goes back further.
const PICKS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pick_is_found_by_its_number_and_shows_no_folder() {
        let picks = Picks::default();
        let paths = vec![PathBuf::from("/secret/place/a.txt"), PathBuf::from("/b")];
        let picked = picks.keep(paths.clone()).unwrap();
        assert_eq!((picked.first.as_str(), picked.count), ("a.txt", 2));
        assert_eq!(picks.paths(&picked.pick), Some(paths));
        assert_eq!(picks.paths("/secret/place/a.txt"), None);
    }

    #[test]
    fn nothing_is_no_pick_and_old_picks_are_forgotten() {
        let picks = Picks::default();
        assert_eq!(picks.keep(Vec::new()), None);
        let first = picks.keep(vec!["/0".into()]).unwrap();
        for _ in 0..PICKS {
            picks.keep(vec!["/1".into()]);
        }
        assert_eq!(picks.paths(&first.pick), None);
    }
}
