use std::net::SocketAddr;

use bytes::Bytes;
use model::limits;
use peer::Connection;
use tokio::net::UdpSocket;

use crate::pair::{V4, address, config, connect_with};

const FRAGMENTS: u32 = 30_000;
const MESSAGES: usize = 200;

#[tokio::test]
async fn handshake_fragments_from_a_third_address_do_not_stop_a_transfer() {
    let (sender, receiver, target) = connect_to_target().await;
    let stranger = UdpSocket::bind((V4, 0)).await.unwrap();
    tokio::join!(flood(&stranger, target), transfer(&sender, &receiver));
}

/// The peer itself turns hostile: its own stack is gone, and fragments come from where it was.
#[tokio::test]
async fn handshake_fragments_from_the_peers_address_do_no_harm() {
    let (mut offering, offer) = Connection::offer(config(V4)).await.unwrap();
    let stranger = UdpSocket::bind((V4, 0)).await.unwrap();
    let mut with_stranger = offer.clone();
    let mut candidate = offer.candidates[0];
    candidate.address = stranger.local_addr().unwrap();
    with_stranger.candidates.push(candidate);

    let (answering, answer) = Connection::answer(config(V4), &with_stranger)
        .await
        .unwrap();
    let target = address(&answer);
    offering.accept_answer(&answer).await.unwrap();
    let (sender, receiver) = tokio::join!(offering.connect(), answering.connect());
    let (sender, receiver) = (sender.unwrap(), receiver.unwrap());
    tokio::join!(flood(&stranger, target), transfer(&sender, &receiver));
}

#[tokio::test]
async fn handshake_fragments_from_a_third_address_do_not_stop_a_handshake() {
    let (mut offering, offer) = Connection::offer(config(V4)).await.unwrap();
    let (answering, answer) = Connection::answer(config(V4), &offer).await.unwrap();
    let stranger = UdpSocket::bind((V4, 0)).await.unwrap();
    offering.accept_answer(&answer).await.unwrap();
    let (sender, receiver, (), ()) = tokio::join!(
        offering.connect(),
        answering.connect(),
        flood(&stranger, address(&offer)),
        flood(&stranger, address(&answer)),
    );
    transfer(&sender.unwrap(), &receiver.unwrap()).await;
}

#[tokio::test]
async fn garbage_from_a_third_address_does_not_stop_a_transfer() {
    let (sender, receiver, target) = connect_to_target().await;
    let stranger = UdpSocket::bind((V4, 0)).await.unwrap();
    let garbage = async {
        for round in 0..FRAGMENTS {
            let first = round.to_le_bytes()[0];
            stranger.send_to(&[first; 40], target).await.unwrap();
        }
    };
    tokio::join!(garbage, transfer(&sender, &receiver));
}

async fn connect_to_target() -> (Connection, Connection, SocketAddr) {
    let mut target = None;
    let (sender, receiver) =
        connect_with(V4, |_| {}, |answer| target = Some(address(answer))).await;
    (sender.unwrap(), receiver.unwrap(), target.unwrap())
}

/// Sends one-byte fragments of a handshake message, each with another offset (RFC 6347 §4.2.3).
async fn flood(from: &UdpSocket, target: SocketAddr) {
    for index in 0..FRAGMENTS {
        let sequence = index.to_be_bytes();
        let record = [22, 254, 253, 0, 0, 0, 0];
        let message = [11, 1, 0, 0, 0, 5];
        let fragment = [
            &record[..],
            &sequence,
            &[0, 13],
            &message,
            &sequence[1..],
            &[0, 0, 1],
            &[0],
        ]
        .concat();
        from.send_to(&fragment, target).await.unwrap();
        if index % 64 == 0 {
            tokio::task::yield_now().await;
        }
    }
}

async fn transfer(sender: &Connection, receiver: &Connection) {
    let (from, to) = (sender.bulk(), receiver.bulk());
    let message = Bytes::from(vec![7; limits::CHANNEL_MESSAGE_BYTES]);
    let send = async {
        for _ in 0..MESSAGES {
            from.send(message.clone()).await.unwrap();
        }
    };
    let receive = async {
        for _ in 0..MESSAGES {
            assert_eq!(to.receive().await.as_ref(), Some(&message));
        }
    };
    tokio::join!(send, receive);
}
