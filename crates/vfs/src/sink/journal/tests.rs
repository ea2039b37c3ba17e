use super::*;
use proptest::prelude::*;
use tempfile::tempfile;

const OURS: TransferId = TransferId([3; 16]);

fn any_record() -> impl Strategy<Value = Record> {
    let digest = any::<[u8; 32]>().prop_map(Digest);
    let time = prop::option::of((any::<i64>(), 0u32..1_000_000_000)).prop_map(|time| {
        time.map(|(seconds, nanoseconds)| Timestamp {
            seconds,
            nanoseconds,
        })
    });
    let state = (any::<u8>(), any::<u64>(), time, any::<bool>()).prop_map(
        |(version, size_bytes, modified, executable)| FinalState {
            version,
            size_bytes,
            modified,
            executable,
        },
    );
    let entry = 0u32..50;
    prop_oneof![
        4 => (entry.clone(), any::<u32>(), any::<u64>(), any::<u32>(), digest.clone()).prop_map(
            |(entry, index, offset, length, digest)| {
                let chunk = ChunkAt { index, offset, length, digest };
                Record::Chunk { entry, chunk }
            }
        ),
        2 => (entry.clone(), state, digest).prop_map(|(entry, state, digest)| Record::Finished {
            entry,
            state,
            digest,
        }),
        1 => entry.clone().prop_map(|entry| Record::Reopened { entry }),
        1 => entry.prop_map(|entry| Record::Dropped { entry }),
        1 => Just(Record::Committing),
    ]
}

fn reopen(file: &File) -> (Journal, Vec<Record>) {
    let mut records = Vec::new();
    let file = file.try_clone().unwrap();
    let journal = Journal::open(file, OURS, &mut |record| records.push(*record));
    (journal.unwrap().unwrap(), records)
}

proptest! {
    #[test]
    fn records_come_back_by_number_by_entry_and_after_reopening(records in prop::collection::vec(any_record(), 0..60), from in 0u32..50, length in 0u32..50) {
        let file = tempfile().unwrap();
        let (mut journal, _) = reopen(&file);
        for (number, record) in (1..).zip(&records) {
            prop_assert_eq!(journal.append(record).unwrap(), number);
        }
        let (again, loaded) = reopen(&file);
        prop_assert_eq!(&loaded[1..], &records[..]);
        for journal in [journal, again] {
            for (number, record) in (1..).zip(&records) {
                prop_assert_eq!(&journal.read(number).unwrap(), record);
            }
            let range = from..from + length;
            let mut visited = Vec::new();
            journal.visit(&range, &mut |number, record| visited.push((number, record))).unwrap();
            let expected: Vec<(u32, Record)> = (1..)
                .zip(records.iter().copied())
                .filter(|(_, record)| record.entry().is_some_and(|entry| range.contains(&entry)))
                .collect();
            prop_assert_eq!(visited, expected);
        }
    }

    #[test]
    fn the_first_torn_or_damaged_record_ends_the_journal(records in prop::collection::vec(any_record(), 1..20), at in any::<prop::sample::Index>(), bit in prop::option::of(0u8..8)) {
        let file = tempfile().unwrap();
        let (mut journal, _) = reopen(&file);
        for record in &records {
            journal.append(record).unwrap();
        }
        let length = RECORD_BYTES * (records.len() + 1);
        let at = RECORD_BYTES + at.index(length - RECORD_BYTES);
        match bit {
            Some(bit) => {
                let byte = read_chunk(&file, at as u64, 1).unwrap()[0];
                write_at(&file, &[byte ^ (1 << bit)], at as u64).unwrap();
            }
            None => file.set_len(at as u64).unwrap(),
        }
        let survivors = at / RECORD_BYTES;
        let (mut journal, loaded) = reopen(&file);
        prop_assert_eq!(loaded.len(), survivors);
        prop_assert_eq!(&loaded[1..], &records[..survivors - 1]);
        journal.append(&Record::Committing).unwrap();
        let (_, loaded) = reopen(&file);
        prop_assert_eq!(loaded.len(), survivors + 1);
    }

    #[test]
    fn any_bytes_are_judged_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(Record::decode(&bytes), None);
        let file = tempfile().unwrap();
        write_at(&file, &bytes, 0).unwrap();
        let (_, records) = reopen(&file);
        prop_assert!(records.is_empty());
        prop_assert_eq!(file.metadata().unwrap().len(), 64);
    }
}

#[test]
fn a_journal_of_several_blocks_is_read_where_it_speaks_of_the_entries() {
    let file = tempfile().unwrap();
    let (mut journal, _) = reopen(&file);
    for entry in 0..5_000 {
        journal.append(&Record::Dropped { entry }).unwrap();
    }
    for journal in [journal, reopen(&file).0] {
        assert_eq!(journal.spans.len(), 5);
        assert!(journal.tail.len() <= BLOCK_BYTES);
        for entry in [0, 1_022, 1_023, 1_024, 4_095, 4_999] {
            let record = Record::Dropped { entry };
            assert_eq!(journal.read(entry + 1).unwrap(), record);
            let mut visited = Vec::new();
            let range = entry..entry + 1;
            journal
                .visit(&range, &mut |number, record| visited.push((number, record)))
                .unwrap();
            assert_eq!(visited, [(entry + 1, record)]);
        }
        assert!(journal.read(5_001).is_err());
    }
}

#[test]
fn the_journal_of_another_transfer_is_left_alone() {
    let file = tempfile().unwrap();
    let (mut journal, _) = reopen(&file);
    journal.append(&Record::Committing).unwrap();
    let other = Journal::open(file.try_clone().unwrap(), TransferId([4; 16]), &mut |_| {});
    assert!(other.unwrap().is_none());
    assert_eq!(reopen(&file).1, [Record::Start(OURS), Record::Committing]);
}
