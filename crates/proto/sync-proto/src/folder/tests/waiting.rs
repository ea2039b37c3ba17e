//! What waits for something goes on when that has happened. Each of these once waited for ever in some simulated team.

use super::*;

/// Tells Ana of a folder whose disk folds names.
fn folding(bench: &mut Bench) {
    let mut settings = bench.folder.setup.settings.clone();
    settings.folds_names = true;
    bench.tell(FolderInput::Settings(settings));
}

fn on_top(held: &Record, state: State) -> Record {
    Record {
        version: held.version.bumped(seat(0), WALL + 5),
        state,
        rival: None,
    }
}

/// Cem, who reads, holds what Ana has.
fn reading(records: &[(&str, Record)]) -> Bench {
    let mut bench = Bench::of(cem());
    bench.meet(ana());
    bench.announce(ana(), records);
    for (text, _) in records {
        bench.done(text);
    }
    bench
}

#[test]
fn who_asks_again_before_an_answer_gets_one_though_there_is_nothing_to_tell() {
    let mut bench = Bench::met();
    let answers = |outputs: &[FolderOutput]| {
        let told = |it: &&FolderOutput| {
            let FolderOutput::Send { message, .. } = it else {
                return false;
            };
            matches!(message, FolderMessage::IndexTold(_))
        };
        outputs.iter().filter(told).count()
    };
    let wish = || FolderMessage::IndexWanted { after: 0 };
    assert_eq!(answers(&bench.hear(ben(), wish())), 1);
    assert_eq!(answers(&bench.hear(ben(), wish())), 0, "it waits for news");
    assert_eq!(answers(&bench.hear(ben(), wish())), 1);
}

#[test]
fn names_that_clash_are_told_apart_after_a_restart_too() {
    let slots = [("readme", WALL), ("README", WALL + 10)].map(|(text, stamp)| {
        let slot = crate::Slot {
            local: Some(record(0, stamp, file(text.as_bytes()))),
            sequence: stamp - WALL + 1,
            ..crate::Slot::default()
        };
        (path(text), slot)
    });
    let cursor = Cursor {
        index: 7,
        through: 0,
        folds_names: true,
    };
    let mut bench = Bench::of(ana());
    let config = FolderConfig {
        own: ana(),
        roster: roster(),
        slots: slots.into(),
        cursors: vec![(seat(1), cursor)],
        index: 1,
        token: 2,
        settings: bench.folder.setup.settings.clone(),
    };
    bench.folder = Folder::new(config, bench.now);
    let outputs = bench.scan("README", file(b"README"));
    assert_eq!(tasks(&outputs)[0].path, path("readme (Ana, 3 May 14.02)"));
}

#[test]
fn a_name_that_becomes_a_file_makes_way_for_the_one_that_waits_for_it() {
    let mut bench = Bench::met();
    folding(&mut bench);
    bench.scan("A", State::Directory);
    let outputs = bench.announce(ben(), &[("a", record(1, WALL + 50, file(b"ben")))]);
    assert_eq!(tasks(&outputs), []);
    let outputs = bench.scan("A", file(b"ana"));
    assert_eq!(tasks(&outputs)[0].path, path("A (Ana, 3 May 14.02)"));
}

#[test]
fn what_lies_in_a_folder_comes_when_a_reader_makes_the_folder_anew() {
    let folder = record(0, WALL, State::Directory);
    let mut bench = reading(&[("d", folder.clone())]);
    bench.scan("d", State::Deleted);
    let outputs = bench.announce(ana(), &[("d/e", folder)]);
    assert_eq!(tasks(&outputs), []);
    let outputs = bench.scan("d", State::Directory);
    assert_eq!(tasks(&outputs)[0].path, path("d/e"));
}

#[test]
fn a_file_takes_the_place_of_a_folder_when_that_is_empty_at_last() {
    let folder = record(0, WALL, State::Directory);
    let mut bench = reading(&[("d", folder.clone())]);
    bench.scan("d/own", State::Directory);
    let outputs = bench.announce(ana(), &[("d", on_top(&folder, file(b"")))]);
    assert_eq!(tasks(&outputs), []);
    let outputs = bench.scan("d/own", State::Deleted);
    assert_eq!(tasks(&outputs)[0].path, path("d"));
}

/// Ana holds `old`; Ben moved it to `new`, and her disk is about to.
fn moving() -> Bench {
    let mut bench = Bench::met();
    let first = record(1, WALL, file(b"content"));
    bench.announce(ben(), &[("old", first.clone())]);
    bench.bring(b"content");
    bench.done("old");
    let moved = record(1, WALL + 5, file(b"content"));
    let gone = on_top(&first, State::Deleted);
    let outputs = bench.announce(ben(), &[("old", gone), ("new", moved)]);
    let task = &tasks(&outputs)[0];
    assert!(
        matches!(
            &task.deed,
            Deed::Place {
                source: Source::Move(_),
                ..
            }
        ),
        "{task:?}"
    );
    bench
}

#[test]
fn what_could_not_move_vanishes_all_the_same() {
    let mut bench = moving();
    let outputs = bench.tell(FolderInput::Applied {
        path: path("new"),
        outcome: Outcome::Unholdable,
    });
    let task = &tasks(&outputs)[0];
    assert_eq!((&task.path, &task.deed), (&path("old"), &Deed::Remove));
}

/// The disk tells how it is when the move was noticed, and by then the person had said more.
#[test]
fn what_a_person_did_to_a_file_while_it_moved_is_not_unsaid() {
    let mut bench = moving();
    let State::File(mut ours) = file(b"content") else {
        unreachable!("it is a file")
    };
    ours.executable = true;
    bench.now.wall += 10;
    bench.scan("old", State::File(ours));
    let said = bench.folder.index().local(&path("old")).cloned().unwrap();
    let outputs = bench.done("new");
    assert!(outputs.contains(&FolderOutput::Rescan(path("old"))));
    let held = bench.folder.index().local(&path("old")).unwrap();
    assert!(held.version.rank() >= said.version.rank());
}

#[test]
fn deletions_that_are_under_way_are_not_taken_back_half() {
    let mut bench = Bench::met();
    bench.scan("a", file(b"a"));
    let held = bench.folder.index().local(&path("a")).unwrap();
    let gone = on_top(held, State::Deleted);
    let outputs = bench.announce(ben(), &[("a", gone.clone())]);
    assert_eq!(tasks(&outputs).len(), 1);
    bench.tell(FolderInput::RefuseDeletions);
    bench.done("a");
    assert_eq!(bench.folder.index().local(&path("a")), Some(&gone));
}
