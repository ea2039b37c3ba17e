//! Connections through a relay, over every way to it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use bytes::Bytes;
use model::{CandidateKind, PathKind};
use peer::{
    ConnectError, Connection, ConnectionConfig, DialRelay, RelayAccess, RelayStream, RelayWay,
};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use turn::{Config, Relay};
use turn_proto::credentials::{Credentials, Secret};

use crate::pair::{V4, config};

struct Stage {
    relay: Relay,
    shutdown: CancellationToken,
}

impl Stage {
    async fn new() -> Self {
        let config = Config {
            listen: vec!["127.0.0.1:0".parse().unwrap()],
            ..Config::default()
        };
        let shutdown = CancellationToken::new();
        let relay = Relay::bind(config, vec![secret()], shutdown.clone()).await;
        Self {
            relay: relay.unwrap(),
            shutdown,
        }
    }

    fn udp(&self) -> RelayWay {
        RelayWay::Udp(Arc::new(self.relay.addresses().udp[0]))
    }

    fn tcp(&self) -> RelayWay {
        RelayWay::Stream(Arc::new(Tcp(self.relay.addresses().tcp[0])))
    }

    /// Waits until the relay holds so many allocations.
    /// Waits until it counted so many bytes: it adds them up now and then.
    async fn has_carried(&self, bytes: u64) {
        for _ in 0..200 {
            if self.relay.statistics().bytes > bytes {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("not everything went through the relay");
    }

    async fn settle(&self, allocations: usize) {
        while self.relay.statistics().allocations != allocations {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

struct Tcp(SocketAddr);

#[async_trait]
impl DialRelay for Tcp {
    async fn dial(&self) -> io::Result<Box<dyn RelayStream>> {
        Ok(Box::new(TcpStream::connect(self.0).await?))
    }
}

fn secret() -> Secret {
    Secret::new("a secret of some length").unwrap()
}

fn credentials(good_for_s: u64) -> Credentials {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    secret().issue("ana", now.as_secs() + good_for_s)
}

fn relayed(way: RelayWay) -> ConnectionConfig {
    let credentials = credentials(600);
    ConnectionConfig {
        relays: Some(vec![RelayAccess::new(credentials, way)]),
        ..config(V4)
    }
}

async fn connect(here: ConnectionConfig, there: ConnectionConfig) -> (Connection, Connection) {
    let (mut offering, offer) = Connection::offer(here).await.unwrap();
    let (answering, answer) = Connection::answer(there, &offer).await.unwrap();
    offering.accept_answer(&answer).await.unwrap();
    let (offering, answering) = tokio::join!(offering.connect(), answering.connect());
    (offering.unwrap(), answering.unwrap())
}

/// Sends enough for losses to show, and sees that it arrives in order.
async fn carry(from: &Connection, to: &Connection) {
    const MESSAGES: u32 = 400;
    let (sender, receiver) = (from.bulk(), to.bulk());
    let sending = async {
        for number in 0..MESSAGES {
            let mut message = vec![7; 16 * 1024];
            message[..4].copy_from_slice(&number.to_be_bytes());
            sender.send(Bytes::from(message)).await.unwrap();
        }
    };
    let receiving = async {
        for number in 0..MESSAGES {
            let message = receiver.receive().await.unwrap();
            assert_eq!(
                (&message[..4], message.len()),
                (&number.to_be_bytes()[..], 16 * 1024)
            );
        }
    };
    tokio::join!(sending, receiving);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn data_passes_a_relay_by_datagrams_and_by_connections() {
    let stage = Stage::new().await;
    for (here, there) in [
        (stage.udp(), stage.udp()),
        (stage.tcp(), stage.tcp()),
        (stage.udp(), stage.tcp()),
    ] {
        let (here, there) = connect(relayed(here), relayed(there)).await;
        assert_eq!(
            (here.path(), there.path()),
            (PathKind::Relay, PathKind::Relay)
        );
        carry(&here, &there).await;
        carry(&there, &here).await;
        stage.has_carried(2 * 400 * 16 * 1024).await;
        here.finish().await;
        drop((here, there));
        stage.settle(0).await;
    }
    stage.shutdown.cancel();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_side_may_be_relayed_and_the_other_not() {
    let stage = Stage::new().await;
    let (here, there) = connect(relayed(stage.udp()), config(V4)).await;
    assert_eq!(here.path(), PathKind::Relay);
    assert_eq!(there.path(), PathKind::Relay);
    carry(&here, &there).await;
    carry(&there, &here).await;
    stage.shutdown.cancel();
}

#[tokio::test]
async fn a_relayed_description_names_nothing_but_the_relayed_address() {
    let stage = Stage::new().await;
    let (_pending, offer) = Connection::offer(relayed(stage.udp())).await.unwrap();
    assert_eq!(offer.candidates.len(), 1);
    assert_eq!(offer.candidates[0].kind, CandidateKind::Relayed);
    let text = model::sdp::render(&offer, model::sdp::SdpKind::Offer);
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("127.0.0.1"))
        .collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].ends_with("typ relay raddr 0.0.0.0 rport 9"),
        "{lines:?}"
    );
    stage.shutdown.cancel();
}

#[tokio::test]
async fn without_a_relay_that_grants_nothing_is_tried_instead() {
    let stage = Stage::new().await;
    let access = |seconds, way| RelayAccess::new(credentials(seconds), way);
    let dead: SocketAddr = "127.0.0.1:9".parse().unwrap();
    for relays in [
        vec![],
        vec![access(0, stage.udp())],
        vec![
            access(600, RelayWay::Stream(Arc::new(Tcp(dead)))),
            access(0, stage.tcp()),
        ],
    ] {
        let config = ConnectionConfig {
            relays: Some(relays),
            ..config(V4)
        };
        let refused = Connection::offer(config).await.unwrap_err();
        assert!(matches!(refused, ConnectError::Relay(_)), "{refused}");
    }
    stage.shutdown.cancel();
}

#[tokio::test]
async fn the_next_relay_is_taken_when_the_first_is_dead() {
    let stage = Stage::new().await;
    let dead: SocketAddr = "127.0.0.1:9".parse().unwrap();
    let ways = [RelayWay::Udp(Arc::new(dead)), stage.tcp()];
    let relays = ways.map(|way| RelayAccess::new(credentials(600), way));
    let config = ConnectionConfig {
        relays: Some(relays.to_vec()),
        ..config(V4)
    };
    let (_pending, offer) = Connection::offer(config).await.unwrap();
    assert_eq!(offer.candidates.len(), 1);
    stage.shutdown.cancel();
}
