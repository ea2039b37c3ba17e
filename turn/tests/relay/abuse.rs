//! What a relay refuses, asked over real sockets.

use std::net::IpAddr;
use std::time::Duration;

use tokio::net::UdpSocket;
use turn::Limits;
use turn_proto::Family;
use turn_proto::client::EndReason;

use super::device::{Device, Way};
use super::{Config, Stage, config, credentials, secret, unix_s};

#[tokio::test]
async fn expired_and_forged_credentials_get_no_allocation() {
    let stage = Stage::new(config()).await;
    let other = turn_proto::credentials::Secret::new("a secret that nobody knows").unwrap();
    for credentials in [
        secret().issue("ana", unix_s() - 1),
        other.issue("ana", unix_s() + 600),
        secret().issue("ana", unix_s() + 100 * 24 * 3_600),
    ] {
        for is_stream in [false, true] {
            let way = match is_stream {
                true => Way::tcp(stage.relay.addresses().tcp[0]).await,
                false => Way::udp(stage.udp()).await,
            };
            let refused = Device::allocate(way, credentials.clone()).await;
            assert_eq!(refused.err(), Some(EndReason::Unauthorized));
        }
    }
    assert_eq!(stage.relay.statistics().allocations_made, 0);
    stage.stop().await;
}

#[tokio::test]
async fn a_user_gets_no_more_than_the_quota_and_others_still_do() {
    let stage = Stage::new(Config {
        limits: Limits {
            allocations_per_user: 2,
            ..Limits::default()
        },
        ..config()
    })
    .await;
    let mut devices = Vec::new();
    for _ in 0..2 {
        let way = Way::udp(stage.udp()).await;
        devices.push(Device::allocate(way, credentials("ana")).await.unwrap().0);
    }
    // Other credentials of the same user make no difference.
    let way = Way::udp(stage.udp()).await;
    let more = Device::allocate(way, secret().issue("ana", unix_s() + 700)).await;
    assert_eq!(more.err(), Some(EndReason::NoRoom));
    let way = Way::udp(stage.udp()).await;
    assert!(Device::allocate(way, credentials("ben")).await.is_ok());
    devices.pop().unwrap().release().await;
    let way = Way::udp(stage.udp()).await;
    assert!(Device::allocate(way, credentials("ana")).await.is_ok());
    assert_eq!(stage.relay.statistics().allocations_refused, 1);
    stage.stop().await;
}

#[tokio::test]
async fn a_cap_on_bytes_ends_the_allocation() {
    let stage = Stage::new(Config {
        limits: Limits {
            bytes_per_allocation: 50_000,
            ..Limits::default()
        },
        ..config()
    })
    .await;
    let peer = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let peer_address = peer.local_addr().unwrap();
    let way = Way::tcp(stage.relay.addresses().tcp[0]).await;
    let (mut device, relayed) = Device::allocate(way, credentials("ana")).await.unwrap();
    assert!(device.permit(peer_address.ip()).await);
    for _ in 0..60 {
        device.send(peer_address, &[7; 1_000]).await;
    }
    let mut buffer = [0; 2_048];
    for _ in 0..50 {
        let (length, from) = peer.recv_from(&mut buffer).await.unwrap();
        assert_eq!((length, from), (1_000, relayed));
    }
    assert!(
        device.is_cut().await,
        "a connection without an allocation is closed"
    );
    let statistics = stage.relay.statistics();
    assert_eq!((statistics.bytes, statistics.allocations), (50_000, 0));
    stage.stop().await;
}

#[tokio::test]
async fn a_stranger_who_holds_no_permission_is_not_heard() {
    let stage = Stage::new(config()).await;
    let way = Way::udp(stage.udp()).await;
    let (mut device, relayed) = Device::allocate(way, credentials("ana")).await.unwrap();
    let stranger = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    stranger.send_to(b"hello?", relayed).await.unwrap();
    assert_eq!(device.receive_soon().await, None);
    stage.stop().await;
}

#[tokio::test]
async fn forbidden_peers_are_refused_over_the_wire() {
    let stage = Stage::new(config()).await;
    let way = Way::udp(stage.udp()).await;
    let (mut device, _) = Device::allocate(way, credentials("ana")).await.unwrap();
    for ip in [
        "169.254.169.254",
        "10.0.0.1",
        "192.168.1.1",
        "224.0.0.1",
        "0.0.0.0",
        "100.64.0.1",
    ] {
        assert!(!device.permit(ip.parse().unwrap()).await, "{ip}");
    }
    stage.stop().await;
}

#[tokio::test]
async fn what_is_no_turn_closes_a_connection_and_harms_nobody() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let stage = Stage::new(config()).await;
    let address = stage.relay.addresses().tcp[0];
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01"[..],
        b"\xff\xff\xff\xff",
        b"\x00\x01\x00\x03",
    ] {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut rest = Vec::new();
        // A reset says the same as an end.
        assert_eq!(stream.read_to_end(&mut rest).await.unwrap_or(0), 0);
    }
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for length in 0..200u8 {
        socket
            .send_to(&vec![length; length.into()], stage.udp())
            .await
            .unwrap();
    }
    let way = Way::udp(stage.udp()).await;
    assert!(Device::allocate(way, credentials("ana")).await.is_ok());
    stage.stop().await;
}

#[tokio::test]
async fn an_address_gets_no_more_connections_than_its_share() {
    use tokio::io::AsyncReadExt;
    let stage = Stage::new(Config {
        limits: Limits {
            connections_per_address: 2,
            ..Limits::default()
        },
        ..config()
    })
    .await;
    let address = stage.relay.addresses().tcp[0];
    let mut kept = Vec::new();
    for _ in 0..2 {
        let way = Way::tcp(address).await;
        kept.push(Device::allocate(way, credentials("ana")).await.unwrap());
    }
    let mut third = tokio::net::TcpStream::connect(address).await.unwrap();
    assert_eq!(third.read(&mut [0; 1]).await.unwrap_or(0), 0);
    stage.stop().await;
}

#[tokio::test]
async fn every_way_to_write_a_forbidden_address_is_refused_over_the_wire() {
    // A relay of loopback serves loopback: this one listens elsewhere, too, and so serves nothing private.
    let stage = Stage::new(Config {
        listen: ["127.0.0.1:0", "[::1]:0", "0.0.0.0:0"]
            .map(|text| text.parse().unwrap())
            .to_vec(),
        ..config()
    })
    .await;
    let own = own_addresses();
    let forbidden = testkit::forbidden_peers();
    assert!(forbidden.len() >= 400, "{}", forbidden.len());
    for (listener, family) in [(0, Family::V4), (1, Family::V6)] {
        let of_family = forbidden.iter().filter(|ip| Family::of(**ip) == family);
        let of_family: Vec<_> = of_family.copied().collect();
        for (number, some) in of_family.chunks(60).enumerate() {
            let way = Way::udp(stage.relay.addresses().udp[listener]).await;
            let user = format!("user {number}");
            let device = Device::allocate_of(way, credentials(&user), family).await;
            let (mut device, _) = device.unwrap();
            for ip in some {
                // Its own addresses it may name, and reach nobody there but other clients.
                assert!(own.contains(ip) || !device.permit(*ip).await, "{ip}");
            }
        }
    }
    stage.stop().await;
}

#[tokio::test]
async fn the_relays_own_services_are_not_reached_through_it() {
    let stage = Stage::new(Config {
        listen: ["127.0.0.1:0", "0.0.0.0:0"]
            .map(|text| text.parse().unwrap())
            .to_vec(),
        ..config()
    })
    .await;
    let own = own_addresses();
    for ip in own
        .into_iter()
        .filter(IpAddr::is_ipv4)
        .chain([IpAddr::from([127, 0, 0, 1])])
    {
        let service = UdpSocket::bind((ip, 0)).await.unwrap();
        let service_address = service.local_addr().unwrap();
        let way = Way::udp(stage.udp()).await;
        let (mut device, _) = Device::allocate(way, credentials("ana")).await.unwrap();
        if device.permit(service_address.ip()).await {
            device.send(service_address, b"open the door").await;
        }
        let mut buffer = [0; 64];
        let heard = service.recv_from(&mut buffer);
        let heard = tokio::time::timeout(Duration::from_millis(300), heard).await;
        assert!(
            heard.is_err(),
            "a service of the relay's machine was reached"
        );
    }
    stage.stop().await;
}

fn own_addresses() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap().into_iter();
    let ips = interfaces.map(|interface| interface.ip());
    ips.filter(|ip| !ip.is_loopback()).collect()
}
