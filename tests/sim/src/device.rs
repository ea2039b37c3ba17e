use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use model::TransferId;
use session_proto::{ControlMessage, Session};
use transfer_proto::{Receiver, ReceiverOutcome, Sender, SenderOutcome, Summary};

use crate::disk::Staging;

/// One device: a process that may crash, and a home that survives it.
pub(crate) struct Device {
    /// The process, unless it is down.
    pub(crate) process: Option<Process>,
    /// Counts the processes there were.
    pub(crate) incarnation: u32,
    pub(crate) home: Home,
}

/// What a crash loses.
#[derive(Default)]
pub(crate) struct Process {
    pub(crate) session: Option<Session>,
    /// Connections this device takes for open.
    pub(crate) open: BTreeSet<u32>,
    /// Control messages that wait until the session can take them.
    pub(crate) controls: VecDeque<ControlMessage>,
    /// Bulk messages that wait for room on a connection.
    pub(crate) bulk: VecDeque<(TransferId, Bytes)>,
    pub(crate) senders: BTreeMap<TransferId, Sender>,
    pub(crate) receivers: BTreeMap<TransferId, Receiver>,
    /// Offers that nobody accepted yet: summary and pages.
    pub(crate) offers: BTreeMap<TransferId, (Summary, u32)>,
}

/// What survives.
#[derive(Default)]
pub(crate) struct Home {
    pub(crate) sending: BTreeMap<TransferId, SendRecord>,
    pub(crate) receiving: BTreeMap<TransferId, ReceiveRecord>,
}

/// What a sender's store keeps of a transfer.
#[derive(Default)]
pub(crate) struct SendRecord {
    pub(crate) accepted: bool,
    pub(crate) outcome: Option<SenderOutcome>,
}

/// What a receiver's store and disk keep of a transfer that was accepted or ended.
#[derive(Default)]
pub(crate) struct ReceiveRecord {
    /// Summary and pages, once accepted.
    pub(crate) accepted: Option<(Summary, u32)>,
    pub(crate) staging: Staging,
    pub(crate) outcome: Option<ReceiverOutcome>,
}

impl Device {
    pub(crate) fn new() -> Self {
        Self {
            process: None,
            incarnation: 0,
            home: Home::default(),
        }
    }

    /// The process of a device that is up.
    pub(crate) fn process(&mut self) -> &mut Process {
        self.process
            .as_mut()
            .expect("the caller knows that the device is up")
    }

    /// What is kept of a transfer that comes in.
    pub(crate) fn record(&mut self, transfer: TransferId) -> &mut ReceiveRecord {
        self.home.receiving.entry(transfer).or_default()
    }
}
