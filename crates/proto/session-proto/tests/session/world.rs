//! Two devices and every connection between them, driven by hand.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use model::{DeviceSecrets, Digest, DtlsFingerprint, Entropy, SessionId};
use session_proto::{
    ConnectionId, ControlMessage, Role, Session, SessionConfig, SessionError, SessionInput,
    SessionOutput,
};

/// The initiator.
pub(crate) const ANA: usize = 0;
/// The responder.
pub(crate) const BEN: usize = 1;

/// Two devices, the channels between them and a clock.
pub(crate) struct World {
    pub(crate) devices: [Device; 2],
    pub(crate) now: Instant,
    negotiations: u8,
    connections: u32,
}

/// One device: its session, and what its driver saw.
pub(crate) struct Device {
    pub(crate) session: Session,
    pub(crate) sent: Vec<ControlMessage>,
    pub(crate) received: Vec<ControlMessage>,
    /// What is on its way to this device, per connection.
    pub(crate) inbox: BTreeMap<u32, VecDeque<Vec<u8>>>,
    /// Connections that this device takes for open.
    pub(crate) open: BTreeSet<u32>,
    pub(crate) silent: Vec<u32>,
    pub(crate) established: u32,
    pub(crate) lonely: u32,
    pub(crate) end: Option<SessionError>,
    /// Bytes handed to the channels, and in how many messages.
    pub(crate) packets: Vec<usize>,
}

impl World {
    /// Two devices that agree about everything.
    pub(crate) fn new() -> Self {
        Self::with(config(ANA, 1), config(BEN, 2))
    }

    /// Two devices that were set up like this.
    pub(crate) fn with(ana: SessionConfig, ben: SessionConfig) -> Self {
        Self {
            devices: [Device::new(ana), Device::new(ben)],
            now: epoch(),
            negotiations: 0,
            connections: 0,
        }
    }

    /// Two devices in a session over connection 0.
    pub(crate) fn established() -> Self {
        let mut world = Self::new();
        world.connect();
        world.run();
        assert_eq!(world.devices[ANA].established, 1);
        assert_eq!(world.devices[BEN].established, 1);
        world
    }

    /// Opens the next connection on both sides.
    pub(crate) fn connect(&mut self) -> u32 {
        let connection = self.announce();
        self.open(ANA, connection);
        self.open(BEN, connection);
        connection
    }

    /// Numbers the next connection, which neither side has noticed yet.
    pub(crate) fn announce(&mut self) -> u32 {
        self.connections += 1;
        self.connections - 1
    }

    /// One side notices that a connection is open.
    pub(crate) fn open(&mut self, side: usize, connection: u32) {
        let [ana, ben] = fingerprints(connection);
        let (own, peer) = if side == ANA { (ana, ben) } else { (ben, ana) };
        self.devices[side].open.insert(connection);
        let connection = ConnectionId(connection);
        self.input(
            side,
            SessionInput::ControlOpened {
                connection,
                own,
                peer,
            },
        );
    }

    /// One side notices that a connection is gone; the other may still believe in it.
    pub(crate) fn lose(&mut self, side: usize, connection: u32) {
        if self.devices[side].forget(connection) {
            let connection = ConnectionId(connection);
            self.input(side, SessionInput::ConnectionLost { connection });
        }
    }

    /// Signaling starts the session's next connections: all earlier ones are over.
    pub(crate) fn renegotiate(&mut self) {
        self.negotiations += 1;
        let transcript = Digest([self.negotiations; 32]);
        for side in [ANA, BEN] {
            self.devices[side].open.clear();
            self.devices[side].inbox.clear();
            self.input(side, SessionInput::Rebound { transcript });
        }
    }

    /// One side says something numbered.
    pub(crate) fn say(&mut self, side: usize, message: ControlMessage) {
        self.devices[side].sent.push(message.clone());
        self.input(side, SessionInput::Send(message));
    }

    /// The oldest message of a connection arrives; whether there was one.
    pub(crate) fn deliver(&mut self, side: usize, connection: u32) -> bool {
        let inbox = self.devices[side].inbox.get_mut(&connection);
        let Some(bytes) = inbox.and_then(VecDeque::pop_front) else {
            return false;
        };
        self.arrive(side, connection, bytes);
        true
    }

    /// Any bytes arrive.
    pub(crate) fn arrive(&mut self, side: usize, connection: u32, bytes: Vec<u8>) {
        let connection = ConnectionId(connection);
        self.input(side, SessionInput::ControlReceived { connection, bytes });
    }

    /// Delivers until nothing is on its way.
    pub(crate) fn run(&mut self) {
        loop {
            let waiting = [ANA, BEN].into_iter().find_map(|side| {
                let (&connection, _) =
                    (self.devices[side].inbox.iter()).find(|(_, messages)| !messages.is_empty())?;
                Some((side, connection))
            });
            let Some((side, connection)) = waiting else {
                return;
            };
            self.deliver(side, connection);
        }
    }

    /// Lets time pass, waking each side when it asked to be woken; delivers what is sent.
    pub(crate) fn wait(&mut self, time: Duration) {
        self.run();
        self.wait_with(time, Self::run);
    }

    /// Lets time pass, waking each side when it asked to be woken, and does `then` after each step.
    pub(crate) fn wait_with(&mut self, time: Duration, mut then: impl FnMut(&mut Self)) {
        let end = self.now + time;
        while let Some(deadline) = self.next_deadline().filter(|deadline| *deadline <= end) {
            self.now = self.now.max(deadline);
            self.wake();
            then(self);
        }
        self.now = end;
        self.wake();
        then(self);
    }

    /// Both sides look at the clock.
    pub(crate) fn wake(&mut self) {
        self.input(ANA, SessionInput::Timeout);
        self.input(BEN, SessionInput::Timeout);
    }

    fn next_deadline(&self) -> Option<Instant> {
        self.devices
            .iter()
            .filter_map(|device| device.session.deadline())
            .min()
    }

    /// Feeds one side and drains it.
    pub(crate) fn input(&mut self, side: usize, input: SessionInput) {
        self.devices[side].session.handle_input(input, self.now);
        while let Some(output) = self.devices[side].session.poll_output() {
            assert_eq!(self.devices[side].end, None, "nothing follows the end");
            self.take(side, output);
        }
        assert!(
            self.devices[side]
                .session
                .deadline()
                .is_none_or(|deadline| deadline > self.now),
            "a session that was drained has no deadline in the past"
        );
    }

    fn take(&mut self, side: usize, output: SessionOutput) {
        let [ana, ben] = &mut self.devices;
        let (own, peer) = if side == ANA { (ana, ben) } else { (ben, ana) };
        match output {
            SessionOutput::SendControl { connection, bytes } => {
                assert!(bytes.len() <= model::limits::CHANNEL_MESSAGE_BYTES);
                assert!(
                    own.open.contains(&connection.0),
                    "sent on a lost connection"
                );
                own.packets.push(bytes.len());
                // A message waits for a side that has not opened yet, and is lost after it closed.
                peer.inbox.entry(connection.0).or_default().push_back(bytes);
            }
            SessionOutput::Established { first } => {
                assert_eq!(first, own.established == 0);
                own.established += 1;
            }
            SessionOutput::Received(message) => own.received.push(message),
            SessionOutput::ConnectionSilent { connection } => {
                own.silent.push(connection.0);
                own.forget(connection.0);
            }
            SessionOutput::NeedsConnection => {
                assert!(own.open.is_empty(), "a connection is open");
                own.lonely += 1;
            }
            SessionOutput::Close(error) => own.end = Some(error),
        }
    }
}

impl Device {
    fn new(config: SessionConfig) -> Self {
        Self {
            session: Session::new(config),
            sent: Vec::new(),
            received: Vec::new(),
            inbox: BTreeMap::new(),
            open: BTreeSet::new(),
            silent: Vec::new(),
            established: 0,
            lonely: 0,
            end: None,
            packets: Vec::new(),
        }
    }

    fn forget(&mut self, connection: u32) -> bool {
        self.inbox.remove(&connection);
        self.open.remove(&connection)
    }
}

/// How a device is set up; `entropy` seeds its ephemeral keys.
pub(crate) fn config(side: usize, entropy: u64) -> SessionConfig {
    let secrets = |side| DeviceSecrets::from_bytes(&[if side == ANA { 1 } else { 2 }; 64]);
    SessionConfig {
        role: if side == ANA {
            Role::Initiator
        } else {
            Role::Responder
        },
        session: SessionId([3; 16]),
        transcript: Digest([0; 32]),
        own: secrets(side),
        peer: secrets(1 - side).public(),
        psk: [5; 32],
        entropy: Box::new(Seeded(entropy)),
    }
}

/// A message that tells the `index`-th from all others, of about `size` bytes.
pub(crate) fn message(index: usize, size: usize) -> ControlMessage {
    let mut bytes = index.to_be_bytes().to_vec();
    bytes.resize(bytes.len() + size, index.to_le_bytes()[0]);
    ControlMessage::Transfer(bytes)
}

/// The certificates of a connection: ana's and ben's.
fn fingerprints(connection: u32) -> [DtlsFingerprint; 2] {
    [b"ana", b"ben"]
        .map(|name| DtlsFingerprint(Digest::of_parts(&[name, &connection.to_be_bytes()]).0))
}

/// SplitMix64: every run of a test draws the same.
struct Seeded(u64);

impl Entropy for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut mixed = self.0;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^= mixed >> 31;
            chunk.copy_from_slice(&mixed.to_le_bytes()[..chunk.len()]);
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place a test may start its clock"
)]
fn epoch() -> Instant {
    Instant::now()
}
