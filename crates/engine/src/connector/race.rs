//! Two connections at once, of which one is taken.
//!
//! The side that offered takes the first that stands, and is a little patient with the better one. The side
//! that answered cannot know which that was: it takes the one on which the other side speaks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use model::sdp::CandidatePolicy;
use model::{CandidateKind, Description};
use peer::{ConnectError, Connection, PendingConnection};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use super::{Way, Winner};

/// A connection that is described and not made yet.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) way: Way,
    pub(super) pending: PendingConnection,
    pub(super) description: Description,
}

type Result<T> = std::result::Result<T, ConnectError>;

impl Prepared {
    pub(super) fn of(way: Way, made: Result<(PendingConnection, Description)>) -> Result<Self> {
        let (pending, description) = made?;
        Ok(Self {
            way,
            pending,
            description,
        })
    }

    async fn connect(self) -> Result<Winner> {
        Ok(Winner {
            way: self.way,
            connection: self.pending.connect().await?,
            spoken: None,
        })
    }
}

/// Prepares two connections at once; the second is left out when it takes longer, and takes the place of a
/// first that fails. When the second is ready the first is told to `hurry`.
pub(super) async fn prepare(
    first: impl Future<Output = Result<Prepared>>,
    second: Option<impl Future<Output = Result<Prepared>>>,
    hurry: &CancellationToken,
) -> Result<(Prepared, Option<Prepared>)> {
    let Some(second) = second else {
        return Ok((first.await?, None));
    };
    let (mut first, mut second) = (pin!(first), pin!(second));
    let start = Instant::now();
    let mut early = None;
    let mut enough_at = start;
    let first = loop {
        let is_waiting = matches!(early, Some(Ok(_))) && !hurry.is_cancelled();
        tokio::select! {
            done = &mut first => break done,
            done = &mut second, if early.is_none() => {
                early = Some(done);
                // Until a STUN server that was asked twice would have answered, as far away as the relay is.
                enough_at = start + GATHER_TIME + start.elapsed() / 2;
            }
            () = sleep_until(enough_at), if is_waiting => hurry.cancel(),
        }
    };
    let second = match (early, &first) {
        (Some(done), _) => done.ok(),
        (None, Ok(_)) => {
            let late = timeout(SECOND_TIME, second).await;
            late.ok().and_then(Result::ok)
        }
        (None, Err(_)) => second.await.ok(),
    };
    match (first, second) {
        (Ok(first), second) => Ok((first, second)),
        (Err(_), Some(second)) => Ok((second, None)),
        (Err(error), None) => Err(error),
    }
}

/// Takes the connection that stands first; a second one gives the first some time to come after it, if there is
/// any `hope` for that.
pub(super) async fn choose(
    first: Prepared,
    second: Option<Prepared>,
    hope: bool,
) -> Result<Winner> {
    let Some(second) = second else {
        return first.connect().await;
    };
    let start = Instant::now();
    let (mut first, mut second) = (pin!(first.connect()), pin!(second.connect()));
    tokio::select! {
        biased;
        done = &mut first => match done {
            Ok(winner) => Ok(winner),
            Err(_) => second.await,
        },
        done = &mut second => match done {
            Err(_) => first.await,
            Ok(winner) => {
                // How long it took says how far away the peer is.
                let patience = match hope {
                    true => (start.elapsed() / 3).clamp(LEAST_PATIENCE, MOST_PATIENCE),
                    false => Duration::ZERO,
                };
                let better = timeout_at(Instant::now() + patience, first).await;
                Ok(better.ok().and_then(Result::ok).unwrap_or(winner))
            }
        },
    }
}

/// Takes the connection on which the peer speaks.
pub(super) async fn follow(first: Prepared, second: Option<Prepared>) -> Result<Winner> {
    let Some(second) = second else {
        return first.connect().await;
    };
    let (mut first, mut second) = (pin!(heard(first)), pin!(heard(second)));
    tokio::select! {
        done = &mut first => match done {
            Ok(winner) => Ok(winner),
            Err(_) => second.await,
        },
        done = &mut second => match done {
            Ok(winner) => Ok(winner),
            Err(_) => first.await,
        },
    }
}

/// Connects, and waits for the first word of the peer.
async fn heard(prepared: Prepared) -> Result<Winner> {
    let mut winner = prepared.connect().await?;
    winner.spoken = Some(first_word(&winner.connection).await?);
    Ok(winner)
}

async fn first_word(connection: &Connection) -> Result<Bytes> {
    match connection.control().receive().await {
        Some(word) => Ok(word),
        None => Err(ConnectError::Ended(connection.closed().await)),
    }
}

/// Whether there is any hope for a direct way: both are seen outside, or they have addresses in one network.
pub(super) fn may_meet(one: &Description, other: &Description) -> bool {
    let hosts = |it: &Description| {
        let hosts = it.candidates.iter();
        let hosts = hosts.filter(|it| it.kind == CandidateKind::Host);
        hosts.map(|it| network(it.address.ip())).collect::<Vec<_>>()
    };
    let others = hosts(other);
    [one, other].map(is_seen_outside) == [true; 2]
        || hosts(one).iter().any(|network| others.contains(network))
}

/// The network of an address, of the size that local networks usually have.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(it) if it.is_loopback() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V4(it) => (it & Ipv4Addr::new(255, 255, 255, 0)).into(),
        IpAddr::V6(it) if it.is_loopback() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(it) => Ipv6Addr::from_bits(it.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

/// Whether a device may be reached from another network: it has an address there, or a server saw one.
fn is_seen_outside(description: &Description) -> bool {
    const OUTSIDE: CandidatePolicy = CandidatePolicy {
        allow_loopback: false,
        allow_private: false,
    };
    description.candidates.iter().any(|it| match it.kind {
        CandidateKind::Host => OUTSIDE.allows(it.address),
        CandidateKind::ServerReflexive | CandidateKind::Relayed => true,
    })
}

/// For STUN servers, before the half of what a relay took: they are asked again after 150 ms.
const GATHER_TIME: Duration = Duration::from_millis(200);
/// For a relay that answers later than the servers that the first connection asks.
const SECOND_TIME: Duration = Duration::from_millis(250);
/// What a direct way gets after a relayed one stands, on near networks,
const LEAST_PATIENCE: Duration = Duration::from_millis(200);
/// and on far ones.
const MOST_PATIENCE: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;
    use model::Candidate;
    use peer::{AddressScope, ConnectionConfig, Engine};

    async fn prepared(way: Way) -> Result<Prepared> {
        let config = ConnectionConfig {
            engine: Engine::Own,
            bind: peer::addresses(AddressScope::NetworkAndLoopback).expect("loopback"),
            ..ConnectionConfig::default()
        };
        Prepared::of(way, Connection::offer(config).await)
    }

    #[tokio::test]
    async fn who_is_ready_second_hurries_the_first_and_both_are_offered() {
        let hurry = CancellationToken::new();
        // Servers that never answer: only being hurried ends this.
        let first = async {
            hurry.cancelled().await;
            prepared(Way::Direct).await
        };
        let made = prepare(first, Some(prepared(Way::Relayed)), &hurry).await;
        let (first, second) = made.expect("both stand");
        let ways = (first.way, second.map(|second| second.way));
        assert_eq!(ways, (Way::Direct, Some(Way::Relayed)));
    }

    #[tokio::test]
    async fn a_second_that_fails_hurries_nobody() {
        let hurry = CancellationToken::new();
        let failing = async { Err(ConnectError::NoAddress) };
        let first = async {
            tokio::time::sleep(GATHER_TIME * 2).await;
            prepared(Way::Direct).await
        };
        let made = prepare(first, Some(failing), &hurry).await;
        assert!(made.is_ok_and(|(_, second)| second.is_none()));
        assert!(!hurry.is_cancelled());
    }

    #[tokio::test]
    async fn who_has_private_addresses_only_is_not_seen_outside() {
        let mut description = prepared(Way::Direct).await.expect("an offer").description;
        for (kind, address, is_seen) in [
            (CandidateKind::Host, "192.168.1.2:1", false),
            (CandidateKind::Host, "[fe80::1]:1", false),
            (CandidateKind::Host, "11.0.0.2:1", true),
            (CandidateKind::ServerReflexive, "100.64.0.2:1", true),
        ] {
            description.candidates = vec![Candidate {
                kind,
                address: address.parse().expect("an address"),
                priority: 1,
            }];
            assert_eq!(is_seen_outside(&description), is_seen, "{address}");
        }
    }

    #[tokio::test]
    async fn who_is_in_one_network_may_meet_there() {
        let described = async |address: &str| {
            let mut description = prepared(Way::Direct).await.expect("an offer").description;
            description.candidates = vec![Candidate {
                kind: CandidateKind::Host,
                address: address.parse().expect("an address"),
                priority: 1,
            }];
            description
        };
        for (one, other, may) in [
            ("127.0.0.1:1", "127.0.0.1:2", true),
            ("192.168.1.2:1", "192.168.1.3:1", true),
            ("192.168.1.2:1", "192.168.2.2:1", false),
            ("[fd00:1::1]:1", "[fd00:1::2]:1", true),
            ("[fd00:1::1]:1", "[fd00:2::1]:1", false),
            ("11.0.0.2:1", "12.0.0.2:1", true),
        ] {
            let (one, other) = (described(one).await, described(other).await);
            assert_eq!(may_meet(&one, &other), may, "{one:?} {other:?}");
        }
    }
}
