use std::fmt;

use model::Digest;
use ring::digest::{Context, SHA256};

/// The SHA-256 of bytes that come piece by piece (FIPS 180-4), as `sha256sum` prints it.
#[derive(Clone)]
pub struct PlainSum {
    context: Context,
}

impl Default for PlainSum {
    fn default() -> Self {
        Self {
            context: Context::new(&SHA256),
        }
    }
}

impl fmt::Debug for PlainSum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainSum")
    }
}

impl PlainSum {
    /// Adds what comes next.
    pub fn update(&mut self, bytes: &[u8]) {
        self.context.update(bytes);
    }

    /// Ends the sum.
    pub fn finish(self) -> Digest {
        of_ring(&self.context.finish())
    }
}

/// Hashes `bytes` on one lane.
pub(crate) fn sum(bytes: &[u8]) -> Digest {
    of_ring(&ring::digest::digest(&SHA256, bytes))
}

fn of_ring(digest: &ring::digest::Digest) -> Digest {
    let mut value = [0; 32];
    value.copy_from_slice(digest.as_ref());
    Digest(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_implementations_agree_on_every_length_around_a_block() {
        let bytes: Vec<u8> = (0..=255).collect();
        for length in 0..bytes.len() {
            let (begin, end) = bytes[..length].split_at(length / 2);
            let mut parts = PlainSum::default();
            parts.update(begin);
            parts.update(end);
            let expected = Digest::of(&bytes[..length]);
            assert_eq!(sum(&bytes[..length]), expected, "{length}");
            assert_eq!(parts.finish(), expected, "{length}");
        }
    }
}
