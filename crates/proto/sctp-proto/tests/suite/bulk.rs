//! Flows that always have something to send, and what becomes of them.

use std::time::Duration;

use bytes::Bytes;
use sctp_proto::{ChannelId, ChannelOptions, Config, Congestion, MessageKind};

use crate::link::Link;
use crate::net::{Net, pair};

/// Bulk flows from left to right.
pub(crate) struct Bulk {
    pub(crate) net: Net,
    /// What has arrived on each flow.
    pub(crate) received: Vec<u64>,
    /// When it arrived, in steps of [`STEP`].
    pub(crate) history: Vec<Vec<u64>>,
    message: Bytes,
}

/// The resolution of the history.
pub(crate) const STEP: Duration = Duration::from_millis(100);

impl Bulk {
    pub(crate) fn new(there: Link, seed: u64) -> Self {
        let back = there.back();
        Self::with_back(there, back, seed)
    }

    pub(crate) fn with_back(there: Link, back: Link, seed: u64) -> Self {
        Self {
            net: Net::new(there, back, seed),
            received: Vec::new(),
            history: Vec::new(),
            message: Bytes::from(vec![42; 64 * 1024]),
        }
    }

    /// Adds a flow with this congestion control.
    pub(crate) fn flow(&mut self, congestion: Congestion, begins: Duration) {
        let configs = pair().map(|it| Config { congestion, ..it });
        self.flow_with(configs, begins);
    }

    pub(crate) fn flow_with(&mut self, configs: [Config; 2], begins: Duration) {
        let left = self.net.join(configs, begins);
        let association = &mut self.net.ends[left].association;
        let channel = association
            .open_channel(ChannelOptions::new("bulk"))
            .expect("the first channel");
        assert_eq!(channel, CHANNEL);
        self.received.push(0);
        self.history.push(Vec::new());
    }

    /// Goes on until `end`.
    pub(crate) fn run(&mut self, end: Duration) {
        let Self {
            net,
            received,
            history,
            message,
        } = self;
        net.run(end, |net, end| {
            let association = &mut net.ends[end].association;
            if end % 2 == 0 {
                while association.buffered_bytes(CHANNEL) < BUFFERED {
                    let sent = association.send(CHANNEL, MessageKind::Binary, message.clone());
                    if sent.is_err() {
                        break;
                    }
                }
            } else {
                while let Some(message) = association.receive(CHANNEL) {
                    let step = step(net.now);
                    let flow = end / 2;
                    received[flow] += message.len() as u64;
                    let history = &mut history[flow];
                    history.resize(history.len().max(step + 1), 0);
                    history[step] += message.len() as u64;
                }
            }
        });
    }

    /// Payload of a flow between two instants, in Mbit/s.
    pub(crate) fn rate(&self, flow: usize, from: Duration, to: Duration) -> f64 {
        let history = &self.history[flow];
        let range = step(from).min(history.len())..step(to).min(history.len());
        let bytes: u64 = history[range].iter().sum();
        bytes as f64 * 8e-6 / (to - from).as_secs_f64()
    }

    /// The mean and the 95th percentile of what packets waited in the queue since the last call.
    pub(crate) fn waits(&mut self) -> (Duration, Duration) {
        let mut waited = std::mem::take(&mut self.net.wires[0].waited);
        waited.sort_unstable();
        let count = u32::try_from(waited.len().max(1)).expect("few packets");
        let mean = waited.iter().sum::<Duration>() / count;
        let p95 = waited
            .get(waited.len() * 95 / 100)
            .copied()
            .unwrap_or_default();
        (mean, p95)
    }
}

/// The step of the history that an instant falls into.
fn step(at: Duration) -> usize {
    usize::try_from(at.as_nanos() / STEP.as_nanos()).expect("a short run")
}

const CHANNEL: ChannelId = ChannelId(0);
const BUFFERED: usize = 512 * 1024;
