//! A channel between the application and the driver: messages out, messages in, and how much waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use sctp_proto::{Association, ChannelId, MessageKind};
use tokio::sync::{Mutex, Semaphore, mpsc};

use crate::channel::SendError;

/// The application's end.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    outgoing: mpsc::Sender<Bytes>,
    incoming: Arc<Mutex<mpsc::Receiver<Bytes>>>,
    room: Arc<Semaphore>,
    counts: Arc<Counts>,
}

/// The driver's end.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) id: ChannelId,
    pub(super) outgoing: mpsc::Receiver<Bytes>,
    pub(super) incoming: mpsc::Sender<Bytes>,
    /// Whether the association has messages that the application has no room for.
    pub(super) is_unread: bool,
    room: Arc<Semaphore>,
    counts: Arc<Counts>,
    /// Bytes of `room` that the association holds.
    held_bytes: usize,
}

/// Bytes that the peer has not acknowledged.
#[derive(Debug, Default)]
struct Counts {
    /// On their way to the driver.
    handed: AtomicUsize,
    /// In the association.
    taken: AtomicUsize,
}

/// Makes both ends of a channel on which `room_bytes` may wait to leave.
pub(super) fn lane(id: u16, room_bytes: usize) -> (Line, Lane) {
    let (send_outgoing, outgoing) = mpsc::channel(MESSAGES_OUT);
    let (incoming, receive_incoming) = mpsc::channel(MESSAGES_IN);
    let room = Arc::new(Semaphore::new(room_bytes));
    let counts = Arc::<Counts>::default();
    let line = Line {
        outgoing: send_outgoing,
        incoming: Arc::new(Mutex::new(receive_incoming)),
        room: room.clone(),
        counts: counts.clone(),
    };
    let lane = Lane {
        id: ChannelId(id),
        outgoing,
        incoming,
        is_unread: false,
        room,
        counts,
        held_bytes: 0,
    };
    (line, lane)
}

impl Line {
    /// Queues a message when there is room for it. Nothing is lost or counted if it is cancelled.
    pub(crate) async fn send(&self, message: Bytes) -> Result<(), SendError> {
        let closed = |()| SendError::Closed;
        let slot = self.outgoing.reserve().await;
        let slot = slot.map_err(drop).map_err(closed)?;
        let room = self.room.acquire_many(room_of(&message)).await;
        room.map_err(drop).map_err(closed)?.forget();
        self.counts
            .handed
            .fetch_add(message.len(), Ordering::AcqRel);
        slot.send(message);
        Ok(())
    }

    /// The next message; `None` once the driver has ended and everything was taken.
    pub(crate) async fn receive(&self) -> Option<Bytes> {
        self.incoming.lock().await.recv().await
    }

    pub(crate) fn outstanding_bytes(&self) -> usize {
        let handed = self.counts.handed.load(Ordering::Acquire);
        handed + self.counts.taken.load(Ordering::Acquire)
    }
}

impl Lane {
    /// Gives a message to the association, which has room for all that the application may queue.
    pub(super) fn take_over(&mut self, message: Bytes, association: &mut Association) {
        let bytes = message.len();
        self.held_bytes += usize::try_from(room_of(&message)).unwrap_or(bytes);
        self.counts.taken.fetch_add(bytes, Ordering::AcqRel);
        self.counts.handed.fetch_sub(bytes, Ordering::AcqRel);
        // It fails when the association is over, and then nothing counts any more.
        association.send(self.id, MessageKind::Binary, message).ok();
    }

    /// Everything that the application has queued.
    pub(super) fn take_over_all(&mut self, association: &mut Association) {
        while let Ok(message) = self.outgoing.try_recv() {
            self.take_over(message, association);
        }
    }

    /// Hands received messages on, as far as there is room.
    pub(super) fn deliver(&mut self, association: &mut Association) {
        while self.is_unread {
            let Ok(slot) = self.incoming.try_reserve() else {
                // Nobody will read it if the application's end is gone.
                self.is_unread = !self.incoming.is_closed();
                return;
            };
            match association.receive(self.id) {
                Some(message) => slot.send(message.into_bytes()),
                None => self.is_unread = false,
            }
        }
    }

    /// Notes what has left and what was acknowledged; `flight_bytes` is under way on all channels.
    pub(super) fn settle(&mut self, association: &Association, flight_bytes: usize) {
        let waiting = association.buffered_bytes(self.id);
        let left = self.held_bytes.saturating_sub(waiting);
        self.held_bytes -= left;
        self.room.add_permits(left);
        let taken = waiting + flight_bytes;
        self.counts.taken.store(taken, Ordering::Release);
    }
}

/// What a message takes of the room; an empty one is not for nothing.
fn room_of(message: &Bytes) -> u32 {
    u32::try_from(message.len()).unwrap_or(u32::MAX).max(1)
}

/// Messages on their way to the driver.
const MESSAGES_OUT: usize = 64;
/// Messages that wait for their reader: half a megabyte of the longest.
const MESSAGES_IN: usize = 8;
