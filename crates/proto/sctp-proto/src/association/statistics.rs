//! What an association knows of its path.

use std::time::Duration;

use super::Association;

/// A look at the path and what happened on it.
#[derive(Debug, Clone, Default)]
pub struct Statistics {
    /// The smoothed round-trip time.
    pub rtt: Option<Duration>,
    /// The shortest round trip seen.
    pub rtt_least: Option<Duration>,
    /// How much may be under way, in bytes.
    pub window_bytes: u64,
    /// The pace, in bytes per second.
    pub pacing_rate: Option<f64>,
    /// Bytes of chunks under way, arrived, and found lost.
    pub flight_bytes: [u64; 3],
    /// Bytes that left again.
    pub retransmitted_bytes: u64,
    /// Timeouts, and how many of them were false alarms.
    pub timeouts: [u64; 2],
    /// Tail loss probes.
    pub probes: u64,
    /// Messages given up.
    pub abandoned: u64,
    /// The size of packets.
    pub packet_bytes: usize,
    /// What the peer may fill.
    pub receive_window_bytes: usize,
    /// What sending waits for.
    pub brake: Brake,
}

/// What keeps an association from sending.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Brake {
    /// There is nothing to send.
    #[default]
    Idle,
    /// Nothing does.
    Free,
    /// The pace: the next packet has its time.
    Pace,
    /// As much is under way as the congestion control allows.
    Window,
    /// The peer has no room.
    Peer,
}

impl Association {
    /// Looks at the path.
    pub fn statistics(&self) -> Statistics {
        let (window_bytes, pacing_rate) = self.outbound.allowance();
        let meter = &self.outbound.flight.meter;
        let counters = self.outbound.counters;
        Statistics {
            rtt: self.outbound.rtt.smoothed(),
            rtt_least: self.outbound.rtt.least(),
            window_bytes,
            pacing_rate,
            flight_bytes: [meter.in_flight, meter.delivered, meter.lost],
            retransmitted_bytes: counters.retransmitted_bytes,
            timeouts: [counters.timeouts, counters.false_timeouts],
            probes: counters.probes,
            abandoned: counters.abandoned,
            packet_bytes: self.path_mtu.packet_bytes(),
            receive_window_bytes: self.receiving.window.size(),
            brake: self.outbound.brake(),
        }
    }

    /// A line about the congestion control, for logs.
    pub fn describe_path(&self) -> String {
        self.outbound.describe()
    }
}
