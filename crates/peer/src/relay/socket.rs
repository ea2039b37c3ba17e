//! What the stack takes for a UDP socket.

use std::fmt;
use std::io::{self, IoSliceMut};
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use webrtc::runtime::{AsyncUdpSocket, RecvMeta, Transmit};

use super::Allocation;
use super::queue::SEGMENTS;

/// An allocation behind the address of a socket that carries nothing.
///
/// The stack knows sockets by the address it bound, so one is bound.
pub(crate) struct RelaySocket {
    allocation: Arc<Allocation>,
    face: UdpSocket,
    wire: Mutex<Vec<u8>>,
}

impl fmt::Debug for RelaySocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RelaySocket")
    }
}

impl RelaySocket {
    pub(crate) fn new(allocation: Arc<Allocation>, face: UdpSocket) -> Self {
        Self {
            allocation,
            face,
            wire: Mutex::default(),
        }
    }
}

impl AsyncUdpSocket for RelaySocket {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.face.local_addr()
    }

    fn poll_send(&self, cx: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        // Asked first, so that a datagram is wrapped once.
        ready!(self.allocation.line.poll_ready(cx))?;
        let mut wire = self.wire.lock().unwrap_or_else(PoisonError::into_inner);
        wire.clear();
        let contents = transmit.contents;
        let segment_bytes = transmit.segment_size.unwrap_or(contents.len());
        let lengths =
            self.allocation
                .wrap(transmit.destination, contents, segment_bytes, &mut wire);
        self.allocation.line.send_wrapped(&wire, &lengths)?;
        Poll::Ready(Ok(contents.len()))
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let (Some(buf), Some(meta)) = (bufs.first_mut(), meta.first_mut()) else {
            return Poll::Ready(Ok(0));
        };
        match ready!(self.allocation.inbox.poll_take(cx, buf, meta)) {
            Some(()) => Poll::Ready(Ok(1)),
            // Silence ends the connection; an error here would only be asked about again and again.
            None => Poll::Pending,
        }
    }

    fn max_gso_segments(&self) -> usize {
        self.allocation.line.most_segments()
    }

    fn max_gro_segments(&self) -> usize {
        SEGMENTS
    }
}
