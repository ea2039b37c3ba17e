//! What comes out of DTLS.

use std::time::{Duration, Instant};

use bytes::Bytes;
use sctp_proto::wire::{
    Chunk, HEADER_BYTES, Header, OpenMessage, Packet, begin_packet, checksum, finish_packet,
};
use sctp_proto::{Association, ChannelOptions, Config, Input, MessageKind, Output, Side};

use crate::Verdict;
use crate::repeatable::Repeatable;
use crate::script::{Script, steps};

/// A packet, whose checksum is made right first: what its chunks say, we write again as we read it.
pub(crate) fn sctp_packet(data: &[u8]) -> Verdict {
    let Ok(mut packet) = Packet::decode(with_checksum(data)) else {
        return Verdict::Refused;
    };
    let mut is_sound = true;
    while let Some(chunk) = packet.next_chunk() {
        match chunk {
            Ok(chunk) => check_chunk(&chunk),
            Err(_) => is_sound = false,
        }
    }
    Verdict::of(is_sound)
}

pub(crate) fn sctp_packet_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let names = [
        "init",
        "init-ack",
        "cookie-echo",
        "second",
        "third",
        "fourth",
    ];
    let (packets, _) = conversation();
    names.into_iter().zip(packets).collect()
}

pub(crate) fn channel_announcement(data: &[u8]) -> Verdict {
    let Ok(message) = OpenMessage::decode(data) else {
        return Verdict::Refused;
    };
    let again = OpenMessage::decode(&message.encode());
    assert!(again == Ok(message), "what we write, we read");
    Verdict::Accepted
}

pub(crate) fn channel_announcement_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let open = sctp_proto::wire::Open {
        is_unordered: true,
        reliability: sctp_proto::Reliability::Retransmits(3),
        priority: 256,
        label: "files".to_owned(),
        protocol: "one".to_owned(),
    };
    vec![
        ("open", OpenMessage::Open(open).encode()),
        ("ack", OpenMessage::Ack.encode()),
    ]
}

/// Plays what a peer sends from the first packet on; accepted once the association is up.
pub(crate) fn association(data: &[u8]) -> Verdict {
    let mut side = End::new(1, Side::Server);
    side.drain();
    let mut is_up = false;
    for (kind, bytes) in steps(data) {
        side.now += Duration::from_millis(1);
        match kind & 3 {
            ARRIVES => side.tell(Input::Packet(with_checksum(bytes))),
            SENDS => side.send(bytes),
            READS => side.read(),
            _ => side.pass_time(bytes.first().copied().unwrap_or(1)),
        }
        side.drain();
        is_up |= side.is_up;
    }
    assert!(side.held() <= MOST_HELD, "memory is bounded");
    Verdict::of(is_up)
}

pub(crate) fn association_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let (_, script) = conversation();
    vec![("files", script)]
}

fn check_chunk(chunk: &Chunk) {
    let mut out = Vec::new();
    let header = Header {
        source_port: 1,
        destination_port: 2,
        tag: 3,
    };
    begin_packet(&mut out, header);
    if chunk.encode(&mut out).is_err() {
        return;
    }
    finish_packet(&mut out, 0);
    let mut packet = Packet::decode(out.into()).expect("we wrote it");
    let again = packet.next_chunk().expect("there is one");
    // Parameters that we do not know are reported once, not passed on.
    if !matches!(chunk, Chunk::Init(_) | Chunk::InitAck(_) | Chunk::Reset(_)) {
        assert!(again.as_ref() == Ok(chunk), "what we write, we read");
    }
}

fn with_checksum(data: &[u8]) -> Bytes {
    let mut bytes = data.to_vec();
    if bytes.len() >= HEADER_BYTES {
        let sum = checksum(&bytes);
        bytes[8..HEADER_BYTES].copy_from_slice(&sum.to_le_bytes());
    }
    bytes.into()
}

/// Two ends talk; what the client sends, and the script of what the server sees.
fn conversation() -> (Vec<Vec<u8>>, Vec<u8>) {
    let mut client = End::new(2, Side::Client);
    let mut server = End::new(1, Side::Server);
    let mut script = Script::default();
    let mut packets = Vec::new();
    let channel = client
        .association
        .open_channel(ChannelOptions::new("files"));
    let channel = channel.expect("the first");
    let payload = Bytes::from(vec![5; 3_000]);
    let sent = client
        .association
        .send(channel, MessageKind::Binary, payload);
    sent.expect("there is room");
    server.drain();
    for round in 0..6 {
        client.drain();
        for packet in std::mem::take(&mut client.sent) {
            script.add(ARRIVES, &packet);
            server.now += Duration::from_millis(1);
            server.tell(Input::Packet(packet.clone().into()));
            server.drain();
            packets.push(packet);
        }
        if round == 3 {
            script.add(SENDS, b"hello");
            server.now += Duration::from_millis(1);
            server.send(b"hello");
            server.drain();
        }
        client.now = server.now;
        for packet in std::mem::take(&mut server.sent) {
            client.tell(Input::Packet(packet.into()));
        }
    }
    (packets, script.finish())
}

/// One end with a driver that does what it must.
struct End {
    association: Association,
    now: Instant,
    sent: Vec<Vec<u8>>,
    is_up: bool,
    channels: Vec<sctp_proto::ChannelId>,
    refused: u32,
}

impl End {
    fn new(seed: u64, side: Side) -> Self {
        let now = Instant::now();
        Self {
            association: Association::new(Config::new(side), &mut Repeatable::seeded(seed), now),
            now,
            sent: Vec::new(),
            is_up: false,
            channels: Vec::new(),
            refused: 0,
        }
    }

    fn tell(&mut self, input: Input) {
        self.association.handle_input(input, self.now);
    }

    fn send(&mut self, bytes: &[u8]) {
        if let Some(channel) = self.channels.first() {
            let payload = Bytes::copy_from_slice(bytes);
            let sent = self
                .association
                .send(*channel, MessageKind::Binary, payload);
            self.refused += u32::from(sent.is_err()); // A channel that is closing refuses.
        }
    }

    fn read(&mut self) {
        for channel in &self.channels {
            while self.association.receive(*channel).is_some() {}
        }
    }

    fn pass_time(&mut self, hundredths: u8) {
        self.now += Duration::from_millis(10) * u32::from(hundredths);
        if self.association.deadline().is_some_and(|at| at <= self.now) {
            self.tell(Input::Timeout);
        }
    }

    fn drain(&mut self) {
        let mut rounds = 0;
        loop {
            let mut buffer = Vec::new();
            let Some(transmit) = self.association.poll_transmit(self.now, &mut buffer, 8) else {
                break;
            };
            assert!(
                transmit.packets > 0 && !buffer.is_empty(),
                "something leaves"
            );
            self.sent
                .extend(buffer.chunks(transmit.segment_bytes).map(<[u8]>::to_vec));
            rounds += 1;
            assert!(rounds < MOST_ROUNDS, "it comes to an end");
        }
        while let Some(output) = self.association.poll_output() {
            self.is_up |= output == Output::Connected;
            if let Output::ChannelOffered { channel, .. } = output {
                self.channels.push(channel);
            }
        }
    }

    fn held(&self) -> usize {
        let statistics = self.association.statistics();
        usize::try_from(statistics.flight_bytes[0]).unwrap_or(usize::MAX)
    }
}

const ARRIVES: u8 = 0;
const SENDS: u8 = 1;
const READS: u8 = 2;
const MOST_HELD: usize = 8 * 1024 * 1024;
const MOST_ROUNDS: usize = 10_000;
