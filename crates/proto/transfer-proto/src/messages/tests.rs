use super::*;
use model::limits::{CONTROL_MESSAGE_BYTES, MANIFEST_PAGE_BYTES};
use model::{EntryKind, Name, RelPath};
use proptest::prelude::*;

use crate::UNCONFIRMED_CHUNKS;

const TRANSFER: TransferId = TransferId([3; 16]);

fn to_receiver(message: ToReceiver) -> Addressed {
    Addressed {
        transfer: TRANSFER,
        message: TransferMessage::ToReceiver(message),
    }
}

fn to_sender(message: ToSender) -> Addressed {
    Addressed {
        transfer: TRANSFER,
        message: TransferMessage::ToSender(message),
    }
}

fn name() -> impl Strategy<Value = ChunkName> {
    any::<(u32, u8, u32)>().prop_map(|(entry, version, chunk)| ChunkName {
        entry,
        version,
        chunk,
    })
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_read_or_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(message) = Addressed::decode(&bytes) {
            prop_assert_eq!(Addressed::decode(&message.encode()), Ok(message));
        }
    }

    #[test]
    fn names_of_chunks_survive_the_wire(names in prop::collection::vec(name(), 0..50)) {
        let message = to_sender(ToSender::ChunksStored(names));
        prop_assert_eq!(Addressed::decode(&message.encode()), Ok(message));
    }

    #[test]
    fn a_message_that_was_bent_is_read_or_refused_without_panic(
        place in 0usize..200, value: u8, names in prop::collection::vec(name(), 0..20),
    ) {
        let mut bytes = to_sender(ToSender::ChunksWanted(names)).encode();
        let place = place % bytes.len();
        bytes[place] = value;
        let _read = Addressed::decode(&bytes);
    }
}

#[test]
fn the_largest_page_fits_a_control_message() {
    let path = RelPath::of_name(Name::parse(&"x".repeat(250)).unwrap());
    let entry = Entry {
        path,
        kind: EntryKind::Directory,
        modified: None,
    };
    let entries = vec![entry.clone(); MANIFEST_PAGE_BYTES / wire::encode(&entry).len()];
    let message = to_receiver(ToReceiver::Page(Page {
        page: u32::MAX,
        first_entry: u32::MAX,
        entries,
    }));
    let bytes = message.encode();
    assert!(bytes.len() > MANIFEST_PAGE_BYTES - 1_024 && bytes.len() <= CONTROL_MESSAGE_BYTES);
    assert_eq!(Addressed::decode(&bytes), Ok(message));
}

#[test]
fn everything_unconfirmed_at_once_fits_a_control_message() {
    let name = ChunkName {
        entry: 1_000_000,
        version: 200,
        chunk: u32::MAX,
    };
    let message = to_sender(ToSender::ChunksWanted(vec![name; UNCONFIRMED_CHUNKS]));
    assert!(message.encode().len() <= CONTROL_MESSAGE_BYTES);
}

#[test]
fn a_message_that_is_too_long_is_refused() {
    let bytes = vec![0; CONTROL_MESSAGE_BYTES + 1];
    assert_eq!(Addressed::decode(&bytes), Err(WireError::TooLong));
}
