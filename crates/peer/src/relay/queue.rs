//! Datagrams from peers, between the pump and the stack.

use std::collections::VecDeque;
use std::io::IoSliceMut;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use webrtc::runtime::RecvMeta;

/// A bounded queue; what does not fit is lost, like in a socket's buffer.
#[derive(Debug, Default)]
pub(super) struct Inbox(Mutex<Queue>);

#[derive(Debug, Default)]
struct Queue {
    bytes: Vec<u8>,
    /// Where from, and where in `bytes`.
    datagrams: VecDeque<(SocketAddr, usize, usize)>,
    waker: Option<Waker>,
    is_over: bool,
}

/// The queue while the pump fills it; dropping it wakes the stack.
pub(super) struct Filling<'a>(MutexGuard<'a, Queue>);

impl Inbox {
    pub(super) fn filling(&self) -> Filling<'_> {
        Filling(self.queue())
    }

    /// Nothing will come any more.
    pub(super) fn end(&self) {
        let mut queue = self.queue();
        queue.is_over = true;
        if let Some(waker) = queue.waker.take() {
            waker.wake();
        }
    }

    /// Waits until there is something to take; forever once nothing will come any more.
    pub(super) fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut queue = self.queue();
        if !queue.datagrams.is_empty() {
            return Poll::Ready(());
        }
        queue.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Waits until nothing will come any more.
    pub(super) fn poll_over(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut queue = self.queue();
        if queue.is_over && queue.datagrams.is_empty() {
            return Poll::Ready(());
        }
        queue.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Takes datagrams of one peer and one length, the last may be shorter, as a socket with offloads would;
    /// `None` once nothing will come any more.
    pub(super) fn poll_take(
        &self,
        cx: &mut Context<'_>,
        buf: &mut IoSliceMut<'_>,
        meta: &mut RecvMeta,
    ) -> Poll<Option<()>> {
        let mut queue = self.queue();
        if queue.take(buf, meta) {
            return Poll::Ready(Some(()));
        }
        if queue.is_over {
            return Poll::Ready(None);
        }
        // The stack looks in with a waker that wakes nobody; the one that waits must stay.
        if !cx.waker().will_wake(Waker::noop()) {
            queue.waker = Some(cx.waker().clone());
        }
        Poll::Pending
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Filling<'_> {
    pub(super) fn push(&mut self, peer: SocketAddr, payload: &[u8]) {
        let queue = &mut *self.0;
        if queue.bytes.len() + payload.len() > QUEUED_BYTES {
            return;
        }
        let start = queue.bytes.len();
        queue.bytes.extend_from_slice(payload);
        queue.datagrams.push_back((peer, start, payload.len()));
    }
}

impl Drop for Filling<'_> {
    fn drop(&mut self) {
        if !self.0.datagrams.is_empty()
            && let Some(waker) = self.0.waker.take()
        {
            waker.wake();
        }
    }
}

impl Queue {
    fn take(&mut self, buf: &mut [u8], meta: &mut RecvMeta) -> bool {
        let Some(&(peer, _, stride)) = self.datagrams.front() else {
            return false;
        };
        let mut filled = 0;
        let mut count = 0;
        while let Some(&(from, start, length)) = self.datagrams.front() {
            let fits = from == peer && length <= stride && filled + length <= buf.len();
            if count > 0 && (!fits || count == SEGMENTS) {
                break;
            }
            let kept = length.min(buf.len());
            buf[filled..filled + kept].copy_from_slice(&self.bytes[start..start + kept]);
            filled += kept;
            count += 1;
            self.datagrams.pop_front();
            if length < stride {
                break;
            }
        }
        *meta = RecvMeta::default();
        meta.addr = peer;
        meta.len = filled;
        meta.stride = stride.max(1);
        if self.datagrams.is_empty() {
            self.bytes.clear();
        }
        true
    }
}

/// As a socket's buffer: more than the largest window, twice, since bytes are freed when all are taken.
const QUEUED_BYTES: usize = 4 * 1024 * 1024;
/// As many as a socket with offloads hands over at once.
pub(super) const SEGMENTS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn take(inbox: &Inbox, bytes: usize) -> Option<(SocketAddr, Vec<u8>, usize)> {
        let mut buffer = vec![0; bytes];
        let mut meta = RecvMeta::default();
        let mut cx = Context::from_waker(Waker::noop());
        match inbox.poll_take(&mut cx, &mut IoSliceMut::new(&mut buffer), &mut meta) {
            Poll::Ready(Some(())) => {
                buffer.truncate(meta.len);
                Some((meta.addr, buffer, meta.stride))
            }
            Poll::Ready(None) | Poll::Pending => None,
        }
    }

    fn peer(port: u16) -> SocketAddr {
        ([11, 0, 0, 1], port).into()
    }

    #[test]
    fn datagrams_of_one_peer_and_length_are_taken_together() {
        let inbox = Inbox::default();
        let mut filling = inbox.filling();
        for (from, payload) in [
            (1, "aa"),
            (1, "bb"),
            (1, "c"),
            (1, "dd"),
            (2, "ee"),
            (2, "fff"),
        ] {
            filling.push(peer(from), payload.as_bytes());
        }
        drop(filling);
        assert_eq!(take(&inbox, 100), Some((peer(1), b"aabbc".to_vec(), 2)));
        assert_eq!(take(&inbox, 100), Some((peer(1), b"dd".to_vec(), 2)));
        assert_eq!(take(&inbox, 100), Some((peer(2), b"ee".to_vec(), 2)));
        assert_eq!(take(&inbox, 100), Some((peer(2), b"fff".to_vec(), 3)));
        assert_eq!(take(&inbox, 100), None);
    }

    #[test]
    fn a_small_buffer_gets_what_fits() {
        let inbox = Inbox::default();
        let mut filling = inbox.filling();
        (0..3).for_each(|_| filling.push(peer(1), b"four"));
        drop(filling);
        assert_eq!(take(&inbox, 9).unwrap().1.len(), 8);
        assert_eq!(take(&inbox, 9).unwrap().1.len(), 4);
    }

    #[test]
    fn what_does_not_fit_is_lost_and_nothing_grows() {
        let inbox = Inbox::default();
        let mut filling = inbox.filling();
        (0..10_000).for_each(|_| filling.push(peer(1), &[7; 1_000]));
        drop(filling);
        assert!(inbox.queue().bytes.len() <= QUEUED_BYTES);
    }
}
