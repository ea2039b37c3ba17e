use bytes::{Bytes, BytesMut};

/// One chunk being put together from pieces that come in any order.
#[derive(Debug)]
pub(super) struct Assembly {
    pub(super) version: u8,
    pub(super) round: u16,
    /// The most bytes it can have.
    span: u32,
    buffer: BytesMut,
    /// Covered runs, ascending, neither overlapping nor touching.
    runs: Vec<(u32, u32)>,
    pieces: u32,
}

/// Why a piece cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PieceError {
    Overlapping,
    TooMany,
}

impl Assembly {
    pub(super) fn new(version: u8, round: u16, span: u32) -> Self {
        Self {
            version,
            round,
            span,
            buffer: BytesMut::with_capacity(span as usize),
            runs: Vec::new(),
            pieces: 0,
        }
    }

    /// Starts over for a later round; the buffer stays.
    pub(super) fn restart(&mut self, round: u16) {
        self.round = round;
        self.buffer.clear();
        self.runs.clear();
        self.pieces = 0;
    }

    /// Adds a piece that lies within the span.
    pub(super) fn put(&mut self, offset: u32, data: &[u8]) -> Result<(), PieceError> {
        let length = u32::try_from(data.len()).map_err(|_| PieceError::Overlapping)?;
        let end = offset + length;
        self.pieces += 1;
        if self.pieces > PIECES {
            return Err(PieceError::TooMany);
        }
        self.cover(offset, end)?;

        let start = offset as usize;
        if start >= self.buffer.len() {
            self.buffer.resize(start, 0);
            self.buffer.extend_from_slice(data);
        } else {
            // A gap left open by a later piece: it ends before that piece begins.
            self.buffer[start..start + data.len()].copy_from_slice(data);
        }
        Ok(())
    }

    pub(super) fn span(&self) -> u32 {
        self.span
    }

    /// How far the pieces reach.
    pub(super) fn end(&self) -> u32 {
        self.runs.last().map_or(0, |run| run.1)
    }

    /// Whether exactly the bytes `0..length` are here.
    pub(super) fn is_whole(&self, length: u32) -> bool {
        self.runs == [(0, length)]
    }

    pub(super) fn into_bytes(self) -> Bytes {
        self.buffer.freeze()
    }

    fn cover(&mut self, start: u32, end: u32) -> Result<(), PieceError> {
        let after = self.runs.partition_point(|run| run.1 <= start);
        if self.runs.get(after).is_some_and(|run| run.0 < end) {
            return Err(PieceError::Overlapping);
        }
        let joins_before = after > 0 && self.runs[after - 1].1 == start;
        let joins_after = self.runs.get(after).is_some_and(|run| run.0 == end);
        match (joins_before, joins_after) {
            (true, true) => {
                self.runs[after - 1].1 = self.runs[after].1;
                self.runs.remove(after);
            }
            (true, false) => self.runs[after - 1].1 = end,
            (false, true) => self.runs[after].0 = start,
            (false, false) => self.runs.insert(after, (start, end)),
        }
        Ok(())
    }
}

/// Pieces of one chunk: an honest sender needs 18 for a whole chunk in full messages.
pub(super) const PIECES: u32 = 128;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pieces_in_any_order_make_the_chunk(
            cuts in prop::collection::btree_set(1u32..3_000, 0..20),
            order in prop::collection::vec(any::<u64>(), 21),
        ) {
            let chunk: Vec<u8> = (0..=250).cycle().take(3_000).collect();
            let ends: Vec<u32> = cuts.iter().copied().chain([3_000]).collect();
            let starts = [0].into_iter().chain(cuts.iter().copied());
            let mut pieces: Vec<((u32, u32), u64)> = starts.zip(ends).zip(order).collect();
            pieces.sort_by_key(|piece| piece.1);
            let mut assembly = Assembly::new(0, 0, 3_000);
            for ((start, end), _) in pieces {
                prop_assert!(!assembly.is_whole(3_000));
                assembly.put(start, &chunk[start as usize..end as usize]).unwrap();
            }
            prop_assert!(assembly.is_whole(3_000));
            prop_assert_eq!(assembly.into_bytes(), chunk);
        }

        #[test]
        fn a_byte_is_covered_once(pieces in prop::collection::vec((0u32..64, 1u32..8), 0..60)) {
            let mut assembly = Assembly::new(0, 0, 100);
            let mut covered = [false; 100];
            for (start, length) in pieces {
                let range = start as usize..(start + length) as usize;
                let is_free = covered[range.clone()].iter().all(|covered| !covered);
                let taken = assembly.put(start, &vec![1; length as usize]);
                prop_assert_eq!(taken.is_ok(), is_free);
                if is_free {
                    covered[range].fill(true);
                }
            }
        }
    }

    #[test]
    fn a_chunk_in_crumbs_is_refused() {
        let mut assembly = Assembly::new(0, 0, 1_000);
        for at in 0..PIECES {
            assembly.put(at, &[1]).unwrap();
        }
        assert_eq!(assembly.put(PIECES, &[1]), Err(PieceError::TooMany));
    }
}
