//! Looks at the networks of this device as a person would who wonders why nothing arrives.
//!
//! The hub tells what it knows, probes find out the rest at the same time, and `words` says what it means.

mod behaviour;
mod binding;
mod words;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use api::{CommandError, Reply};
use futures_util::future::join_all;
use lan::{Interfaces, Multicast};
use model::{ContactId, PathKind, RelayWish};
use peer::{AddressScope, RelayAccess};
use signaling_proto::message::RelayTransport;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use behaviour::{Behaviour, Filtering};

use crate::hub::{HubHandle, HubMessage};
use crate::proxy::{Proxies, ProxyKind};
use crate::signaling_link::{ConnectError, Target};
use crate::stun::KnownServers;

/// What the hub knows.
#[derive(Debug)]
pub(crate) struct Facts {
    /// `None` if no server is named.
    pub(crate) server: Option<String>,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) proxies: Proxies,
    pub(crate) wish: RelayWish,
    /// Whether the server said which relays there are.
    pub(crate) has_asked: bool,
    pub(crate) relays: Vec<(RelayTransport, RelayAccess)>,
    /// How far this clock is ahead of the server's, in seconds.
    pub(crate) ahead_s: Option<i64>,
    pub(crate) stun: Option<KnownServers>,
    pub(crate) lan: LanFacts,
    /// Of the contact that was asked for.
    pub(crate) contact: Option<ContactFacts>,
}

/// What is known of the local network.
#[derive(Debug, Clone)]
pub(crate) struct LanFacts {
    /// The interfaces whose networks count.
    pub(crate) interfaces: Interfaces,
    /// Whether this device is to be found there.
    pub(crate) is_wanted: bool,
    pub(crate) is_open: bool,
    /// Contacts that are near.
    pub(crate) near: usize,
}

/// What is known of the way to a contact.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ContactFacts {
    pub(crate) is_blocked: bool,
    /// The way of the session that stands.
    pub(crate) path: Option<PathKind>,
    /// Whether it said something, or took something.
    pub(crate) is_here: bool,
    /// Whether there is anybody to ask where it is.
    pub(crate) is_asked: bool,
    /// Whether attempts to connect failed.
    pub(crate) was_missed: bool,
    pub(crate) wish: RelayWish,
    pub(crate) has_relay: bool,
}

/// What was found.
#[derive(Debug)]
struct Examination {
    addresses: Vec<IpAddr>,
    proxy: Option<(ProxyKind, bool)>,
    /// How long it took to reach the server.
    server: Option<Result<Duration, ConnectError>>,
    ahead_s: Option<i64>,
    stun: Outside,
    wish: RelayWish,
    has_asked_for_relays: bool,
    relays: Vec<(RelayTransport, Option<Duration>)>,
    lan: LanFacts,
    /// `None` if it was not tried.
    multicast: Option<Multicast>,
    contact: Option<ContactFacts>,
}

/// How this device looks from outside.
#[derive(Debug, Default)]
struct Outside {
    /// STUN servers that were asked, and the addresses under which they saw one socket.
    asked: usize,
    seen: Vec<Seen>,
    /// If a server could find out.
    filtering: Option<Filtering>,
}

/// An answer of a STUN server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    own: SocketAddr,
    mapped: SocketAddr,
    took: Duration,
}

/// Examines, and answers who asked.
pub(crate) async fn run(
    hub: HubHandle,
    contact: Option<ContactId>,
    reply: oneshot::Sender<Result<Reply, CommandError>>,
) {
    let Some(facts) = facts(&hub).await else {
        return;
    };
    let mut examination = examine(facts).await;
    if let Some(later) = ask(&hub, contact).await {
        // Meanwhile others have shown themselves.
        examination.lan = later.lan;
        examination.contact = later.contact;
    }
    let findings = words::findings(&examination);
    // Whoever asked may be gone.
    reply.send(Ok(Reply::Findings { findings })).ok();
}

async fn ask(hub: &HubHandle, contact: Option<ContactId>) -> Option<Facts> {
    let (reply, told) = oneshot::channel();
    hub.send(HubMessage::Facts { contact, reply }).await.ok()?;
    told.await.ok()
}

/// What the hub knows, as soon as it was online or had the time for it.
async fn facts(hub: &HubHandle) -> Option<Facts> {
    let start = Instant::now();
    loop {
        let facts = ask(hub, None).await?;
        let is_over = start.elapsed() > ONLINE_TIME;
        if facts.has_asked || facts.server.is_none() || is_over {
            return Some(facts);
        }
        sleep(LOOK_AGAIN).await;
    }
}

async fn examine(facts: Facts) -> Examination {
    let addresses = peer::addresses(AddressScope::Network).unwrap_or_default();
    let (server, stun, multicast, relays) = tokio::join!(
        reach_server(&facts),
        look_from_outside(facts.stun.clone(), &addresses),
        look_inside(&facts.lan),
        join_all(facts.relays.iter().map(reach_relay)),
    );
    Examination {
        proxy: facts
            .proxies
            .kind()
            .map(|kind| (kind, facts.proxies.is_named())),
        addresses,
        server,
        ahead_s: facts.ahead_s,
        stun,
        wish: facts.wish,
        has_asked_for_relays: facts.has_asked,
        relays,
        lan: facts.lan,
        multicast,
        contact: None,
    }
}

async fn reach_server(facts: &Facts) -> Option<Result<Duration, ConnectError>> {
    let target = Target::parse(facts.server.as_ref()?, facts.ca_file.clone()).ok()?;
    let start = Instant::now();
    let reached = target.through(facts.proxies.clone().into()).connect().await;
    Some(reached.map(|_| start.elapsed()))
}

async fn reach_relay(
    (transport, access): &(RelayTransport, RelayAccess),
) -> (RelayTransport, Option<Duration>) {
    let start = Instant::now();
    let reached = peer::try_relay(access).await;
    if let Err(error) = &reached {
        tracing::info!(%error, "a relay is not reached");
    }
    (*transport, reached.ok().map(|()| start.elapsed()))
}

/// Speaks to all devices of the local networks, if this one may be found there.
async fn look_inside(lan: &LanFacts) -> Option<Multicast> {
    if !lan.is_wanted {
        return None;
    }
    lan::try_multicast(&lan.interfaces).await
}

/// Asks all servers of each family from one socket, and each of IPv4 how the NAT behaves.
async fn look_from_outside(stun: Option<KnownServers>, own: &[IpAddr]) -> Outside {
    let Some(stun) = stun else {
        return Outside::default();
    };
    let servers = stun.addresses().await;
    let mut outside = Outside::default();
    for is_v4 in [true, false] {
        let servers = servers.iter().copied().filter(|it| it.is_ipv4() == is_v4);
        let servers: Vec<SocketAddr> = servers.collect();
        if servers.is_empty() || !own.iter().any(|ip| ip.is_ipv4() == is_v4) {
            continue;
        }
        outside.asked += servers.len();
        let answers = timeout(BINDING_TIME, binding::ask(&servers));
        let (answers, behaviour) = match is_v4 {
            true => tokio::join!(answers, behaviour(&servers)),
            false => (answers.await, None),
        };
        let seen = answers.ok().and_then(Result::ok).unwrap_or_default();
        // What several servers saw of one socket stands side by side.
        let is_poor = seen.len() < 2;
        outside.seen.extend(seen);
        if let Some(behaviour) = behaviour {
            outside.filtering = Some(behaviour.filtering);
            if is_poor {
                outside.seen.retain(|seen| !seen.own.is_ipv4());
                outside.seen.extend(behaviour.seen.into_iter().flatten());
            }
        }
    }
    outside
}

/// How the NAT behaves, by the first of these servers that can find out.
async fn behaviour(servers: &[SocketAddr]) -> Option<Behaviour> {
    let asked = servers.iter().take(STUN_SERVERS);
    let found = asked.map(|&server| timeout(BEHAVIOUR_TIME, behaviour::find_out(server)));
    let found = join_all(found).await;
    found.into_iter().find_map(|it| it.ok()?.ok()?)
}

/// From the start of this process to the server's word on relays.
const ONLINE_TIME: Duration = Duration::from_secs(6);
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// More than [`binding::ask`] takes.
const BINDING_TIME: Duration = Duration::from_secs(5);
/// More than [`behaviour::find_out`] takes.
const BEHAVIOUR_TIME: Duration = Duration::from_secs(8);
/// How many are asked how a NAT behaves.
const STUN_SERVERS: usize = 4;
