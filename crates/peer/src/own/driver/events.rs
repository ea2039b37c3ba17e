//! What comes in: datagrams, findings, deadlines, and what the machines say of them.

use std::net::SocketAddr;
use std::time::Instant;

use model::{Entropy, PathKind, limits};
use ring::rand::{SecureRandom as _, SystemRandom};
use sctp_proto::{Association, ChannelOptions, Closed, Config, Input, Output, Side};

use super::{Driver, Path};
use crate::config::{BULK_ID, CONTROL_ID};
use crate::own::Facts;
use crate::own::dtls::Heard;
use crate::own::ice::Finding;
use crate::path::path_kind;
use crate::progress::{CloseReason, Phase};

impl Driver {
    /// Does everything that has become possible.
    pub(super) fn progress(&mut self, now: Instant) {
        if self.is_over {
            return self.deliver();
        }
        self.fire(now);
        self.search(now);
        self.take_heard(now);
        if let Some(association) = &mut self.association {
            for lane in &mut self.parts.lanes {
                lane.take_over_all(association);
            }
        }
        self.tell();
        self.deliver();
        self.transmit(now);
        self.tell();
        self.settle();
    }

    /// Reads what a socket has.
    pub(super) fn read(&mut self, socket: usize) {
        let now = Instant::now();
        let mut last_record = None;
        let Self {
            parts,
            gate,
            dtls,
            heard,
            ..
        } = self;
        let ice = &mut parts.ice;
        parts.sockets.receive(socket, |local, remote, datagram| {
            if !gate.admits(remote, datagram) {
                return;
            }
            let Some(dtls) = dtls else {
                return;
            };
            if datagram.first().is_some_and(|&first| first < 4) {
                ice.read(local, remote, datagram, now);
                return;
            }
            last_record = Some((local, remote));
            dtls.read(datagram, now, heard);
        });
        if let Some((local, remote)) = last_record {
            self.parts.ice.note_life(local, remote, now);
            // The peer may have found the path a moment before us.
            let kind = self.kind(local, remote);
            self.path.get_or_insert(Path {
                socket,
                remote,
                kind,
            });
        }
        self.take_heard(now);
    }

    /// The route between two addresses.
    fn kind(&self, local: SocketAddr, remote: SocketAddr) -> PathKind {
        let is_relayed = self.parts.sockets.relay().is_some() || self.peer_relays.contains(&remote);
        path_kind(local.ip(), remote.ip(), is_relayed)
    }

    /// Feeds the deadlines that have passed.
    fn fire(&mut self, now: Instant) {
        if self.parts.ice.deadline().is_some_and(|at| at <= now) {
            self.parts.ice.handle_timeout(now);
        }
        if let Some(dtls) = &mut self.dtls
            && dtls.deadline().is_some_and(|at| at <= now)
        {
            dtls.handle_timeout(now);
        }
        if let Some(association) = &mut self.association
            && association.deadline().is_some_and(|at| at <= now)
        {
            association.handle_input(Input::Timeout, now);
        }
    }

    /// Follows what the agent finds.
    fn search(&mut self, now: Instant) {
        while let Some(finding) = self.parts.ice.poll_finding() {
            match finding {
                Finding::Path { local, remote } => self.move_to(local, remote, now),
                Finding::Lost => self.end(CloseReason::Lost),
            }
        }
    }

    fn move_to(&mut self, local: SocketAddr, remote: SocketAddr, now: Instant) {
        let Some(socket) = self.parts.sockets.at(local) else {
            return;
        };
        let kind = self.kind(local, remote);
        let before = self.path.replace(Path {
            socket,
            remote,
            kind,
        });
        let is_same = before.is_none_or(|it| (it.socket, it.remote) == (socket, remote));
        if let Some(association) = &mut self.association
            && !is_same
        {
            association.handle_input(Input::PathChanged, now);
        }
        self.parts.shared.progress.advance_from_start();
        if let Some(dtls) = &mut self.dtls {
            dtls.begin(now);
        }
    }

    fn take_heard(&mut self, now: Instant) {
        for heard in std::mem::take(&mut self.heard) {
            match heard {
                Heard::Established => self.associate(now),
                Heard::Packet(packet) => {
                    if let Some(association) = &mut self.association {
                        association.handle_input(Input::Packet(packet), now);
                    }
                }
                Heard::Closed => self.end(CloseReason::ClosedByPeer),
            }
        }
    }

    /// The handshake is over: the association begins.
    fn associate(&mut self, now: Instant) {
        let Some((dtls, path)) = self.dtls.as_ref().zip(self.path) else {
            return;
        };
        self.gate.establish();
        if let Some(fingerprint) = dtls.peer_fingerprint() {
            let path = path.kind;
            self.parts.facts.get_or_init(|| Facts { fingerprint, path });
        }
        let config = self.association_config(dtls.is_client(), path.kind);
        let mut association = Association::new(config, &mut SystemEntropy, now);
        for (label, stream) in [("control", CONTROL_ID), ("bulk", BULK_ID)] {
            let options = ChannelOptions {
                negotiated: Some(stream),
                priority: if stream == CONTROL_ID { URGENT } else { NORMAL },
                ..ChannelOptions::new(label)
            };
            if association.open_channel(options).is_err() {
                return self.end(CloseReason::Violation);
            }
        }
        self.association = Some(association);
    }

    fn association_config(&self, is_client: bool, path: PathKind) -> Config {
        let side = if is_client {
            Side::Client
        } else {
            Side::Server
        };
        let granted = self.parts.sockets.granted_bytes;
        Config {
            packet_bytes_max: match path {
                PathKind::Local => LOCAL_PACKET_BYTES,
                PathKind::Direct | PathKind::Relay => ETHERNET_PACKET_BYTES,
            },
            message_bytes: limits::CHANNEL_MESSAGE_BYTES,
            send_buffer_bytes: 4 * self.parts.send_buffer_bytes,
            receive_window_bytes: match path {
                PathKind::Local => WINDOW_BYTES.min(granted),
                PathKind::Direct | PathKind::Relay => {
                    FAR_WINDOW_BYTES.min(granted.saturating_mul(2).max(SMALL_WINDOW_BYTES))
                }
            },
            ..Config::new(side)
        }
    }

    /// Does what the association says.
    fn tell(&mut self) {
        while let Some(output) = self.association.as_mut().and_then(Association::poll_output) {
            match output {
                Output::Connected => {
                    self.parts.shared.progress.advance(Phase::Established);
                }
                Output::Readable { channel } => {
                    for lane in &mut self.parts.lanes {
                        lane.is_unread |= lane.id == channel;
                    }
                }
                Output::ChannelOpened { .. } | Output::Writable { .. } => {}
                Output::ChannelOffered { .. } => self.end(CloseReason::Violation),
                Output::ChannelClosed { .. } => self.end(CloseReason::ClosedByPeer),
                Output::Closed(why) => self.end(match why {
                    Closed::Shutdown | Closed::PeerAborted { .. } => CloseReason::ClosedByPeer,
                    Closed::Aborted => CloseReason::Closed,
                    Closed::Violated => CloseReason::Violation,
                    Closed::Silent => CloseReason::Lost,
                }),
            }
        }
    }

    pub(super) fn end(&mut self, reason: CloseReason) {
        self.parts.shared.progress.end(reason);
        if !self.is_over {
            self.say_goodbye(Instant::now());
        }
    }

    fn deliver(&mut self) {
        if let Some(association) = &mut self.association {
            for lane in &mut self.parts.lanes {
                lane.deliver(association);
            }
        }
    }

    fn settle(&mut self) {
        if let Some(association) = &self.association {
            let [flight, ..] = association.statistics().flight_bytes;
            let flight = usize::try_from(flight).unwrap_or(usize::MAX);
            for lane in &mut self.parts.lanes {
                lane.settle(association, flight);
            }
        }
    }
}

/// The randomness of the system.
struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        let filled = SystemRandom::new().fill(bytes);
        filled.expect("a system that runs has randomness");
    }
}

/// What one DTLS record carries, and what loopback and links with large frames take.
const LOCAL_PACKET_BYTES: usize = 16_000;
/// What fits an Ethernet frame with IPv6, UDP and DTLS.
const ETHERNET_PACKET_BYTES: usize = 1_412;
/// What a peer on a local path may have under way.
const WINDOW_BYTES: usize = 4 * 1024 * 1024;
/// The same on a longer one: three times what 100 Mbit/s and 200 ms hold, so that a loss does not use it up before it is
/// repeated. It grows with what arrives in a round trip, so that connections that share a link stay far below.
const FAR_WINDOW_BYTES: usize = 8 * 1024 * 1024;
/// The same where the system grants small buffers: most of what is under way is on the line, and bursts are paced.
/// On a local path there is no line to speak of.
const SMALL_WINDOW_BYTES: usize = 1024 * 1024;
/// Priorities of the channels (RFC 8831 §6.4).
const URGENT: u16 = 1_024;
const NORMAL: u16 = 256;
