//! The sockets of a connection, of the system or at a relay.

mod system;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::config::SocketBuffers;
use crate::relay::{Allocation, Relay};
use system::{BATCH, READ_BYTES, SystemSocket};

/// The sockets of one connection, and what could not be sent yet.
pub(super) struct Sockets {
    sockets: Vec<Socket>,
    buffers: [Box<[u8]>; BATCH],
    blocked: Option<Burst>,
    /// What the smallest receive buffer holds.
    pub(super) granted_bytes: usize,
    /// Where all of it goes through; given back with the sockets.
    relay: Option<Relay>,
    /// It is known that the relay has lost its allocation.
    is_lost: bool,
}

struct Socket {
    way: Way,
    address: SocketAddr,
}

/// What carries datagrams.
enum Way {
    System(SystemSocket),
    /// A relay, whose address for us is that of the socket.
    Relay {
        allocation: Arc<Allocation>,
        wire: Vec<u8>,
    },
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
    pub(super) async fn bind(addresses: &[SocketAddr], buffers: SocketBuffers) -> io::Result<Self> {
        let mut granted_bytes = usize::MAX;
        let mut sockets = Vec::new();
        for address in addresses {
            let (socket, granted) = SystemSocket::bind(*address, buffers).await?;
            granted_bytes = granted_bytes.min(granted);
            sockets.push(Socket {
                address: socket.address()?,
                way: Way::System(socket),
            });
        }
        Ok(Self::new(sockets, granted_bytes, None))
    }

    /// Sends and receives through a relay, as if bound to the address it gave.
    pub(super) fn through(relay: Relay) -> Self {
        let socket = Socket {
            address: relay.relayed(),
            way: Way::Relay {
                allocation: relay.allocation(),
                wire: Vec::new(),
            },
        };
        Self::new(vec![socket], RELAYED_BYTES, Some(relay))
    }

    fn new(sockets: Vec<Socket>, granted_bytes: usize, relay: Option<Relay>) -> Self {
        Self {
            sockets,
            buffers: std::array::from_fn(|_| vec![0; READ_BYTES].into_boxed_slice()),
            blocked: None,
            granted_bytes,
            relay,
            is_lost: false,
        }
    }

    /// The relay that all of it goes through.
    pub(super) fn relay(&self) -> Option<&Relay> {
        self.relay.as_ref()
    }

    /// Lets what these addresses send pass a relay, before the peer hears of it.
    pub(super) fn permit(&self, ips: impl Iterator<Item = IpAddr>) {
        if let Some(relay) = &self.relay {
            relay.permit(ips);
        }
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
        socket.map_or(1, |socket| match &socket.way {
            Way::System(socket) => socket.segments(),
            Way::Relay { allocation, .. } => allocation.segments(),
        })
    }

    /// Waits until a socket has something to read, and names it.
    pub(super) async fn readable(&self) -> usize {
        std::future::poll_fn(|cx| self.poll_readable(cx)).await
    }

    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<usize> {
        for (number, socket) in self.sockets.iter().enumerate() {
            let is_ready = match &socket.way {
                Way::System(socket) => socket.poll_readable(cx).is_ready(),
                Way::Relay { allocation, .. } => allocation.poll_receive_ready(cx).is_ready(),
            };
            if is_ready {
                return Poll::Ready(number);
            }
        }
        Poll::Pending
    }

    /// Waits until the relay has lost its allocation; forever where there is none, or where that is known.
    pub(super) async fn lost(&self) {
        std::future::poll_fn(|cx| self.poll_lost(cx)).await;
    }

    pub(super) fn note_loss(&mut self) {
        self.is_lost = true;
    }

    fn poll_lost(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.is_lost {
            return Poll::Pending;
        }
        for socket in &self.sockets {
            if let Way::Relay { allocation, .. } = &socket.way
                && allocation.poll_over(cx).is_ready()
            {
                return Poll::Ready(());
            }
        }
        Poll::Pending
    }

    /// Waits until what was blocked may be tried again; forever if nothing is.
    pub(super) async fn writable(&self) {
        let socket = self.blocked.as_ref();
        match socket.and_then(|burst| self.sockets.get(burst.socket)) {
            Some(Socket { way, .. }) => match way {
                Way::System(socket) => socket.writable().await,
                Way::Relay { allocation, .. } => {
                    std::future::poll_fn(|cx| allocation.poll_send_ready(cx)).await;
                }
            },
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
        let address = socket.address;
        match &socket.way {
            Way::System(socket) => socket.receive(&mut self.buffers, |remote, datagram| {
                take(address, remote, datagram);
            }),
            Way::Relay { allocation, .. } => {
                let [buffer, ..] = &mut self.buffers;
                let Some((peer, bytes, stride)) = allocation.receive(buffer) else {
                    return false;
                };
                for datagram in buffer[..bytes].chunks(stride.max(1)) {
                    take(address, peer, datagram);
                }
                true
            }
        }
    }

    /// Sends, or keeps what the system does not take yet.
    pub(super) fn send(&mut self, burst: Burst) -> Sent {
        let Some(socket) = self.sockets.get_mut(burst.socket) else {
            return Sent::Away;
        };
        match &mut socket.way {
            Way::System(socket) => {
                let sent = socket.send(&burst);
                if sent == Sent::Waits {
                    self.blocked = Some(burst);
                }
                sent
            }
            Way::Relay { allocation, wire } => {
                let mut cx = Context::from_waker(Waker::noop());
                if allocation.poll_send_ready(&mut cx).is_pending() {
                    self.blocked = Some(burst);
                    return Sent::Waits;
                }
                let Burst {
                    destination,
                    contents,
                    segment_bytes,
                    ..
                } = burst;
                allocation.send(destination, &contents, segment_bytes, wire);
                Sent::Away
            }
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

/// What the queue of a relay's datagrams holds.
const RELAYED_BYTES: usize = 4 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_datagram_leaves_at_once() {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut sockets = Sockets::bind(&[any], SocketBuffers::default())
            .await
            .unwrap();
        let sent = sockets.send_whole(Burst {
            socket: 0,
            destination: sockets.sockets[0].address,
            contents: vec![7; 20],
            segment_bytes: 20,
        });
        assert_eq!(sent, Sent::Away);
    }
}
