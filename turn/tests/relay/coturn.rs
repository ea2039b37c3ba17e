//! The coturn that `turn/deploy/coturn.conf` configures, asked the same as our own relay.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::process::{Child, Command};
use turn_proto::Family;
use turn_proto::client::EndReason;
use turn_proto::credentials::{Credentials, Secret};

use super::device::{Device, Way};
use super::relaying::certificate;

const CONFIGURATION: &str = include_str!("../../deploy/coturn.conf");

/// A running coturn on loopback.
struct Coturn {
    _child: Child,
    _folder: tempfile::TempDir,
    at: SocketAddr,
    tls: SocketAddr,
    roots: rustls::RootCertStore,
}

impl Coturn {
    /// Starts it with the shipped configuration; only places, the certificate and the secrets are others.
    async fn start(own: IpAddr, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (_, roots) = certificate(folder.path());
        let [port, tls_port] = [free_port(own).await, free_port(own).await];
        let configuration = configure(folder.path(), own, [port, tls_port]) + more;
        let path = folder.path().join("coturn.conf");
        std::fs::write(&path, configuration).unwrap();
        let child = Command::new("turnserver")
            .arg("-c")
            .arg(&path)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("coturn is installed: make tools");
        let at = SocketAddr::new(own, port);
        // It opens its TCP ports first.
        while !answers(at).await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Self {
            _child: child,
            _folder: folder,
            at,
            tls: SocketAddr::new(own, tls_port),
            roots,
        }
    }
}

/// Whether somebody answers a binding request (RFC 8489, section 6).
async fn answers(at: SocketAddr) -> bool {
    let request = [
        0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    ];
    let socket = UdpSocket::bind((at.ip(), 0)).await.unwrap();
    socket.connect(at).await.unwrap();
    let mut answer = [0; 128];
    socket.send(&request).await.is_ok()
        && tokio::time::timeout(Duration::from_millis(200), socket.recv(&mut answer))
            .await
            .is_ok_and(|received| received.is_ok())
}

fn configure(folder: &Path, own: IpAddr, [port, tls_port]: [u16; 2]) -> String {
    let at = |name: &str| folder.join(name).display().to_string();
    let mut lines = Vec::new();
    for line in CONFIGURATION.lines() {
        let key = line.split('=').next().unwrap_or_default();
        lines.push(match key {
            "listening-ip" | "relay-ip" => format!("{key}={own}"),
            "listening-port" => format!("{key}={port}"),
            "tls-listening-port" => format!("{key}={tls_port}"),
            "static-auth-secret" => {
                format!("{key}=a secret of some length\n{key}=the one that comes next")
            }
            "cert" => format!("{key}={}", at("chain.pem")),
            "pkey" => format!("{key}={}", at("key.pem")),
            "pidfile" => format!("{key}={}", at("pid")),
            // The test runs as whoever it is, and says nothing to the system's log.
            "proc-user" | "proc-group" | "syslog" => String::new(),
            _ => line.to_owned(),
        });
    }
    lines.join("\n") + "\n"
}

async fn free_port(own: IpAddr) -> u16 {
    let socket = tokio::net::TcpListener::bind((own, 0)).await.unwrap();
    socket.local_addr().unwrap().port()
}

fn issue(secret: &str, user: &str, seconds: i64) -> Credentials {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = i64::try_from(now.unwrap().as_secs()).unwrap();
    let until = u64::try_from(now + seconds).unwrap();
    Secret::new(secret).unwrap().issue(user, until)
}

fn credentials(user: &str) -> Credentials {
    issue("a secret of some length", user, 600)
}

const V4: &str = "127.0.0.1";

#[tokio::test]
async fn coturn_takes_our_credentials_of_both_secrets_and_no_others() {
    let coturn = Coturn::start(V4.parse().unwrap(), "").await;
    for good in [
        credentials("ana"),
        issue("the one that comes next", "ana", 600),
    ] {
        let way = Way::udp(coturn.at).await;
        assert!(Device::allocate(way, good).await.is_ok());
    }
    for bad in [
        issue("a secret of some length", "ana", -1),
        issue("some other secret, as long", "ana", 600),
    ] {
        let way = Way::udp(coturn.at).await;
        let refused = Device::allocate(way, bad).await;
        assert_eq!(refused.err(), Some(EndReason::Unauthorized));
    }
}

#[tokio::test]
async fn data_passes_coturn_by_udp_tcp_and_tls() {
    let coturn = Coturn::start(
        V4.parse().unwrap(),
        "allow-loopback-peers\ncli-password=unused\nallowed-peer-ip=127.0.0.1\n",
    )
    .await;
    for way in [
        Way::udp(coturn.at).await,
        Way::tcp(coturn.at).await,
        Way::tls(coturn.tls, coturn.roots.clone()).await,
    ] {
        let peer = UdpSocket::bind((V4, 0)).await.unwrap();
        let peer_address = peer.local_addr().unwrap();
        let (mut device, relayed) = Device::allocate(way, credentials("ana")).await.unwrap();
        assert!(device.permit(peer_address.ip()).await);
        device.bind(peer_address).await;
        let mut buffer = [0; 2_048];
        for length in [1, 2, 3, 4, 1_200] {
            let payload = vec![7; length];
            device.send(peer_address, &payload).await;
            let (length, from) = peer.recv_from(&mut buffer).await.unwrap();
            assert_eq!((&buffer[..length], from), (&payload[..], relayed));
            peer.send_to(&payload, relayed).await.unwrap();
            assert_eq!(device.receive().await, (peer_address, payload));
        }
        device.release().await;
    }
}

#[tokio::test]
async fn coturn_refuses_every_way_to_write_a_forbidden_address() {
    let forbidden = testkit::forbidden_peers();
    assert!(forbidden.len() >= 400, "{}", forbidden.len());
    let mut granted = Vec::new();
    for (own, family) in [(V4, Family::V4), ("::1", Family::V6)] {
        let coturn = Coturn::start(own.parse().unwrap(), "").await;
        let of_family: Vec<IpAddr> = forbidden
            .iter()
            .copied()
            .filter(|ip| Family::of(*ip) == family)
            .collect();
        for (number, some) in of_family.chunks(60).enumerate() {
            let way = Way::udp(coturn.at).await;
            let user = format!("user{number}");
            let device = Device::allocate_of(way, credentials(&user), family).await;
            let (mut device, _) = device.unwrap();
            for ip in some {
                if device.permit(*ip).await {
                    granted.push(*ip);
                }
            }
        }
    }
    assert_eq!(granted, Vec::<IpAddr>::new());
}
