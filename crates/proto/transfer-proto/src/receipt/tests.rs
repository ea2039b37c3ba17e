use super::*;
use model::limits::{PATH_BYTES, RECEIPT_LINE_BYTES};
use model::{Name, RelPath};
use proptest::prelude::*;

const ANA: [u8; 64] = [1; 64];
const BEN: [u8; 64] = [2; 64];

fn secrets(seed: [u8; 64]) -> DeviceSecrets {
    DeviceSecrets::from_bytes(&seed)
}

fn lines() -> Vec<ReceiptLine> {
    let path = |name: &str| RelPath::of_name(Name::parse(name).unwrap());
    let file = |text: &str| ListedFile {
        size_bytes: text.len() as u64,
        digest: Digest::of(text.as_bytes()),
        sha256: Some(Digest::of(text.as_bytes())),
    };
    vec![
        ReceiptLine {
            path: path("letters"),
            content: ReceiptContent::Folder,
        },
        ReceiptLine {
            path: path("letters").join(Name::parse("a.txt").unwrap()).unwrap(),
            content: ReceiptContent::File(file("hello")),
        },
        ReceiptLine {
            path: path("notes"),
            content: ReceiptContent::Stream(file("more")),
        },
    ]
}

fn contents_of(lines: &[ReceiptLine]) -> Contents {
    let mut listing = Listing::default();
    for line in lines {
        listing.push(line);
    }
    listing.finish(0)
}

fn statement(name: &str) -> Statement {
    Statement {
        version: RECEIPT_VERSION,
        transfer: TransferId([3; 16]),
        sender: secrets(ANA).public().signing,
        receiver: secrets(BEN).public().signing,
        sender_name: DisplayName::new(name),
        title: DisplayName::new("letters"),
        contents: contents_of(&lines()),
        sent_at: Timestamp {
            seconds: 1_790_000_000,
            nanoseconds: 999_999_999,
        },
    }
}

fn receipt() -> Receipt {
    receipt_of(statement("Ana's laptop"), ANA, BEN)
}

fn receipt_of(statement: Statement, sender: [u8; 64], receiver: [u8; 64]) -> Receipt {
    let statement = statement.sign(&secrets(sender));
    let acknowledgement = Acknowledgement {
        receiver_name: DisplayName::new("Ben"),
        received_at: Timestamp {
            seconds: 1_790_000_001,
            nanoseconds: 0,
        },
    };
    let acknowledgement = statement.acknowledge(acknowledgement, &secrets(receiver));
    Receipt {
        statement,
        acknowledgement,
    }
}

#[test]
fn a_receipt_survives_being_written() {
    let receipt = receipt();
    assert_eq!(Receipt::decode(&receipt.encode()), Ok(receipt));
}

#[test]
fn no_bit_of_a_receipt_can_be_flipped() {
    let bytes = receipt().encode();
    for place in 0..bytes.len() {
        for bit in 0..8 {
            let mut bent = bytes.clone();
            bent[place] ^= 1 << bit;
            assert!(Receipt::decode(&bent).is_err(), "byte {place}, bit {bit}");
        }
    }
}

#[test]
fn no_bit_of_a_list_can_be_flipped() {
    let lines = lines();
    let expected = contents_of(&lines);
    for (index, line) in lines.iter().enumerate() {
        let bytes = line.encode();
        for place in 0..bytes.len() * 8 {
            let mut bent = bytes.clone();
            bent[place / 8] ^= 1 << (place % 8);
            let Ok(line) = ReceiptLine::decode(&bent) else {
                continue;
            };
            let mut altered = lines.clone();
            altered[index] = line;
            assert_ne!(contents_of(&altered), expected, "line {index}, bit {place}");
        }
    }
}

#[test]
fn swapped_and_missing_lines_are_noticed() {
    let expected = contents_of(&lines());
    let mut swapped = lines();
    let (first, second) = (swapped[1].path.clone(), swapped[2].path.clone());
    swapped[1].path = second;
    swapped[2].path = first;
    assert_ne!(contents_of(&swapped), expected);
    assert_ne!(contents_of(&lines()[..2]), expected);
    let mut turned = lines();
    turned.swap(1, 2);
    assert_ne!(contents_of(&turned), expected);
}

#[test]
fn a_wrong_signer_on_either_side_is_noticed() {
    let stranger = [9; 64];
    let forged = receipt_of(statement("Ana"), stranger, BEN);
    assert_eq!(forged.check(), Err(ReceiptError::SenderSignature));
    let forged = receipt_of(statement("Ana"), ANA, stranger);
    assert_eq!(forged.check(), Err(ReceiptError::ReceiverSignature));
    let mut swapped = receipt();
    std::mem::swap(
        &mut swapped.statement.signature,
        &mut swapped.acknowledgement.signature,
    );
    assert_eq!(swapped.check(), Err(ReceiptError::SenderSignature));
}

#[test]
fn halves_of_two_receipts_do_not_make_a_third() {
    let mut other = statement("Ana");
    other.transfer = TransferId([4; 16]);
    let mut mixed = receipt_of(other, ANA, BEN);
    mixed.acknowledgement = receipt().acknowledgement;
    assert_eq!(mixed.check(), Err(ReceiptError::ReceiverSignature));
}

#[test]
fn a_receipt_of_one_device_with_itself_or_of_another_version_is_none() {
    let mut own = statement("Ana");
    own.receiver = own.sender;
    assert_eq!(
        receipt_of(own, ANA, ANA).check(),
        Err(ReceiptError::SameDevice)
    );
    let mut newer = statement("Ana");
    newer.version = 2;
    assert_eq!(
        receipt_of(newer, ANA, BEN).check(),
        Err(ReceiptError::UnknownVersion)
    );
}

#[test]
fn a_name_that_is_written_in_another_way_is_refused() {
    let mut bytes = wire::encode(&(RECEIPT_VERSION, TransferId([3; 16])));
    let receipt = receipt();
    bytes.clear();
    bytes.extend(receipt.encode());
    // `Ben` with a space for a letter is trimmed when read, so it is not what was signed.
    let place = bytes.windows(3).position(|part| part == b"Ben").unwrap();
    bytes[place] = b' ';
    assert_eq!(Receipt::decode(&bytes), Err(ReceiptError::Malformed));
}

#[test]
fn the_longest_receipt_fits_its_limit() {
    let mut longest = statement(&"x".repeat(1_000));
    longest.title = DisplayName::new(&"y".repeat(1_000));
    longest.contents = Contents {
        entries: u64::MAX,
        files: u64::MAX,
        bytes: u64::MAX,
        skipped: u64::MAX,
        digest: Digest([0xFF; 32]),
        sums: Some(Digest([0xFF; 32])),
    };
    longest.sent_at = Timestamp {
        seconds: i64::MIN,
        nanoseconds: u32::MAX,
    };
    let mut receipt = receipt_of(longest, ANA, BEN);
    receipt.acknowledgement.acknowledgement.receiver_name = DisplayName::new(&"z".repeat(1_000));
    assert!(receipt.encode().len() <= RECEIPT_BYTES);
    let mut too_long = receipt.encode();
    too_long.resize(RECEIPT_BYTES + 1, 0);
    assert_eq!(Receipt::decode(&too_long), Err(ReceiptError::Malformed));
}

#[test]
fn the_longest_line_of_a_list_fits_its_limit() {
    let name = Name::parse(&"x".repeat(PATH_BYTES / 64 - 1)).unwrap();
    let line = ReceiptLine {
        path: RelPath::new(vec![name; 64]).unwrap(),
        content: ReceiptContent::File(ListedFile {
            size_bytes: u64::MAX,
            digest: Digest([0xFF; 32]),
            sha256: Some(Digest([0xFF; 32])),
        }),
    };
    let bytes = line.encode();
    assert!(bytes.len() <= RECEIPT_LINE_BYTES);
    assert_eq!(ReceiptLine::decode(&bytes), Ok(line));
    let too_long = vec![0; RECEIPT_LINE_BYTES + 1];
    assert_eq!(ReceiptLine::decode(&too_long), Err(LineError));
}

#[test]
fn a_list_has_sums_only_if_every_file_has_one() {
    assert!(contents_of(&lines()).sums.is_some());
    let mut without = lines();
    if let ReceiptContent::Stream(file) = &mut without[2].content {
        file.sha256 = None;
    }
    assert_eq!(contents_of(&without).sums, None);
    assert_eq!(contents_of(&lines()[..1]).sums, None, "no file, no sum");
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_no_receipt_and_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(Receipt::decode(&bytes).is_err());
        if let Ok(line) = ReceiptLine::decode(&bytes) {
            prop_assert_eq!(line.encode(), bytes);
        }
    }

    #[test]
    fn any_replaced_byte_is_noticed(place: prop::sample::Index, value: u8) {
        let bytes = receipt().encode();
        let place = place.index(bytes.len());
        let mut bent = bytes.clone();
        bent[place] = value;
        prop_assert_eq!(Receipt::decode(&bent).is_ok(), bent == bytes);
    }
}
