use hashing::{PlainSum, chunk_digest};
use model::limits::CHUNK_BYTES;
use model::{Digest, FileDigest};
use vfs::source::{ReadFailure, SourceFile};

/// What a file holds, read from its beginning to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WholeFile {
    pub(crate) size_bytes: u64,
    pub(crate) digest: Digest,
    pub(crate) sha256: Digest,
}

/// Reads a file once; one that changes meanwhile has no digest.
pub(crate) fn whole_file(file: &SourceFile) -> Result<WholeFile, ReadFailure> {
    let version = file.version()?;
    let length = u32::try_from(CHUNK_BYTES).unwrap_or(u32::MAX);
    let mut digest = FileDigest::new(version.size_bytes);
    let mut plain = PlainSum::default();
    let mut offset = 0;
    while offset < version.size_bytes {
        let read = file.read_chunk(offset, length)?;
        if read.bytes.is_empty() || read.before != version || read.after != version {
            return Err(ReadFailure::Truncated);
        }
        digest.push(read.bytes.len() as u64, &chunk_digest(&read.bytes));
        plain.update(&read.bytes);
        offset += read.bytes.len() as u64;
    }
    Ok(WholeFile {
        size_bytes: version.size_bytes,
        digest: digest.finish(),
        sha256: plain.finish(),
    })
}
