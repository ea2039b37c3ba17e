//! What is written is read again, and whatever is read harms nobody.

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use sctp_proto::Reliability;
use sctp_proto::wire::{
    Chunk, Data, Features, ForwardTsn, Header, Init, InitAck, Open, OpenMessage, Packet, Place,
    Reset, ResetOutcome, ResetRequest, ResetResponse, Sack, Skip, begin_packet, finish_packet,
};
use std::time::Duration;

fn bytes(most: usize) -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 1..most).prop_map(Bytes::from)
}

fn data() -> impl Strategy<Value = Chunk> {
    let place = prop_oneof![
        any::<u16>().prop_map(Place::Stream),
        (any::<u32>(), any::<u32>())
            .prop_map(|(message, fragment)| Place::Interleaved { message, fragment }),
    ];
    let flags = any::<[bool; 4]>();
    (
        any::<u32>(),
        any::<u16>(),
        flags,
        place,
        any::<u32>(),
        bytes(900),
    )
        .prop_map(|(tsn, stream, flags, place, ppid, payload)| {
            let [is_unordered, is_urgent, is_begin, is_end] = flags;
            // The beginning says what it is, the rest where it belongs.
            let (place, ppid) = match place {
                Place::Interleaved { message, .. } if is_begin => (
                    Place::Interleaved {
                        message,
                        fragment: 0,
                    },
                    ppid,
                ),
                Place::Interleaved { .. } => (place, 0),
                Place::Stream(_) => (place, ppid),
            };
            Chunk::Data(Data {
                tsn,
                stream,
                is_unordered,
                is_urgent,
                is_begin,
                is_end,
                place,
                ppid,
                payload,
            })
        })
}

fn init() -> impl Strategy<Value = Init> {
    let features = any::<[bool; 3]>().prop_map(|it| Features {
        partial_reliability: it[0],
        stream_reset: it[1],
        interleaving: it[2],
    });
    (
        1_u32..,
        any::<u32>(),
        1_u16..,
        1_u16..,
        any::<u32>(),
        features,
        any::<Option<u32>>(),
    )
        .prop_map(
            |(
                tag,
                window,
                outbound_streams,
                inbound_streams,
                first_tsn,
                features,
                packet_bytes,
            )| Init {
                tag,
                window,
                outbound_streams,
                inbound_streams,
                first_tsn,
                features,
                packet_bytes,
                unrecognized: Vec::new(),
            },
        )
}

fn sack() -> impl Strategy<Value = Chunk> {
    let range =
        (2_u16.., any::<u16>()).prop_map(|(first, more)| (first, first.saturating_add(more)));
    (
        any::<u32>(),
        any::<u32>(),
        vec(range, 0..40),
        vec(any::<u32>(), 0..20),
    )
        .prop_map(|(cumulative, window, ranges, duplicates)| {
            Chunk::Sack(Sack {
                cumulative,
                window,
                ranges,
                duplicates,
            })
        })
}

fn forward() -> impl Strategy<Value = Chunk> {
    let skip = (any::<u16>(), any::<bool>(), any::<u32>());
    (any::<u32>(), any::<bool>(), vec(skip, 0..20)).prop_map(
        |(cumulative, is_interleaved, skips)| {
            let skip = |(stream, is_unordered, message)| Skip {
                stream,
                is_unordered: is_unordered && is_interleaved,
                message: if is_interleaved {
                    message
                } else {
                    message & 0xFFFF
                },
            };
            Chunk::ForwardTsn(ForwardTsn {
                cumulative,
                skips: skips.into_iter().map(skip).collect(),
                is_interleaved,
            })
        },
    )
}

fn reset() -> impl Strategy<Value = Chunk> {
    let request =
        (any::<[u32; 3]>(), vec(any::<u16>(), 0..9)).prop_map(|(numbers, streams)| ResetRequest {
            number: numbers[0],
            answered: numbers[1],
            last_tsn: numbers[2],
            streams,
        });
    let outcome = prop_oneof![
        Just(ResetOutcome::Done),
        Just(ResetOutcome::InProgress),
        (2_u32..6).prop_map(ResetOutcome::Failed),
    ];
    let response =
        (any::<u32>(), outcome).prop_map(|(number, outcome)| ResetResponse { number, outcome });
    (
        proptest::option::of(request),
        proptest::option::of(response),
    )
        .prop_map(|(request, response)| {
            Chunk::Reset(Reset {
                request,
                response,
                denied: None,
            })
        })
}

fn chunk() -> impl Strategy<Value = Chunk> {
    prop_oneof![
        data(),
        init().prop_map(Chunk::Init),
        (init(), bytes(500)).prop_map(|(init, cookie)| Chunk::InitAck(InitAck { init, cookie })),
        sack(),
        forward(),
        reset(),
        bytes(300).prop_map(Chunk::Heartbeat),
        bytes(300).prop_map(Chunk::HeartbeatAck),
        bytes(300).prop_map(Chunk::CookieEcho),
        any::<u32>().prop_map(Chunk::Shutdown),
        any::<bool>().prop_map(|is_reflected| Chunk::ShutdownComplete { is_reflected }),
        Just(Chunk::CookieAck),
        Just(Chunk::ShutdownAck),
    ]
}

fn packet(chunks: &[Chunk]) -> Vec<u8> {
    let mut out = Vec::new();
    let header = Header {
        source_port: 5000,
        destination_port: 5000,
        tag: 7,
    };
    begin_packet(&mut out, header);
    for chunk in chunks {
        chunk.encode(&mut out).expect("a short chunk");
    }
    finish_packet(&mut out, 0);
    out
}

fn chunks_of(bytes: Vec<u8>) -> Vec<Chunk> {
    let mut packet = Packet::decode(bytes.into()).expect("we wrote it");
    std::iter::from_fn(|| packet.next_chunk())
        .map(|it| it.expect("we wrote it"))
        .collect()
}

proptest! {
    #[test]
    fn every_chunk_survives_the_wire(chunks in vec(chunk(), 1..6)) {
        prop_assert_eq!(chunks_of(packet(&chunks)), chunks);
    }

    #[test]
    fn a_packet_with_one_wrong_bit_is_refused(chunk in chunk(), at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let mut bytes = packet(&[chunk]);
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(Packet::decode(bytes.into()).is_err());
    }

    #[test]
    fn arbitrary_chunks_are_read_or_refused(kind in any::<u8>(), flags in any::<u8>(), body in vec(any::<u8>(), 0..600), length in any::<Option<u16>>()) {
        let mut bytes = packet(&[]);
        let told = length.unwrap_or(u16::try_from(body.len() + 4).unwrap());
        bytes.extend_from_slice(&[kind, flags]);
        bytes.extend_from_slice(&told.to_be_bytes());
        bytes.extend_from_slice(&body);
        bytes[8..12].fill(0);
        finish_packet(&mut bytes, 0);
        let mut packet = Packet::decode(bytes.into()).unwrap();
        while packet.next_chunk().is_some() {}
    }

    #[test]
    fn every_announcement_survives_the_wire(is_unordered: bool, how in 0_u8..3, number: u32, priority: u16, label in ".{0,60}", protocol in "[a-z]{0,20}") {
        let reliability = match how {
            0 => Reliability::Reliable,
            1 => Reliability::Retransmits(number),
            _ => Reliability::Lifetime(Duration::from_millis(number.into())),
        };
        let message = OpenMessage::Open(Open { is_unordered, reliability, priority, label, protocol });
        prop_assert_eq!(OpenMessage::decode(&message.encode()), Ok(message));
    }

    #[test]
    fn arbitrary_announcements_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        if let Ok(message) = OpenMessage::decode(&bytes) {
            prop_assert_eq!(OpenMessage::decode(&message.encode()), Ok(message));
        }
    }
}
