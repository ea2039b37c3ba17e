//! Where files are cut: by their content, so that an insertion costs only its neighbourhood.
//!
//! FastCDC (Xia and others, 2016 and 2020) with normalised sizes. Larger files have larger chunks, so that no
//! recipe grows beyond [`RECIPE_CHUNKS`].

use fastcdc::v2020::FastCDC;
use model::limits::RECIPE_CHUNKS;
use model::{Digest, FileDigest};
use serde::{Deserialize, Serialize};

/// How long chunks of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkSizes {
    /// No chunk but the last is shorter.
    pub least: usize,
    /// What they are on average, about.
    pub average: usize,
    /// No chunk is longer.
    pub most: usize,
}

impl ChunkSizes {
    /// The sizes for a file of `size_bytes`, the same on every device.
    pub fn of_file(size_bytes: u64) -> Self {
        let average = if size_bytes <= FOUR_GIB {
            32 * KIB
        } else if size_bytes <= SIXTY_FOUR_GIB {
            128 * KIB
        } else {
            512 * KIB
        };
        Self {
            least: average / 2,
            average,
            most: average * 2,
        }
    }

    /// Whether a file of `size_bytes` is one chunk whatever is in it.
    pub fn is_one_chunk(size_bytes: u64) -> bool {
        size_bytes <= Self::of_file(size_bytes).least as u64
    }

    /// The length of the first chunk of `bytes`: [`ChunkSizes::most`] of them, or all to the file's end.
    pub fn cut(&self, bytes: &[u8]) -> usize {
        let window = &bytes[..bytes.len().min(self.most)];
        if window.len() <= self.least {
            return window.len();
        }
        let cutter = FastCDC::new(window, self.least, self.average, self.most);
        let (_, end) = cutter.cut(0, window.len());
        end
    }
}

/// One chunk of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Chunk {
    /// How many bytes it has.
    pub length: u32,
    /// The SHA-256 of them.
    pub digest: Digest,
}

impl Chunk {
    /// The chunk of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let length = u32::try_from(bytes.len()).expect("a chunk is far below 4 GiB");
        let digest = Digest::of(bytes);
        Self { length, digest }
    }
}

/// The chunks of a file in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recipe {
    chunks: Vec<Chunk>,
}

/// Chunks from outside do not make the file they were said to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these chunks are not those of the file")]
pub struct WrongRecipe;

impl Recipe {
    /// Cuts `bytes`, a whole file.
    pub fn of(bytes: &[u8]) -> Self {
        let mut chunker = Chunker::new(bytes.len() as u64);
        chunker.push(bytes);
        chunker.finish()
    }

    /// Takes chunks that were said to make the file `digest` of `size_bytes`.
    pub fn checked(
        chunks: Vec<Chunk>,
        size_bytes: u64,
        digest: &Digest,
    ) -> Result<Self, WrongRecipe> {
        let recipe = Self { chunks };
        let most = ChunkSizes::of_file(size_bytes).most;
        let mut lengths = recipe.chunks.iter().map(|chunk| chunk.length as usize);
        let fits = lengths.all(|length| length > 0 && length <= most);
        match fits && recipe.size_bytes() == size_bytes && recipe.digest() == *digest {
            true => Ok(recipe),
            false => Err(WrongRecipe),
        }
    }

    /// The chunks in order.
    pub fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    /// How long the file is.
    pub fn size_bytes(&self) -> u64 {
        self.chunks
            .iter()
            .map(|chunk| u64::from(chunk.length))
            .sum()
    }

    /// What names the file: the digest of [`FileDigest`] over these chunks.
    pub fn digest(&self) -> Digest {
        let mut digest = FileDigest::new(self.size_bytes());
        for chunk in &self.chunks {
            digest.push(u64::from(chunk.length), &chunk.digest);
        }
        digest.finish()
    }

    /// Each chunk with the place where it begins.
    pub fn places(&self) -> impl Iterator<Item = (u64, Chunk)> + '_ {
        self.chunks.iter().scan(0, |end, chunk| {
            let begin = *end;
            *end += u64::from(chunk.length);
            Some((begin, *chunk))
        })
    }
}

/// Cuts a file while it is read, in pieces of any length.
#[derive(Debug)]
pub struct Chunker {
    sizes: ChunkSizes,
    kept: Vec<u8>,
    recipe: Recipe,
}

impl Chunker {
    /// Begins a file that has `size_bytes`.
    pub fn new(size_bytes: u64) -> Self {
        Self {
            sizes: ChunkSizes::of_file(size_bytes),
            kept: Vec::new(),
            recipe: Recipe::default(),
        }
    }

    /// Takes the next piece.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.kept.is_empty() {
            let used = self.cut_whole(bytes);
            self.kept.extend_from_slice(&bytes[used..]);
            return;
        }
        self.kept.extend_from_slice(bytes);
        let kept = std::mem::take(&mut self.kept);
        let used = self.cut_whole(&kept);
        self.kept = kept;
        self.kept.drain(..used);
    }

    /// Ends the file: what is left becomes its last chunks.
    pub fn finish(mut self) -> Recipe {
        let kept = std::mem::take(&mut self.kept);
        let mut rest = kept.as_slice();
        while !rest.is_empty() {
            let (chunk, behind) = rest.split_at(self.sizes.cut(rest));
            self.recipe.chunks.push(Chunk::of(chunk));
            rest = behind;
        }
        self.recipe
    }

    /// Cuts as long as a longest chunk is there; returns how many bytes were used.
    fn cut_whole(&mut self, bytes: &[u8]) -> usize {
        let mut used = 0;
        while bytes.len() - used >= self.sizes.most {
            let end = used + self.sizes.cut(&bytes[used..]);
            self.recipe.chunks.push(Chunk::of(&bytes[used..end]));
            used = end;
        }
        used
    }
}

const KIB: usize = 1024;
const FOUR_GIB: u64 = 4 << 30;
const SIXTY_FOUR_GIB: u64 = 64 << 30;
/// The largest file whose chunks, all of the least length, still fit a recipe.
pub const FILE_BYTES: u64 = RECIPE_CHUNKS as u64 * (256 * KIB) as u64;

#[cfg(test)]
mod tests;
