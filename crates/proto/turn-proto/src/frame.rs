//! Where a message ends, and which of the two kinds it is (RFC 8656 §12.4 and §12.5).

/// One message between a client and its relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A STUN message, unread.
    Stun(&'a [u8]),
    /// What a peer sent or is to get, with only a number before it.
    Channel {
        /// Which channel, from [`CHANNELS`].
        number: u16,
        /// The peer's datagram.
        payload: &'a [u8],
    },
}

/// What a stream holds cannot be a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither STUN nor a channel's data")]
pub struct FrameError;

/// Reads a datagram, which is one frame; a channel's data may have padding behind it.
pub fn of_datagram(datagram: &[u8]) -> Option<Frame<'_>> {
    let header = datagram.first_chunk::<CHANNEL_HEADER_BYTES>()?;
    match Header::read(*header).ok()? {
        Header::Channel { number, length } => {
            let payload = datagram.get(CHANNEL_HEADER_BYTES..CHANNEL_HEADER_BYTES + length)?;
            Some(Frame::Channel { number, payload })
        }
        Header::Stun { length } => {
            (datagram.len() == STUN_HEADER_BYTES + length).then_some(Frame::Stun(datagram))
        }
    }
}

/// Reads the first frame of a stream and how many bytes it takes there, or `None` if more must come first.
///
/// A frame takes at most [`FRAME_BYTES`].
pub fn of_stream(bytes: &[u8]) -> Result<Option<(Frame<'_>, usize)>, FrameError> {
    let Some(header) = bytes.first_chunk::<CHANNEL_HEADER_BYTES>() else {
        return Ok(None);
    };
    let header = Header::read(*header)?;
    let (exact, taken) = match header {
        Header::Stun { length } => (STUN_HEADER_BYTES + length, STUN_HEADER_BYTES + length),
        Header::Channel { length, .. } => {
            let exact = CHANNEL_HEADER_BYTES + length;
            (exact, exact.next_multiple_of(4))
        }
    };
    if bytes.len() < taken {
        return Ok(None);
    }
    let frame = match header {
        Header::Stun { .. } => Frame::Stun(&bytes[..exact]),
        Header::Channel { number, .. } => Frame::Channel {
            number,
            payload: &bytes[CHANNEL_HEADER_BYTES..exact],
        },
    };
    Ok(Some((frame, taken)))
}

/// Appends a channel's data to `out`; streams need `padded`, datagrams do not.
///
/// Longer payloads than a datagram can have are cut, and never come.
pub fn push_channel_data(out: &mut Vec<u8>, number: u16, payload: &[u8], padded: bool) {
    let length = u16::try_from(payload.len()).unwrap_or(u16::MAX);
    let payload = &payload[..usize::from(length)];
    out.extend_from_slice(&number.to_be_bytes());
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(payload);
    if padded {
        let missing = payload.len().next_multiple_of(4) - payload.len();
        out.extend_from_slice(&[0; 3][..missing]);
    }
}

enum Header {
    Stun { length: usize },
    Channel { number: u16, length: usize },
}

impl Header {
    fn read(bytes: [u8; CHANNEL_HEADER_BYTES]) -> Result<Self, FrameError> {
        let first = u16::from_be_bytes([bytes[0], bytes[1]]);
        let length = usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
        if CHANNELS.contains(&first) {
            Ok(Self::Channel {
                number: first,
                length,
            })
        } else if bytes[0] < 4 && length.is_multiple_of(4) {
            Ok(Self::Stun { length })
        } else {
            Err(FrameError)
        }
    }
}

/// The numbers a channel may have (RFC 8656 §12).
pub const CHANNELS: std::ops::RangeInclusive<u16> = 0x4000..=0x4fff;
/// Number and length.
pub const CHANNEL_HEADER_BYTES: usize = 4;
/// The longest frame: a STUN message whose length field says the most.
pub const FRAME_BYTES: usize = STUN_HEADER_BYTES + 0xffff;
pub(crate) const STUN_HEADER_BYTES: usize = 20;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stun(length: u16) -> Vec<u8> {
        let mut bytes = vec![0, 1];
        bytes.extend(length.to_be_bytes());
        bytes.resize(STUN_HEADER_BYTES + usize::from(length), 7);
        bytes
    }

    #[test]
    fn a_stream_is_cut_into_the_frames_that_were_written() {
        let mut stream = stun(8);
        push_channel_data(&mut stream, 0x4001, b"hello", true);
        push_channel_data(&mut stream, 0x4fff, b"", true);
        stream.extend(stun(0));
        let mut seen = Vec::new();
        let mut rest = &stream[..];
        while let Some((frame, taken)) = of_stream(rest).unwrap() {
            seen.push(frame);
            rest = &rest[taken..];
        }
        let (first, last) = (stun(8), stun(0));
        let expected = [
            Frame::Stun(&first),
            Frame::Channel {
                number: 0x4001,
                payload: b"hello",
            },
            Frame::Channel {
                number: 0x4fff,
                payload: b"",
            },
            Frame::Stun(&last),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_stream_that_is_not_turn_is_an_error() {
        assert_eq!(of_stream(b"\x16\x03\x01\x02\x00"), Err(FrameError));
        assert_eq!(of_stream(&[0x50, 0, 0, 0]), Err(FrameError));
        assert_eq!(of_stream(&[0, 1, 0, 3]), Err(FrameError));
    }

    #[test]
    fn a_datagram_may_end_in_padding_but_not_too_early() {
        let mut datagram = Vec::new();
        push_channel_data(&mut datagram, 0x4000, b"abcde", true);
        let whole = Frame::Channel {
            number: 0x4000,
            payload: b"abcde",
        };
        assert_eq!(of_datagram(&datagram), Some(whole));
        assert_eq!(of_datagram(&datagram[..9]), Some(whole));
        assert_eq!(of_datagram(&datagram[..8]), None);
        assert_eq!(of_datagram(&stun(8)[..27]), None);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic_and_never_take_more_than_there_is(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(Some((_, taken))) = of_stream(&bytes) {
                prop_assert!(taken <= bytes.len());
            }
            let _ = of_datagram(&bytes);
        }

        #[test]
        fn a_stream_in_pieces_is_the_same_stream(payload in proptest::collection::vec(any::<u8>(), 0..100), cut in 0usize..100) {
            let mut stream = Vec::new();
            push_channel_data(&mut stream, 0x4000, &payload, true);
            let cut = cut.min(stream.len() - 1);
            prop_assert_eq!(of_stream(&stream[..cut]), Ok(None));
            let (frame, taken) = of_stream(&stream).unwrap().unwrap();
            prop_assert_eq!(taken, stream.len());
            prop_assert_eq!(frame, Frame::Channel { number: 0x4000, payload: &payload });
        }
    }
}
