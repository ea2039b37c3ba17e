use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use testkit::Seed;

/// Every connection there ever was between the two devices.
#[derive(Debug)]
pub(crate) struct Network {
    latency: Duration,
    bytes_per_second: u64,
    connections: BTreeMap<u32, Connection>,
}

/// One connection: two directions, each with its queue in front of a slow wire.
#[derive(Debug)]
struct Connection {
    alive: bool,
    opened: [bool; 2],
    directions: [Direction; 2],
}

#[derive(Debug, Clone, Copy)]
struct Direction {
    free_at: Instant,
    queued_bytes: usize,
}

impl Network {
    pub(crate) fn new(seed: &mut Seed) -> Self {
        Self {
            latency: Duration::from_millis(seed.within(1..150)),
            bytes_per_second: *seed.pick(&[300_000, 2_000_000, 10_000_000]),
            connections: BTreeMap::new(),
        }
    }

    /// Makes the next connection; neither side knows of it yet.
    pub(crate) fn connect(&mut self, now: Instant) -> u32 {
        let number = u32::try_from(self.connections.len()).expect("a run is short");
        let direction = Direction {
            free_at: now,
            queued_bytes: 0,
        };
        let connection = Connection {
            alive: true,
            opened: [false; 2],
            directions: [direction; 2],
        };
        self.connections.insert(number, connection);
        number
    }

    /// A side notices that a connection is open; whether it is, and this is news.
    pub(crate) fn open(&mut self, number: u32, side: usize) -> bool {
        let Some(connection) = self.connections.get_mut(&number) else {
            return false;
        };
        connection.alive && !std::mem::replace(&mut connection.opened[side], true)
    }

    /// Cuts a connection: nothing on its way arrives any more. Whether it was alive.
    pub(crate) fn cut(&mut self, number: u32) -> bool {
        (self.connections.get_mut(&number))
            .is_some_and(|connection| std::mem::replace(&mut connection.alive, false))
    }

    /// The connections that still carry something.
    pub(crate) fn alive(&self) -> Vec<u32> {
        (self.connections.iter())
            .filter(|(_, connection)| connection.alive)
            .map(|(number, _)| *number)
            .collect()
    }

    /// Whether a side may queue another bulk message.
    pub(crate) fn has_room(&self, number: u32, from: usize) -> bool {
        self.connections[&number].directions[from].queued_bytes < CHANNEL_QUEUE_BYTES
    }

    /// Queues bytes; returns when they arrive if nothing happens to the connection.
    pub(crate) fn send(&mut self, number: u32, from: usize, bytes: usize, now: Instant) -> Instant {
        let direction = self.direction(number, from);
        direction.queued_bytes += bytes;
        let start = direction.free_at.max(now);
        let micros = bytes as u64 * 1_000_000 / self.bytes_per_second;
        let sent = start + Duration::from_micros(micros);
        self.direction(number, from).free_at = sent;
        sent + self.latency
    }

    /// Bytes that were sent arrive, or not.
    pub(crate) fn arrive(&mut self, number: u32, to: usize, bytes: usize) -> bool {
        let alive = self.connections[&number].alive;
        if alive {
            self.direction(number, 1 - to).queued_bytes -= bytes;
        }
        alive
    }

    /// How long a message takes at least.
    pub(crate) fn latency(&self) -> Duration {
        self.latency
    }

    fn direction(&mut self, number: u32, from: usize) -> &mut Direction {
        let connection = self.connections.get_mut(&number);
        &mut connection
            .expect("connections are never removed")
            .directions[from]
    }
}

/// What a data channel queues before its sender waits.
const CHANNEL_QUEUE_BYTES: usize = 1024 * 1024;
