//! UDP sockets that read and write many datagrams at once, and the relayed sockets made of them.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use socket2::{Domain, Protocol, SockAddr, SockRef, Socket, Type};
use tokio::io::Interest;
use tokio::net::UdpSocket;
use tokio_util::sync::CancellationToken;
use turn_proto::Family;
use turn_proto::policy::PeerPolicy;
use turn_proto::server::AllocateRefusal;

use crate::config::Config;
use crate::ledger::{Ledger, Place};

/// A UDP socket with offloads where the system has them.
#[derive(Debug)]
pub(crate) struct BatchSocket {
    socket: UdpSocket,
    state: UdpSocketState,
    address: SocketAddr,
}

impl BatchSocket {
    /// Binds with buffers of so many bytes, as far as the system grants them.
    pub(crate) fn bind(address: SocketAddr, buffer_bytes: usize) -> io::Result<Self> {
        let socket = Socket::new(
            Domain::for_address(address),
            Type::DGRAM,
            Some(Protocol::UDP),
        )?;
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        socket.set_nonblocking(true)?;
        // Too little is a matter of speed only, and is what the system's owner wants.
        for bytes in [buffer_bytes, buffer_bytes / 4] {
            let received = SockRef::from(&socket).set_recv_buffer_size(bytes);
            let sent = SockRef::from(&socket).set_send_buffer_size(bytes);
            if received.is_ok() && sent.is_ok() {
                break;
            }
        }
        socket.bind(&SockAddr::from(address))?;
        let socket = UdpSocket::from_std(socket.into())?;
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        let address = socket.local_addr()?;
        Ok(Self {
            socket,
            state,
            address,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) async fn readable(&self) -> io::Result<()> {
        self.socket.readable().await
    }

    /// Reads what is there, without waiting: how many of the buffers are filled.
    pub(crate) fn read(&self, inbox: &mut Inbox) -> io::Result<usize> {
        let Inbox { buffers, metas } = inbox;
        let mut slices = buffers.iter_mut().map(|buffer| IoSliceMut::new(buffer));
        let mut slices: [IoSliceMut<'_>; BATCH_SIZE] =
            std::array::from_fn(|_| slices.next().expect("there are as many buffers"));
        self.socket.try_io(Interest::READABLE, || {
            self.state
                .recv(UdpSockRef::from(&self.socket), &mut slices, metas)
        })
    }

    /// Sends datagrams of `segment_bytes` each, the last may be shorter. What does not go is lost, as on any
    /// way between.
    pub(crate) fn send(
        &self,
        destination: SocketAddr,
        source: Option<IpAddr>,
        contents: &[u8],
        segment_bytes: usize,
    ) {
        let transmit = Transmit {
            destination,
            ecn: None,
            contents,
            segment_size: (segment_bytes < contents.len()).then_some(segment_bytes),
            src_ip: source,
        };
        let sent = self.socket.try_io(Interest::WRITABLE, || {
            self.state
                .try_send(UdpSockRef::from(&self.socket), &transmit)
        });
        if let Err(error) = sent {
            tracing::trace!(%error, "datagrams were dropped");
        }
    }

    fn most_segments(&self) -> usize {
        self.state.max_gso_segments()
    }
}

/// Room for one read; tasks that read many sockets in turn need only one.
pub(crate) struct Inbox {
    buffers: Vec<Vec<u8>>,
    metas: [RecvMeta; BATCH_SIZE],
}

impl Inbox {
    pub(crate) fn new() -> Self {
        Self {
            buffers: vec![vec![0; READ_BYTES]; BATCH_SIZE],
            metas: [RecvMeta::default(); BATCH_SIZE],
        }
    }

    /// The datagrams of the last read: from where, to which of our addresses, and what.
    pub(crate) fn datagrams(
        &self,
        count: usize,
    ) -> impl Iterator<Item = (SocketAddr, Option<IpAddr>, &[u8])> {
        self.metas[..count]
            .iter()
            .zip(&self.buffers)
            .flat_map(|(meta, buffer)| {
                let parts = buffer[..meta.len].chunks(meta.stride.max(1));
                parts.map(|part| (canonical(meta.addr), meta.dst_ip, part))
            })
    }
}

/// Datagrams to one place that go out together.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    contents: Vec<u8>,
    destination: Option<(SocketAddr, Option<IpAddr>)>,
    segment_bytes: usize,
    segments: usize,
    is_closed: bool,
}

impl Outbox {
    /// Adds a datagram that `write` appends, after sending what cannot go together with it.
    pub(crate) fn push(
        &mut self,
        socket: &BatchSocket,
        to: (SocketAddr, Option<IpAddr>),
        bytes: usize,
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        let fits = self.destination == Some(to)
            && !self.is_closed
            && bytes <= self.segment_bytes
            && self.segments < socket.most_segments()
            && self.contents.len() + bytes <= SEND_BYTES;
        if !fits {
            self.flush(socket);
            self.destination = Some(to);
            self.segment_bytes = bytes;
        }
        let start = self.contents.len();
        write(&mut self.contents);
        debug_assert_eq!(
            self.contents.len() - start,
            bytes,
            "as long as it was said to be"
        );
        self.segments += 1;
        self.is_closed = bytes < self.segment_bytes;
    }

    /// Sends what is there.
    pub(crate) fn flush(&mut self, socket: &BatchSocket) {
        if let Some((destination, source)) = self.destination.take()
            && !self.contents.is_empty()
        {
            socket.send(destination, source, &self.contents, self.segment_bytes);
        }
        self.contents.clear();
        self.segments = 0;
        self.is_closed = false;
    }
}

/// The socket of one allocation.
#[derive(Debug)]
pub(crate) struct RelaySocket {
    pub(crate) socket: BatchSocket,
    released: CancellationToken,
}

/// An allocation's hold on its socket and its place; dropping it gives both back.
#[derive(Debug)]
pub(crate) struct Holding {
    pub(crate) relay: Arc<RelaySocket>,
    _place: Place,
}

impl RelaySocket {
    /// Waits until a peer has sent something, or the allocation is over.
    pub(crate) async fn readable(&self) {
        let readable = self.released.run_until_cancelled(self.socket.readable());
        if let Some(Err(error)) = readable.await {
            tracing::debug!(%error, "a relayed socket cannot be read");
            tokio::time::sleep(FAULT_PAUSE).await;
        }
    }
}

impl Holding {
    /// Opens a socket for an allocation of `user` whose client came to `own`.
    pub(crate) fn open(
        (config, ledger): (&Config, &Arc<Ledger>),
        family: Family,
        user: &str,
        own: Option<IpAddr>,
    ) -> Result<Self, AllocateRefusal> {
        let mut place = ledger.admit(user)?;
        let of_family = |ip: &IpAddr| Family::of(*ip) == family && !ip.is_unspecified();
        let configured = config.relay_addresses.iter().copied().find(of_family);
        let ip = configured
            .or(own.filter(of_family))
            .or_else(|| address_of(family, config.is_loopback()));
        let ip = ip.ok_or(AllocateRefusal::Family)?;
        let socket = bind_in(ip, config).ok_or(AllocateRefusal::Capacity)?;
        place.settle(socket.address());
        let released = CancellationToken::new();
        Ok(Self {
            relay: Arc::new(RelaySocket { socket, released }),
            _place: place,
        })
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.relay.released.cancel();
    }
}

/// Whether datagrams may go to one of our own addresses: the last answer, and when it was given.
#[derive(Debug, Default)]
pub(crate) struct OwnPeers {
    last: Option<(SocketAddr, u64, bool)>,
}

impl OwnPeers {
    /// Whether a datagram may go to `peer`, whose address was permitted: ours only where an allocation is.
    pub(crate) fn allow(&mut self, peer: SocketAddr, ledger: &Ledger, policy: &PeerPolicy) -> bool {
        if !policy.own.contains(&peer.ip()) {
            return true;
        }
        let generation = ledger.generation();
        if let Some((known, then, is_relayed)) = self.last
            && known == peer
            && then == generation
        {
            return is_relayed;
        }
        let is_relayed = ledger.is_relayed(peer);
        self.last = Some((peer, generation, is_relayed));
        is_relayed
    }
}

/// Tries ports at random until one is free.
fn bind_in(ip: IpAddr, config: &Config) -> Option<BatchSocket> {
    let range = config.relay_ports.range();
    let ports = u32::from(*range.end()) - u32::from(*range.start()) + 1;
    for _ in 0..PORT_TRIES {
        let mut random = [0; 4];
        getrandom::fill(&mut random).expect("without random bytes nothing here is safe to do");
        let offset = u32::from_be_bytes(random) % ports;
        let port = u16::try_from(u32::from(*range.start()) + offset).ok()?;
        if let Ok(socket) = BatchSocket::bind(SocketAddr::new(ip, port), RELAY_BUFFER_BYTES) {
            return Some(socket);
        }
    }
    None
}

/// An address of this machine that others reach.
fn address_of(family: Family, loopback: bool) -> Option<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().ok()?;
    let is_wanted = |ip: &IpAddr| {
        let is_link_local = match ip {
            IpAddr::V4(ip) => ip.is_link_local(),
            IpAddr::V6(ip) => ip.is_unicast_link_local(),
        };
        Family::of(*ip) == family && ip.is_loopback() == loopback && !is_link_local
    };
    interfaces
        .iter()
        .map(if_addrs::Interface::ip)
        .find(is_wanted)
}

/// An IPv4 address as such, also where a socket of both families says it in IPv6.
pub(crate) fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// As much as the system may hand over as one.
const READ_BYTES: usize = 64 * 1024;
/// As much as the system takes as one, with its own headers.
const SEND_BYTES: usize = 60 * 1024;
/// More than a window of SCTP, which may come in one burst.
const RELAY_BUFFER_BYTES: usize = 2 * 1024 * 1024;
/// After an error of a socket, so that none turns into a busy loop.
const FAULT_PAUSE: std::time::Duration = std::time::Duration::from_millis(500);
/// In a range that is half full nearly every search ends well before.
const PORT_TRIES: usize = 64;
