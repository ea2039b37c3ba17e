use super::*;
use crate::store::tests::{TestHome, at, transfer};
use crate::transfer::{TransferRecord, TransferState};

#[test]
fn finished_transfers_are_forgotten_after_their_time() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let month = i64::try_from(FINISHED_TRANSFER_TIME.as_secs()).unwrap();
    for (seed, ended) in [(1, 1_000), (2, 5_000)] {
        store.add_transfer(&transfer(seed)).unwrap();
        let id = TransferId([seed; 16]);
        store
            .set_transfer_state(id, &TransferState::Cancelled, at(ended))
            .unwrap();
    }
    store.add_transfer(&transfer(3)).unwrap();
    let [first, second] = [1, 2].map(|seed| TransferId([seed; 16]));
    assert_eq!(
        store
            .purge_finished(at(month + 999), FINISHED_TRANSFER_TIME)
            .unwrap(),
        []
    );
    assert_eq!(
        store
            .purge_finished(at(month + 1_000), FINISHED_TRANSFER_TIME)
            .unwrap(),
        [first]
    );
    assert!(store.finished_transfer(first).unwrap().is_none());
    assert!(store.finished_transfer(second).unwrap().is_some());
    assert_eq!(store.transfers().unwrap().len(), 2);
    let all = store
        .purge_finished(at(100 * month), FINISHED_TRANSFER_TIME)
        .unwrap();
    assert_eq!(all, [second]);
    assert_eq!(store.transfers().unwrap(), [transfer(3)]);
    store.add_transfer(&transfer(1)).unwrap();
}

#[test]
fn the_history_is_bounded_and_drops_its_oldest_ends() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let ended = TransferRecord {
        state: TransferState::Completed,
        finished_at: Some(at(1_000)),
        ..transfer(1)
    };
    store.add_transfer(&ended).unwrap();
    store.add_transfer(&transfer(2)).unwrap();
    let copies = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {HISTORY_TRANSFERS})
         INSERT INTO transfers (id, contact, peer_name, direction, paths, state, name, entries,
             files, bytes, stream, created_at, finished_at, resent_bytes)
         SELECT randomblob(16), contact, peer_name, direction, paths, state, name, entries,
             files, bytes, stream, created_at, finished_at + i, resent_bytes
         FROM transfers, n WHERE finished_at IS NOT NULL"
    );
    store.connection.execute_batch(&copies).unwrap();
    assert_eq!(
        store
            .purge_finished(at(2_000), FINISHED_TRANSFER_TIME)
            .unwrap(),
        [ended.id]
    );
    let left = u32::try_from(store.transfers().unwrap().len()).unwrap();
    assert_eq!(left, HISTORY_TRANSFERS + 1, "the unfinished one stays");
    assert!(store.finished_transfer(ended.id).unwrap().is_some());
}

#[test]
fn intents_survive_a_restart_in_their_order() {
    let mut home = TestHome::new();
    let mut store = home.open();
    store.add_transfer(&transfer(1)).unwrap();
    store.add_transfer(&transfer(2)).unwrap();
    let [first, second] = [1, 2].map(|seed| TransferId([seed; 16]));
    let intents = [b"b".to_vec(), b"a".to_vec(), vec![], b"b".to_vec()];
    store.record_intents(first, &intents[..2]).unwrap();
    store.record_intents(second, &intents).unwrap();
    store.record_intents(first, &intents[2..]).unwrap();
    drop(store);

    let mut store = home.open();
    assert_eq!(store.intents(first).unwrap(), intents);
    store.clear_intents(first).unwrap();
    assert!(store.intents(first).unwrap().is_empty());
    store.remove_transfer(second).unwrap();
    assert!(store.intents(second).unwrap().is_empty());
}

#[test]
fn all_skipped_entries_are_counted_and_the_first_are_listed() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let id = transfer(1).id;
    store.add_transfer(&transfer(1)).unwrap();
    let entry = |number: usize| SkippedEntry {
        path: format!("folder/{number}"),
        reason: "gone".to_owned(),
    };
    let all: Vec<SkippedEntry> = (0..SKIPPED_LISTED + 5).map(entry).collect();
    for part in [
        &all[..3],
        &all[3..SKIPPED_LISTED + 1],
        &all[SKIPPED_LISTED + 1..],
    ] {
        store.record_skipped(id, part).unwrap();
    }
    let skipped = store.skipped(id).unwrap();
    assert_eq!(skipped.total, all.len() as u64);
    assert_eq!(skipped.listed, all[..SKIPPED_LISTED]);

    store
        .complete_transfer(id, &Digest([0; 32]), at(3_000))
        .unwrap();
    store.record_skipped(id, &all[..1]).unwrap();
    store.remove_transfer(id).unwrap();
    let finished = store.finished_transfer(id).unwrap().unwrap();
    assert_eq!(finished.skipped, all.len() as u64 + 1);
    assert_eq!(store.skipped(id).unwrap(), SkippedEntries::default());
}

#[test]
fn a_resume_note_is_kept_within_its_limit() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let id = transfer(1).id;
    store.add_transfer(&transfer(1)).unwrap();
    assert_eq!(store.resume_note(id).unwrap(), None);
    store.set_resume_note(id, b"first").unwrap();
    let longest = vec![7; RESUME_NOTE_BYTES];
    store.set_resume_note(id, &longest).unwrap();
    let longer = vec![7; RESUME_NOTE_BYTES + 1];
    assert!(matches!(
        store.set_resume_note(id, &longer),
        Err(TransferError::NoteTooLong)
    ));
    store.update_transfer(&transfer(1)).unwrap();
    drop(store);
    assert_eq!(home.open().resume_note(id).unwrap(), Some(longest));
}

fn ended(store: &mut Store, seed: u8, name: &str, names: &[&str]) -> TransferId {
    let mut record = transfer(seed);
    record.summary.name = DisplayName::new(name);
    store.add_transfer(&record).unwrap();
    let names: Vec<Name> = names.iter().map(|it| Name::parse(it).unwrap()).collect();
    store.set_first_names(record.id, &names).unwrap();
    let time = at(1_000 + i64::from(seed));
    store
        .complete_transfer(record.id, &Digest::of(b"all"), time)
        .unwrap();
    record.id
}

fn found(store: &Store, query: HistoryQuery) -> Vec<TransferId> {
    let rows = store.history(&query).unwrap();
    rows.iter().map(|row| row.record.id).collect()
}

fn everything() -> HistoryQuery {
    HistoryQuery {
        limit: 100,
        ..HistoryQuery::default()
    }
}

#[test]
fn the_history_is_searched_by_names_in_any_case_and_script() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let trip = ended(&mut store, 1, "trip.mov", &["trip.mov", "Straße"]);
    let cafe = ended(&mut store, 2, "Cafe\u{301}.txt", &[]);
    store.add_transfer(&transfer(3)).unwrap();
    assert_eq!(found(&store, everything()), [cafe, trip], "newest first");
    for (text, expected) in [
        ("TRIP", vec![trip]),
        ("STRASSE", vec![]),
        ("straße", vec![trip]),
        ("CAFÉ", vec![cafe]),
        ("ana", vec![cafe, trip]),
        ("%", vec![]),
        ("nothing", vec![]),
    ] {
        let search = Some(text.to_owned());
        let query = HistoryQuery {
            search,
            ..everything()
        };
        assert_eq!(found(&store, query), expected, "{text}");
    }
}

#[test]
fn the_history_is_narrowed_by_contact_time_and_number() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let first = ended(&mut store, 1, "a", &["1", "2", "3", "4", "5", "6"]);
    let second = ended(&mut store, 2, "b", &[]);
    let mut query = everything();
    query.since = Some(at(1_002));
    assert_eq!(found(&store, query), [second]);
    let mut query = everything();
    query.limit = 1;
    assert_eq!(found(&store, query), [second]);
    let mut query = everything();
    query.with = Some(ContactId([9; 16]));
    assert_eq!(found(&store, query), []);
    let mut query = everything();
    query.with = Some(transfer(1).contact);
    assert_eq!(found(&store, query), [second, first]);
    let rows = store.history(&everything()).unwrap();
    assert_eq!(rows[1].names.len(), FIRST_NAMES);
}

#[test]
fn what_a_transfer_is_called_here_is_known_unless_it_is_too_much() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let id = ended(&mut store, 1, "a", &["notes.txt"]);
    assert_eq!(store.placed_names(id).unwrap(), []);
    let numbered = |number: usize| Name::parse(&format!("notes ({number}).txt")).unwrap();
    let most: Vec<Name> = (0..PLACED_NAMES).map(numbered).collect();
    store.set_placed_names(id, &most).unwrap();
    assert_eq!(store.placed_names(id).unwrap(), most);
    let more: Vec<Name> = (0..=PLACED_NAMES).map(numbered).collect();
    store.set_placed_names(id, &more).unwrap();
    assert_eq!(store.placed_names(id).unwrap(), []);
}

#[test]
fn a_cleared_history_still_knows_what_ended() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let id = ended(&mut store, 1, "a", &[]);
    store.add_transfer(&transfer(2)).unwrap();
    assert_eq!(store.clear_history().unwrap(), 1);
    assert_eq!(store.history(&everything()).unwrap(), []);
    assert!(store.finished_transfer(id).unwrap().is_some());
    assert_eq!(store.transfers().unwrap(), [transfer(2)]);
}

#[test]
fn the_history_and_the_memory_of_ends_have_their_own_times() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let id = ended(&mut store, 1, "a", &[]);
    let day = Duration::from_secs(86_400);
    let late = at(1_001 + 31 * 86_400);
    assert_eq!(store.purge_finished(late, 90 * day).unwrap(), []);
    assert!(store.finished_transfer(id).unwrap().is_none());
    assert_eq!(found(&store, everything()), [id]);
    let again = store.add_transfer(&transfer(1));
    assert!(matches!(again, Err(TransferError::AlreadyKnown)));
    assert_eq!(store.purge_finished(late, day).unwrap(), [id]);
}
