//! The two channels of a connection, and what has passed through them.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::{Bytes, BytesMut};
use model::limits;
use webrtc::data_channel::{DataChannel, DataChannelEvent};

use crate::link::Shared;
use crate::own::Line;
use crate::progress::{CloseReason, Progress};
use crate::wear::Wear;

/// One channel: whole messages of up to [`limits::CHANNEL_MESSAGE_BYTES`], reliable and in order.
///
/// Clones are the same channel. A channel has one reader: messages go to whoever asks first.
#[derive(Clone)]
pub struct Channel {
    carrier: Carrier,
    progress: Arc<Progress>,
    counters: Arc<Counters>,
}

#[derive(Clone)]
enum Carrier {
    Stock(Arc<dyn DataChannel>),
    Own(Line),
}

/// Why a message was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// More than [`limits::CHANNEL_MESSAGE_BYTES`].
    #[error("the message is too long")]
    TooLong,
    /// The connection is over.
    #[error("the connection is over")]
    Closed,
}

/// What has passed through the channels of a connection: payload, without any framing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Bytes handed to the stack.
    pub sent_bytes: u64,
    /// Messages handed to the stack.
    pub sent_messages: u64,
    /// Bytes taken by readers.
    pub received_bytes: u64,
    /// Messages taken by readers.
    pub received_messages: u64,
}

impl Channel {
    pub(crate) fn stock(stack: Arc<dyn DataChannel>, shared: &Shared) -> Self {
        Self::new(Carrier::Stock(stack), shared)
    }

    pub(crate) fn own(line: Line, shared: &Shared) -> Self {
        Self::new(Carrier::Own(line), shared)
    }

    fn new(carrier: Carrier, shared: &Shared) -> Self {
        Self {
            carrier,
            progress: shared.progress.clone(),
            counters: shared.counters.clone(),
        }
    }

    /// Sends one message, as soon as fewer than `send_buffer_bytes` are waiting for the peer.
    ///
    /// `Ok` says that the message is queued, not that it has arrived.
    pub async fn send(&self, message: Bytes) -> Result<(), SendError> {
        let bytes = message.len();
        if bytes > limits::CHANNEL_MESSAGE_BYTES {
            return Err(SendError::TooLong);
        }
        if self.progress.is_over() || !self.pass(&self.counters.sent_wear, bytes) {
            return Err(SendError::Closed); // The stack would still queue it.
        }
        tokio::select! {
            biased;
            sent = self.carrier.send(message) => sent?,
            _ = self.progress.over() => return Err(SendError::Closed),
        }
        self.counters.sent.add(bytes);
        Ok(())
    }

    /// Takes the next message; `None` says that the connection is over.
    ///
    /// Keep receiving, on both channels: a pending call is what notices that the peer closes. What
    /// nobody takes fills the stack's queues (512 messages for each channel), then SCTP's window
    /// closes and the peer has to wait. Cancel-safe.
    pub async fn receive(&self) -> Option<Bytes> {
        loop {
            match self.next_step().await.ok()? {
                Step::Message(message) => return self.take(message),
                Step::Opened => {}
            }
        }
    }

    /// The bytes handed to [`Channel::send`] that the peer has not acknowledged; 0 once it is over.
    pub async fn buffered_bytes(&self) -> usize {
        match &self.carrier {
            Carrier::Stock(_) | Carrier::Own(_) if self.progress.is_over() => 0,
            Carrier::Stock(stack) => stack.outstanding_bytes().await.unwrap_or(0),
            Carrier::Own(line) => line.outstanding_bytes(),
        }
    }

    /// Waits until the association with the peer is up.
    pub(crate) async fn opened(&self) -> Result<(), CloseReason> {
        match self.next_step().await? {
            Step::Opened => Ok(()),
            Step::Message(_) => Err(CloseReason::Violation),
        }
    }

    async fn next_step(&self) -> Result<Step, CloseReason> {
        match &self.carrier {
            Carrier::Stock(stack) => self.next_stock_step(stack.as_ref()).await,
            Carrier::Own(line) => match line.receive().await {
                Some(message) => Ok(Step::Message(message)),
                None => {
                    self.progress.end(CloseReason::ClosedByPeer);
                    Err(self.progress.over().await)
                }
            },
        }
    }

    async fn next_stock_step(&self, stack: &dyn DataChannel) -> Result<Step, CloseReason> {
        loop {
            let event = tokio::select! {
                biased;
                event = stack.poll() => event,
                reason = self.progress.over() => return Err(reason),
            };
            match event {
                Some(DataChannelEvent::OnOpen) => return Ok(Step::Opened),
                Some(DataChannelEvent::OnMessage(message)) => {
                    return Ok(Step::Message(message.data.freeze()));
                }
                None | Some(DataChannelEvent::OnClose) => {
                    self.progress.end(CloseReason::ClosedByPeer);
                    return Err(CloseReason::ClosedByPeer);
                }
                Some(_) => {}
            }
        }
    }

    fn take(&self, message: Bytes) -> Option<Bytes> {
        if message.len() > limits::CHANNEL_MESSAGE_BYTES {
            self.progress.end(CloseReason::Violation);
            return None;
        }
        if !self.pass(&self.counters.received_wear, message.len()) {
            return None;
        }
        self.counters.received.add(message.len());
        Some(message)
    }

    /// Whether the DTLS session may carry so much more; if not, the connection is over.
    fn pass(&self, wear: &Wear, bytes: usize) -> bool {
        let may_pass = wear.pass(bytes as u64);
        if !may_pass {
            self.progress.end(CloseReason::Exhausted);
        }
        may_pass
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Channel")
    }
}

impl Carrier {
    async fn send(&self, message: Bytes) -> Result<(), SendError> {
        match self {
            Self::Stock(stack) => stack
                .send(BytesMut::from(message))
                .await
                .map_err(|_| SendError::Closed),
            Self::Own(line) => line.send(message).await,
        }
    }
}

/// What happens on a channel, as far as anybody cares.
enum Step {
    Opened,
    Message(Bytes),
}

/// Counts for both channels of a connection.
#[derive(Debug)]
pub(crate) struct Counters {
    sent: Counter,
    received: Counter,
    pub(crate) sent_wear: Wear,
    pub(crate) received_wear: Wear,
}

impl Counters {
    /// Counts from nothing, for a DTLS session that may carry `session_bytes`.
    pub(crate) fn new(session_bytes: u64) -> Self {
        Self {
            sent: Counter::default(),
            received: Counter::default(),
            sent_wear: Wear::new(session_bytes),
            received_wear: Wear::new(session_bytes),
        }
    }

    pub(crate) fn snapshot(&self) -> Statistics {
        Statistics {
            sent_bytes: self.sent.bytes.load(Ordering::Relaxed),
            sent_messages: self.sent.messages.load(Ordering::Relaxed),
            received_bytes: self.received.bytes.load(Ordering::Relaxed),
            received_messages: self.received.messages.load(Ordering::Relaxed),
        }
    }
}

#[derive(Debug, Default)]
struct Counter {
    bytes: AtomicU64,
    messages: AtomicU64,
}

impl Counter {
    fn add(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.messages.fetch_add(1, Ordering::Relaxed);
    }
}
