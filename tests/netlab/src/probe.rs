//! Finds out how a NAT maps and filters, as RFC 5780 §4 does, with datagrams of our own.
//!
//! A server has two addresses and two ports at each. Asked at one of the four, it answers from the one that
//! the question names, and says as whom it saw the asker.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::lab::Lab;
use crate::node::Node;

/// What a NAT's mapping (RFC 4787 §4.1) or filtering (RFC 4787 §5) depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dependency {
    /// On nothing outside.
    EndpointIndependent,
    /// On the address outside.
    AddressDependent,
    /// On the address and the port outside.
    AddressAndPortDependent,
}

/// What a probe found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behaviour {
    /// As whom the outside sees the device when it first asks.
    pub seen_as: SocketAddr,
    /// Whether that is the device's own address and port.
    pub is_translated: bool,
    /// How it maps.
    pub mapping: Dependency,
    /// How it filters.
    pub filtering: Dependency,
    /// Whether the device reaches itself at its address outside (RFC 4787 §6).
    pub hairpins: bool,
}

/// The four places at which the server answers; dropping it ends that.
#[derive(Debug)]
pub struct Server {
    is_stopped: Arc<AtomicBool>,
    answering: Vec<JoinHandle<()>>,
}

impl Server {
    /// Answers in the internet of `lab`.
    pub fn start(lab: &Lab) -> Result<Self> {
        let places: Vec<UdpSocket> = lab.node("inet").inside(|| {
            let sockets = PLACES.iter().map(|&place| UdpSocket::bind(place));
            sockets.collect::<io::Result<_>>()
        })?;
        let places = Arc::new(places);
        let is_stopped = Arc::new(AtomicBool::new(false));
        let answering = (0..PLACES.len()).map(|at| {
            let (places, is_stopped) = (places.clone(), is_stopped.clone());
            thread::spawn(move || answer(&places, at, &is_stopped))
        });
        Ok(Self {
            answering: answering.collect(),
            is_stopped,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_stopped.store(true, Ordering::Relaxed);
        for thread in self.answering.drain(..) {
            thread.join().expect("an answering thread does not panic");
        }
    }
}

/// Probes from `node`; there must be a [`Server`].
pub fn probe(node: &Node) -> Result<Behaviour> {
    node.inside(|| {
        let (mapping, seen_as, own) = probe_mapping()?;
        Ok(Behaviour {
            seen_as,
            is_translated: seen_as != own,
            mapping,
            filtering: probe_filtering()?,
            hairpins: probe_hairpin()?,
        })
    })
}

/// Whether `node` gets an answer from the server at all.
pub fn reaches_server(node: &Node) -> Result<bool> {
    node.inside(|| {
        let socket = Probing::new()?;
        Ok(socket.ask(0, 0).is_some())
    })
}

fn probe_mapping() -> Result<(Dependency, SocketAddr, SocketAddr)> {
    let socket = Probing::new()?;
    let seen = |at| socket.ask(at, at).context("the server does not answer");
    let (first, other_port, other_address) = (seen(0)?, seen(1)?, seen(2)?);
    let mapping = match (first == other_port, first == other_address) {
        (true, true) => Dependency::EndpointIndependent,
        (true, false) => Dependency::AddressDependent,
        (false, _) => Dependency::AddressAndPortDependent,
    };
    Ok((mapping, first, socket.own_address()?))
}

fn probe_filtering() -> Result<Dependency> {
    // A new socket for each: what was sent to one place must not open the way for another.
    if Probing::new()?.ask(0, 2).is_some() {
        return Ok(Dependency::EndpointIndependent);
    }
    if Probing::new()?.ask(0, 1).is_some() {
        return Ok(Dependency::AddressDependent);
    }
    if Probing::new()?.ask(0, 0).is_none() {
        bail!("the server does not answer at all");
    }
    Ok(Dependency::AddressAndPortDependent)
}

fn probe_hairpin() -> Result<bool> {
    let (one, other) = (Probing::new()?, Probing::new()?);
    let outside = one.ask(0, 0).context("the server does not answer")?;
    let seen_other = other.ask(0, 0).context("the server does not answer")?;
    // Both send, so that no filter stands in the way.
    let sent = one
        .socket
        .send_to(b"hairpin", seen_other)
        .and(other.socket.send_to(b"hairpin", outside));
    let mut buffer = [0; 64];
    Ok(sent.is_ok() && matches!(one.socket.recv_from(&mut buffer), Ok((7, _))))
}

/// A socket that asks.
struct Probing {
    socket: UdpSocket,
}

impl Probing {
    fn new() -> Result<Self> {
        let socket = UdpSocket::bind((IpAddr::from([0, 0, 0, 0]), 0))?;
        socket.set_read_timeout(Some(ANSWER_TIME))?;
        Ok(Self { socket })
    }

    fn own_address(&self) -> Result<SocketAddr> {
        let route = UdpSocket::bind((IpAddr::from([0, 0, 0, 0]), 0))?;
        route.connect(PLACES[0])?;
        Ok(SocketAddr::new(
            route.local_addr()?.ip(),
            self.socket.local_addr()?.port(),
        ))
    }

    /// Asks at one place to be answered from another; returns as whom the server saw this socket.
    fn ask(&self, at: u8, from: u8) -> Option<SocketAddr> {
        for _ in 0..ATTEMPTS {
            // What cannot be sent is not answered.
            self.socket.send_to(&[from], PLACES[usize::from(at)]).ok();
            let mut buffer = [0; 64];
            while let Ok((bytes, source)) = self.socket.recv_from(&mut buffer) {
                if source == PLACES[usize::from(from)].into() {
                    return std::str::from_utf8(&buffer[..bytes]).ok()?.parse().ok();
                }
            }
        }
        None
    }
}

fn answer(places: &[UdpSocket], at: usize, is_stopped: &AtomicBool) {
    let own = &places[at];
    own.set_read_timeout(Some(LOOK_AGAIN))
        .expect("a timeout can be set");
    let mut question = [0; 64];
    while !is_stopped.load(Ordering::Relaxed) {
        let Ok((1, asker)) = own.recv_from(&mut question) else {
            continue;
        };
        if let Some(place) = places.get(usize::from(question[0])) {
            // An asker that cannot be reached gets no answer.
            place.send_to(asker.to_string().as_bytes(), asker).ok();
        }
    }
}

/// Two addresses, two ports each: 0 and 1 share an address, 0 and 2 share a port.
const PLACES: [(Ipv4Addr, u16); 4] = [
    (Ipv4Addr::new(11, 0, 0, 1), 7_001),
    (Ipv4Addr::new(11, 0, 0, 1), 7_002),
    (Ipv4Addr::new(11, 0, 0, 2), 7_001),
    (Ipv4Addr::new(11, 0, 0, 2), 7_002),
];
const ATTEMPTS: usize = 3;
const ANSWER_TIME: Duration = Duration::from_millis(300);
const LOOK_AGAIN: Duration = Duration::from_millis(50);
