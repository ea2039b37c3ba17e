//! Datagrams from one device to another, through the relay.

use std::path::Path;

use tokio::net::UdpSocket;
use turn::TlsFiles;
use turn_proto::Family;

use super::device::{Device, Way};
use super::{Config, Stage, config, credentials, secret, unix_s};

/// Sends both ways, in indications and through a channel.
async fn exchange(way: Way, user: &str) {
    let peer = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let peer_address = peer.local_addr().unwrap();
    let (mut device, relayed) = Device::allocate(way, credentials(user)).await.unwrap();
    assert!(device.permit(peer_address.ip()).await);
    let mut buffer = [0; 2_048];
    for payload in [&b"first"[..], &[7; 1_400]] {
        device.send(peer_address, payload).await;
        let (length, from) = peer.recv_from(&mut buffer).await.unwrap();
        assert_eq!((&buffer[..length], from), (payload, relayed));
        peer.send_to(payload, relayed).await.unwrap();
        assert_eq!(device.receive().await, (peer_address, payload.to_vec()));
    }
    device.bind(peer_address).await;
    for round in 0..200usize {
        let payload = vec![u8::try_from(round).unwrap(); 1 + round * 7];
        device.send(peer_address, &payload).await;
        let (length, from) = peer.recv_from(&mut buffer).await.unwrap();
        assert_eq!((&buffer[..length], from), (&payload[..], relayed));
        peer.send_to(&payload, relayed).await.unwrap();
        assert_eq!(device.receive().await, (peer_address, payload));
    }
    device.release().await;
}

#[tokio::test]
async fn data_passes_both_ways_over_udp() {
    let stage = Stage::new(config()).await;
    exchange(Way::udp(stage.udp()).await, "ana").await;
    stage.stop().await;
}

#[tokio::test]
async fn data_passes_both_ways_over_tcp() {
    let stage = Stage::new(config()).await;
    exchange(Way::tcp(stage.relay.addresses().tcp[0]).await, "ana").await;
    stage.stop().await;
}

#[tokio::test]
async fn data_passes_both_ways_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let (files, roots) = certificate(folder.path());
    let stage = Stage::new(Config {
        tls_listen: vec!["127.0.0.1:0".parse().unwrap()],
        tls: Some(files),
        ..config()
    })
    .await;
    exchange(Way::tls(stage.relay.addresses().tls[0], roots).await, "ana").await;
    stage.stop().await;
}

#[tokio::test]
async fn data_passes_over_ipv6_and_a_client_of_one_family_gets_the_other() {
    let stage = Stage::new(Config {
        listen: vec!["[::1]:0".parse().unwrap(), "127.0.0.1:0".parse().unwrap()],
        ..config()
    })
    .await;
    let peer = UdpSocket::bind("[::1]:0").await.unwrap();
    let peer_address = peer.local_addr().unwrap();
    for listener in stage.relay.addresses().udp.clone() {
        let way = Way::udp(listener).await;
        let (mut device, relayed) = Device::allocate_of(way, credentials("ana"), Family::V6)
            .await
            .unwrap();
        assert!(relayed.is_ipv6());
        assert!(device.permit(peer_address.ip()).await);
        device.send(peer_address, b"six").await;
        let mut buffer = [0; 64];
        let (length, from) = peer.recv_from(&mut buffer).await.unwrap();
        assert_eq!((&buffer[..length], from), (&b"six"[..], relayed));
    }
    stage.stop().await;
}

#[tokio::test]
async fn two_clients_of_one_relay_reach_each_other() {
    let stage = Stage::new(config()).await;
    let way = Way::udp(stage.udp()).await;
    let (mut ana, ana_at) = Device::allocate(way, credentials("ana")).await.unwrap();
    let way = Way::tcp(stage.relay.addresses().tcp[0]).await;
    let (mut ben, ben_at) = Device::allocate(way, credentials("ben")).await.unwrap();
    assert!(ana.permit(ben_at.ip()).await && ben.permit(ana_at.ip()).await);
    ana.bind(ben_at).await;
    ana.send(ben_at, b"hello").await;
    assert_eq!(ben.receive().await, (ana_at, b"hello".to_vec()));
    ben.send(ana_at, b"hello yourself").await;
    assert_eq!(ana.receive().await, (ben_at, b"hello yourself".to_vec()));
    stage.stop().await;
}

#[tokio::test]
async fn many_clients_at_once_get_their_own_data() {
    let stage = Stage::new(config()).await;
    let peer = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let peer_address = peer.local_addr().unwrap();
    let mut devices = Vec::new();
    for number in 0..40u8 {
        let way = match number % 2 {
            0 => Way::udp(stage.udp()).await,
            _ => Way::tcp(stage.relay.addresses().tcp[0]).await,
        };
        let user = format!("user {}", number % 8);
        let (mut device, relayed) = Device::allocate(way, credentials(&user)).await.unwrap();
        assert!(device.permit(peer_address.ip()).await);
        devices.push((device, relayed, number));
    }
    assert_eq!(stage.relay.statistics().allocations, 40);
    for (device, relayed, number) in &mut devices {
        device.send(peer_address, &[*number; 100]).await;
        let mut buffer = [0; 128];
        let (length, from) = peer.recv_from(&mut buffer).await.unwrap();
        assert_eq!((&buffer[..length], from), (&[*number; 100][..], *relayed));
        peer.send_to(&[*number; 50], from).await.unwrap();
    }
    for (device, _, number) in &mut devices {
        assert_eq!(device.receive().await, (peer_address, vec![*number; 50]));
    }
    for (device, _, _) in devices {
        device.release().await;
    }
    assert_eq!(stage.relay.statistics().allocations, 0);
    stage.stop().await;
}

#[tokio::test]
async fn a_new_secret_is_taken_beside_the_old_one_and_then_alone() {
    let stage = Stage::new(config()).await;
    let new = turn_proto::credentials::Secret::new("another secret of some length").unwrap();
    let with_new = || new.issue("ana", unix_s() + 60);
    let way = Way::udp(stage.udp()).await;
    let (mut old_device, _) = Device::allocate(way, credentials("old")).await.unwrap();
    stage.relay.set_secrets(vec![new.clone(), secret()]);
    for credentials in [with_new(), credentials("ana")] {
        let way = Way::udp(stage.udp()).await;
        assert!(Device::allocate(way, credentials).await.is_ok());
    }
    stage.relay.set_secrets(vec![new.clone()]);
    let way = Way::udp(stage.udp()).await;
    assert!(Device::allocate(way, credentials("ana")).await.is_err());
    let way = Way::udp(stage.udp()).await;
    assert!(Device::allocate(way, with_new()).await.is_ok());
    assert!(
        old_device.permit("127.0.0.1".parse().unwrap()).await,
        "what stands goes on"
    );
    stage.stop().await;
}

pub(super) fn certificate(folder: &Path) -> (TlsFiles, rustls::RootCertStore) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (chain, key) = (folder.join("chain.pem"), folder.join("key.pem"));
    std::fs::write(&chain, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    (TlsFiles::new(chain, key), roots)
}
