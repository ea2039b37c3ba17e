use bytes::Bytes;
use model::{DisplayName, TransferId, wire};
use serde::Serialize;
use transfer_proto::bulk::{BulkHead, Packer};
use transfer_proto::{
    Addressed, CancelReason, ChunkDigest, ChunkName, Offer, Summary, ToReceiver, ToSender,
    TransferMessage,
};

use super::session::{Heard, HostileSession};

/// An entry as it looks on the wire, with names that no [`model::Name`] would hold.
#[derive(Debug, Clone, Serialize)]
pub struct RawEntry {
    /// The components of its path, bytes that need not be UTF-8.
    pub path: Vec<Vec<u8>>,
    /// What it is.
    pub kind: RawKind,
    /// When it was changed.
    pub modified: Option<(i64, u32)>,
}

/// What an entry is, in the order of [`model::EntryKind`].
#[derive(Debug, Clone, Copy, Serialize)]
pub enum RawKind {
    /// A file.
    File {
        /// How long it claims to be.
        size_bytes: u64,
        /// Whether it may be executed.
        executable: bool,
    },
    /// A folder.
    Directory,
}

impl RawEntry {
    /// A file.
    pub fn file(path: &[&str], size_bytes: u64) -> Self {
        let path = path.iter().map(|name| name.as_bytes().to_vec()).collect();
        Self::raw_file(path, size_bytes)
    }

    /// A file under a path of any bytes.
    pub fn raw_file(path: Vec<Vec<u8>>, size_bytes: u64) -> Self {
        let kind = RawKind::File {
            size_bytes,
            executable: false,
        };
        let modified = None;
        Self {
            path,
            kind,
            modified,
        }
    }

    /// A folder.
    pub fn folder(path: &[&str]) -> Self {
        Self {
            kind: RawKind::Directory,
            ..Self::file(path, 0)
        }
    }
}

/// A manifest page, encoded; nothing in it is checked.
pub fn raw_page(
    transfer: TransferId,
    page: u32,
    first_entry: u32,
    entries: &[RawEntry],
) -> Vec<u8> {
    // An enum on the wire is its variant's number: to the receiver, a page.
    wire::encode(&(transfer, 0u32, 1u32, page, first_entry, entries))
}

/// An offer of `entries` files with `bytes` in all.
pub fn offer_of(entries: u64, bytes: u64, pages: u32) -> ToReceiver {
    ToReceiver::Offer(Offer {
        summary: Summary {
            name: DisplayName::new("gift"),
            entries,
            files: entries,
            bytes,
            stream: false,
            kind: transfer_proto::TransferKind::Files,
        },
        pages,
        resume: false,
        checksums: false,
    })
}

/// What a chunk of `data` should hash to.
///
/// # Panics
/// When it is longer than a chunk.
pub fn chunk_digest(entry: u32, data: &[u8]) -> ChunkDigest {
    ChunkDigest {
        name: first_chunk(entry),
        length: u32::try_from(data.len()).expect("a chunk"),
        digest: hashing::chunk_digest(data),
    }
}

fn first_chunk(entry: u32) -> ChunkName {
    ChunkName {
        entry,
        version: 0,
        chunk: 0,
    }
}

/// A bulk message with the first chunk of an entry.
///
/// # Panics
/// When it is empty.
pub fn bulk_message(token: u64, round: u16, entry: u32, data: &[u8]) -> Bytes {
    let mut packer = Packer::new(BulkHead { token, round });
    packer.push(first_chunk(entry), data, |_| panic!("one message"));
    packer.flush().expect("there is data")
}

/// Sends one small file under any path and waits for what becomes of it: `Ok` when it is in place,
/// the reason when the victim cancels, `None` when it closes the session.
pub fn one_file(
    session: &mut HostileSession,
    transfer: TransferId,
    entries: &[RawEntry],
    data: &[u8],
) -> Option<Result<(), CancelReason>> {
    let files: Vec<u32> = (0u32..)
        .zip(entries)
        .filter(|(_, entry)| matches!(entry.kind, RawKind::File { .. }))
        .map(|(number, _)| number)
        .collect();
    let bytes = (files.len() * data.len()) as u64;
    session.say(transfer, offer_of(entries.len() as u64, bytes, 1));
    let token = session.accepted();
    session.say_raw(raw_page(transfer, 0, 0, entries));
    loop {
        let message = match session.hear() {
            Heard::Message(Addressed {
                message: TransferMessage::ToSender(message),
                ..
            }) => message,
            Heard::Message(_) => continue,
            Heard::Closed(_) | Heard::Gone => return None,
        };
        if let ToSender::PageStored(_) = message {
            for &entry in &files {
                let digests = vec![chunk_digest(entry, data)];
                session.say(transfer, ToReceiver::Digests(digests));
                session.send_bulk(bulk_message(token, 0, entry, data));
            }
            session.say(transfer, ToReceiver::AllSent);
        } else if let ToSender::Cancel(reason) = message {
            return Some(Err(reason));
        } else if let ToSender::Complete(_) = message {
            return Some(Ok(()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Entry, EntryKind, Name, RelPath};
    use transfer_proto::Page;

    #[test]
    fn a_raw_page_is_what_the_product_writes() {
        let transfer = TransferId([3; 16]);
        let path = ["a", "b"].map(|name| Name::parse(name).unwrap());
        let kind = EntryKind::File {
            size_bytes: 9,
            executable: false,
        };
        let entries = vec![Entry {
            path: RelPath::new(path.to_vec()).unwrap(),
            kind,
            modified: None,
        }];
        let page = Page {
            page: 4,
            first_entry: 7,
            entries,
        };
        let message = TransferMessage::ToReceiver(ToReceiver::Page(page));
        let honest = Addressed { transfer, message }.encode();
        let raw = raw_page(transfer, 4, 7, &[RawEntry::file(&["a", "b"], 9)]);
        assert_eq!(raw, honest);
    }
}
