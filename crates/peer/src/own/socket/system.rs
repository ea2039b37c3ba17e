//! A UDP socket of the system: many datagrams in one call where the system can, and one by one where it cannot.

use std::io::{self, IoSliceMut};
use std::net::{SocketAddr, UdpSocket as BlockingSocket};
use std::task::{Context, Poll};

use quinn_udp::{RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use tokio::io::Interest;
use tokio::net::UdpSocket;

use super::{Burst, Sent};
use crate::config::SocketBuffers;

pub(super) struct SystemSocket {
    io: UdpSocket,
    /// None where the system lacks what they need.
    offloads: Option<UdpSocketState>,
}

impl SystemSocket {
    /// Binds, and tells how many bytes its receive buffer holds.
    pub(super) async fn bind(
        address: SocketAddr,
        buffers: SocketBuffers,
    ) -> io::Result<(Self, usize)> {
        let socket = BlockingSocket::bind(address)?;
        let granted_bytes = buffers.apply(&socket)?;
        let offloads = UdpSocketState::new(UdpSockRef::from(&socket))
            .inspect_err(|error| tracing::debug!(%error, "datagrams go one by one"))
            .ok();
        socket.set_nonblocking(true)?;
        let io = UdpSocket::from_std(socket)?;
        // A socket counts as full until the runtime has looked at it once.
        io.writable().await?;
        Ok((Self { io, offloads }, granted_bytes))
    }

    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.io.local_addr()
    }

    /// How many datagrams one call may send.
    pub(super) fn segments(&self) -> usize {
        let offloads = self.offloads.as_ref();
        offloads.map_or(1, UdpSocketState::max_gso_segments)
    }

    pub(super) fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<()> {
        // An error is met when it is read.
        self.io.poll_recv_ready(cx).map(drop)
    }

    pub(super) async fn writable(&self) {
        self.io.writable().await.ok();
    }

    /// Reads once; hands each datagram with its source to `take`. Returns whether there may be more.
    pub(super) fn receive(
        &self,
        buffers: &mut [Box<[u8]>; BATCH],
        mut take: impl FnMut(SocketAddr, &[u8]),
    ) -> bool {
        let Some(offloads) = &self.offloads else {
            let [buffer, ..] = buffers;
            let received = self.io.try_recv_from(buffer);
            return received
                .map(|(bytes, remote)| take(remote, &buffer[..bytes]))
                .is_ok();
        };
        let mut meta = [RecvMeta::default(); BATCH];
        let mut slices = buffers.each_mut().map(|buffer| IoSliceMut::new(buffer));
        let received = self.io.try_io(Interest::READABLE, || {
            offloads.recv(UdpSockRef::from(&self.io), &mut slices, &mut meta)
        });
        let Ok(count) = received else {
            return false; // Nothing there, or an error that a datagram of ours caused.
        };
        for (meta, buffer) in meta.iter().zip(buffers).take(count) {
            for datagram in buffer[..meta.len].chunks(meta.stride.max(1)) {
                take(meta.addr, datagram);
            }
        }
        true
    }

    /// Sends no more than [`SystemSocket::segments`] datagrams.
    pub(super) fn send(&self, burst: &Burst) -> Sent {
        let sent = match &self.offloads {
            Some(offloads) => {
                let transmit = Transmit {
                    destination: burst.destination,
                    ecn: None,
                    contents: &burst.contents,
                    segment_size: Some(burst.segment_bytes),
                    src_ip: None,
                };
                self.io.try_io(Interest::WRITABLE, || {
                    offloads.try_send(UdpSockRef::from(&self.io), &transmit)
                })
            }
            None => {
                let sent = self.io.try_send_to(&burst.contents, burst.destination);
                sent.map(drop)
            }
        };
        match sent {
            Ok(()) => Sent::Away,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Sent::Waits,
            Err(error) if quinn_udp::is_msg_size_err(&error) => Sent::TooLarge,
            Err(_) => Sent::Away, // As if it was lost on the way.
        }
    }
}

/// Reads of one call.
pub(super) const BATCH: usize = 8;
/// As much as the system joins together.
pub(super) const READ_BYTES: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    async fn socket() -> SystemSocket {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let bound = SystemSocket::bind(any, SocketBuffers::default()).await;
        bound.unwrap().0
    }

    #[tokio::test]
    async fn a_system_without_offloads_carries_datagrams_one_by_one() {
        for has_offloads in [true, false] {
            let (mut from, mut to) = (socket().await, socket().await);
            if !has_offloads {
                (from.offloads, to.offloads) = (None, None);
                assert_eq!(from.segments(), 1);
            }
            for number in 0..20_u8 {
                let sent = from.send(&Burst {
                    socket: 0,
                    destination: to.address().unwrap(),
                    contents: vec![number; 900],
                    segment_bytes: 900,
                });
                assert_eq!(sent, Sent::Away);
            }
            let mut buffers = std::array::from_fn(|_| vec![0; READ_BYTES].into_boxed_slice());
            let mut received = Vec::new();
            while received.len() < 20 {
                std::future::poll_fn(|cx| to.poll_readable(cx)).await;
                to.receive(&mut buffers, |remote, datagram| {
                    assert_eq!(remote, from.address().unwrap());
                    received.push(datagram.to_vec());
                });
            }
            assert!((0..20).map(|number| vec![number; 900]).eq(received));
        }
    }
}
