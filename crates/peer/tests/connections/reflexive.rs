//! What STUN servers say becomes a candidate; what they do not say costs little.

use std::net::SocketAddr;

use model::{CandidateKind, Description};
use peer::{Connection, ConnectionConfig};
use tokio::net::UdpSocket;

use crate::pair::{V4, config};

/// Answers binding requests as if they came from `seen_as`, forever.
async fn answer_requests(socket: &UdpSocket, from: &UdpSocket, seen_as: SocketAddr) {
    let mut request = [0; 100];
    loop {
        let (_, asker) = socket.recv_from(&mut request).await.unwrap();
        let SocketAddr::V4(seen_as) = seen_as else {
            panic!("an IPv4 address");
        };
        let cookie = &request[4..8];
        let port = seen_as.port() ^ u16::from_be_bytes([cookie[0], cookie[1]]);
        let mut answer = vec![0x01, 0x01, 0, 12];
        answer.extend(&request[4..20]);
        answer.extend([0x00, 0x20, 0, 8, 0, 1]);
        answer.extend(port.to_be_bytes());
        let octets = seen_as.ip().octets();
        answer.extend(octets.iter().zip(cookie).map(|(octet, key)| octet ^ key));
        from.send_to(&answer, asker).await.unwrap();
    }
}

async fn bound() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind((V4, 0)).await.unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

async fn offer_with(stun_servers: Vec<SocketAddr>) -> Description {
    let config = ConnectionConfig {
        stun_servers,
        ..config(V4)
    };
    Connection::offer(config).await.unwrap().1
}

fn reflexive(description: &Description) -> Vec<SocketAddr> {
    let candidates = description.candidates.iter();
    candidates
        .filter(|candidate| candidate.kind == CandidateKind::ServerReflexive)
        .map(|candidate| candidate.address)
        .collect()
}

fn outside() -> SocketAddr {
    "198.51.100.7:4321".parse().unwrap()
}

#[tokio::test]
async fn what_the_server_saw_is_a_candidate() {
    let (socket, server) = bound().await;
    tokio::select! {
        () = answer_requests(&socket, &socket, outside()) => {}
        offer = offer_with(vec![server]) => {
            assert_eq!(reflexive(&offer), [outside()]);
            assert!(offer.candidates.len() >= 2, "and the host's own is there too");
        }
    }
}

#[tokio::test]
async fn what_somebody_else_says_is_none() {
    let (socket, server) = bound().await;
    let (liar, _) = bound().await;
    tokio::select! {
        () = answer_requests(&socket, &liar, outside()) => {}
        offer = offer_with(vec![server]) => {
            assert!(reflexive(&offer).is_empty());
            assert_eq!(offer.candidates.len(), 1);
        }
    }
}

#[tokio::test]
async fn a_server_that_is_silent_costs_its_candidate_and_nothing_else() {
    let (_silent, server) = bound().await;
    let offer = offer_with(vec![server; peer::STUN_SERVERS + 3]).await;
    assert!(reflexive(&offer).is_empty());
    assert_eq!(offer.candidates.len(), 1);
}
