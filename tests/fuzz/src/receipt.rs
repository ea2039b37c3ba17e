//! Receipts and their lists, as somebody hands them over to be believed.

use std::fs;

use model::limits;
use model::{DeviceSecrets, Digest, DisplayName, Name, RelPath, Timestamp, TransferId};
use transfer_proto::{
    Acknowledgement, ListedFile, Listing, RECEIPT_VERSION, Receipt, ReceiptContent, ReceiptLine,
    SignedAcknowledgement, SignedStatement, Statement,
};

use vfs::records::RecordReader;

use crate::Verdict;

pub(crate) fn receipt(data: &[u8]) -> Verdict {
    let half = SignedStatement::decode(data);
    if let Ok(half) = &half {
        assert_eq!(half.encode(), data, "a statement has one encoding");
    }
    let Ok(receipt) = Receipt::decode(data) else {
        return Verdict::of(half.is_ok_and(|half| half.check().is_ok()));
    };
    assert_eq!(receipt.encode(), data, "a receipt has one encoding");
    assert_eq!(receipt.check(), Ok(()), "what is read was signed");
    Verdict::Accepted
}

pub(crate) fn receipt_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let signed = signed_statement();
    let whole = Receipt {
        statement: signed.clone(),
        acknowledgement: signed_acknowledgement(),
    };
    vec![("whole", whole.encode()), ("statement", signed.encode())]
}

/// A file of records, as an exported receipt is.
pub(crate) fn receipt_file(data: &[u8]) -> Verdict {
    let folder = tempfile::tempdir().expect("there is a place for temporary files");
    let path = folder.path().join("receipt");
    fs::write(&path, data).expect("the place can be written");
    let mut records = RecordReader::open(&path).expect("it was just written");
    let mut again = Vec::new();
    let mut genuine = 0;
    while let Ok(Some(record)) = records.next(limits::RECEIPT_LINE_BYTES) {
        let length = u32::try_from(record.len()).expect("a record is short");
        again.extend(length.to_be_bytes());
        again.extend(&record);
        let is_known = Receipt::decode(&record).is_ok() || ReceiptLine::decode(&record).is_ok();
        genuine += usize::from(is_known);
    }
    assert!(data.starts_with(&again), "records are what is in the file");
    Verdict::of(again == data && genuine > 0)
}

pub(crate) fn receipt_file_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let mut records = vec![b"wherry receipt 1".to_vec()];
    records.extend(receipt_seeds().into_iter().take(1).map(|(_, bytes)| bytes));
    records.extend(lines().iter().map(ReceiptLine::encode));
    let framed = records.iter().flat_map(|record| {
        let length = u32::try_from(record.len()).expect("a record is short");
        [&length.to_be_bytes()[..], record].concat()
    });
    vec![("exported", framed.collect())]
}

pub(crate) fn receipt_line(data: &[u8]) -> Verdict {
    let Ok(line) = ReceiptLine::decode(data) else {
        return Verdict::Refused;
    };
    assert_eq!(line.encode(), data, "a line has one encoding");
    let mut listing = Listing::default();
    listing.push(&line);
    let contents = listing.finish(0);
    assert_eq!(contents.entries, 1, "a line is an entry");
    assert!(contents.files <= 1, "and at most one file");
    Verdict::Accepted
}

pub(crate) fn receipt_line_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let [folder, file, stream] = lines();
    vec![
        ("folder", folder.encode()),
        ("file", file.encode()),
        ("stream", stream.encode()),
    ]
}

/// The sender's half.
pub(crate) fn signed_statement() -> SignedStatement {
    statement().sign(&DeviceSecrets::from_bytes(&[1; 64]))
}

/// The receiver's half.
pub(crate) fn signed_acknowledgement() -> SignedAcknowledgement {
    let acknowledgement = Acknowledgement {
        receiver_name: DisplayName::new("Ben"),
        received_at: TIME,
    };
    signed_statement().acknowledge(acknowledgement, &DeviceSecrets::from_bytes(&[2; 64]))
}

fn statement() -> Statement {
    let mut listing = Listing::default();
    for line in lines() {
        listing.push(&line);
    }
    Statement {
        version: RECEIPT_VERSION,
        transfer: TransferId([3; 16]),
        sender: DeviceSecrets::from_bytes(&[1; 64]).public().signing,
        receiver: DeviceSecrets::from_bytes(&[2; 64]).public().signing,
        sender_name: DisplayName::new("Ana"),
        title: DisplayName::new("letters"),
        contents: listing.finish(1),
        sent_at: TIME,
    }
}

fn lines() -> [ReceiptLine; 3] {
    let path = |name: &str| RelPath::of_name(Name::parse(name).expect("a good name"));
    let file = ListedFile {
        size_bytes: 5,
        digest: Digest::of(b"chunks"),
        sha256: None,
    };
    let summed = ListedFile {
        sha256: Some(Digest::of(b"hello")),
        ..file
    };
    [
        ReceiptLine {
            path: path("letters"),
            content: ReceiptContent::Folder,
        },
        ReceiptLine {
            path: path("trip.mov"),
            content: ReceiptContent::File(file),
        },
        ReceiptLine {
            path: path("stdin"),
            content: ReceiptContent::Stream(summed),
        },
    ]
}

const TIME: Timestamp = Timestamp {
    seconds: 1_790_000_000,
    nanoseconds: 7,
};
