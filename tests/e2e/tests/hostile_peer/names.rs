use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use e2e::hostile::{HostileSession, RawEntry, Stage, hostile_names, one_file};
use model::TransferId;
use transfer_proto::CancelReason;

#[test]
fn no_name_of_the_corpus_leaves_the_root() {
    let corpus = hostile_names();
    assert!(corpus.len() >= 200);
    let mut stage = Stage::set();
    let mut session: Option<HostileSession> = None;
    let mut expected = BTreeSet::new();
    for (number, row) in corpus.iter().enumerate() {
        let mut current = session.take().unwrap_or_else(|| {
            let session = stage.intruder.offer(&mut stage.friend, |_| {});
            session.expect("a contact may always offer")
        });
        let with_folders = row.fate != "refused";
        let entries = entries_of(&row.paths, with_folders);
        let met = one_file(&mut current, transfer(number), &entries, b"pwned");
        let (fate, code) = match met {
            Some(Ok(())) => ("stored", None),
            Some(Err(CancelReason::NameRefused { .. })) => ("cancelled", Some("bad_name")),
            Some(Err(other)) => panic!("{row:?}: {other:?}"),
            None => ("refused", Some("peer_violation")),
        };
        assert_eq!(fate, row.fate, "{row:?}");
        if let Some(code) = code {
            assert_eq!(stage.refusal()["code"], code, "{row:?}");
        } else {
            let stored = stage.into.join(native(&row.paths[0]));
            assert_eq!(fs::read(&stored).unwrap(), b"pwned", "{row:?}");
            expected.insert(stage.into.join(native(&row.paths[0][..1])));
        }
        session = (fate != "refused").then_some(current);
    }
    let placed = placed(&stage.into);
    let odd: Vec<&PathBuf> = placed.symmetric_difference(&expected).collect();
    assert!(odd.is_empty(), "{odd:?}");
    stage.finish();
}

/// The entries to send: each path, after the folders it lies in if these are wanted.
fn entries_of(paths: &[Vec<Vec<u8>>], with_folders: bool) -> Vec<RawEntry> {
    let mut told: Vec<Vec<Vec<u8>>> = Vec::new();
    let mut entries = Vec::new();
    for path in paths {
        for depth in 1..path.len() {
            let folder = path[..depth].to_vec();
            if with_folders && !told.contains(&folder) {
                let mut entry = RawEntry::folder(&[]);
                entry.path.clone_from(&folder);
                entries.push(entry);
                told.push(folder);
            }
        }
        entries.push(RawEntry::raw_file(path.clone(), 5));
        told.push(path.clone());
    }
    entries
}

fn transfer(number: usize) -> TransferId {
    let mut id = [0; 16];
    id[..4].copy_from_slice(&u32::try_from(number).unwrap().to_be_bytes());
    TransferId(id)
}

fn native(path: &[Vec<u8>]) -> PathBuf {
    path.iter().map(|name| OsStr::from_bytes(name)).collect()
}

/// Everything in the root but what is staged.
fn placed(into: &Path) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(into).unwrap();
    entries
        .map(|entry| entry.unwrap())
        .filter(|entry| !is_staging(&entry.file_name()))
        .map(|entry| entry.path())
        .collect()
}

/// `.wherry-01234567.partial`, and only as the folder that a receiver makes.
fn is_staging(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let inner = name.strip_prefix(".wherry-");
    let inner = inner.and_then(|name| name.strip_suffix(".partial"));
    inner.is_some_and(|inner| inner.len() == 8)
}
