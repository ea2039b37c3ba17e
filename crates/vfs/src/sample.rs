//! Files made for trying things out.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Makes a file of `size_bytes` that no compression shrinks; fails if `path` exists.
///
/// The bytes come from a small generator (xorshift64*), seeded by the system: fast, and no two files alike.
pub fn random_file(path: &Path, size_bytes: u64) -> io::Result<()> {
    let mut writer = BufWriter::with_capacity(BLOCK_BYTES, File::create_new(path)?);
    let mut state = seed();
    let mut left = size_bytes;
    while left > 0 {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        let word = state.wrapping_mul(0x2545_F491_4F6C_DD1D).to_le_bytes();
        let take = usize::try_from(left.min(8)).unwrap_or(8);
        writer.write_all(&word[..take])?;
        left -= left.min(8);
    }
    writer.flush()
}

fn seed() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    let hasher = std::collections::hash_map::RandomState::new().build_hasher();
    hasher.finish() | 1
}

const BLOCK_BYTES: usize = 256 * 1024;
