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

/// Chunks of which files Ana asks for, and of whom.
fn asked(outputs: &[FolderOutput]) -> Vec<(DeviceId, Digest)> {
    let mut asked = Vec::new();
    for output in outputs {
        if let FolderOutput::Send { device, message } = output
            && let FolderMessage::ChunksWanted { file, .. } = message
        {
            asked.push((*device, *file));
        }
    }
    asked
}

fn digest(content: &[u8]) -> Digest {
    Recipe::of(content).digest()
}

/// Lets time pass until Ana does something about it.
fn wait(bench: &mut Bench) -> Vec<FolderOutput> {
    let due = bench.folder.deadline().expect("she waits for something");
    bench.now.instant = bench.now.instant.max(due);
    bench.tell(FolderInput::Timeout)
}

/// A campaign left a member behind for ever: what a change that was refused had used up was taken for being there.
#[test]
fn what_was_fetched_and_got_lost_is_fetched_again() {
    let mut bench = Bench::met();
    bench.announce(ben(), &[("a", record(1, WALL, file(b"ben")))]);
    assert_eq!(tasks(&bench.bring(b"ben")).len(), 1);
    let outputs = bench.tell(FolderInput::Applied {
        path: path("a"),
        outcome: Outcome::Lost,
    });
    assert!(outputs.contains(&FolderOutput::Unstage(digest(b"ben"))));
    assert_eq!(
        asked(&outputs),
        [],
        "a disk that loses everything keeps nobody busy"
    );
    assert_eq!(asked(&wait(&mut bench)), [(ben(), digest(b"ben"))]);
    assert_eq!(tasks(&bench.bring(b"ben")).len(), 1);
    bench.done("a");
    assert!(bench.folder.is_calm());
}

#[test]
fn a_last_chunk_that_could_not_be_kept_comes_again() {
    let mut bench = Bench::met();
    bench.announce(ben(), &[("a", record(1, WALL, file(b"ben")))]);
    bench.bring(b"ben");
    let (file, chunk) = (digest(b"ben"), 0);
    let outputs = bench.tell(FolderInput::ChunkLost { file, chunk });
    assert_eq!(asked(&outputs), [(ben(), file)]);
}

/// Ana's disk was to place a file of Ben's, and something else lay there.
fn looking_again() -> Bench {
    let mut bench = Bench::met();
    bench.announce(ben(), &[("a", record(1, WALL, file(b"ben")))]);
    bench.bring(b"ben");
    let outputs = bench.tell(FolderInput::Applied {
        path: path("a"),
        outcome: Outcome::Stale,
    });
    assert!(outputs.contains(&FolderOutput::Rescan(path("a"))));
    bench
}

#[test]
fn a_path_of_which_nothing_can_be_said_is_tried_again_later() {
    let mut bench = looking_again();
    let outputs = bench.tell(FolderInput::Unseen(path("a")));
    assert_eq!(tasks(&outputs), []);
    assert!(bench.folder.is_calm(), "there is nothing to do for now");
    assert_eq!(tasks(&wait(&mut bench))[0].path, path("a"));
}

#[test]
fn a_look_that_is_never_answered_is_asked_for_again() {
    let mut bench = looking_again();
    for _ in 0..3 {
        let mut outputs = Vec::new();
        while !outputs.contains(&FolderOutput::Rescan(path("a"))) {
            assert!(!bench.folder.is_calm());
            outputs = wait(&mut bench);
        }
        assert!(outputs.contains(&FolderOutput::Event(FolderEvent::StoodStill)));
    }
    assert_eq!(bench.folder.waits().stale, 1);
    let outputs = bench.scan("a", State::Deleted);
    assert_eq!(tasks(&outputs)[0].path, path("a"));
}

#[test]
fn files_that_nobody_can_bring_take_no_place_from_those_that_somebody_can() {
    let mut bench = Bench::met();
    let names: Vec<String> = (0..FOLDER_FETCHES + 3)
        .map(|it| format!("{it:02}"))
        .collect();
    let records: Vec<(&str, Record)> = names
        .iter()
        .map(|name| (name.as_str(), record(1, WALL, file(name.as_bytes()))))
        .collect();
    let first = asked(&bench.announce(ben(), &records));
    assert_eq!(first.len(), FOLDER_FETCHES);
    let mut others = Vec::new();
    for (_, file) in first {
        let chunks = vec![0];
        let missing = FolderMessage::ChunksMissing { file, chunks };
        others.extend(asked(&bench.hear(ben(), missing)));
    }
    assert_eq!(others.len(), 3);
    for name in &names[FOLDER_FETCHES..] {
        bench.bring(name.as_bytes());
        bench.done(name);
    }
    assert!(
        bench.folder.is_calm(),
        "nothing comes from those who are there"
    );
    assert_eq!(bench.folder.status().behind, FOLDER_FETCHES);
    // Ben has them after all.
    assert_eq!(asked(&wait(&mut bench)).len(), FOLDER_FETCHES);
}

#[test]
fn what_nobody_is_there_to_bring_is_asked_for_when_somebody_comes() {
    let mut bench = Bench::met();
    bench.announce(ben(), &[("a", record(1, WALL, file(b"ben")))]);
    bench.tell(FolderInput::Disconnected(ben()));
    bench.tell(FolderInput::Disconnected(cem()));
    assert!(bench.folder.is_calm());
    bench.tell(FolderInput::Connected(ben()));
    let hello = FolderHello {
        roster: bench.folder.roster().digest(),
        index: 7,
        folds_names: false,
        token: 9,
    };
    let outputs = bench.hear(ben(), FolderMessage::Hello(hello));
    assert_eq!(asked(&outputs), [(ben(), digest(b"ben"))]);
}

/// A disk that folds names would take the moved file for the one that is to vanish.
#[test]
fn what_moves_away_is_not_moved_to_a_second_place_meanwhile() {
    let mut bench = moving();
    let held = bench.folder.index().local(&path("old")).cloned().unwrap();
    let gone = Record {
        version: held.version.bumped(seat(1), WALL + 50),
        state: State::Deleted,
        rival: None,
    };
    let elsewhere = record(1, WALL + 50, file(b"content"));
    let outputs = bench.announce(ben(), &[("old", gone), ("third", elsewhere)]);
    let moves = |task: &&Task| matches!(&task.deed, Deed::Place { source: Source::Move(from), .. } if *from == path("old"));
    assert_eq!(tasks(&outputs).iter().filter(moves).count(), 0);
    let outputs = bench.done("new");
    assert_eq!(tasks(&outputs).iter().filter(moves).count(), 0);
    assert_eq!(bench.state("old"), Some(State::Deleted));
}

#[test]
fn a_file_that_came_where_another_was_to_be_placed_makes_way_for_the_better_one() {
    let mut bench = Bench::met();
    folding(&mut bench);
    bench.announce(ben(), &[("A", record(1, WALL + 50, file(b"ben")))]);
    assert_eq!(tasks(&bench.bring(b"ben"))[0].path, path("A"));
    assert_eq!(tasks(&bench.scan("a", file(b"ana"))), []);
    let outputs = bench.tell(FolderInput::Applied {
        path: path("A"),
        outcome: Outcome::Unholdable,
    });
    assert_eq!(tasks(&outputs)[0].path, path("a (Ana, 3 May 14.02)"));
}

#[test]
fn no_more_files_wait_for_somebody_to_bring_them_than_the_limit() {
    let mut bench = Bench::met();
    bench.tell(FolderInput::Disconnected(ben()));
    bench.tell(FolderInput::Disconnected(cem()));
    let count = FOLDER_SLEEPING_FETCHES + 5;
    let names: Vec<String> = (0..count).map(|it| format!("{it:04}")).collect();
    let slots = names.iter().map(|name| {
        let wanted = crate::Wanted {
            record: record(1, WALL, file(name.as_bytes())),
            holders: crate::bit(seat(1)),
            before: Vec::new(),
        };
        let slot = crate::Slot {
            wanted: Some(Box::new(wanted)),
            ..crate::Slot::default()
        };
        (path(name), slot)
    });
    let config = FolderConfig {
        own: ana(),
        roster: roster(),
        slots: slots.collect(),
        cursors: Vec::new(),
        index: 1,
        token: 2,
        settings: bench.folder.setup.settings.clone(),
    };
    bench.folder = Folder::new(config, bench.now);
    bench.tell(FolderInput::Timeout);
    let waits = bench.folder.waits();
    assert_eq!(waits.fetches.asleep, FOLDER_SLEEPING_FETCHES);
    assert_eq!(waits.queued, 5);
    assert!(bench.folder.is_calm());
}
