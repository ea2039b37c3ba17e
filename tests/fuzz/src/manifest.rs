//! The list of a transfer's entries on disk, as it may be after a crash or in a home that was tampered with.

use std::fs;
use std::path::Path;

use vfs::manifest::ManifestFile;

use crate::Verdict;
use crate::transfer::entries;

pub(crate) fn manifest_file(data: &[u8]) -> Verdict {
    let folder = tempfile::tempdir().expect("there is a place for temporary files");
    let path = folder.path().join("manifest");
    fs::write(&path, data).expect("the place can be written");
    let Ok(list) = ManifestFile::open(&path) else {
        return Verdict::Refused;
    };
    let mut entries = 0;
    for page in 0..list.pages() {
        let read = list
            .page(page)
            .expect("a page that was whole at opening is readable");
        assert_eq!(
            list.first_entry(page).map(u64::from),
            Some(entries),
            "pages follow each other"
        );
        entries += u64::try_from(read.len()).expect("a length");
    }
    assert_eq!(entries, list.entries(), "the totals are those of the pages");
    Verdict::of(list.pages() > 0)
}

pub(crate) fn manifest_file_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let folder = tempfile::tempdir().expect("there is a place for temporary files");
    vec![
        ("sealed", written(&folder.path().join("sealed"), true)),
        ("open", written(&folder.path().join("open"), false)),
    ]
}

fn written(path: &Path, sealed: bool) -> Vec<u8> {
    let mut list = ManifestFile::create(path).expect("the place is empty");
    for _ in 0..2 {
        list.append(&entries()).expect("a page fits");
    }
    if sealed {
        list.seal().expect("the end fits");
    }
    fs::read(path).expect("it was just written")
}
