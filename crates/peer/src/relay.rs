//! An allocation at a relay that looks like a bound UDP socket.
//!
//! The stack sees an ordinary socket. What leaves through it is wrapped for the relay, what comes back is
//! unwrapped and has the peer's address as its source; to ICE the relay is a NAT. So the stack's own relay
//! client is never used, and the same works over UDP, TCP and TLS.
//!
//! ```text
//! webrtc ── GuardedSocket ── RelaySocket ──┐                ┌── UDP, or a connection
//!               our own engine's sockets ──┼── Allocation ──┤
//!                            pump task ────┘   (machine)    └── to the relay
//! ```

mod direct;
mod line;
mod queue;
mod socket;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures_util::stream::{FuturesUnordered, StreamExt};
use model::{Candidate, CandidateKind};
use ring::rand::{SecureRandom, SystemRandom};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use turn_proto::Family;
use turn_proto::client::{Client, ClientConfig, ClientOutput, EndReason, Sending};
use turn_proto::credentials::Credentials;
use turn_proto::frame::Frame;

use line::{Line, Reader};
use queue::Inbox;
pub(crate) use socket::RelaySocket;

/// How a relay is reached, and what it is shown.
#[derive(Clone)]
pub struct RelayAccess {
    /// Shown to the relay.
    pub credentials: Credentials,
    /// How it is reached.
    pub way: RelayWay,
    /// Whether it was the one that granted last; the same for all copies.
    merit: Arc<AtomicBool>,
}

impl RelayAccess {
    /// A relay that was not asked yet.
    pub fn new(credentials: Credentials, way: RelayWay) -> Self {
        Self {
            credentials,
            way,
            merit: Arc::default(),
        }
    }

    fn has_merit(&self) -> bool {
        self.merit.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for RelayAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RelayAccess(…)")
    }
}

/// How a relay is reached.
#[derive(Clone)]
pub enum RelayWay {
    /// By datagrams, at this place.
    Udp(Arc<dyn FindRelay>),
    /// Through a connection that somebody else makes: TCP, TLS, through proxies.
    Stream(Arc<dyn DialRelay>),
}

/// Finds out where a relay is.
#[async_trait]
pub trait FindRelay: Send + Sync {
    /// Its address; may ask a resolver.
    async fn find(&self) -> io::Result<SocketAddr>;
}

#[async_trait]
impl FindRelay for SocketAddr {
    async fn find(&self) -> io::Result<SocketAddr> {
        Ok(*self)
    }
}

/// Makes connections to a relay.
#[async_trait]
pub trait DialRelay: Send + Sync {
    /// Makes one.
    async fn dial(&self) -> io::Result<Box<dyn RelayStream>>;
}

/// Bytes to a relay and back.
pub trait RelayStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> RelayStream for T {}

/// Asks a relay for an address and gives it back at once: whether it can be reached, and would relay.
pub async fn try_relay(access: &RelayAccess) -> Result<(), RelayError> {
    Relay::allocate(std::slice::from_ref(access)).await?;
    Ok(())
}

/// Why there is no relayed address.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// No relay was named.
    #[error("no relay is known")]
    NoRelay,
    /// The relay was not reached.
    #[error("the relay was not reached: {0}")]
    Unreachable(#[from] io::Error),
    /// The relay refused, or lost, the allocation.
    #[error(transparent)]
    Ended(#[from] EndReason),
}

/// One allocation, shared by its socket and its pump.
pub(crate) struct Allocation {
    state: Mutex<State>,
    line: Line,
    inbox: Inbox,
    /// The machine's next deadline may have changed.
    changed: Notify,
}

struct State {
    client: Client,
    relayed: Option<SocketAddr>,
    end: Option<EndReason>,
    /// What was sent before its permission was granted.
    held: BTreeMap<IpAddr, Vec<(SocketAddr, Vec<u8>)>>,
    /// Peers that a channel was asked for.
    bound: BTreeSet<SocketAddr>,
}

/// An allocation that stands, with the task that reads from the relay and keeps it. Dropping it gives the
/// allocation back.
pub(crate) struct Relay {
    allocation: Arc<Allocation>,
    relayed: SocketAddr,
    _pump: JoinSet<()>,
}

impl fmt::Debug for Allocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Allocation(…)")
    }
}

impl Relay {
    /// Asks all relays, the one that granted last at once and each other one a little later; the first that
    /// grants is taken.
    pub(crate) async fn allocate(access: &[RelayAccess]) -> Result<Self, RelayError> {
        let mut ranked: Vec<&RelayAccess> = access.iter().collect();
        ranked.sort_by_key(|access| !access.has_merit());
        let ranked = ranked.into_iter().zip(0_u32..);
        let mut asking: FuturesUnordered<_> = ranked
            .map(|(access, rank)| async move {
                tokio::time::sleep(head_start(rank)).await;
                let asked = tokio::time::timeout(ALLOCATE_TIME, Self::ask(access)).await;
                let asked = asked.unwrap_or(Err(RelayError::Ended(EndReason::Silent)));
                asked.map(|relay| (access, relay))
            })
            .collect();
        let mut last = RelayError::NoRelay;
        while let Some(result) = asking.next().await {
            match result {
                Ok((best, relay)) => {
                    for access in access {
                        let is_best = Arc::ptr_eq(&access.merit, &best.merit);
                        access.merit.store(is_best, Ordering::Relaxed);
                    }
                    return Ok(relay);
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Asks for an address of IPv4, whichever family leads to the relay: two devices of which each is at a relay
    /// meet there, and most others have it. A relay without IPv4 is asked for the other.
    async fn ask(access: &RelayAccess) -> Result<Self, RelayError> {
        match Self::ask_for(access, Family::V4).await {
            Err(RelayError::Ended(EndReason::NoFamily)) => Self::ask_for(access, Family::V6).await,
            asked => asked,
        }
    }

    async fn ask_for(access: &RelayAccess, family: Family) -> Result<Self, RelayError> {
        let (line, mut reader) = Line::open(&access.way).await?;
        let config = ClientConfig::new(access.credentials.clone(), family, line.is_stream());
        let entropy = Box::new(RingEntropy(SystemRandom::new()));
        let allocation = Arc::new(Allocation {
            state: Mutex::new(State {
                client: Client::new(config, entropy, Instant::now()),
                relayed: None,
                end: None,
                held: BTreeMap::new(),
                bound: BTreeSet::new(),
            }),
            line,
            inbox: Inbox::default(),
            changed: Notify::new(),
        });
        allocation.drain(&mut allocation.state());
        let relayed = loop {
            allocation.turn(&mut reader).await?;
            let state = allocation.state();
            match (state.relayed, state.end) {
                (_, Some(reason)) => return Err(reason.into()),
                (Some(relayed), None) => break relayed,
                (None, None) => {}
            }
        };
        let mut pump = JoinSet::new();
        let pumped = Arc::clone(&allocation);
        pump.spawn(async move { pumped.pump(reader).await });
        Ok(Self {
            allocation,
            relayed,
            _pump: pump,
        })
    }

    /// Where peers reach this device.
    pub(crate) fn relayed(&self) -> SocketAddr {
        self.relayed
    }

    /// Lets datagrams from and to these addresses pass; said before the peer hears of the relay.
    pub(crate) fn permit(&self, ips: impl Iterator<Item = IpAddr>) {
        let mut state = self.allocation.state();
        let now = Instant::now();
        ips.for_each(|ip| state.client.permit(ip, now));
        self.allocation.drain(&mut state);
    }

    pub(crate) fn allocation(&self) -> Arc<Allocation> {
        Arc::clone(&self.allocation)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let mut state = self.allocation.state();
        state.client.release(Instant::now());
        self.allocation.drain(&mut state);
    }
}

impl Allocation {
    /// Held for the handling of one read or one write; whole between any two of its calls.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads from the relay until the allocation is over.
    async fn pump(&self, mut reader: Reader) {
        loop {
            let turned = self.turn(&mut reader).await;
            let mut state = self.state();
            if turned.is_err() && state.end.is_none() {
                state.end = Some(EndReason::Lost);
            }
            if state.end.is_some() {
                break;
            }
        }
        self.inbox.end();
    }

    /// Waits for what the relay says next, or for what is due.
    async fn turn(&self, reader: &mut Reader) -> io::Result<()> {
        let deadline = self.state().client.deadline();
        let due = deadline.unwrap_or_else(|| Instant::now() + IDLE_TIME);
        tokio::select! {
            read = reader.read(&self.line) => read?,
            () = tokio::time::sleep_until(due.into()) => {}
            () = self.changed.notified() => {}
        }
        let mut state = self.state();
        let now = Instant::now();
        let mut inbox = self.inbox.filling();
        let mut is_machine = false;
        reader.frames(&self.line, |frame| {
            is_machine |= matches!(frame, Frame::Stun(_));
            if let Some((peer, payload)) = state.client.handle_frame(frame, now) {
                inbox.push(peer, payload);
            }
        })?;
        drop(inbox);
        // Before there is an allocation its request is repeated, and given up in time.
        if self.line.take_refusal() && state.relayed.is_some() {
            state.end.get_or_insert(EndReason::Lost);
        }
        if is_machine || due <= now {
            state.client.handle_timeout(now);
            self.drain(&mut state);
        }
        Ok(())
    }

    /// Does what the machine wants.
    fn drain(&self, state: &mut State) {
        while let Some(output) = state.client.poll_output() {
            match output {
                ClientOutput::Send(bytes) => self.line.send_now(&bytes),
                ClientOutput::Allocated { relayed, .. } => state.relayed = Some(relayed),
                ClientOutput::Permitted(ip) => {
                    let mut wire = Vec::new();
                    for (peer, payload) in state.held.remove(&ip).unwrap_or_default() {
                        wire.clear();
                        if state.client.wrap(peer, &payload, &mut wire) == Sending::Written {
                            self.line.send_now(&wire);
                        }
                    }
                }
                ClientOutput::Refused(ip) => {
                    state.held.remove(&ip);
                }
                ClientOutput::Ended(reason) => state.end = Some(reason),
            }
        }
        self.changed.notify_one();
    }

    /// Wraps datagrams for one peer, each `segment_bytes` long, the last may be shorter; returns how long each
    /// wrapped one is.
    fn wrap(
        &self,
        peer: SocketAddr,
        contents: &[u8],
        segment_bytes: usize,
        wire: &mut Vec<u8>,
    ) -> Vec<usize> {
        let mut state = self.state();
        let mut lengths = Vec::new();
        for payload in contents.chunks(segment_bytes.max(1)) {
            let start = wire.len();
            match state.client.wrap(peer, payload, wire) {
                Sending::Written => lengths.push(wire.len() - start),
                Sending::NotPermitted => {
                    state.client.permit(peer.ip(), Instant::now());
                    let held = state.held.entry(peer.ip()).or_default();
                    if held.len() < HELD_DATAGRAMS {
                        held.push((peer, payload.to_vec()));
                    }
                }
                Sending::Refused => {}
            }
        }
        state.client.note_sent(Instant::now());
        // The first record of DTLS goes to the address that was chosen: from now on, four bytes instead of 36.
        let is_chosen = matches!(contents.first(), Some(20..=63));
        if is_chosen && state.bound.insert(peer) {
            state.client.bind(peer, Instant::now());
        }
        self.drain(&mut state);
        lengths
    }
}

/// The one candidate that a peer is told of (RFC 8445 §5.1.2.1: component 1, the lowest preference).
pub(crate) fn relay_candidate(relay: &Relay) -> Candidate {
    Candidate {
        kind: CandidateKind::Relayed,
        address: relay.relayed(),
        priority: RELAY_PRIORITY,
    }
}

/// The operating system's random bytes.
struct RingEntropy(SystemRandom);

impl model::Entropy for RingEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        let filled = self.0.fill(bytes);
        filled.expect("without random bytes nothing here is safe to do");
    }
}

/// Type preference 0, local preference 65535, component 1.
const RELAY_PRIORITY: u32 = (65_535 << 8) | 255;
/// For how long others are asked before the one of this rank. The first is the best, and mostly answers sooner;
/// the next two are mostly other ways to the same relay, of which one may be blocked.
fn head_start(rank: u32) -> Duration {
    match rank {
        0 => Duration::ZERO,
        1 => FIRST_HEAD_START,
        _ => SECOND_HEAD_START + STAGGER_TIME * (rank - 2),
    }
}

/// Of the best way.
const FIRST_HEAD_START: Duration = Duration::from_millis(150);
/// Of the two best ways.
const SECOND_HEAD_START: Duration = Duration::from_millis(200);
/// Between all others.
const STAGGER_TIME: Duration = Duration::from_millis(300);
/// From the first packet to the allocation, on a network that loses some.
const ALLOCATE_TIME: Duration = Duration::from_secs(8);
/// To wait when nothing is due; anything that changes that is heard of.
const IDLE_TIME: Duration = Duration::from_secs(60);
/// Connectivity checks to one address that come before its permission.
const HELD_DATAGRAMS: usize = 8;
