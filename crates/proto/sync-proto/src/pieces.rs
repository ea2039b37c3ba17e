//! The format of bulk messages that carry chunks of a folder's files.
//!
//! `token: u64 ‖ (file: 32 bytes ‖ chunk: u32 ‖ size: u32 ‖ offset: u32 ‖ length: u32 ‖ bytes)+`, all big-endian, at most
//! [`CHANNEL_MESSAGE_BYTES`] together. `size` is that of the chunk, `offset` counts from its start. Pieces of a chunk come in
//! any order: messages are spread over connections.

use std::collections::BTreeMap;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use model::Digest;
use model::limits::{CHANNEL_MESSAGE_BYTES, CHUNK_BYTES, GATHERED_BYTES};

/// What no member sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PieceError {
    /// It is not the shape of a message of pieces.
    #[error("a bulk message of a folder is malformed")]
    Malformed,
    /// Two pieces of a chunk overlap, or speak of different sizes.
    #[error("pieces of a chunk do not fit together")]
    Overlapping,
    /// More is begun than anybody asked for at once.
    #[error("too many chunks are begun and not finished")]
    TooMuch,
}

/// Fills messages with chunks, small ones together.
#[derive(Debug)]
pub struct PiecePacker {
    token: u64,
    message: BytesMut,
}

impl PiecePacker {
    /// Starts with an empty message.
    pub fn new(token: u64) -> Self {
        Self {
            token,
            message: BytesMut::new(),
        }
    }

    /// Adds a whole chunk, cut where messages end; hands every full message to `full`.
    pub fn push(&mut self, file: &Digest, chunk: u32, data: &[u8], mut full: impl FnMut(Bytes)) {
        let size = in_chunk(data.len());
        let mut offset = 0;
        while offset < data.len() {
            if self.room() == 0
                && let Some(message) = self.flush()
            {
                full(message);
            }
            let end = data.len().min(offset + self.room());
            if self.message.is_empty() {
                self.message.reserve(CHANNEL_MESSAGE_BYTES);
                self.message.put_u64(self.token);
            }
            self.message.put_slice(&file.0);
            self.message.put_u32(chunk);
            self.message.put_u32(size);
            self.message.put_u32(in_chunk(offset));
            self.message.put_u32(in_chunk(end - offset));
            self.message.put_slice(&data[offset..end]);
            offset = end;
        }
    }

    /// Takes the message as it is, or `None` if it holds nothing.
    pub fn flush(&mut self) -> Option<Bytes> {
        (!self.message.is_empty()).then(|| std::mem::take(&mut self.message).freeze())
    }

    /// How many bytes of a chunk still fit, less than a useful piece counting as none.
    fn room(&self) -> usize {
        let used = self.message.len().max(TOKEN_BYTES) + HEAD_BYTES;
        let room = CHANNEL_MESSAGE_BYTES.saturating_sub(used);
        if room < SMALLEST_CUT { 0 } else { room }
    }
}

/// A chunk of which every byte arrived, not verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatheredChunk {
    /// The file.
    pub file: Digest,
    /// Its place.
    pub chunk: u32,
    /// Its bytes.
    pub data: Vec<u8>,
}

/// Puts the pieces of one member together.
#[derive(Debug, Default)]
pub struct PieceGatherer {
    begun: BTreeMap<(Digest, u32), Begun>,
    bytes: usize,
}

#[derive(Debug)]
struct Begun {
    data: Vec<u8>,
    /// What is there: where it begins and where it ends.
    there: BTreeMap<u32, u32>,
    missing: usize,
}

impl PieceGatherer {
    /// Takes a message and hands every chunk that is whole to `whole`: takes any bytes.
    pub fn take(
        &mut self,
        mut message: Bytes,
        mut whole: impl FnMut(GatheredChunk),
    ) -> Result<(), PieceError> {
        if message.len() > CHANNEL_MESSAGE_BYTES || message.len() <= TOKEN_BYTES {
            return Err(PieceError::Malformed);
        }
        message.advance(TOKEN_BYTES);
        while !message.is_empty() {
            if message.len() < HEAD_BYTES {
                return Err(PieceError::Malformed);
            }
            let mut file = [0; 32];
            message.copy_to_slice(&mut file);
            let name = (Digest(file), message.get_u32());
            let [size, offset, length] = [(); 3].map(|()| message.get_u32());
            let end = offset.checked_add(length).filter(|end| *end <= size);
            let fits = u64::from(size) <= CHUNK_BYTES && message.len() >= length as usize;
            let Some(end) = end.filter(|_| length > 0 && fits) else {
                return Err(PieceError::Malformed);
            };
            let data = message.split_to(length as usize);
            if let Some(data) = self.add(name, size, offset..end, &data)? {
                let (file, chunk) = name;
                whole(GatheredChunk { file, chunk, data });
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        name: (Digest, u32),
        size: u32,
        place: std::ops::Range<u32>,
        data: &[u8],
    ) -> Result<Option<Vec<u8>>, PieceError> {
        let size = size as usize;
        if !self.begun.contains_key(&name) {
            if data.len() == size {
                return Ok(Some(data.to_vec()));
            }
            if self.bytes + size > GATHERED_BYTES {
                return Err(PieceError::TooMuch);
            }
            self.bytes += size;
        }
        let begun = self.begun.entry(name).or_insert_with(|| Begun {
            data: vec![0; size],
            there: BTreeMap::new(),
            missing: size,
        });
        let before = begun.there.range(..place.end).next_back();
        if begun.data.len() != size || before.is_some_and(|(_, end)| *end > place.start) {
            return Err(PieceError::Overlapping);
        }
        begun.data[place.start as usize..place.end as usize].copy_from_slice(data);
        begun.missing -= data.len();
        begun.there.insert(place.start, place.end);
        if begun.missing > 0 {
            return Ok(None);
        }
        self.bytes -= size;
        Ok(self.begun.remove(&name).map(|begun| begun.data))
    }
}

fn in_chunk(place: usize) -> u32 {
    u32::try_from(place).expect("a chunk is at most 1 MiB")
}

const TOKEN_BYTES: usize = 8;
const HEAD_BYTES: usize = 32 + 4 + 4 + 4 + 4;
/// A message with less room than this is sent rather than filled with a crumb.
const SMALLEST_CUT: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn messages(chunks: &[Vec<u8>]) -> Vec<Bytes> {
        let mut packer = PiecePacker::new(7);
        let mut messages = Vec::new();
        for (number, data) in (0..).zip(chunks) {
            packer.push(&Digest([3; 32]), number, data, |full| messages.push(full));
        }
        messages.extend(packer.flush());
        messages
    }

    proptest! {
        #[test]
        fn chunks_arrive_whole_in_whatever_order_their_messages_come(
            sizes in prop::collection::vec(1usize..200_000, 1..8), turn in 0usize..50) {
            let chunks: Vec<Vec<u8>> = sizes.iter().map(|size| (0..*size).map(|at| u8::try_from(at % 251).unwrap()).collect()).collect();
            let mut messages = messages(&chunks);
            prop_assert!(messages.iter().all(|it| it.len() <= CHANNEL_MESSAGE_BYTES));
            let turn = turn % messages.len();
            messages.rotate_left(turn);
            let mut gatherer = PieceGatherer::default();
            let mut whole = BTreeMap::new();
            for message in messages {
                gatherer.take(message, |it| drop(whole.insert(it.chunk, it.data))).unwrap();
            }
            prop_assert_eq!(whole.into_values().collect::<Vec<_>>(), chunks);
            prop_assert_eq!(gatherer.bytes, 0);
        }

        #[test]
        fn any_bytes_are_read_or_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _read = PieceGatherer::default().take(bytes.into(), |_| ());
        }
    }

    #[test]
    fn a_piece_that_comes_twice_or_beyond_its_chunk_is_refused() {
        let chunk = vec![7; 100_000];
        let first = messages(&[chunk]).remove(0);
        let mut gatherer = PieceGatherer::default();
        assert_eq!(gatherer.take(first.clone(), |_| ()), Ok(()));
        let again = gatherer.take(first.clone(), |_| ());
        assert_eq!(again, Err(PieceError::Overlapping));
        let mut beyond = first.to_vec();
        beyond[8 + 32 + 4 + 4] = 1;
        let beyond = PieceGatherer::default().take(beyond.into(), |_| ());
        assert_eq!(beyond, Err(PieceError::Malformed));
    }

    #[test]
    fn chunks_that_are_begun_and_never_finished_are_bounded() {
        let mut gatherer = PieceGatherer::default();
        let mut refused = None;
        for number in 0..1_000u32 {
            let mut message = messages(&[vec![1; 300_000]]).remove(0).to_vec();
            message[8 + 32..8 + 36].copy_from_slice(&number.to_be_bytes());
            refused = refused.or(gatherer.take(message.into(), |_| ()).err());
        }
        assert_eq!(refused, Some(PieceError::TooMuch));
        assert!(gatherer.bytes <= GATHERED_BYTES);
    }
}
