use super::*;
use crate::store::tests::{TestHome, at, transfer};
use crate::transfer::{FAILURE_CODE_BYTES, PauseReason, TransferSummary};
use model::DisplayName;
use proptest::prelude::*;

const STATES: [TransferState; 10] = [
    TransferState::Offered,
    TransferState::Waiting,
    TransferState::Active,
    TransferState::Paused {
        reason: PauseReason::Here,
    },
    TransferState::Paused {
        reason: PauseReason::There,
    },
    TransferState::Paused {
        reason: PauseReason::DiskFull,
    },
    TransferState::Paused {
        reason: PauseReason::DiskFailed,
    },
    TransferState::Paused {
        reason: PauseReason::Stalled,
    },
    TransferState::Cancelled,
    TransferState::Declined,
];

fn records() -> impl Strategy<Value = TransferRecord> {
    let states = prop_oneof![
        prop::sample::select(STATES.to_vec()),
        Just(TransferState::Completed),
        "[a-z-]{0,64}".prop_map(|code| TransferState::Failed { code }),
    ];
    let path = || "/[a-zäß \\n]{0,12}".prop_map(PathBuf::from);
    let directions = prop_oneof![
        prop::collection::vec(path(), 0..4).prop_map(|sources| TransferDirection::Send { sources }),
        prop::option::of(path()).prop_map(|destination| TransferDirection::Receive { destination }),
    ];
    let summaries = ("[a-z]{0,9}", any::<[u64; 3]>(), any::<bool>()).prop_map(
        |(name, [entries, files, bytes], stream)| TransferSummary {
            name: DisplayName::new(&name),
            entries,
            files,
            bytes,
            stream,
            text: false,
        },
    );
    (
        any::<([u8; 16], [u8; 16], Option<u64>, Option<[u8; 32]>, u64)>(),
        (states, directions, summaries),
    )
        .prop_map(|((id, contact, token, digest, resent_bytes), rest)| {
            let (state, direction, summary) = rest;
            TransferRecord {
                id: TransferId(id),
                contact: ContactId(contact),
                finished_at: state.is_finished().then(|| at(3_000)),
                direction,
                state,
                summary,
                token,
                digest: digest.map(Digest),
                resent_bytes,
                ..transfer(0)
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_record_survives_a_restart_exactly(added in records(), changed in records()) {
        let mut home = TestHome::new();
        let mut store = home.open();
        store.add_transfer(&added).unwrap();
        drop(store);
        let mut store = home.open();
        prop_assert_eq!(store.transfer(added.id).unwrap(), Some(added.clone()));
        prop_assert_eq!(store.finished_transfer(added.id).unwrap().is_some(), added.state.is_finished());

        let changed = TransferRecord { id: added.id, ..changed };
        let result = store.update_transfer(&changed);
        let refused = added.state.is_finished() && added.state != changed.state;
        prop_assert_eq!(matches!(result, Err(TransferError::Finished)), refused);
        let expected = if refused { added } else { changed };
        prop_assert_eq!(store.transfers().unwrap(), [expected]);
    }
}

#[test]
fn an_end_is_final_and_remembered() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let id = transfer(1).id;
    store.add_transfer(&transfer(1)).unwrap();
    assert!(store.finished_transfer(id).unwrap().is_none());
    store.record_intents(id, &[b"intent".to_vec()]).unwrap();
    let digest = Digest::of(b"all of it");
    store.complete_transfer(id, &digest, at(3_000)).unwrap();
    store.complete_transfer(id, &digest, at(9_000)).unwrap();
    for state in STATES {
        let result = store.set_transfer_state(id, &state, at(4_000));
        assert!(matches!(result, Err(TransferError::Finished)));
    }
    drop(store);

    let store = home.open();
    let record = store.transfer(id).unwrap().unwrap();
    assert_eq!(record.state, TransferState::Completed);
    assert_eq!(record.digest, Some(digest));
    assert_eq!(record.finished_at, Some(at(3_000)));
    let finished = store.finished_transfer(id).unwrap().unwrap();
    assert_eq!(finished.digest, Some(digest));
    assert_eq!(finished.contact, record.contact);
    assert_eq!(finished.finished_at, at(3_000));
    assert!(store.intents(id).unwrap().is_empty());
    assert!(store.unfinished_transfers().unwrap().is_empty());
}

#[test]
fn a_transfer_never_happens_twice() {
    let mut home = TestHome::new();
    let mut store = home.open();
    store.add_transfer(&transfer(1)).unwrap();
    let again = |store: &mut Store| store.add_transfer(&transfer(1));
    assert!(matches!(
        again(&mut store),
        Err(TransferError::AlreadyKnown)
    ));
    let id = transfer(1).id;
    store
        .set_transfer_state(id, &TransferState::Declined, at(3_000))
        .unwrap();
    store.remove_transfer(id).unwrap();
    assert!(store.transfers().unwrap().is_empty());
    assert!(matches!(
        again(&mut store),
        Err(TransferError::AlreadyKnown)
    ));
}

#[test]
fn a_pause_keeps_everything_but_the_state() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let mut record = transfer(1);
    store.add_transfer(&record).unwrap();
    for state in STATES.into_iter().filter(|state| !state.is_finished()) {
        store
            .set_transfer_state(record.id, &state, at(3_000))
            .unwrap();
        record.state = state;
        assert_eq!(store.transfer(record.id).unwrap(), Some(record.clone()));
    }
}

#[test]
fn sends_are_found_by_their_paths_in_any_order() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let paths = ["/home/ana/b", "/home/ana/a"].map(PathBuf::from);
    let send = |seed, sources: &[PathBuf]| TransferRecord {
        direction: TransferDirection::Send {
            sources: sources.to_vec(),
        },
        ..transfer(seed)
    };
    for (seed, sources) in [(1, &paths[..]), (2, &paths), (3, &paths[..1]), (4, &[])] {
        store.add_transfer(&send(seed, sources)).unwrap();
    }
    store.add_transfer(&transfer(5)).unwrap();
    let turned = [paths[1].clone(), paths[0].clone()];
    let find = |store: &Store, sources: &[PathBuf]| -> Vec<u8> {
        let found = store.find_sends_by_sources(sources).unwrap();
        found.iter().map(|record| record.id.0[0]).collect()
    };
    assert_eq!(find(&store, &turned), [2, 1]);
    assert_eq!(find(&store, &paths[..1]), [3]);
    assert_eq!(find(&store, &[]), [4]);
    assert_eq!(find(&store, &paths[1..]), [0; 0]);
    store
        .set_transfer_state(TransferId([2; 16]), &TransferState::Cancelled, at(3_000))
        .unwrap();
    assert_eq!(find(&store, &turned), [1]);
}

#[test]
fn transfers_are_listed_in_the_order_of_adding() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let ben = ContactId([2; 16]);
    for seed in [9, 3, 5] {
        store.add_transfer(&transfer(seed)).unwrap();
    }
    let of_ben = TransferRecord {
        contact: ben,
        ..transfer(1)
    };
    store.add_transfer(&of_ben).unwrap();
    let ids: Vec<u8> = store
        .transfers()
        .unwrap()
        .iter()
        .map(|t| t.id.0[0])
        .collect();
    assert_eq!(ids, [9, 3, 5, 1]);
    assert_eq!(store.transfers_with(ben).unwrap(), [of_ben]);
}

#[test]
fn a_failure_code_is_cut_at_its_limit() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let record = TransferRecord {
        state: TransferState::Failed {
            code: "ä".repeat(FAILURE_CODE_BYTES),
        },
        ..transfer(1)
    };
    store.add_transfer(&record).unwrap();
    let kept = store.transfer(record.id).unwrap().unwrap();
    let code = "ä".repeat(FAILURE_CODE_BYTES / 2);
    assert_eq!(kept.state, TransferState::Failed { code });
}

#[test]
fn unknown_transfers_are_told() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let id = TransferId([9; 16]);
    for result in [
        store.update_transfer(&transfer(9)),
        store.set_transfer_state(id, &TransferState::Active, at(1)),
        store.complete_transfer(id, &Digest([0; 32]), at(1)),
        store.remove_transfer(id),
        store.record_intents(id, &[]),
        store.record_skipped(id, &[]),
        store.set_resume_note(id, &[]),
    ] {
        assert!(matches!(result, Err(TransferError::Unknown)));
    }
}
