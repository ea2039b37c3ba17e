//! A stream of unknown length, such as standard input, that can be read again for a while.

use std::collections::VecDeque;
use std::io::{self, Read};

use model::limits::{CHUNK_BYTES, UNCONFIRMED_BYTES};

/// Cuts what `R` gives into chunks of [`CHUNK_BYTES`] and keeps the last ones, because a chunk that was sent
/// and not confirmed may be asked for again.
///
/// Memory is bounded by [`KEPT_CHUNKS`], whatever the stream's length.
#[derive(Debug)]
pub struct RereadStream<R> {
    reader: R,
    kept: VecDeque<Vec<u8>>,
    /// The index of the first kept chunk.
    first_kept: u64,
    size_bytes: u64,
    ended: bool,
}

impl<R: Read> RereadStream<R> {
    /// Starts at the beginning.
    pub fn new(reader: R) -> Self {
        Self {
            reader,
            kept: VecDeque::new(),
            first_kept: 0,
            size_bytes: 0,
            ended: false,
        }
    }

    /// How many bytes the stream had so far; all of them once a read came back empty.
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Reads chunk `index`; the last one is shorter, and behind the end there is nothing.
    ///
    /// # Errors
    /// Those of the reader; `NotFound` for a chunk that is no longer kept.
    pub fn read_chunk(&mut self, index: u64) -> io::Result<Vec<u8>> {
        while !self.ended && index >= self.next_index() {
            self.read_on()?;
        }
        if index >= self.next_index() {
            return Ok(Vec::new());
        }
        let place = index.checked_sub(self.first_kept).map(usize::try_from);
        let kept = match place {
            Some(Ok(place)) => self.kept.get(place),
            Some(Err(_)) | None => None,
        };
        kept.cloned().ok_or_else(|| {
            io::Error::new(io::ErrorKind::NotFound, "this part of the stream is gone")
        })
    }

    fn next_index(&self) -> u64 {
        self.first_kept + u64::try_from(self.kept.len()).unwrap_or(u64::MAX)
    }

    fn read_on(&mut self) -> io::Result<()> {
        let mut chunk = Vec::new();
        self.reader
            .by_ref()
            .take(CHUNK_BYTES)
            .read_to_end(&mut chunk)?;
        let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        self.size_bytes += length;
        self.ended = length < CHUNK_BYTES;
        if chunk.is_empty() {
            return Ok(());
        }
        self.kept.push_back(chunk);
        if self.kept.len() > KEPT_CHUNKS {
            self.kept.pop_front();
            self.first_kept += 1;
        }
        Ok(())
    }
}

/// Chunks kept: twice the bytes that may be unconfirmed, for what is read ahead of them.
pub const KEPT_CHUNKS: usize = 2 * (UNCONFIRMED_BYTES / CHUNK_BYTES) as usize;

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(length: u64) -> Vec<u8> {
        (0..length)
            .map(|at| u8::try_from(at % 251).unwrap())
            .collect()
    }

    #[test]
    fn gives_every_chunk_and_then_nothing() {
        let data = bytes(2 * CHUNK_BYTES + 17);
        let mut stream = RereadStream::new(data.as_slice());
        let mut read = Vec::new();
        for index in 0.. {
            let chunk = stream.read_chunk(index).unwrap();
            if chunk.is_empty() {
                break;
            }
            read.extend(chunk);
        }
        assert!(read == data);
        assert_eq!(stream.size_bytes(), data.len() as u64);
    }

    #[test]
    fn a_stream_that_ends_at_a_chunk_has_no_empty_one() {
        let data = bytes(CHUNK_BYTES);
        let mut stream = RereadStream::new(data.as_slice());
        assert_eq!(stream.read_chunk(0).unwrap().len(), data.len());
        assert!(stream.read_chunk(1).unwrap().is_empty());
    }

    #[test]
    fn what_may_be_unconfirmed_can_be_read_again_and_older_chunks_are_let_go() {
        let chunks = KEPT_CHUNKS as u64 + 3;
        let data = bytes(chunks * CHUNK_BYTES);
        let mut stream = RereadStream::new(data.as_slice());
        stream.read_chunk(chunks - 1).unwrap();
        let again = stream.read_chunk(chunks - KEPT_CHUNKS as u64).unwrap();
        let at = usize::try_from((chunks - KEPT_CHUNKS as u64) * CHUNK_BYTES).unwrap();
        assert!(again == data[at..at + again.len()]);
        let gone = stream.read_chunk(0).unwrap_err();
        assert_eq!(gone.kind(), io::ErrorKind::NotFound);
    }
}
