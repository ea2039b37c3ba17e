use super::*;

/// Ana changed a file while Ben changed it too, and Ben's version ranks higher: hers is kept beside it.
fn both_edited() -> Bench {
    let mut bench = Bench::met();
    bench.scan("a.txt", file(b"ana"));
    let theirs = record(1, WALL + 5, file(b"ben"));
    bench.announce(ben(), &[("a.txt", theirs)]);
    let outputs = bench.bring(b"ben");
    let copy = path("a (Ana, 3 May 14.02).txt");
    assert_eq!(tasks(&outputs)[0].keep, Keep::Copy(copy));
    bench.done("a.txt");
    bench
}

#[test]
fn both_edited_leaves_both_files_and_a_conflict() {
    let bench = both_edited();
    assert_eq!(bench.state("a.txt"), Some(file(b"ben")));
    let copy = "a (Ana, 3 May 14.02).txt";
    assert_eq!(bench.state(copy), Some(file(b"ana")));
    let conflicts: Vec<_> = bench.folder.conflicts().collect();
    assert_eq!(conflicts.len(), 1);
    assert_eq!(conflicts[0].0, &path(copy));
}

#[test]
fn every_decision_ends_the_conflict_and_can_be_undone() {
    let copy = path("a (Ana, 3 May 14.02).txt");
    for choice in [Choice::Present, Choice::Copy, Choice::Both] {
        let mut bench = both_edited();
        let outputs = bench.tell(FolderInput::Decide {
            copy: copy.clone(),
            choice,
        });
        for task in tasks(&outputs) {
            assert_eq!(task.keep, Keep::Version, "{choice:?}");
            let path = task.path.as_str().to_owned();
            bench.done(&path);
        }
        assert_eq!(bench.folder.conflicts().count(), 0, "{choice:?}");
        let present = match choice {
            Choice::Present | Choice::Both => file(b"ben"),
            Choice::Copy => file(b"ana"),
        };
        assert_eq!(bench.state("a.txt"), Some(present));
        // What lost comes back from the versions.
        let (path, file) = (copy.clone(), *file(b"ana").file().unwrap());
        let outputs = bench.tell(FolderInput::Restore { path, file });
        assert_eq!(tasks(&outputs).len(), 1);
        bench.done(copy.as_str());
        assert!(bench.folder.index().local(&copy).unwrap().is_live());
    }
}

#[test]
fn an_edit_outlives_a_deletion_that_had_not_seen_it() {
    let mut bench = Bench::met();
    bench.scan("a", file(b"edit"));
    let outputs = bench.announce(ben(), &[("a", record(1, WALL + 5, State::Deleted))]);
    assert_eq!(tasks(&outputs), []);
    let local = bench.folder.index().local(&path("a")).unwrap();
    assert_eq!(local.state, file(b"edit"));
    assert!(local.version.latest() > WALL + 5);
}

/// A rename is a deletion and a new file: the edit stays at the old name, what was renamed is at the new one.
#[test]
fn a_rename_apart_from_an_edit_keeps_both() {
    let mut bench = Bench::met();
    bench.scan("old", file(b"first"));
    bench.announce(
        ben(),
        &[
            ("old", record(1, WALL + 5, State::Deleted)),
            ("new", record(1, WALL + 5, file(b"ben"))),
        ],
    );
    bench.bring(b"ben");
    bench.done("new");
    assert_eq!(bench.state("old"), Some(file(b"first")));
    assert_eq!(bench.state("new"), Some(file(b"ben")));
}

#[test]
fn a_folder_in_place_of_a_file_keeps_the_file_beside_it() {
    let mut bench = Bench::met();
    bench.scan("plans", file(b"file"));
    let folder = record(1, WALL + 5, State::Directory);
    let inside = record(1, WALL + 5, file(b"ben"));
    let outputs = bench.announce(ben(), &[("plans", folder), ("plans/a", inside)]);
    let task = &tasks(&outputs)[0];
    assert_eq!(task.deed, Deed::MakeDirectory);
    assert_eq!(task.keep, Keep::Copy(path("plans (Ana, 3 May 14.02)")));
    bench.done("plans");
    bench.bring(b"ben");
    bench.done("plans/a");
    assert_eq!(bench.state("plans"), Some(State::Directory));
    assert_eq!(bench.state("plans (Ana, 3 May 14.02)"), Some(file(b"file")));
}

#[test]
fn a_file_in_a_folder_wins_over_a_file_of_the_folders_name() {
    let mut bench = Bench::met();
    bench.scan("plans", file(b"file"));
    let folder = record(1, WALL - 5, State::Directory);
    let inside = record(1, WALL - 5, file(b"ben"));
    bench.announce(ben(), &[("plans", folder), ("plans/a", inside)]);
    assert_eq!(bench.folder.work.jobs.len(), 1);
    bench.done("plans");
    assert_eq!(bench.state("plans"), Some(State::Directory));
    assert_eq!(bench.state("plans (Ana, 3 May 14.02)"), Some(file(b"file")));
}

/// A member whose disk folds case takes part: of two files with one name there, the lower ranking gets another.
#[test]
fn names_that_clash_for_one_member_are_told_apart_for_all() {
    let mut bench = Bench::met();
    bench.scan("readme", file(b"lower"));
    bench.now.wall += 10;
    bench.scan("README", file(b"upper"));
    let hello = FolderHello {
        roster: bench.folder.roster().digest(),
        index: 7,
        folds_names: true,
        token: 8,
    };
    let outputs = bench.hear(ben(), FolderMessage::Hello(hello));
    let task = &tasks(&outputs)[0];
    assert_eq!(task.path, path("readme (Ana, 3 May 14.02)"));
    bench.done("readme (Ana, 3 May 14.02)");
    assert_eq!(bench.state("readme"), Some(State::Deleted));
    assert_eq!(bench.state("README"), Some(file(b"upper")));
    assert_eq!(bench.folder.conflicts().count(), 1);
}

#[test]
fn a_file_that_moved_is_moved_and_not_fetched() {
    let mut bench = Bench::met();
    let first = record(1, WALL, file(b"content"));
    bench.announce(ben(), &[("old", first.clone())]);
    bench.bring(b"content");
    bench.done("old");
    let gone = Record {
        version: first.version.bumped(seat(1), WALL + 5),
        state: State::Deleted,
        rival: None,
    };
    let moved = record(1, WALL + 5, file(b"content"));
    let outputs = bench.announce(
        ben(),
        &[
            ("old", gone),
            ("sub", record(1, WALL, State::Directory)),
            ("sub/new", moved),
        ],
    );
    assert_eq!(tasks(&outputs).len(), 1);
    let outputs = bench.done("sub");
    let task = &tasks(&outputs)[0];
    let is_move = matches!(&task.deed, Deed::Place { source: Source::Move(from), .. } if *from == path("old"));
    assert!(is_move, "{task:?}");
    bench.done("sub/new");
    assert_eq!(bench.state("old"), Some(State::Deleted));
    assert!(bench.folder.is_calm());
}

#[test]
fn what_a_send_only_device_holds_counts_when_it_says_so() {
    let mut bench = Bench::met();
    bench.scan("a", file(b"ours"));
    let mut settings = bench.folder.setup.settings.clone();
    settings.direction = Direction::SendOnly;
    bench.tell(FolderInput::Settings(settings));
    let outputs = bench.announce(ben(), &[("a", record(1, WALL + 5, file(b"theirs")))]);
    assert_eq!(tasks(&outputs), []);
    assert_eq!(bench.folder.status().behind, 1);
    bench.tell(FolderInput::Override);
    let local = bench.folder.index().local(&path("a")).unwrap();
    assert_eq!(local.state, file(b"ours"));
    assert!(local.version.latest() > WALL + 5);
}

#[test]
fn what_is_left_out_here_is_neither_fetched_nor_deleted_for_others() {
    let mut bench = Bench::met();
    bench.scan("big", State::Directory);
    bench.scan("big/film", file(b"film"));
    let before = bench.folder.index().sequence();
    let mut settings = bench.folder.setup.settings.clone();
    settings.left_out = vec![path("big")];
    bench.tell(FolderInput::Settings(settings));
    bench.scan("big/film", State::Deleted);
    bench.scan("big", State::Deleted);
    assert_eq!(bench.folder.index().sequence(), before);
    let outputs = bench.announce(ben(), &[("big/film", record(1, WALL + 9, file(b"longer")))]);
    assert_eq!(tasks(&outputs), []);
}

/// Whatever the names are: what goes is looked at before what comes.
#[test]
fn a_file_that_moved_to_an_earlier_name_is_moved_too() {
    let mut bench = Bench::met();
    let first = record(1, WALL, file(b"content"));
    bench.announce(ben(), &[("old", first.clone())]);
    bench.bring(b"content");
    bench.done("old");
    let gone = Record {
        version: first.version.bumped(seat(1), WALL + 5),
        state: State::Deleted,
        rival: None,
    };
    let moved = record(1, WALL + 5, file(b"content"));
    let outputs = bench.announce(ben(), &[("new", moved), ("old", gone)]);
    let task = &tasks(&outputs)[0];
    let is_move = matches!(&task.deed, Deed::Place { source: Source::Move(from), .. } if *from == path("old"));
    assert!(is_move, "{task:?}");
}

/// Begins again with what was kept of `bench`, as its device `own`.
fn again(own: DeviceId, bench: &Bench, settings: FolderSettings) -> Bench {
    let mut again = Bench::of(own);
    let slots = bench.folder.index().slots();
    let config = FolderConfig {
        own,
        roster: bench.folder.roster().clone(),
        slots: slots
            .map(|(path, slot)| (path.clone(), slot.clone()))
            .collect(),
        cursors: Vec::new(),
        index: 1,
        token: 2,
        settings,
    };
    again.folder = Folder::new(config, again.now);
    again
}

#[test]
fn what_a_reader_made_stays_with_it_after_a_restart_too() {
    let mut bench = Bench::of(cem());
    bench.meet(ana());
    bench.scan("own", file(b"cem"));
    let settings = bench.folder.setup.settings.clone();
    let mut again = again(cem(), &bench, settings);
    again.meet(ana());
    let outputs = again.scan("own", file(b"cem"));
    assert_eq!(tasks(&outputs), []);
    assert_eq!(again.folder.index().on_disk(&path("own")), file(b"cem"));
    assert_eq!(again.folder.status().drifted, 1);
    let outputs = again.tell(FolderInput::Revert);
    assert_eq!(tasks(&outputs), [], "others may have it in another version");
    again.told.clear();
    let outputs = again.announce(ana(), &[]);
    let task = &tasks(&outputs)[0];
    assert_eq!((&task.deed, &task.keep), (&Deed::Remove, &Keep::Version));
}

#[test]
fn what_was_changed_while_nothing_went_from_here_is_told_when_it_may() {
    let mut bench = Bench::of(ben());
    let mut settings = bench.folder.setup.settings.clone();
    settings.direction = Direction::ReceiveOnly;
    bench.tell(FolderInput::Settings(settings.clone()));
    bench.meet(ana());
    bench.scan("own", file(b"ben"));
    assert_eq!(bench.state("own"), None);
    settings.direction = Direction::Both;
    assert_eq!(
        again(ben(), &bench, settings.clone()).state("own"),
        Some(file(b"ben"))
    );
    bench.tell(FolderInput::Settings(settings));
    assert_eq!(bench.state("own"), Some(file(b"ben")));
}

#[test]
fn what_comes_in_only_one_direction_waits_until_that_changes_or_is_overridden() {
    let mut bench = Bench::met();
    bench.scan("a", file(b"ana"));
    let mut settings = bench.folder.setup.settings.clone();
    settings.direction = Direction::SendOnly;
    bench.tell(FolderInput::Settings(settings));
    let held = bench.folder.index().local(&path("a")).cloned().unwrap();
    let edit = Record {
        version: held.version.bumped(seat(1), WALL + 50),
        state: file(b"ben"),
        rival: None,
    };
    let outputs = bench.announce(ben(), &[("a", edit.clone())]);
    assert_eq!(tasks(&outputs), []);
    assert_eq!(bench.folder.status().behind, 1);
    assert!(bench.folder.is_calm());
    bench.tell(FolderInput::Override);
    let held = bench.folder.index().local(&path("a")).cloned().unwrap();
    assert!(held.version.supersedes(&edit.version));
    assert_eq!(held.state, file(b"ana"));
}

/// Ben wrote three times; Ana was killed when the second was in place and not yet noted.
#[test]
fn what_was_placed_before_a_crash_is_no_edit_of_this_device() {
    let mut bench = Bench::met();
    let mut kept = PathMap::new();
    let mut note = |outputs: Vec<FolderOutput>| {
        for output in outputs {
            if let FolderOutput::Keep { path, slot } = output {
                kept.insert(path, slot);
            }
        }
    };
    let first = record(1, WALL, file(b"one"));
    let on_top = |held: &Record, state: State| Record {
        version: held.version.bumped(seat(1), WALL),
        state,
        rival: None,
    };
    let second = on_top(&first, file(b"two"));
    let third = on_top(&second, file(b"three"));
    note(bench.announce(ben(), &[("a", first)]));
    note(bench.bring(b"one"));
    note(bench.done("a"));
    note(bench.announce(ben(), &[("a", second.clone())]));
    note(bench.bring(b"two"));

    let mut again = Bench::met();
    let settings = again.folder.setup.settings.clone();
    let config = FolderConfig {
        own: ana(),
        roster: roster(),
        slots: kept.into_iter().collect(),
        cursors: Vec::new(),
        index: 1,
        token: 2,
        settings,
    };
    again.folder = Folder::new(config, again.now);
    again.told.clear();
    again.meet(ben());
    // News come before everything was looked at.
    again.announce(ben(), &[("a", third)]);
    let mut outputs = again.scan("a", file(b"two"));
    assert_eq!(again.folder.index().local(&path("a")), Some(&second));
    outputs.extend(again.bring(b"three"));
    let tasks = tasks(&outputs);
    assert_eq!(tasks.len(), 1);
    assert_eq!(tasks[0].keep, Keep::Version, "it is no conflict");
}
