//! Sockets that send and receive many datagrams in one call.

use std::io::{self, IoSliceMut};
use std::net::{SocketAddr, UdpSocket as BlockingSocket};
use std::task::{Context, Poll};

use quinn_udp::{RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use tokio::io::Interest;
use tokio::net::UdpSocket;

use crate::config::SocketBuffers;

/// The sockets of one connection, and what could not be sent yet.
pub(super) struct Sockets {
    sockets: Vec<Socket>,
    buffers: [Box<[u8]>; BATCH],
    blocked: Option<Burst>,
    /// What the smallest receive buffer holds.
    pub(super) granted_bytes: usize,
}

struct Socket {
    io: UdpSocket,
    state: UdpSocketState,
    address: SocketAddr,
}

/// Datagrams to one place, each `segment_bytes` long, the last one may be shorter.
#[derive(Debug)]
pub(super) struct Burst {
    pub(super) socket: usize,
    pub(super) destination: SocketAddr,
    pub(super) contents: Vec<u8>,
    pub(super) segment_bytes: usize,
}

/// What became of a burst.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// It left, or is lost like any datagram.
    Away,
    /// It waits for the system.
    Waits,
    /// The system does not carry datagrams of this size.
    TooLarge,
}

impl Sockets {
    /// Binds one socket to each address, on a port of the system's choice.
    pub(super) fn bind(addresses: &[SocketAddr], buffers: SocketBuffers) -> io::Result<Self> {
        let mut granted_bytes = usize::MAX;
        let mut sockets = Vec::new();
        for address in addresses {
            let socket = BlockingSocket::bind(address)?;
            granted_bytes = granted_bytes.min(buffers.apply(&socket)?);
            let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
            socket.set_nonblocking(true)?;
            sockets.push(Socket {
                address: socket.local_addr()?,
                io: UdpSocket::from_std(socket)?,
                state,
            });
        }
        Ok(Self {
            sockets,
            buffers: std::array::from_fn(|_| vec![0; READ_BYTES].into_boxed_slice()),
            blocked: None,
            granted_bytes,
        })
    }

    pub(super) fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.sockets.iter().map(|socket| socket.address)
    }

    /// The socket that is bound to `address`.
    pub(super) fn at(&self, address: SocketAddr) -> Option<usize> {
        self.sockets
            .iter()
            .position(|socket| socket.address == address)
    }

    /// How many datagrams one call may send.
    pub(super) fn segments(&self, socket: usize) -> usize {
        let socket = self.sockets.get(socket);
        socket.map_or(1, |socket| socket.state.max_gso_segments())
    }

    /// Waits until a socket has something to read, and names it.
    pub(super) async fn readable(&self) -> usize {
        std::future::poll_fn(|cx| self.poll_readable(cx)).await
    }

    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<usize> {
        for (number, socket) in self.sockets.iter().enumerate() {
            if socket.io.poll_recv_ready(cx).is_ready() {
                return Poll::Ready(number);
            }
        }
        Poll::Pending
    }

    /// Waits until what was blocked may be tried again; forever if nothing is.
    pub(super) async fn writable(&self) {
        let socket = self.blocked.as_ref();
        match socket.and_then(|burst| self.sockets.get(burst.socket)) {
            Some(socket) => drop(socket.io.writable().await),
            None => std::future::pending().await,
        }
    }

    pub(super) fn is_blocked(&self) -> bool {
        self.blocked.is_some()
    }

    /// Reads once; hands each datagram with its source to `take`. Returns whether there may be more.
    pub(super) fn receive(
        &mut self,
        number: usize,
        mut take: impl FnMut(SocketAddr, SocketAddr, &[u8]),
    ) -> bool {
        let Some(socket) = self.sockets.get(number) else {
            return false;
        };
        let mut meta = [RecvMeta::default(); BATCH];
        let mut slices = self
            .buffers
            .each_mut()
            .map(|buffer| IoSliceMut::new(buffer));
        let received = socket.io.try_io(Interest::READABLE, || {
            let io = UdpSockRef::from(&socket.io);
            socket.state.recv(io, &mut slices, &mut meta)
        });
        let Ok(count) = received else {
            return false; // Nothing there, or an error that a datagram of ours caused.
        };
        for (meta, buffer) in meta.iter().zip(&self.buffers).take(count) {
            for datagram in buffer[..meta.len].chunks(meta.stride.max(1)) {
                take(socket.address, meta.addr, datagram);
            }
        }
        true
    }

    /// Sends, or keeps what the system does not take yet.
    pub(super) fn send(&mut self, burst: Burst) -> Sent {
        let Some(socket) = self.sockets.get(burst.socket) else {
            return Sent::Away;
        };
        let transmit = Transmit {
            destination: burst.destination,
            ecn: None,
            contents: &burst.contents,
            segment_size: Some(burst.segment_bytes),
            src_ip: None,
        };
        let sent = socket.io.try_io(Interest::WRITABLE, || {
            let io = UdpSockRef::from(&socket.io);
            socket.state.try_send(io, &transmit)
        });
        match sent {
            Ok(()) => Sent::Away,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.blocked = Some(burst);
                Sent::Waits
            }
            Err(error) if quinn_udp::is_msg_size_err(&error) => Sent::TooLarge,
            Err(_) => Sent::Away, // As if it was lost on the way.
        }
    }

    /// Sends something that is repeated by whoever needs it: it does not wait for the system.
    pub(super) fn send_whole(&mut self, burst: Burst) -> Sent {
        let blocked = self.blocked.take();
        let sent = self.send(burst);
        if blocked.is_some() {
            self.blocked = blocked;
        }
        sent
    }

    /// Tries again what was blocked.
    pub(super) fn resume(&mut self) {
        if let Some(burst) = self.blocked.take() {
            self.send(burst);
        }
    }
}

/// Reads of one call.
const BATCH: usize = 8;
/// As much as the system joins together.
const READ_BYTES: usize = 64 * 1024;
