//! Our SCTP association against the stock one, both without IO, over a network that is made up.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rtc_sctp::{
    AssociationHandle, ClientConfig, DatagramEvent, Endpoint, EndpointConfig, Payload,
    PayloadProtocolIdentifier, ServerConfig, TransportConfig,
};
use rtc_shared::TransportProtocol;
use sctp_proto::{
    Association, ChannelId, ChannelOptions, Config, Input, MessageKind, Output, Side,
};

/// Both ends and what is under way between them.
struct Pair {
    ours: Association,
    stock: Stock,
    now: Instant,
    /// When it arrives, and whether it goes to the stock end.
    wire: VecDeque<(Instant, bool, Bytes)>,
    packets: u64,
    /// Every which packet is lost; 0: none.
    loss: u64,
    outputs: Vec<Output>,
}

struct Stock {
    endpoint: Endpoint,
    handle: Option<AssociationHandle>,
    association: Option<rtc_sctp::Association>,
}

/// Whether the stock end begins too.
#[derive(Clone, Copy, PartialEq)]
enum Begin {
    OursOnly,
    Both,
}

impl Pair {
    fn new(begin: Begin, loss: u64) -> Self {
        let now = Instant::now();
        let server = Arc::new(ServerConfig::new(TransportConfig::default()));
        let mut endpoint = Endpoint::new(
            address(1),
            TransportProtocol::UDP,
            Arc::new(EndpointConfig::default()),
            (begin == Begin::OursOnly).then_some(server),
        );
        let (mut handle, mut association) = (None, None);
        if begin == Begin::Both {
            let config = ClientConfig::new(TransportConfig::default());
            let (at, began) = endpoint
                .connect(now, config, address(2))
                .expect("a free handle");
            (handle, association) = (Some(at), Some(began));
        }
        let mut ours = Association::new(Config::new(Side::Client), &mut Counter(9), now);
        let options = ChannelOptions {
            negotiated: Some(CHANNEL.0),
            ..ChannelOptions::new("")
        };
        ours.open_channel(options).expect("the first channel");
        let stock = Stock {
            endpoint,
            handle,
            association,
        };
        Self {
            ours,
            stock,
            now,
            wire: VecDeque::new(),
            packets: 0,
            loss,
            outputs: Vec::new(),
        }
    }

    /// Lets everything happen until `is_done`; panics after two minutes of made-up time.
    fn run_until(&mut self, mut is_done: impl FnMut(&mut Self) -> bool) {
        let end = self.now + Duration::from_secs(120);
        while !is_done(self) {
            self.exchange();
            let due = [
                self.wire.front().map(|it| it.0),
                self.ours.deadline(),
                self.stock
                    .association
                    .as_ref()
                    .and_then(|it| it.poll_timeout()),
            ];
            let next = due
                .into_iter()
                .flatten()
                .min()
                .expect("somebody waits for something");
            self.now = next.max(self.now + Duration::from_micros(10));
            assert!(self.now < end, "{:?}", self.ours.statistics());
            self.deliver();
        }
    }

    fn exchange(&mut self) {
        let mut buffer = Vec::new();
        while let Some(transmit) = self.ours.poll_transmit(self.now, &mut buffer, 16) {
            let packets = Bytes::from(std::mem::take(&mut buffer));
            for from in (0..packets.len()).step_by(transmit.segment_bytes) {
                let to = (from + transmit.segment_bytes).min(packets.len());
                self.carry(true, packets.slice(from..to));
            }
        }
        while let Some(output) = self.ours.poll_output() {
            self.outputs.push(output);
        }
        let Some(association) = &mut self.stock.association else {
            return;
        };
        while association.poll().is_some() {}
        let mut sent = Vec::new();
        while let Some(transmit) = association.poll_transmit(self.now) {
            if let Payload::RawEncode(packets) = transmit.message {
                sent.extend(packets);
            }
        }
        sent.into_iter()
            .for_each(|packet| self.carry(false, packet));
    }

    fn carry(&mut self, to_stock: bool, packet: Bytes) {
        self.packets += 1;
        if self.loss == 0 || !self.packets.is_multiple_of(self.loss) {
            self.wire.push_back((self.now + DELAY, to_stock, packet));
        }
    }

    fn deliver(&mut self) {
        while let Some((_, to_stock, packet)) = self.wire.pop_front_if(|it| it.0 <= self.now) {
            if to_stock {
                self.stock.take(packet, self.now);
            } else {
                self.ours.handle_input(Input::Packet(packet), self.now);
            }
        }
        if self.ours.deadline().is_some_and(|at| at <= self.now) {
            self.ours.handle_input(Input::Timeout, self.now);
        }
        if let Some(association) = &mut self.stock.association
            && association.poll_timeout().is_some_and(|at| at <= self.now)
        {
            association.handle_timeout(self.now);
        }
    }

    fn connect(&mut self) {
        self.run_until(|it| it.outputs.contains(&Output::Connected) && it.stock.is_up());
        self.stock
            .up()
            .open_stream(CHANNEL.0, PayloadProtocolIdentifier::Binary)
            .expect("a free stream");
    }
}

impl Stock {
    fn take(&mut self, packet: Bytes, now: Instant) {
        match self.endpoint.handle(now, address(2), None, packet) {
            Some((handle, DatagramEvent::NewAssociation(association))) => {
                self.handle = Some(handle);
                self.association = Some(association);
            }
            Some((_, DatagramEvent::AssociationEvent(event))) => {
                if let Some(association) = &mut self.association {
                    association.handle_event(event);
                }
            }
            Some(_) => panic!("nothing else happens"),
            None => {}
        }
    }

    fn is_up(&self) -> bool {
        let association = self.association.as_ref();
        association.is_some_and(|it| !it.is_handshaking() && !it.is_closed())
    }

    fn up(&mut self) -> &mut rtc_sctp::Association {
        self.association.as_mut().expect("it is up")
    }

    fn read(&mut self) -> Option<Vec<u8>> {
        let mut stream = self.up().stream(CHANNEL.0).ok()?;
        let chunks = stream.read_sctp().ok()??;
        let mut bytes = vec![0; chunks.len()];
        chunks.read(&mut bytes).expect("it fits");
        Some(bytes)
    }
}

fn message(number: usize) -> Vec<u8> {
    let length = [1, 1_200, 65_536, 262_144, 3_000][number % 5];
    (0..length)
        .map(|at| u8::try_from((at * 7 + number) % 251).expect("a byte"))
        .collect()
}

fn both_ways(begin: Begin, loss: u64) {
    let mut pair = Pair::new(begin, loss);
    pair.connect();
    let (mut sent, mut got) = ([0, 0], [0, 0]);
    pair.run_until(|it| {
        while sent[0] < COUNT {
            let payload = Bytes::from(message(sent[0]));
            if it.ours.send(CHANNEL, MessageKind::Binary, payload).is_err() {
                break;
            }
            sent[0] += 1;
        }
        let now = it.now;
        let mut stream = it.stock.up().stream(CHANNEL.0).expect("it is open");
        while sent[1] < COUNT && stream.buffered_amount().expect("open") < 1 << 20 {
            let payload = Bytes::from(message(sent[1]));
            stream
                .write_sctp(now, &payload, PayloadProtocolIdentifier::Binary)
                .expect("room");
            sent[1] += 1;
        }
        while let Some(bytes) = it.stock.read() {
            assert_eq!(bytes, message(got[0]), "to the stock end");
            got[0] += 1;
        }
        while let Some(received) = it.ours.receive(CHANNEL) {
            assert_eq!(received.into_bytes(), message(got[1]), "to our end");
            got[1] += 1;
        }
        got == [COUNT, COUNT]
    });
}

#[test]
fn ours_begins_and_both_send() {
    both_ways(Begin::OursOnly, 0);
}

#[test]
fn both_begin_and_both_send() {
    both_ways(Begin::Both, 0);
}

#[test]
fn both_send_while_packets_get_lost() {
    both_ways(Begin::OursOnly, 53);
}

#[test]
fn a_channel_closed_by_ours_is_closed_by_the_stock_end_too() {
    let mut pair = Pair::new(Begin::OursOnly, 0);
    pair.connect();
    let payload = Bytes::from_static(b"last");
    pair.ours
        .send(CHANNEL, MessageKind::Binary, payload)
        .expect("room");
    pair.run_until(|it| it.stock.read().is_some());
    pair.ours.close_channel(CHANNEL);
    let closed = Output::ChannelClosed { channel: CHANNEL };
    pair.run_until(|it| {
        let now = it.now;
        // The stock layer above answers a reset by closing its half.
        if let Ok(mut stream) = it.stock.up().stream(CHANNEL.0)
            && !stream.is_readable()
        {
            drop(stream.close(now));
        }
        it.outputs.contains(&closed)
    });
}

/// Random bytes that are the same in every run.
struct Counter(u8);

impl model::Entropy for Counter {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(5).wrapping_add(77);
            *byte = self.0;
        }
    }
}

fn address(last: u8) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, last], 5000))
}

const CHANNEL: ChannelId = ChannelId(0);
const COUNT: usize = 60;
const DELAY: Duration = Duration::from_millis(5);
