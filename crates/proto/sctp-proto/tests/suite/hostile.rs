//! What a peer does that wants to harm: nothing worse than losing its own association.

use std::time::Duration;

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use sctp_proto::wire::{
    Chunk, Data, ForwardTsn, Header, Packet, Place, Sack, Skip, begin_packet, finish_packet,
};
use sctp_proto::{Association, ChannelOptions, Closed, Input, MessageKind, Output, limits};

use crate::link::Link;
use crate::net::{Net, pair};

/// An association that is up, and a stranger who knows its tag.
struct Victim {
    net: Net,
    tag: u32,
    next_tsn: u32,
    acked: u32,
}

impl Victim {
    fn new() -> Self {
        let link = Link::new(1e9, Duration::from_millis(1), 1e7);
        let back = link.back();
        let mut net = Net::new(link, back, 3);
        net.join(pair(), Duration::ZERO);
        let options = ChannelOptions {
            negotiated: Some(1),
            ..ChannelOptions::new("")
        };
        for end in &mut net.ends {
            end.association
                .open_channel(options.clone())
                .expect("the first");
        }
        let mut buffer = Vec::new();
        let now = net.instant();
        net.ends[1]
            .association
            .poll_transmit(now, &mut buffer, 1)
            .expect("an INIT");
        let mut packet = Packet::decode(buffer.clone().into()).expect("an INIT");
        let Some(Ok(Chunk::Init(init))) = packet.next_chunk() else {
            panic!("an INIT")
        };
        net.run(Duration::from_millis(200), |_, _| {});
        let own = Packet::decode(Bytes::from(buffer)).expect("an INIT");
        assert_eq!(own.header.tag, 0);
        let mut victim = Self {
            net,
            tag: 0,
            next_tsn: 0,
            acked: init.first_tsn.wrapping_sub(1),
        };
        victim.tag = init.tag;
        victim.next_tsn = victim.learn_tsn();
        victim
    }

    /// What the other end sends next, read from a message of its own that never arrives.
    fn learn_tsn(&mut self) -> u32 {
        let now = self.net.instant();
        let peer = &mut self.net.ends[0].association;
        peer.send(
            sctp_proto::ChannelId(1),
            MessageKind::Text,
            Bytes::from_static(b"x"),
        )
        .expect("room");
        let mut buffer = Vec::new();
        peer.poll_transmit(now, &mut buffer, 1).expect("a packet");
        let mut packet = Packet::decode(buffer.into()).expect("a packet");
        while let Some(Ok(chunk)) = packet.next_chunk() {
            if let Chunk::Data(data) = chunk {
                return data.tsn;
            }
        }
        panic!("no data")
    }

    fn strike(&mut self, chunks: &[Chunk]) {
        self.strike_with(self.tag, chunks);
    }

    fn strike_with(&mut self, tag: u32, chunks: &[Chunk]) {
        let mut out = Vec::new();
        let header = Header {
            source_port: 5000,
            destination_port: 5000,
            tag,
        };
        begin_packet(&mut out, header);
        for chunk in chunks {
            chunk.encode(&mut out).expect("short");
        }
        finish_packet(&mut out, 0);
        let now = self.net.instant();
        self.association()
            .handle_input(Input::Packet(out.into()), now);
        self.net.drain(1);
    }

    fn association(&mut self) -> &mut Association {
        &mut self.net.ends[1].association
    }

    fn end(&self) -> Option<Closed> {
        match self.net.ends[1].outputs.last() {
            Some(Output::Closed(why)) => Some(*why),
            _ => None,
        }
    }

    fn piece(&self, offset: u32, flags: [bool; 2], bytes: usize) -> Chunk {
        let [is_begin, is_end] = flags;
        Chunk::Data(Data {
            tsn: self.next_tsn.wrapping_add(offset),
            stream: 1,
            is_unordered: false,
            is_urgent: false,
            is_begin,
            is_end,
            place: Place::Interleaved {
                message: 0,
                fragment: if is_begin { 0 } else { offset },
            },
            ppid: if is_begin { 53 } else { 0 },
            payload: vec![1; bytes].into(),
        })
    }
}

#[test]
fn a_forged_tag_changes_nothing() {
    let mut victim = Victim::new();
    let tag = victim.tag.wrapping_add(1);
    let abort = Chunk::Abort {
        is_reflected: false,
        causes: Bytes::new(),
    };
    let reflected = Chunk::Abort {
        is_reflected: true,
        causes: Bytes::new(),
    };
    for chunk in [abort, reflected, Chunk::Shutdown(0), Chunk::ShutdownAck] {
        victim.strike_with(tag, &[chunk]);
    }
    assert_eq!(victim.end(), None);
}

#[test]
fn a_storm_of_gaps_stays_within_its_bounds() {
    let mut victim = Victim::new();
    for hole in 0..20_000 {
        let piece = victim.piece(2 * hole + 1, [false, false], 1);
        victim.strike(&[piece]);
    }
    assert_eq!(victim.end(), None, "it is merely dropped");
}

#[test]
fn a_message_without_end_ends_the_association() {
    let mut victim = Victim::new();
    for at in 0..400 {
        let piece = victim.piece(at, [at == 0, false], 1_000);
        victim.strike(&[piece]);
        if victim.end().is_some() {
            break;
        }
    }
    assert_eq!(victim.end(), Some(Closed::Violated));
}

#[test]
fn an_acknowledgment_of_what_was_never_sent_ends_the_association() {
    let mut victim = Victim::new();
    let sack = Sack {
        cumulative: victim.acked.wrapping_add(500),
        window: 0,
        ranges: Vec::new(),
        duplicates: Vec::new(),
    };
    victim.strike(&[Chunk::Sack(sack)]);
    assert_eq!(victim.end(), Some(Closed::Violated));
}

#[test]
fn a_window_that_stays_shut_holds_back_but_kills_nothing() {
    let mut victim = Victim::new();
    let payload = Bytes::from(vec![1; 200_000]);
    let channel = sctp_proto::ChannelId(1);
    victim
        .association()
        .send(channel, MessageKind::Binary, payload)
        .unwrap();
    victim.net.wires[1].link.loss = 1.0;
    for _ in 0..300 {
        let sack = Sack {
            cumulative: victim.acked,
            ..Sack::default()
        };
        victim.strike(&[Chunk::Sack(sack)]);
        let later = victim.net.now + Duration::from_millis(500);
        victim.net.run(later, |_, _| {});
    }
    assert_eq!(victim.end(), None);
    let statistics = victim.association().statistics();
    assert!(statistics.retransmitted_bytes < 2_000_000, "{statistics:?}");
}

#[test]
fn a_jump_forward_over_everything_is_harmless() {
    let mut victim = Victim::new();
    for jump in [1, 1_000, 60_000, u32::MAX / 2 - 1, u32::MAX] {
        let skips = (0..100)
            .map(|stream| Skip {
                stream,
                is_unordered: false,
                message: u32::MAX / 3,
            })
            .collect();
        victim.strike(&[Chunk::ForwardTsn(ForwardTsn {
            cumulative: victim.next_tsn.wrapping_add(jump),
            skips,
            is_interleaved: true,
        })]);
    }
    assert_eq!(victim.end(), None);
}

#[test]
fn floods_of_control_chunks_are_answered_within_bounds() {
    let mut victim = Victim::new();
    let beats = vec![Chunk::Heartbeat(Bytes::from_static(b"0123456789")); 500];
    let mut out = Vec::new();
    begin_packet(
        &mut out,
        Header {
            source_port: 5000,
            destination_port: 5000,
            tag: victim.tag,
        },
    );
    beats.iter().for_each(|beat| beat.encode(&mut out).unwrap());
    finish_packet(&mut out, 0);
    let now = victim.net.instant();
    victim
        .association()
        .handle_input(Input::Packet(out.into()), now);
    let mut answer = Vec::new();
    while victim
        .association()
        .poll_transmit(now, &mut answer, 10)
        .is_some()
    {}
    assert!(
        answer.len() <= limits::CONTROL_CHUNKS * 40,
        "{}",
        answer.len()
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_chunks_with_the_right_tag_harm_nobody(bodies in vec((any::<u8>(), any::<u8>(), vec(any::<u8>(), 0..80)), 1..60)) {
        let mut victim = Victim::new();
        for (kind, flags, body) in bodies {
            let length = u16::try_from(body.len() + 4).unwrap();
            let mut whole = vec![kind, flags];
            whole.extend_from_slice(&length.to_be_bytes());
            whole.extend_from_slice(&body);
            victim.strike(&[Chunk::Unknown { kind, whole: whole.into() }]);
            let later = victim.net.now + Duration::from_millis(70);
            victim.net.run(later, |_, _| {});
        }
    }
}
