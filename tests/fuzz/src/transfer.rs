//! What two halves of a transfer say to each other.

use bytes::Bytes;
use model::{
    ChunkSet, Digest, DisplayName, Entry, EntryKind, Existing, Name, RelPath, Timestamp,
    TransferId, limits, wire,
};
use transfer_proto::bulk::{self, BulkHead, Packer};
use transfer_proto::{
    Accept, Addressed, CancelReason, ChunkDigest, ChunkName, Completion, DeclineReason, EntryHave,
    EntryRevision, Finding, FindingKind, Findings, GoneReason, LeftOut, LeftOutEntry,
    LeftOutReason, Offer, Page, PageHave, PauseReason, Summary, ToReceiver, ToSender, TransferKind,
    TransferMessage,
};

use crate::Verdict;

pub(crate) fn manifest_page(data: &[u8]) -> Verdict {
    let Ok(entries) = wire::decode::<Vec<Entry>>(data, limits::MANIFEST_PAGE_BYTES) else {
        return Verdict::Refused;
    };
    for entry in &entries {
        let names = entry.path.names();
        assert!(
            (1..=limits::PATH_DEPTH).contains(&names.len()),
            "a path has a bounded depth"
        );
        assert!(
            names.iter().all(|name| Name::parse(name.as_str()).is_ok()),
            "every name was checked"
        );
    }
    let bytes = wire::encode(&entries);
    assert_eq!(
        wire::decode(&bytes, bytes.len()),
        Ok(entries),
        "what we write, we read"
    );
    Verdict::Accepted
}

pub(crate) fn manifest_page_seeds() -> Vec<(&'static str, Vec<u8>)> {
    vec![("folder-and-files", wire::encode(&entries()))]
}

pub(crate) fn transfer_message(data: &[u8]) -> Verdict {
    let Ok(addressed) = Addressed::decode(data) else {
        return Verdict::Refused;
    };
    let again = Addressed::decode(&addressed.encode());
    assert_eq!(again, Ok(addressed), "what we write, we read");
    Verdict::Accepted
}

pub(crate) fn transfer_message_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let to_receiver = messages_to_receiver()
        .into_iter()
        .map(|(name, message)| (name, TransferMessage::ToReceiver(message)));
    let to_sender = messages_to_sender()
        .into_iter()
        .map(|(name, message)| (name, TransferMessage::ToSender(message)));
    to_receiver
        .chain(to_sender)
        .map(|(name, message)| {
            (
                name,
                Addressed {
                    transfer: TRANSFER,
                    message,
                }
                .encode(),
            )
        })
        .collect()
}

pub(crate) fn bulk_message(data: &[u8]) -> Verdict {
    let Ok((head, records)) = bulk::records(Bytes::copy_from_slice(data)) else {
        return Verdict::Refused;
    };
    assert_eq!(bulk::token(data), Some(head.token), "both readers agree");
    let mut length = 0;
    for record in records {
        let end = u64::from(record.offset) + u64::try_from(record.data.len()).expect("a length");
        assert!(
            !record.data.is_empty() && end <= limits::CHUNK_BYTES,
            "a piece lies inside a chunk"
        );
        length += record.data.len();
    }
    assert!(length < data.len(), "pieces are slices of the message");
    Verdict::Accepted
}

pub(crate) fn bulk_message_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let packed = |chunks: &[&[u8]]| {
        let mut packer = Packer::new(BulkHead { token: 1, round: 0 });
        let mut messages = Vec::new();
        for (chunk, data) in (0..).zip(chunks) {
            let name = ChunkName {
                entry: 2,
                version: 0,
                chunk,
            };
            packer.push(name, data, |full| messages.push(full));
        }
        messages.extend(packer.flush());
        messages.first().expect("there was data").to_vec()
    };
    vec![
        ("one-piece", packed(&[b"hello"])),
        ("many-pieces", packed(&[b"a", b"bc", &[0xFF; 600]])),
    ]
}

/// A folder, a file in it, an empty file and a stream.
pub(crate) fn entries() -> Vec<Entry> {
    let path = |names: &[&str]| {
        let names = names
            .iter()
            .map(|name| Name::parse(name).expect("a good name"));
        RelPath::new(names.collect()).expect("a short path")
    };
    let modified = Some(Timestamp {
        seconds: 1_700_000_000,
        nanoseconds: 5,
    });
    let file = |size_bytes| EntryKind::File {
        size_bytes,
        executable: size_bytes > 0,
    };
    vec![
        Entry {
            path: path(&["photos"]),
            kind: EntryKind::Directory,
            modified,
        },
        Entry {
            path: path(&["photos", "Grüße.jpg"]),
            kind: file(FILE_BYTES),
            modified,
        },
        Entry {
            path: path(&["empty"]),
            kind: file(0),
            modified,
        },
        Entry {
            path: path(&["stdin"]),
            kind: EntryKind::Stream,
            modified: None,
        },
    ]
}

/// What those entries announce.
pub(crate) fn summary() -> Summary {
    Summary {
        name: DisplayName::new("photos and more"),
        entries: 4,
        files: 3,
        bytes: FILE_BYTES,
        stream: true,
        kind: TransferKind::Files,
    }
}

fn messages_to_receiver() -> Vec<(&'static str, ToReceiver)> {
    let digest = ChunkDigest {
        name: CHUNK,
        length: 5,
        digest: Digest([3; 32]),
    };
    let offer = Offer {
        summary: summary(),
        pages: 1,
        resume: true,
        checksums: false,
    };
    let page = Page {
        page: 0,
        first_entry: 0,
        entries: entries(),
    };
    let reason = GoneReason::SourceKeepsChanging;
    let left_out = LeftOut {
        named: vec![LeftOutEntry {
            path: DisplayName::new("photos/link"),
            reason: LeftOutReason::Link,
        }],
        more: 3,
    };
    vec![
        ("offer", ToReceiver::Offer(offer)),
        ("page", ToReceiver::Page(page)),
        ("digests", ToReceiver::Digests(vec![digest; 3])),
        ("compare", ToReceiver::Compare(vec![digest])),
        ("entry-changed", ToReceiver::EntryChanged(REVISION)),
        ("entry-gone", ToReceiver::EntryGone { entry: 1, reason }),
        (
            "stream-ended",
            ToReceiver::StreamEnded {
                entry: 3,
                size_bytes: 1 << 40,
            },
        ),
        ("all-sent", ToReceiver::AllSent),
        ("complete-seen", ToReceiver::CompleteSeen),
        ("sender-pauses", ToReceiver::Pause(PauseReason::Person)),
        ("sender-resumes", ToReceiver::Resume),
        (
            "sender-cancels",
            ToReceiver::Cancel(CancelReason::NameRefused { entry: 2 }),
        ),
        (
            "sender-signs",
            ToReceiver::Receipt(Box::new(crate::receipt::signed_statement())),
        ),
        ("left-out", ToReceiver::LeftOut(left_out)),
    ]
}

fn messages_to_sender() -> Vec<(&'static str, ToSender)> {
    let mut chunks = ChunkSet::full(3);
    chunks.insert(7);
    let accept = Accept {
        token: u64::MAX,
        ceiling_bytes: 1 << 30,
        window_bytes: limits::UNCONFIRMED_BYTES,
        complete_pages: chunks.clone(),
        held_pages: ChunkSet::new(),
        checksums: false,
    };
    let partial = EntryHave {
        revision: REVISION,
        chunks: chunks.clone(),
        compare: true,
    };
    let have = PageHave {
        page: 0,
        finished: chunks,
        partial: vec![partial],
        refused: ChunkSet::new(),
    };
    let completion = Completion {
        digest: Digest([4; 32]),
        skipped: 1,
    };
    let acknowledgement = crate::receipt::signed_acknowledgement();
    let findings = Findings {
        page: 0,
        missing_bytes: 5,
        named: vec![Finding {
            entry: 1,
            kind: FindingKind::Taken(Existing::Skip),
        }],
        more: 1,
    };
    vec![
        ("accept", ToSender::Accept(accept)),
        ("decline", ToSender::Decline(DeclineReason::NoSpace)),
        ("page-stored", ToSender::PageStored(have)),
        ("page-finished", ToSender::PageFinished { page: 0 }),
        ("chunks-stored", ToSender::ChunksStored(vec![CHUNK; 2])),
        ("chunks-wanted", ToSender::ChunksWanted(vec![CHUNK])),
        ("chunk-rejected", ToSender::ChunkRejected(CHUNK)),
        ("entry-kept", ToSender::EntryKept { entry: 1 }),
        ("complete", ToSender::Complete(completion)),
        ("receiver-pauses", ToSender::Pause(PauseReason::DiskFull)),
        ("receiver-resumes", ToSender::Resume),
        ("receiver-cancels", ToSender::Cancel(CancelReason::Person)),
        ("receiver-signs", ToSender::Receipt(acknowledgement)),
        ("findings", ToSender::Findings(findings)),
    ]
}

/// The transfer of all seeds.
pub(crate) const TRANSFER: TransferId = TransferId([9; 16]);
/// The size of the one file that is not empty.
pub(crate) const FILE_BYTES: u64 = 3_000;
const CHUNK: ChunkName = ChunkName {
    entry: 1,
    version: 1,
    chunk: 0,
};
const REVISION: EntryRevision = EntryRevision {
    entry: 1,
    version: 1,
    size_bytes: 6,
    modified: None,
};
