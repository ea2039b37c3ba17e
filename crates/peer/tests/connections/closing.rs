use std::time::Duration;

use bytes::Bytes;
use peer::{CloseReason, Connection, SendError};

use crate::pair::{V4, config, connect};

#[tokio::test]
async fn a_close_reaches_the_peer() {
    let (offering, answering) = connect().await;
    offering.close().await;
    assert_eq!(answering.control().receive().await, None);
    assert_eq!(answering.closed().await, CloseReason::ClosedByPeer);
    assert_eq!(offering.closed().await, CloseReason::Closed);
}

#[tokio::test]
async fn what_was_acknowledged_before_a_close_is_read_after_it() {
    let (offering, answering) = connect().await;
    let from = offering.control();
    from.send(Bytes::from_static(b"last words")).await.unwrap();
    while from.buffered_bytes().await > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    offering.close().await;
    assert_eq!(answering.control().receive().await.unwrap(), "last words");
    assert_eq!(answering.control().receive().await, None);
}

/// More than the peer's window and our buffer hold, so that a hasty close would lose the end of it.
#[tokio::test]
async fn what_was_sent_before_finishing_arrives() {
    const MESSAGES: u8 = 100;
    let (offering, answering) = connect().await;
    let send = async {
        let bulk = offering.bulk();
        for number in 0..MESSAGES {
            let message = Bytes::from(vec![number; 65_536]);
            bulk.send(message).await.unwrap();
        }
        offering.control().send("last words".into()).await.unwrap();
        offering.finish().await;
    };
    let receive = async {
        for number in 0..MESSAGES {
            let message = answering.bulk().receive().await;
            assert_eq!(message.unwrap()[0], number);
        }
        assert_eq!(answering.control().receive().await.unwrap(), "last words");
        assert_eq!(answering.control().receive().await, None);
    };
    tokio::join!(send, receive);
    assert_eq!(answering.closed().await, CloseReason::ClosedByPeer);
}

/// Nobody reads, so nothing more is acknowledged once the window is full.
#[tokio::test]
async fn finishing_does_not_wait_for_a_peer_that_takes_nothing() {
    let (offering, _answering) = connect().await;
    let bulk = offering.bulk();
    let full = async {
        loop {
            bulk.send(Bytes::from(vec![0; 65_536])).await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(2), full)
        .await
        .expect_err("nobody takes what is sent");
    assert!(bulk.buffered_bytes().await > 0);
    offering.finish().await;
    assert_eq!(offering.closed().await, CloseReason::Closed);
}

#[tokio::test]
async fn a_closed_connection_sends_and_receives_nothing() {
    let (offering, _answering) = connect().await;
    let channel = offering.bulk();
    offering.close().await;
    assert_eq!(
        channel.send(Bytes::from_static(b"late")).await,
        Err(SendError::Closed)
    );
    assert_eq!(channel.receive().await, None);
    assert_eq!(channel.buffered_bytes().await, 0);
}

#[tokio::test]
async fn a_sender_that_waits_is_released_by_a_close() {
    let (offering, _answering) = connect().await;
    let channel = offering.bulk();
    let flood = async {
        loop {
            if let Err(error) = channel.send(Bytes::from(vec![0; 65_536])).await {
                return error;
            }
        }
    };
    let close = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        offering.close().await;
    };
    let (error, ()) = tokio::join!(flood, close);
    assert_eq!(error, SendError::Closed);
}

#[tokio::test]
async fn dropping_a_connection_ends_its_channels() {
    let (offering, _answering) = connect().await;
    let channel = offering.control();
    drop(offering);
    assert_eq!(channel.receive().await, None);
    assert_eq!(
        channel.send(Bytes::from_static(b"late")).await,
        Err(SendError::Closed)
    );
}

#[tokio::test]
async fn a_dropped_connection_frees_its_socket() {
    let (pending, offer) = Connection::offer(config(V4)).await.unwrap();
    let address = offer.candidates[0].address;
    assert!(tokio::net::UdpSocket::bind(address).await.is_err());
    drop(pending);
    while tokio::net::UdpSocket::bind(address).await.is_err() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The peer's runtime vanishes, and its sockets with it: no goodbye, as after a crash.
#[tokio::test]
async fn a_peer_that_vanishes_is_noticed() {
    let (answer_out, answer_in) = tokio::sync::oneshot::channel();
    let (mut offering, offer) = Connection::offer(config(V4)).await.unwrap();
    let doomed = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        let connection = runtime.block_on(async {
            let (answering, answer) = Connection::answer(config(V4), &offer).await.unwrap();
            answer_out.send(answer).unwrap();
            let connection = answering.connect().await.unwrap();
            assert_eq!(connection.control().receive().await.unwrap(), "vanish");
            connection
        });
        runtime.shutdown_background();
        connection
    });
    offering
        .accept_answer(&answer_in.await.unwrap())
        .await
        .unwrap();
    let survivor = offering.connect().await.unwrap();
    survivor
        .control()
        .send(Bytes::from_static(b"vanish"))
        .await
        .unwrap();
    let started = std::time::Instant::now();

    assert_eq!(survivor.closed().await, CloseReason::Lost);
    println!("noticed after {:?}", started.elapsed());
    assert_eq!(survivor.control().receive().await, None);
    drop(doomed.join().unwrap());
}
