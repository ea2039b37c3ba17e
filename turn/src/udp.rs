//! The clients of one UDP listener, all in one task: a datagram goes from socket to socket without waiting.

use std::collections::HashMap;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio_util::sync::CancellationToken;
use turn_proto::Now;
use turn_proto::frame::{self, CHANNEL_HEADER_BYTES, Frame};
use turn_proto::server::{FromClient, Rules, Session, SessionOutput, Wrapping};

use crate::relay::{Shared, now};
use crate::sockets::{BatchSocket, Holding, Inbox, Outbox, OwnPeers, RelaySocket};

/// A client: where it is, and to which of our addresses it came.
type Key = (SocketAddr, Option<IpAddr>);

/// Serves until the relay stops.
pub(crate) async fn run(socket: BatchSocket, shared: Shared, shutdown: CancellationToken) {
    let mut listener = Listener {
        socket,
        shared,
        clients: HashMap::new(),
        opened: Vec::new(),
        outbox: Outbox::default(),
    };
    let mut inbox = Inbox::new();
    let mut waiting = FuturesUnordered::new();
    let mut ticks = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            readable = listener.socket.readable() => {
                if readable.is_ok() {
                    listener.read_clients(&mut inbox);
                }
                waiting.extend(listener.opened.drain(..).map(wait_for));
            }
            Some((key, socket)) = waiting.next(), if !waiting.is_empty() => {
                if listener.read_peers(key, &socket, &mut inbox) {
                    waiting.push(wait_for((key, socket)));
                }
            }
            _ = ticks.tick() => listener.tick(),
            () = shutdown.cancelled() => return,
        }
    }
}

struct Listener {
    socket: BatchSocket,
    shared: Shared,
    clients: HashMap<Key, Client>,
    /// Relayed sockets that nobody waits for yet.
    opened: Vec<Opened>,
    outbox: Outbox,
}

struct Client {
    session: Session,
    holding: Option<Holding>,
    own_peers: OwnPeers,
}

type Opened = (Key, Arc<RelaySocket>);

/// Waits until a peer of this client has sent something.
fn wait_for((key, relay): Opened) -> Pin<Box<dyn Future<Output = Opened> + Send>> {
    Box::pin(async move {
        relay.readable().await;
        (key, relay)
    })
}

impl Listener {
    fn read_clients(&mut self, inbox: &mut Inbox) {
        let rules = self.shared.rules();
        let now = now();
        for _ in 0..READS_IN_A_ROW {
            let Ok(count) = self.socket.read(inbox) else {
                return;
            };
            let mut sender: Option<Arc<RelaySocket>> = None;
            for (client, own, datagram) in inbox.datagrams(count) {
                let key = (client, own);
                if let Some(frame) = frame::of_datagram(datagram) {
                    self.take(key, frame, (&rules, now), &mut sender);
                }
            }
            if let Some(relay) = sender {
                self.outbox.flush(&relay.socket);
            }
        }
    }

    /// Takes one frame of a client; `sender` is the relayed socket whose datagrams are gathered.
    fn take(
        &mut self,
        key: Key,
        frame: Frame<'_>,
        (rules, now): (&Rules, Now),
        sender: &mut Option<Arc<RelaySocket>>,
    ) {
        let Some(client) = self.clients.get_mut(&key) else {
            self.greet(key, frame, rules, now);
            return;
        };
        let is_stun = matches!(frame, Frame::Stun(_));
        let sent = client.session.handle_client(frame, rules, now);
        if let FromClient::Relay { peer, payload } = sent
            && let Some(Holding { relay, .. }) = &client.holding
            && client
                .own_peers
                .allow(peer, &self.shared.ledger, &rules.peers)
        {
            let is_same = sender.as_ref().is_some_and(|last| Arc::ptr_eq(last, relay));
            if !is_same && let Some(last) = sender.replace(Arc::clone(relay)) {
                self.outbox.flush(&last.socket);
            }
            self.outbox
                .push(&relay.socket, (peer, None), payload.len(), |out| {
                    out.extend_from_slice(payload);
                });
        } else if is_stun || client.session.is_idle() {
            self.drain(key, rules, now);
        }
    }

    /// Answers somebody without an allocation; nothing is kept of those who get none.
    fn greet(&mut self, key: Key, frame: Frame<'_>, rules: &Rules, now: Now) {
        let mut session = Session::new(key.0, false);
        session.handle_client(frame, rules, now);
        let client = Client {
            session,
            holding: None,
            own_peers: OwnPeers::default(),
        };
        self.clients.insert(key, client);
        self.drain(key, rules, now);
    }

    /// Does what a session wants.
    fn drain(&mut self, key: Key, rules: &Rules, now: Now) {
        let own_ip = key.1.or(self.own_ip());
        let Some(client) = self.clients.get_mut(&key) else {
            return;
        };
        while let Some(output) = client.session.poll_output() {
            match output {
                SessionOutput::Send(bytes) => {
                    self.socket.send(key.0, key.1, &bytes, bytes.len());
                }
                SessionOutput::Allocate { family, user } => {
                    let opened = self.shared.open(family, &user, own_ip);
                    let result = opened.map(|holding| {
                        self.opened.push((key, Arc::clone(&holding.relay)));
                        let address = holding.relay.socket.address();
                        client.holding = Some(holding);
                        address
                    });
                    client.session.allocated(result, rules, now);
                }
                SessionOutput::Release => client.holding = None,
            }
        }
        if client.session.is_idle() {
            self.shared.ledger.count(client.session.take_tally());
            self.clients.remove(&key);
        }
    }

    /// Takes what peers sent to a client; `false` once the allocation is over.
    fn read_peers(&mut self, key: Key, relay: &Arc<RelaySocket>, inbox: &mut Inbox) -> bool {
        let Some(client) = self.clients.get_mut(&key) else {
            return false;
        };
        let is_current = client.holding.as_ref();
        if !is_current.is_some_and(|holding| Arc::ptr_eq(&holding.relay, relay)) {
            return false;
        }
        let now = now();
        let mut indication = Vec::new();
        for _ in 0..READS_IN_A_ROW {
            let Ok(count) = relay.socket.read(inbox) else {
                break;
            };
            for (peer, _, datagram) in inbox.datagrams(count) {
                let Some(wrapping) = client.session.handle_peer(peer, datagram.len(), now) else {
                    continue;
                };
                match wrapping {
                    Wrapping::Channel(_) => {
                        let bytes = CHANNEL_HEADER_BYTES + datagram.len();
                        self.outbox.push(&self.socket, key, bytes, |out| {
                            client.session.wrap(wrapping, datagram, out);
                        });
                    }
                    Wrapping::Indication(_) => {
                        indication.clear();
                        client.session.wrap(wrapping, datagram, &mut indication);
                        let bytes = indication.len();
                        self.outbox.push(&self.socket, key, bytes, |out| {
                            out.extend_from_slice(&indication);
                        });
                    }
                }
            }
        }
        self.outbox.flush(&self.socket);
        if client.session.is_idle() {
            let rules = self.shared.rules();
            self.drain(key, &rules, now);
            return false;
        }
        true
    }

    fn tick(&mut self) {
        let now = now();
        let rules = self.shared.rules();
        let mut over = Vec::new();
        for (key, client) in &mut self.clients {
            self.shared.ledger.count(client.session.take_tally());
            let is_due = |at| at <= now.monotonic;
            if client.session.deadline().is_some_and(is_due) {
                client.session.handle_timeout(now);
                over.push(*key);
            }
        }
        for key in over {
            self.drain(key, &rules, now);
        }
    }

    /// Our own address, where only one is listened on.
    fn own_ip(&self) -> Option<IpAddr> {
        let ip = self.socket.address().ip();
        (!ip.is_unspecified()).then_some(ip)
    }
}

/// How exactly lifetimes are kept, and how often figures are.
const TICK: Duration = Duration::from_millis(500);
/// Reads of one socket before the others get their turn.
const READS_IN_A_ROW: usize = 4;
