//! An allocation as our own engine uses it: datagrams in batches, without a socket in between.

use std::io::IoSliceMut;
use std::net::SocketAddr;
use std::task::{Context, Poll, Waker};

use quinn_udp::RecvMeta;

use super::Allocation;

impl Allocation {
    /// Waits until there is something to receive.
    pub(crate) fn poll_receive_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.inbox.poll_ready(cx)
    }

    /// Waits until the relay has lost the allocation and everything that came through it was taken.
    pub(crate) fn poll_over(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.inbox.poll_over(cx)
    }

    /// Takes datagrams of one peer and one length, the last may be shorter: where from, how many bytes, how long
    /// each is.
    pub(crate) fn receive(&self, buffer: &mut [u8]) -> Option<(SocketAddr, usize, usize)> {
        let mut meta = RecvMeta::default();
        let mut cx = Context::from_waker(Waker::noop());
        let taken = self
            .inbox
            .poll_take(&mut cx, &mut IoSliceMut::new(buffer), &mut meta);
        match taken {
            Poll::Ready(Some(())) => Some((meta.addr, meta.len, meta.stride)),
            Poll::Ready(None) | Poll::Pending => None,
        }
    }

    /// Waits until the way to the relay takes more; one that is broken takes everything and loses it.
    pub(crate) fn poll_send_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.line.poll_ready(cx).map(drop)
    }

    /// Sends datagrams to one peer, each `segment_bytes` long, the last may be shorter. What the system does not
    /// take is lost.
    pub(crate) fn send(
        &self,
        peer: SocketAddr,
        contents: &[u8],
        segment_bytes: usize,
        wire: &mut Vec<u8>,
    ) {
        wire.clear();
        let lengths = self.wrap(peer, contents, segment_bytes, wire);
        self.line.send_wrapped(wire, &lengths).ok();
    }

    /// How many datagrams go out at once.
    pub(crate) fn segments(&self) -> usize {
        self.line.most_segments()
    }
}
