use std::fmt;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest (FIPS 180-4), shown in lower-case hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Hashes `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Hashes the concatenation of `parts`.
    pub fn of_parts(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({})", HEXLOWER.encode(&self.0[..4]))
    }
}

/// The digest of a file, built from its chunks in order: SHA-256 over `size ‖ (length ‖ digest)*`.
///
/// Size and lengths are unsigned 64-bit big-endian. The file need not be read a second time to know it.
#[derive(Clone, Debug)]
pub struct FileDigest {
    hasher: Sha256,
}

impl FileDigest {
    /// Starts the digest of a file of `size_bytes`.
    pub fn new(size_bytes: u64) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(size_bytes.to_be_bytes());
        Self { hasher }
    }

    /// Adds the next chunk.
    pub fn push(&mut self, length_bytes: u64, chunk: &Digest) {
        self.hasher.update(length_bytes.to_be_bytes());
        self.hasher.update(chunk.0);
    }

    /// Ends the file.
    pub fn finish(self) -> Digest {
        Digest(self.hasher.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_as_the_standard_says() {
        assert_eq!(
            Digest::of(b"abc").to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(Digest::of_parts(&[b"a", b"bc"]), Digest::of(b"abc"));
    }

    #[test]
    fn file_digest_is_the_documented_concatenation() {
        let chunk = Digest::of(b"abc");
        let mut file = FileDigest::new(3);
        file.push(3, &chunk);
        let by_hand = Digest::of_parts(&[&3u64.to_be_bytes(), &3u64.to_be_bytes(), &chunk.0]);
        assert_eq!(file.finish(), by_hand);
    }
}
