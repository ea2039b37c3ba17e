use hashing::PlainSum;
use model::{Digest, EntryKind};
use transfer_proto::{ListedFile, ReceiptContent, ReceiptLine};
use vfs::records::RecordsError;
use vfs::sink::{CommitError, Outcome, Staging};

use crate::receipts::{ListPlan, ListWriter, Listed};

/// Lists everything that is staged, in manifest order; dropped entries are not in the list.
pub(super) fn list(staging: &mut Staging, plan: &ListPlan) -> Result<Listed, CommitError> {
    let mut writer = ListWriter::create(&plan.path).map_err(of_records)?;
    for page in 0..staging.pages() {
        for (entry, outcome) in staging.page_outcomes(page)? {
            let content = match outcome {
                Outcome::Dropped => continue,
                Outcome::Folder => ReceiptContent::Folder,
                Outcome::File { size_bytes, digest } => {
                    let sha256 = match plan.checksums {
                        true => Some(sum(staging, &entry.path, size_bytes)?),
                        false => None,
                    };
                    let file = ListedFile {
                        size_bytes,
                        digest,
                        sha256,
                    };
                    content(entry.kind, file)
                }
            };
            let path = entry.path;
            let line = ReceiptLine { path, content };
            writer.push(&line).map_err(of_records)?;
        }
    }
    writer.finish(staging.entries()).map_err(of_records)
}

/// What a file is in a list.
pub(super) fn content(kind: EntryKind, file: ListedFile) -> ReceiptContent {
    match kind {
        EntryKind::Stream => ReceiptContent::Stream(file),
        EntryKind::File { .. } | EntryKind::Directory => ReceiptContent::File(file),
    }
}

/// The plain SHA-256 of a staged file, read back from the disk.
fn sum(
    staging: &mut Staging,
    path: &model::RelPath,
    size_bytes: u64,
) -> Result<Digest, CommitError> {
    let mut plain = PlainSum::default();
    let mut read_bytes = 0;
    staging.read_back(path, &mut |bytes| {
        plain.update(bytes);
        read_bytes += bytes.len() as u64;
    })?;
    if read_bytes != size_bytes {
        return Err(CommitError::Io(std::io::ErrorKind::InvalidData.into()));
    }
    Ok(plain.finish())
}

fn of_records(error: RecordsError) -> CommitError {
    match error {
        RecordsError::NoSpace => CommitError::NoSpace,
        RecordsError::Io(error) => CommitError::Io(error),
        RecordsError::Malformed => CommitError::Io(std::io::ErrorKind::InvalidData.into()),
    }
}
