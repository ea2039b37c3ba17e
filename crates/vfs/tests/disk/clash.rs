use std::fs;
use std::path::PathBuf;

use vfs::source::Source;

use crate::kit::{Pair, commit, fill, names_in, pages};

fn send(pair: &Pair) -> Vec<String> {
    let mut source = pair.source();
    let pages = pages(&source, 7);
    let mut staging = pair.stage();
    fill(&mut source, &pages, &mut staging);
    let (_, committed) = commit(staging);
    let names = committed.names.into_iter();
    names.map(|name| name.placed.into()).collect()
}

#[test]
fn a_taken_name_gets_a_number_and_nothing_is_replaced() {
    let pair = Pair::new();
    pair.put("trip.mov", b"new").put("photos/1.jpg", b"new");
    fs::write(pair.to.join("trip.mov"), "old").unwrap();
    fs::create_dir(pair.to.join("photos")).unwrap();
    fs::write(pair.to.join("photos (2)"), "old").unwrap();
    assert_eq!(send(&pair), ["photos (3)", "trip (2).mov"]);
    assert_eq!(send(&pair), ["photos (4)", "trip (3).mov"]);
    assert_eq!(fs::read(pair.to.join("trip.mov")).unwrap(), b"old");
    assert_eq!(fs::read(pair.to.join("trip (3).mov")).unwrap(), b"new");
    assert!(names_in(&pair.to.join("photos")).is_empty());
    assert_eq!(names_in(&pair.to.join("photos (4)")), ["1.jpg"]);
}

#[test]
fn a_numbered_name_that_is_sent_too_keeps_out_of_the_way() {
    let pair = Pair::new();
    pair.put("a", b"1").put("a (2)", b"2");
    fs::write(pair.to.join("a"), "old").unwrap();
    let mut names = send(&pair);
    names.sort();
    assert_eq!(names.len(), 2);
    assert_eq!(names_in(&pair.to).len(), 3);
    assert_eq!(fs::read(pair.to.join("a")).unwrap(), b"old");
}

#[test]
fn a_name_taken_between_intent_and_rename_is_chosen_and_recorded_anew() {
    let pair = Pair::new();
    pair.put("a.txt", b"sent");
    let mut source = pair.source();
    let pages = pages(&source, 7);
    let mut staging = pair.stage();
    fill(&mut source, &pages, &mut staging);
    let mut recorded = Vec::new();
    let committed = staging
        .commit(&mut |batch| {
            recorded.extend(batch.iter().map(|intent| intent.placed.as_str().to_owned()));
            if recorded.len() <= 2 {
                fs::write(pair.to.join(batch[0].placed.as_str()), "quicker").unwrap();
            }
            Ok(())
        })
        .unwrap();
    assert_eq!(recorded, ["a.txt", "a (2).txt", "a (3).txt"]);
    assert_eq!(committed.names[0].placed.as_str(), "a (3).txt");
    assert_eq!(fs::read(pair.to.join("a.txt")).unwrap(), b"quicker");
    assert_eq!(fs::read(pair.to.join("a (3).txt")).unwrap(), b"sent");
}

#[test]
fn two_roots_of_one_name_are_told_apart() {
    let pair = Pair::new();
    pair.put("x/a.txt", b"1")
        .put("y/A.txt", b"2")
        .put("z/a.txt/in", b"3");
    let paths: Vec<PathBuf> = ["x/a.txt", "y/A.txt", "z/a.txt", "x/a.txt"]
        .map(|path| pair.from.join(path))
        .into();
    let source = Source::open(&paths).unwrap();
    let mut names: Vec<&str> = source
        .root_names()
        .iter()
        .map(|name| name.as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["A.txt", "a (2).txt", "a.txt (2)"]);
}
