use super::*;
use crate::store::tests::{TestHome, transfer};

fn entry() -> QueueEntry {
    QueueEntry {
        priority: Priority::High,
        position: -3,
        limit_bytes_per_s: NonZeroU64::new(u64::MAX),
        held: true,
    }
}

#[test]
fn what_was_said_of_a_turn_survives_a_restart() {
    let mut home = TestHome::new();
    let record = transfer(1);
    let mut store = home.open();
    store.add_transfer(&record).unwrap();
    assert_eq!(store.queue_entry(record.id).unwrap(), None);
    store.set_queue_entry(record.id, &entry()).unwrap();
    drop(store);
    let mut store = home.open();
    assert_eq!(store.queue_entry(record.id).unwrap(), Some(entry()));

    let later = QueueEntry {
        priority: Priority::Low,
        limit_bytes_per_s: None,
        held: false,
        ..entry()
    };
    store.set_queue_entry(record.id, &later).unwrap();
    assert_eq!(store.queue_entry(record.id).unwrap(), Some(later));
}

#[test]
fn nothing_is_kept_of_a_transfer_that_is_in_no_history() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let unknown = TransferId([9; 16]);
    store.set_queue_entry(unknown, &entry()).unwrap();
    assert_eq!(store.queue_entry(unknown).unwrap(), None);
}
