use model::Digest;
use ring::digest::{SHA256, digest};

/// Hashes a chunk with the fastest SHA-256 this processor has.
///
/// [`Digest::of`] gives the same and is enough for everything small; every byte of every file goes
/// through here.
pub(crate) fn chunk_digest(bytes: &[u8]) -> Digest {
    let mut value = [0; 32];
    value.copy_from_slice(digest(&SHA256, bytes).as_ref());
    Digest(value)
}

/// The digest of everything that went into `context`.
pub(crate) fn ended(context: ring::digest::Context) -> Digest {
    let mut value = [0; 32];
    value.copy_from_slice(context.finish().as_ref());
    Digest(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_implementations_agree_on_every_length_around_a_block() {
        let bytes: Vec<u8> = (0..=255).collect();
        for length in 0..bytes.len() {
            let bytes = &bytes[..length];
            assert_eq!(chunk_digest(bytes), Digest::of(bytes), "{length}");
        }
    }
}
