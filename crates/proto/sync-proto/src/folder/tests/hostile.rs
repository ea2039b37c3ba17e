use super::*;
use model::limits::DELETIONS_TO_ASK_PERCENT;

#[test]
fn a_change_from_the_far_future_is_passed_over() {
    let mut bench = Bench::met();
    let far = record(1, WALL + STAMP_AHEAD_MS + 1, file(b"far"));
    let near = record(1, WALL + STAMP_AHEAD_MS, file(b"near"));
    bench.announce(ben(), &[("far", far), ("near", near)]);
    assert!(bench.folder.index().wanted(&path("far")).is_none());
    assert!(bench.folder.index().wanted(&path("near")).is_some());
}

#[test]
fn a_member_that_asks_for_more_than_its_share_is_sent_away() {
    let mut bench = Bench::met();
    let ask = |count: usize| FolderMessage::ChunksWanted {
        file: Digest([1; 32]),
        chunks: vec![0; count],
    };
    assert_eq!(violations(&bench.hear(ben(), ask(FOLDER_ASKED_CHUNKS))), []);
    let more = bench.hear(ben(), ask(1));
    assert_eq!(violations(&more), [FolderViolation::TooMuchAsked]);
}

#[test]
fn no_more_files_are_fetched_at_once_than_the_limit() {
    let mut bench = Bench::met();
    let names: Vec<String> = (0..FOLDER_FETCHES + 5).map(|it| it.to_string()).collect();
    let records = names.iter().map(|name| {
        let record = record(1, WALL, file(name.as_bytes()));
        (name.as_str(), record)
    });
    let outputs = bench.announce(ben(), &records.collect::<Vec<_>>());
    let asked = outputs.iter().filter(|output| {
        matches!(
            output,
            FolderOutput::Send {
                message: FolderMessage::ChunksWanted { .. },
                ..
            }
        )
    });
    assert_eq!(asked.count(), FOLDER_FETCHES);
    bench.bring(b"0");
    let outputs = bench.done("0");
    let asked = outputs.iter().filter(|output| {
        matches!(
            output,
            FolderOutput::Send {
                message: FolderMessage::ChunksWanted { .. },
                ..
            }
        )
    });
    assert_eq!(asked.count(), 1);
}

#[test]
fn what_a_reader_changes_reaches_nobody() {
    let mut bench = Bench::met();
    let outputs = bench.announce(cem(), &[("a", record(2, WALL, file(b"reader")))]);
    assert_eq!(tasks(&outputs), []);
    assert!(bench.folder.index().wanted(&path("a")).is_none());
}

#[test]
fn a_reader_tells_nothing_of_its_own_and_can_go_back() {
    let mut bench = Bench::of(cem());
    bench.meet(ana());
    bench.announce(ana(), &[("a", record(0, WALL, file(b"first")))]);
    bench.tell(FolderInput::ChunkReceived {
        device: ana(),
        file: Recipe::of(b"first").digest(),
        chunk: 0,
        data: b"first".to_vec(),
    });
    bench.done("a");
    let before = bench.folder.index().sequence();
    bench.scan("a", file(b"own way"));
    assert_eq!(bench.folder.index().sequence(), before);
    assert_eq!(bench.folder.status().drifted, 1);
    bench.tell(FolderInput::Revert);
    bench.told.clear();
    let outputs = bench.announce(ana(), &[("a", record(0, WALL, file(b"first")))]);
    assert!(tasks(&outputs).is_empty());
    let outputs = bench.tell(FolderInput::ChunkReceived {
        device: ana(),
        file: Recipe::of(b"first").digest(),
        chunk: 0,
        data: b"first".to_vec(),
    });
    assert_eq!(tasks(&outputs)[0].expected, file(b"own way"));
    assert_eq!(tasks(&outputs)[0].keep, Keep::Version);
}

#[test]
fn a_damaged_chunk_is_not_kept_and_asked_for_again() {
    let mut bench = Bench::met();
    bench.announce(ben(), &[("a", record(1, WALL, file(b"right")))]);
    let outputs = bench.tell(FolderInput::ChunkReceived {
        device: ben(),
        file: Recipe::of(b"right").digest(),
        chunk: 0,
        data: b"wrong".to_vec(),
    });
    let stored = |outputs: &[FolderOutput]| {
        let mut outputs = outputs.iter();
        outputs.any(|it| matches!(it, FolderOutput::StoreChunk { .. }))
    };
    assert!(!stored(&outputs) && tasks(&outputs).is_empty());
}

#[test]
fn a_forged_index_ends_the_session_and_changes_nothing() {
    let mut bench = Bench::met();
    let stranger = Record {
        version: VersionVector::default().bumped(seat(99), WALL),
        state: file(b"x"),
        rival: None,
    };
    let outputs = bench.announce(ben(), &[("a", stranger)]);
    assert_eq!(violations(&outputs), [FolderViolation::ForgedIndex]);
    assert!(bench.folder.index().wanted(&path("a")).is_none());
}

#[test]
fn a_roster_that_is_not_the_owners_is_refused_and_an_old_one_changes_nothing() {
    let mut bench = Bench::met();
    let forged = FolderRoster::found(&secrets(2), DisplayName::new("Ben"), [9; 16]);
    let outputs = bench.hear(ben(), FolderMessage::Roster(forged.encode()));
    assert_eq!(violations(&outputs), [FolderViolation::BadRoster]);
    let old = roster();
    let mut newer = roster();
    newer.remove(&secrets(1), &ben(), WALL).unwrap();
    bench.tell(FolderInput::Roster(newer.clone()));
    bench.hear(ben(), FolderMessage::Roster(old.encode()));
    assert_eq!(bench.folder.roster(), &newer);
}

#[test]
fn a_removed_member_gets_nothing_and_changes_nothing() {
    let mut bench = Bench::met();
    let mut newer = roster();
    newer.remove(&secrets(1), &ben(), WALL).unwrap();
    bench.tell(FolderInput::Roster(newer));
    bench.scan("secret", file(b"new"));
    let wish = bench.hear(ben(), FolderMessage::IndexWanted { after: 0 });
    assert_eq!(wish, []);
    bench.announce(ben(), &[("a", record(1, WALL - 9, file(b"x")))]);
    assert!(bench.folder.index().wanted(&path("a")).is_none());
    let hello = FolderMessage::Hello(FolderHello {
        roster: Digest([0; 32]),
        index: 1,
        folds_names: false,
        token: 1,
    });
    let answer = bench.hear(ben(), hello);
    let message = FolderMessage::Unknown;
    let device = ben();
    assert_eq!(answer, [FolderOutput::Send { device, message }]);
}

/// Ana heard of the removal late: what Ben did after it goes to the versions.
#[test]
fn what_a_member_changed_after_its_removal_is_taken_back() {
    let mut bench = Bench::met();
    bench.announce(ben(), &[("a", record(1, WALL + 50, file(b"after")))]);
    bench.bring(b"after");
    bench.done("a");
    let mut newer = roster();
    newer.remove(&secrets(1), &ben(), WALL + 10).unwrap();
    bench.tell(FolderInput::Roster(newer));
    assert_eq!(bench.state("a"), None);
    bench.told.clear();
    let outputs = bench.announce(cem(), &[]);
    let task = &tasks(&outputs)[0];
    assert_eq!((&task.deed, &task.keep), (&Deed::Remove, &Keep::Version));
}

#[test]
fn a_mass_deletion_waits_for_a_person_who_can_take_it_back() {
    let mut bench = Bench::met();
    let names: Vec<String> = (0..40).map(|it| format!("file {it}")).collect();
    for name in &names {
        bench.scan(name, file(name.as_bytes()));
    }
    let deleted = names.iter().take(40 * DELETIONS_TO_ASK_PERCENT / 100 + 1);
    let deleted = deleted.map(|name| {
        let held = bench.folder.index().local(&path(name)).unwrap();
        let version = held.version.bumped(seat(1), WALL + 5);
        let gone = Record {
            version,
            state: State::Deleted,
            rival: None,
        };
        (name.as_str(), gone)
    });
    let deleted: Vec<_> = deleted.collect();
    let outputs = bench.announce(ben(), &deleted);
    assert_eq!(tasks(&outputs), []);
    let asked = FolderOutput::Event(FolderEvent::ManyDeletions { count: 11 });
    assert!(outputs.contains(&asked));
    bench.tell(FolderInput::RefuseDeletions);
    assert!(
        names
            .iter()
            .all(|name| bench.state(name) == Some(file(name.as_bytes())))
    );
    assert!(bench.folder.is_calm());
}

/// Cem must not go on serving Ben whom the owner took out, until they happen to meet anew.
#[test]
fn who_comes_and_goes_is_told_to_everybody_who_is_there() {
    let mut bench = Bench::met();
    let mut newer = roster();
    newer.remove(&secrets(1), &ben(), WALL).unwrap();
    let outputs = bench.tell(FolderInput::Roster(newer.clone()));
    for device in [ben(), cem()] {
        let message = FolderMessage::Roster(newer.encode());
        assert!(outputs.contains(&FolderOutput::Send { device, message }));
    }
    let again = bench.hear(cem(), FolderMessage::Roster(newer.encode()));
    assert_eq!(again, [], "it is known, and not told on");
}
