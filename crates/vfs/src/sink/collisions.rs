use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher, RandomState};

use model::{Entry, EntryKind, Name, RelPath};

use super::judging::Judging;
use super::{PageError, is_reserved};

/// Knows every path of a manifest by a keyed 64-bit hash: 8 bytes per entry, 8 more per folder.
///
/// The key is drawn per process, so that no sender can prepare paths that are taken for others.
#[derive(Debug, Default)]
pub(super) struct Collisions {
    hasher: RandomState,
    taken: Hashes,
    folders: Hashes,
}

/// Stand for a path: for its very names, and for all that some file system takes for the same.
#[derive(Debug, Clone, Copy, Default)]
struct PathKeys {
    exact: u64,
    folded: u64,
}

/// What a page adds, once it is stored.
#[derive(Debug, Default)]
pub(super) struct PageKeys {
    taken: BTreeSet<u64>,
    folders: BTreeSet<u64>,
}

impl Collisions {
    /// Judges the names of a page: no two alike, each below a folder announced before.
    ///
    /// What cannot be held here is left out, and takes no name from anything.
    pub(super) fn judge(&self, page: &[Entry], judging: Judging) -> Result<PageKeys, PageError> {
        let mut keys = PageKeys::default();
        // Entries of one folder follow each other: what its names come to is worked out once.
        let mut folder: (&[Name], PathKeys) = (&[], PathKeys::default());
        for entry in page {
            check_reserved(&entry.path)?;
            if !judging.takes(entry) {
                continue;
            }
            let [above @ .., name] = entry.path.names() else {
                continue;
            };
            if folder.0 != above {
                let start = PathKeys::default();
                let below = |keys, name| self.below(keys, name);
                folder = (above, above.iter().fold(start, below));
            }
            let path = self.below(folder.1, name);
            self.add(
                entry,
                (!above.is_empty()).then_some(folder.1),
                path,
                &mut keys,
            )?;
        }
        Ok(keys)
    }

    /// Remembers a page that was judged.
    pub(super) fn admit(&mut self, keys: PageKeys) {
        self.taken.extend(keys.taken);
        self.folders.extend(keys.folders);
    }

    fn add(
        &self,
        entry: &Entry,
        parent: Option<PathKeys>,
        path: PathKeys,
        keys: &mut PageKeys,
    ) -> Result<(), PageError> {
        if let Some(parent) = parent
            && !keys.folders.contains(&parent.exact)
            && !self.folders.contains(parent.exact)
        {
            let path = entry.path.clone();
            return Err(PageError::ParentMissing { path });
        }
        if self.taken.contains(path.folded) || !keys.taken.insert(path.folded) {
            let path = entry.path.clone();
            return Err(PageError::Collision { path });
        }
        match entry.kind {
            EntryKind::Directory => {
                keys.folders.insert(path.exact);
            }
            EntryKind::File { .. } | EntryKind::Stream => {}
        }
        Ok(())
    }

    /// The keys of `name` in the folder of these.
    fn below(&self, folder: PathKeys, name: &Name) -> PathKeys {
        PathKeys {
            exact: self.hash(folder.exact, name.as_str()),
            folded: self.hash(folder.folded, &name.collision_key()),
        }
    }

    fn hash(&self, folder: u64, name: &str) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write_u64(folder);
        hasher.write(name.as_bytes());
        hasher.finish()
    }
}

fn check_reserved(path: &RelPath) -> Result<(), PageError> {
    match path.names().iter().any(is_reserved) {
        true => Err(PageError::Reserved { path: path.clone() }),
        false => Ok(()),
    }
}

/// A set of hashes that costs 8 bytes each: a sorted list, and what came since it was last merged.
#[derive(Debug, Default)]
struct Hashes {
    sorted: Vec<u64>,
    recent: BTreeSet<u64>,
}

impl Hashes {
    fn contains(&self, hash: u64) -> bool {
        self.recent.contains(&hash) || self.sorted.binary_search(&hash).is_ok()
    }

    fn extend(&mut self, hashes: BTreeSet<u64>) {
        self.recent.extend(hashes);
        // A tenth at a time: merging is linear in the whole.
        if self.recent.len() > RECENT_HASHES + self.sorted.len() / 10 {
            self.sorted.reserve_exact(self.recent.len());
            self.sorted.extend(std::mem::take(&mut self.recent));
            // Two sorted runs: a stable sort merges them in one pass.
            self.sorted.sort();
        }
    }
}

const RECENT_HASHES: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;
    use model::NameRules;

    const WINDOWS: Judging = Judging {
        rules: NameRules::Windows,
        rename: false,
        no_programs: false,
    };

    fn entry(path: &str, kind: EntryKind) -> Entry {
        let names = path.split('/').map(|name| Name::parse(name).unwrap());
        Entry {
            path: RelPath::new(names.collect()).unwrap(),
            kind,
            modified: None,
        }
    }

    fn folder(path: &str) -> Entry {
        entry(path, EntryKind::Directory)
    }

    fn file(path: &str) -> Entry {
        entry(path, EntryKind::Stream)
    }

    fn judge_pages(pages: &[&[Entry]]) -> Result<(), PageError> {
        let mut collisions = Collisions::default();
        for page in pages {
            let keys = collisions.judge(page, WINDOWS)?;
            collisions.admit(keys);
        }
        Ok(())
    }

    #[test]
    fn names_that_differ_only_in_case_or_composition_collide_within_and_across_pages() {
        for (one, other) in [("a", "A"), ("\u{e9}", "E\u{301}"), ("same", "same")] {
            let within = judge_pages(&[&[file(one), file(other)]]);
            assert!(matches!(within, Err(PageError::Collision { .. })), "{one}");
            let across = judge_pages(&[&[folder(one)], &[file("b")], &[file(other)]]);
            assert!(matches!(across, Err(PageError::Collision { .. })), "{one}");
        }
        judge_pages(&[&[folder("x"), folder("y"), file("x/a")], &[file("y/a")]]).unwrap();
    }

    #[test]
    fn an_entry_needs_its_folder_before_it_and_spelled_alike() {
        for page in [
            &[file("a/b")][..],
            &[file("a"), file("a/b")],
            &[folder("A"), file("a/b")],
            &[file("a/b"), folder("a")],
        ] {
            let judged = judge_pages(&[page]);
            assert!(matches!(judged, Err(PageError::ParentMissing { .. })));
        }
    }

    #[test]
    fn names_of_wherry_are_refused_and_those_of_the_system_take_no_place() {
        judge_pages(&[&[folder("con"), file("con/x"), folder("CON")]]).unwrap();
        let own = judge_pages(&[&[folder(".wherry-12345678.partial")]]);
        assert!(matches!(own, Err(PageError::Reserved { .. })));
    }

    #[test]
    fn hashes_are_found_before_and_after_merging() {
        let mut hashes = Hashes::default();
        let spread = |number: u64| number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        for start in (0..20_000).step_by(100) {
            hashes.extend((start..start + 100).map(spread).collect());
        }
        assert!(hashes.sorted.len() >= 10_000);
        assert!((0..20_000).all(|number| hashes.contains(spread(number))));
        assert!(!(20_000..40_000).any(|number| hashes.contains(spread(number))));
    }
}
