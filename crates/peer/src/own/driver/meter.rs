//! Where the time of a connection goes, second by second, for whoever asks the log (`peer=debug`).

use std::time::{Duration, Instant};

use sctp_proto::{Association, Brake, Statistics};

/// Counts of the second that runs.
#[derive(Debug)]
pub(super) struct Meter {
    began: Instant,
    /// What had been sent and lost before.
    before: Statistics,
    slept: Slept,
    wakes: u32,
    bursts: u32,
}

/// How long the task slept, by what sending waited for.
#[derive(Debug, Default)]
struct Slept {
    idle: Duration,
    pace: Duration,
    window: Duration,
    peer: Duration,
    socket: Duration,
}

impl Meter {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            began: now,
            before: Statistics::default(),
            slept: Slept::default(),
            wakes: 0,
            bursts: 0,
        }
    }

    pub(super) fn is_on() -> bool {
        tracing::enabled!(tracing::Level::DEBUG)
    }

    pub(super) fn note_burst(&mut self) {
        self.bursts += 1;
    }

    /// Notes a sleep that ended now; `is_blocked` says that the socket took no more before it.
    pub(super) fn note_sleep(&mut self, brake: Brake, is_blocked: bool, slept: Duration) {
        self.wakes += 1;
        let sum = match brake {
            _ if is_blocked => &mut self.slept.socket,
            Brake::Idle => &mut self.slept.idle,
            Brake::Free | Brake::Pace => &mut self.slept.pace,
            Brake::Window => &mut self.slept.window,
            Brake::Peer => &mut self.slept.peer,
        };
        *sum += slept;
    }

    /// Says what the last second was like, when it is over.
    pub(super) fn report(&mut self, association: &Association, now: Instant) {
        if now < self.began + SECOND {
            return;
        }
        let after = association.statistics();
        let [_, delivered, lost] = after.flight_bytes;
        let [_, delivered_before, lost_before] = self.before.flight_bytes;
        tracing::debug!(
            delivered = delivered - delivered_before,
            lost = lost.saturating_sub(lost_before),
            again = after.retransmitted_bytes - self.before.retransmitted_bytes,
            timeouts = ?after.timeouts,
            rtt = ?after.rtt,
            least = ?after.rtt_least,
            packet_bytes = after.packet_bytes,
            receive_window_bytes = after.receive_window_bytes,
            slept = ?self.slept,
            wakes = self.wakes,
            bursts = self.bursts,
            path = association.describe_path(),
            "a second of a connection"
        );
        *self = Self::new(now);
        self.before = after;
    }
}

const SECOND: Duration = Duration::from_secs(1);
