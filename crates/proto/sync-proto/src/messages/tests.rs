use super::*;
use crate::{Announced, Chunk, FolderPath, FolderRoster, Record, State, VersionVector};
use model::DeviceSecrets;
use model::limits::{CONTROL_MESSAGE_BYTES, FOLDER_ROSTER_BYTES, RECIPE_PAGE_PIECES};
use proptest::prelude::*;

fn addressed(message: FolderMessage) -> AddressedToFolder {
    AddressedToFolder {
        folder: FolderId([4; 16]),
        message,
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_read_or_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(message) = AddressedToFolder::decode(&bytes) {
            prop_assert_eq!(AddressedToFolder::decode(&message.encode()), Ok(message));
        }
    }

    #[test]
    fn a_message_that_was_bent_is_read_or_refused_without_panic(place in 0usize..200, value: u8) {
        let record = Record { version: VersionVector::default(), state: State::Directory, rival: None };
        let path = FolderPath::parse("a/b").unwrap();
        let records = vec![Announced { path, record }];
        let mut bytes = addressed(FolderMessage::IndexTold(IndexPage { after: 3, records, through: 7, more: true })).encode();
        let place = place % bytes.len();
        bytes[place] = value;
        let _read = AddressedToFolder::decode(&bytes);
    }
}

#[test]
fn the_largest_messages_fit_the_control_channel() {
    let digest = Digest([0xFF; 32]);
    let piece = Piece::New(Chunk {
        length: u32::MAX,
        digest,
    });
    let recipe = FolderMessage::RecipeTold {
        file: digest,
        from: u32::MAX,
        pieces: vec![piece; RECIPE_PAGE_PIECES],
        more: true,
    };
    let roster = FolderMessage::Invite {
        name: DisplayName::new(&"x".repeat(300)),
        roster: vec![0; FOLDER_ROSTER_BYTES],
    };
    for message in [recipe, roster] {
        let message = addressed(message);
        let bytes = message.encode();
        assert!(bytes.len() <= CONTROL_MESSAGE_BYTES);
        assert_eq!(AddressedToFolder::decode(&bytes), Ok(message));
    }
}

/// Names that would leave the folder do not even become a message.
#[test]
fn an_index_with_forbidden_paths_is_refused_at_the_door() {
    for text in [
        "../etc/passwd",
        "a//b",
        ".wherry/versions/x",
        "a\\b",
        "/abs",
    ] {
        let forged = (5u8, 3u64, vec![(text, 0u8, 0u8, 0u8)], 7u64, false);
        let bytes = [vec![4; 16], wire::encode(&forged)].concat();
        assert!(AddressedToFolder::decode(&bytes).is_err(), "{text}");
    }
    let honest = (5u8, 3u64, vec![("a/b", 0u8, 1u8, 0u8)], 7u64, false);
    let bytes = [vec![4; 16], wire::encode(&honest)].concat();
    assert!(AddressedToFolder::decode(&bytes).is_ok());
}

#[test]
fn a_roster_travels_as_it_is() {
    let own = DeviceSecrets::from_bytes(&[1; 64]);
    let roster = FolderRoster::found(&own, DisplayName::new("Ana"), [2; 16]);
    let message = addressed(FolderMessage::Roster(roster.encode()));
    assert_eq!(AddressedToFolder::decode(&message.encode()), Ok(message));
}
