//! A received file or stream on its way to a pipe: chunks in any order come out in theirs.

use std::collections::BTreeMap;
use std::io::{self, Write};

use model::limits::UNCONFIRMED_BYTES;
use model::{Digest, FileDigest};

/// Why bytes could not be written on.
#[derive(Debug, thiserror::Error)]
pub enum StdoutError {
    /// More waits for a missing chunk than the sender may have on its way.
    #[error("too many bytes wait for a missing one")]
    TooFarAhead,
    /// The chunk overlaps another.
    #[error("a chunk overlaps another")]
    Overlap,
    /// The end was told while bytes are missing.
    #[error("bytes are missing")]
    Incomplete,
    /// Nobody reads any more, or the disk behind the pipe is full.
    #[error("the output cannot be written: {0}")]
    Io(#[from] io::Error),
}

/// Writes chunks in order to `W`, holding at most [`UNCONFIRMED_BYTES`] that came too early.
#[derive(Debug)]
pub struct StdoutSink<W> {
    writer: W,
    written_bytes: u64,
    chunks: Vec<(u64, Digest)>,
    waiting: BTreeMap<u64, Waiting>,
    waiting_bytes: u64,
}

#[derive(Debug)]
struct Waiting {
    chunk: u32,
    data: Vec<u8>,
    digest: Digest,
}

impl<W: Write> StdoutSink<W> {
    /// Starts at the beginning.
    pub fn new(writer: W) -> Self {
        Self {
            writer,
            written_bytes: 0,
            chunks: Vec::new(),
            waiting: BTreeMap::new(),
            waiting_bytes: 0,
        }
    }

    /// Takes a verified chunk; returns the chunks that were written by now and not told before, in order.
    pub fn write_chunk(
        &mut self,
        chunk: u32,
        offset: u64,
        data: &[u8],
        digest: &Digest,
    ) -> Result<Vec<u32>, StdoutError> {
        if offset < self.written_bytes || self.overlaps_waiting(offset, data.len() as u64) {
            return Err(StdoutError::Overlap);
        }
        if offset > self.written_bytes {
            self.wait(chunk, offset, data, digest)?;
            return Ok(Vec::new());
        }
        self.pass_on(data, digest)?;
        let mut written = vec![chunk];
        while let Some(next) = self.waiting.remove(&self.written_bytes) {
            self.waiting_bytes -= next.data.len() as u64;
            self.pass_on(&next.data, &next.digest)?;
            written.push(next.chunk);
        }
        Ok(written)
    }

    /// Where it writes.
    pub fn writer_mut(&mut self) -> &mut W {
        &mut self.writer
    }

    /// How many bytes are written.
    pub fn written_bytes(&self) -> u64 {
        self.written_bytes
    }

    /// Ends a file of `size_bytes` and returns its digest.
    pub fn finish(&mut self, size_bytes: u64) -> Result<Digest, StdoutError> {
        if self.written_bytes != size_bytes || !self.waiting.is_empty() {
            return Err(StdoutError::Incomplete);
        }
        self.writer.flush()?;
        let mut digest = FileDigest::new(size_bytes);
        for (length, chunk) in &self.chunks {
            digest.push(*length, chunk);
        }
        Ok(digest.finish())
    }

    fn overlaps_waiting(&self, offset: u64, length: u64) -> bool {
        let end = offset.saturating_add(length);
        let before = self.waiting.range(..end).next_back();
        before.is_some_and(|(&start, waiting)| {
            start == offset || start + waiting.data.len() as u64 > offset
        })
    }

    fn wait(
        &mut self,
        chunk: u32,
        offset: u64,
        data: &[u8],
        digest: &Digest,
    ) -> Result<(), StdoutError> {
        let bytes = self.waiting_bytes + data.len() as u64;
        if bytes > UNCONFIRMED_BYTES || data.is_empty() {
            return Err(StdoutError::TooFarAhead);
        }
        self.waiting_bytes = bytes;
        let waiting = Waiting {
            chunk,
            data: data.to_vec(),
            digest: *digest,
        };
        self.waiting.insert(offset, waiting);
        Ok(())
    }

    fn pass_on(&mut self, data: &[u8], digest: &Digest) -> Result<(), StdoutError> {
        self.writer.write_all(data)?;
        self.written_bytes += data.len() as u64;
        self.chunks.push((data.len() as u64, *digest));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(data: &[u8], size: usize) -> Vec<(u32, u64, &[u8], Digest)> {
        data.chunks(size)
            .enumerate()
            .map(|(index, piece)| {
                let offset = (index * size) as u64;
                (
                    u32::try_from(index).unwrap(),
                    offset,
                    piece,
                    Digest::of(piece),
                )
            })
            .collect()
    }

    proptest! {
        #[test]
        fn any_order_comes_out_in_order(data in prop::collection::vec(any::<u8>(), 1..600), size in 1usize..40, seed: u64) {
            let mut pieces = cut(&data, size);
            let mut random = seed | 1;
            pieces.sort_by_cached_key(|_| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                random >> 33
            });
            let mut sink = StdoutSink::new(Vec::new());
            let mut told = Vec::new();
            for (chunk, offset, piece, digest) in &pieces {
                told.extend(sink.write_chunk(*chunk, *offset, piece, digest).unwrap());
            }
            let mut expected = FileDigest::new(data.len() as u64);
            for (_, _, piece, digest) in cut(&data, size) {
                expected.push(piece.len() as u64, &digest);
            }
            prop_assert_eq!(sink.finish(data.len() as u64).unwrap(), expected.finish());
            prop_assert_eq!(told, (0..u32::try_from(pieces.len()).unwrap()).collect::<Vec<_>>());
            prop_assert_eq!(sink.writer, data);
        }
    }

    #[test]
    fn what_waits_is_bounded_and_never_overlaps() {
        let mut sink = StdoutSink::new(Vec::new());
        let digest = Digest::of(b"");
        let large = vec![1; usize::try_from(UNCONFIRMED_BYTES).unwrap()];
        assert!(sink.write_chunk(1, 10, &large, &digest).unwrap().is_empty());
        let further = 10 + UNCONFIRMED_BYTES;
        let ahead = sink.write_chunk(2, further, b"x", &digest);
        assert!(matches!(ahead, Err(StdoutError::TooFarAhead)));
        for (offset, length) in [(9, 2), (10, 1), (further - 1, 4), (0, 11)] {
            let overlap = sink.write_chunk(3, offset, &large[..length], &digest);
            assert!(matches!(overlap, Err(StdoutError::Overlap)), "{offset}");
        }
        assert!(matches!(sink.finish(10), Err(StdoutError::Incomplete)));
        assert_eq!(sink.write_chunk(0, 0, &[0; 10], &digest).unwrap(), [0, 1]);
        let again = sink.write_chunk(0, 0, &[0; 10], &digest);
        assert!(matches!(again, Err(StdoutError::Overlap)));
    }
}
