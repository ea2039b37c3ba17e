use super::*;
use crate::{FileState, VersionVector};
use model::{Digest, Timestamp};

fn path(text: &str) -> FolderPath {
    FolderPath::parse(text).unwrap()
}

fn seat(number: u8) -> Seat {
    Seat::parse(number).unwrap()
}

fn record(author: u8, stamp: u64, content: &[u8]) -> Record {
    Record {
        version: VersionVector::default().bumped(seat(author), stamp),
        state: State::File(FileState {
            size_bytes: content.len() as u64,
            modified: Timestamp {
                seconds: 1,
                nanoseconds: 2,
            },
            executable: false,
            digest: Digest::of(content),
        }),
        rival: None,
    }
}

#[test]
fn only_what_is_better_is_wanted_and_who_holds_it_is_remembered() {
    let mut index = Index::default();
    index.set_local(&path("a"), record(0, 5, b"ours"));
    let (worse, better) = (record(1, 4, b"worse"), record(1, 6, b"better"));
    assert_eq!(index.offer(seat(1), &path("a"), &worse), Novelty::Known);
    assert_eq!(index.offer(seat(1), &path("a"), &better), Novelty::Better);
    assert_eq!(index.offer(seat(2), &path("a"), &better), Novelty::Wanted);
    let holders = index.wanted(&path("a")).unwrap().holders;
    assert_eq!(holders, bit(seat(1)) | bit(seat(2)));
    index.set_local(&path("a"), better);
    assert_eq!(index.wanted(&path("a")), None);
}

#[test]
fn a_page_tells_what_is_new_and_only_that() {
    let mut index = Index::default();
    for name in ["a", "b", "c"] {
        index.set_local(&path(name), record(0, 5, name.as_bytes()));
    }
    let all = index.page(0);
    assert_eq!((all.records.len(), all.through, all.more), (3, 3, false));
    index.set_local(&path("a"), record(0, 6, b"again"));
    let new = index.page(all.through);
    assert_eq!((new.records.len(), new.through), (1, 4));
    assert_eq!(index.page(4).records, []);
    assert_eq!(index.page(0).records.len(), 3);
}

#[test]
fn pages_of_an_index_fit_their_limit_and_miss_nothing() {
    let mut index = Index::default();
    for number in 0..5_000 {
        let name = format!("{}/{number}", "x".repeat(100));
        index.set_local(&path(&name), record(0, 5, name.as_bytes()));
    }
    let (mut after, mut told) = (0, 0);
    loop {
        let page = index.page(after);
        assert!(wire::encode(&page.records).len() <= INDEX_PAGE_BYTES);
        told += page.records.len();
        after = page.through;
        if !page.more {
            break;
        }
    }
    assert_eq!(told, 5_000);
}

#[test]
fn what_is_below_a_folder_is_found_among_its_neighbours() {
    let mut index = Index::default();
    for name in ["a", "a b", "a.txt", "a/x", "a/x/y", "ab", "b"] {
        index.set_local(&path(name), record(0, 5, b"x"));
    }
    let folder = path("a");
    let below: Vec<&str> = index.below(&folder).map(|(it, _)| it.as_str()).collect();
    assert_eq!(below, ["a/x", "a/x/y"]);
    assert!(index.has_children(&folder) && !index.has_children(&path("b")));
}

#[test]
fn a_folder_has_as_many_paths_as_its_limit() {
    let mut index = Index::default();
    let one = record(1, 5, b"x");
    for number in 0..FOLDER_ENTRIES {
        index
            .slots
            .insert(path(&number.to_string()), Slot::default());
    }
    assert_eq!(index.offer(seat(1), &path("more"), &one), Novelty::Full);
    assert_eq!(index.offer(seat(1), &path("7"), &one), Novelty::Better);
}
