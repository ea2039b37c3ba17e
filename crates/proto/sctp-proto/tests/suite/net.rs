//! Pairs of associations that share a path, driven in virtual time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use sctp_proto::{Association, Config, Input, Output, Side};

use crate::link::{Link, Random, Wire};

/// What DTLS, UDP and IP add to a packet.
pub(crate) const FRAMING: usize = 65;
/// The largest SCTP packet on an Ethernet path.
pub(crate) const ETHERNET: usize = 1_432;

/// A world of pairs: the even end of each is on the left, the odd one on the right.
pub(crate) struct Net {
    pub(crate) ends: Vec<End>,
    /// From left to right, and back.
    pub(crate) wires: [Wire; 2],
    pub(crate) now: Duration,
    epoch: Instant,
    events: BinaryHeap<Reverse<(Duration, u64)>>,
    waiting: std::collections::BTreeMap<u64, Event>,
    number: u64,
    buffer: Vec<u8>,
}

/// One association with what its application saw.
pub(crate) struct End {
    pub(crate) association: Association,
    pub(crate) outputs: Vec<Output>,
    wake: Option<Duration>,
    begins: Duration,
}

enum Event {
    Packet(usize, Bytes),
    Wake(usize),
}

impl Net {
    pub(crate) fn new(there: Link, back: Link, seed: u64) -> Self {
        Self {
            ends: Vec::new(),
            wires: [Wire::new(there, seed), Wire::new(back, seed ^ 0xABCD)],
            now: Duration::ZERO,
            epoch: epoch(),
            events: BinaryHeap::new(),
            waiting: std::collections::BTreeMap::new(),
            number: 0,
            buffer: Vec::new(),
        }
    }

    /// Adds a pair whose two ends begin at `begins`; returns the number of its left end.
    pub(crate) fn join(&mut self, configs: [Config; 2], begins: Duration) -> usize {
        let left = self.ends.len();
        for (at, config) in configs.into_iter().enumerate() {
            let mut random = Random::new((left + at) as u64 * 77 + 5);
            let start = self.epoch + begins;
            self.ends.push(End {
                association: Association::new(config, &mut random, start),
                outputs: Vec::new(),
                wake: None,
                begins,
            });
            self.schedule(begins, Event::Wake(left + at));
        }
        left
    }

    pub(crate) fn instant(&self) -> Instant {
        self.epoch + self.now
    }

    /// Lets everything happen until `end`; `react` is called for an end after each of its events.
    pub(crate) fn run(&mut self, end: Duration, mut react: impl FnMut(&mut Self, usize)) {
        while let Some(&Reverse((at, number))) = self.events.peek() {
            if at > end {
                break;
            }
            self.events.pop();
            self.now = self.now.max(at);
            let event = self.waiting.remove(&number).expect("scheduled once");
            let (end, input) = match event {
                Event::Packet(end, packet) => (end, Input::Packet(packet)),
                Event::Wake(end) => {
                    if self.ends[end].wake.is_some_and(|wake| wake != at) {
                        continue;
                    }
                    self.ends[end].wake = None;
                    (end, Input::Timeout)
                }
            };
            if self.now < self.ends[end].begins {
                continue;
            }
            let now = self.instant();
            self.ends[end].association.handle_input(input, now);
            react(self, end);
            self.drain(end);
        }
        self.now = self.now.max(end);
    }

    /// Sends what an end has to send, and notes what it says.
    pub(crate) fn drain(&mut self, end: usize) {
        let now = self.instant();
        loop {
            let mut buffer = std::mem::take(&mut self.buffer);
            buffer.clear();
            let transmit = self.ends[end]
                .association
                .poll_transmit(now, &mut buffer, 40);
            if let Some(transmit) = transmit {
                let packets = Bytes::copy_from_slice(&buffer);
                let mut from = 0;
                while from < packets.len() {
                    let to = (from + transmit.segment_bytes).min(packets.len());
                    self.carry(end, packets.slice(from..to), transmit.is_oversized);
                    from = to;
                }
            }
            self.buffer = buffer;
            if transmit.is_none() {
                break;
            }
        }
        let this = &mut self.ends[end];
        while let Some(output) = this.association.poll_output() {
            this.outputs.push(output);
        }
        let wake = this.association.deadline().map(|at| {
            // Timers are 50 microseconds coarse.
            let due = at.saturating_duration_since(self.epoch).max(self.now);
            let ticks = due
                .as_micros()
                .div_ceil(50)
                .max(self.now.as_micros() / 50 + 1);
            Duration::from_micros(50 * u64::try_from(ticks).expect("a short run"))
        });
        if let Some(wake) = wake
            && this.wake.is_none_or(|it| wake < it || it < self.now)
        {
            this.wake = Some(wake);
            self.schedule(wake, Event::Wake(end));
        }
    }

    fn carry(&mut self, from: usize, packet: Bytes, is_oversized: bool) {
        let wire = &mut self.wires[from % 2];
        let bytes = packet.len() + FRAMING;
        let counted = if is_oversized {
            bytes.min(wire.link.mtu)
        } else {
            bytes
        };
        if let Some(at) = wire.carry(counted, self.now) {
            self.schedule(at, Event::Packet(from ^ 1, packet));
        }
    }

    fn schedule(&mut self, at: Duration, event: Event) {
        self.number += 1;
        self.events.push(Reverse((at, self.number)));
        self.waiting.insert(self.number, event);
    }
}

/// The two configurations of a pair.
pub(crate) fn pair() -> [Config; 2] {
    [Side::Client, Side::Server].map(|side| Config {
        packet_bytes_max: ETHERNET,
        ..Config::new(side)
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place a test may start its clock"
)]
pub(crate) fn epoch() -> Instant {
    Instant::now()
}
