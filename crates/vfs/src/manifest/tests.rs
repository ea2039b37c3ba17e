use super::*;
use model::{Name, RelPath, Timestamp};
use proptest::prelude::*;
use std::os::unix::fs::FileExt;
use tempfile::TempDir;

fn entry(number: usize, padding: usize) -> Entry {
    let name = format!("{}{number}", "x".repeat(padding));
    Entry {
        path: RelPath::of_name(Name::parse(&name).unwrap()),
        kind: EntryKind::File {
            size_bytes: number as u64,
            executable: number.is_multiple_of(2),
        },
        modified: Some(Timestamp {
            seconds: -1,
            nanoseconds: 7,
        }),
    }
}

fn new_manifest() -> (TempDir, std::path::PathBuf, ManifestFile) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("manifest");
    let manifest = ManifestFile::create(&path).unwrap();
    (dir, path, manifest)
}

fn all(manifest: &ManifestFile) -> Vec<Entry> {
    (0..manifest.pages())
        .flat_map(|page| manifest.page(page).unwrap())
        .collect()
}

#[test]
fn pushed_entries_come_back_in_pages_that_fit_a_message() {
    let (_dir, path, mut manifest) = new_manifest();
    let entries: Vec<Entry> = (0..6_000).map(|number| entry(number, 150)).collect();
    for entry in &entries {
        manifest.push(entry.clone()).unwrap();
    }
    manifest.seal().unwrap();
    assert!(manifest.pages() >= 4);
    let mut first = 0;
    for page in 0..manifest.pages() {
        assert_eq!(manifest.first_entry(page), Some(first));
        let entries = manifest.page(page).unwrap();
        assert!(wire::encode(&entries).len() <= MANIFEST_PAGE_BYTES);
        first += u32::try_from(entries.len()).unwrap();
    }
    let again = ManifestFile::open(&path).unwrap();
    assert!(again.is_sealed());
    assert_eq!(all(&again), entries);
    assert_eq!((again.entries(), again.files()), (6_000, 6_000));
    assert_eq!(again.bytes(), (0..6_000).sum::<u64>());
    assert!(matches!(
        again.page(again.pages()),
        Err(ManifestError::NoSuchPage)
    ));
}

#[test]
fn a_sealed_list_takes_no_more_and_sealing_twice_is_harmless() {
    let (_dir, path, mut manifest) = new_manifest();
    manifest.push(entry(1, 0)).unwrap();
    manifest.seal().unwrap();
    manifest.seal().unwrap();
    let more = manifest.append(&[entry(2, 0)]);
    assert!(matches!(more, Err(ManifestError::Sealed)));
    let mut again = ManifestFile::open(&path).unwrap();
    let more = again.append(&[entry(2, 0)]);
    assert!(matches!(more, Err(ManifestError::Sealed)));
}

#[test]
fn pages_are_neither_empty_nor_too_long() {
    let (_dir, _, mut manifest) = new_manifest();
    assert!(matches!(
        manifest.append(&[]),
        Err(ManifestError::EmptyPage)
    ));
    let long: Vec<Entry> = (0..2_000).map(|number| entry(number, 200)).collect();
    assert!(matches!(
        manifest.append(&long),
        Err(ManifestError::PageTooLong)
    ));
    assert_eq!(manifest.pages(), 0);
}

#[test]
fn a_million_entries_are_the_limit() {
    let (_dir, _, mut manifest) = new_manifest();
    let page: Vec<Entry> = (0..10_000).map(|number| entry(number, 0)).collect();
    for _ in 0..100 {
        manifest.append(&page).unwrap();
    }
    assert_eq!(manifest.entries(), MANIFEST_ENTRIES);
    let more = manifest.append(&[entry(1, 0)]);
    assert!(matches!(more, Err(ManifestError::TooManyEntries)));
    let more = manifest.push(entry(1, 0));
    assert!(matches!(more, Err(ManifestError::TooManyEntries)));
}

#[test]
fn another_file_is_not_taken_for_a_list_and_none_is_replaced() {
    let (_dir, path, manifest) = new_manifest();
    drop(manifest);
    let taken = ManifestFile::create(&path).unwrap_err();
    assert!(
        matches!(taken, ManifestError::Io(error) if error.kind() == io::ErrorKind::AlreadyExists)
    );
    std::fs::write(&path, "wherry manifest 2\n").unwrap();
    assert!(matches!(
        ManifestFile::open(&path),
        Err(ManifestError::NotAManifest)
    ));
}

proptest! {
    #[test]
    fn after_any_damage_the_pages_before_it_survive_and_more_can_be_added(
        sizes in prop::collection::vec(1usize..9, 1..8),
        at in any::<prop::sample::Index>(),
        bit in prop::option::of(0u8..8),
    ) {
        let (_dir, path, mut manifest) = new_manifest();
        let mut pages = Vec::new();
        for (number, size) in sizes.iter().enumerate() {
            let page: Vec<Entry> = (0..*size).map(|index| entry(number * 10 + index, 3)).collect();
            manifest.append(&page).unwrap();
            pages.push(page);
        }
        let frames: Vec<u64> = manifest.pages.iter().map(|page| page.offset).collect();
        drop(manifest);
        let file = File::options().read(true).write(true).open(&path).unwrap();
        let length = usize::try_from(file.metadata().unwrap().len()).unwrap();
        let at = (MAGIC.len() + at.index(length - MAGIC.len())) as u64;
        match bit {
            Some(bit) => {
                let mut byte = [0];
                file.read_exact_at(&mut byte, at).unwrap();
                file.write_all_at(&[byte[0] ^ (1 << bit)], at).unwrap();
            }
            None => file.set_len(at).unwrap(),
        }
        let survivors = frames.iter().skip(1).filter(|&&start| start <= at).count();
        let mut again = ManifestFile::open(&path).unwrap();
        prop_assert_eq!(all(&again), pages[..survivors].concat());
        again.append(&[entry(99, 0)]).unwrap();
        let last = ManifestFile::open(&path).unwrap();
        prop_assert_eq!(last.pages() as usize, survivors + 1);
    }

    #[test]
    fn any_bytes_are_judged_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("manifest");
        std::fs::write(&path, [MAGIC, &bytes].concat()).unwrap();
        let manifest = ManifestFile::open(&path).unwrap();
        prop_assert_eq!(manifest.pages(), 0);
    }
}

#[test]
fn a_part_of_the_list_is_read_across_its_pages_and_as_far_as_there_is_one() {
    let (_dir, _path, mut manifest) = new_manifest();
    assert_eq!(manifest.entries_in(&(0..9)).unwrap(), []);
    let entries: Vec<Entry> = (0..10).map(|number| entry(number, 1)).collect();
    for page in entries.chunks(3) {
        manifest.append(page).unwrap();
    }
    for start in 0..12 {
        for end in start..14 {
            let expected: Vec<&Entry> = entries.iter().take(end).skip(start).collect();
            let range = short(start)..short(end);
            let read = manifest.entries_in(&range).unwrap();
            assert_eq!(read.iter().collect::<Vec<_>>(), expected, "{range:?}");
        }
    }
    assert_eq!(manifest.entries_in(&(u32::MAX..u32::MAX)).unwrap(), []);
}
