use std::time::Duration;

use bytes::Bytes;
use model::limits;
use peer::{Channel, Connection, SendError, Statistics};

use crate::pair::{V4, config, connect};

#[tokio::test]
async fn both_channels_carry_messages_both_ways() {
    let (offering, answering) = connect().await;
    for (here, there) in [
        (offering.control(), answering.control()),
        (offering.bulk(), answering.bulk()),
        (answering.control(), offering.control()),
        (answering.bulk(), offering.bulk()),
    ] {
        here.send(Bytes::from_static(b"across")).await.unwrap();
        assert_eq!(there.receive().await.unwrap(), "across");
    }
}

#[tokio::test]
async fn what_is_sent_on_one_channel_does_not_appear_on_the_other() {
    let (offering, answering) = connect().await;
    offering
        .bulk()
        .send(Bytes::from_static(b"bulk"))
        .await
        .unwrap();
    offering
        .control()
        .send(Bytes::from_static(b"control"))
        .await
        .unwrap();
    assert_eq!(answering.control().receive().await.unwrap(), "control");
    assert_eq!(answering.bulk().receive().await.unwrap(), "bulk");
}

#[tokio::test]
async fn messages_of_every_size_arrive_whole_and_in_order() {
    let (offering, answering) = connect().await;
    let sizes = [
        1,
        2,
        1_000,
        1_163,
        1_164,
        16_384,
        65_535,
        limits::CHANNEL_MESSAGE_BYTES,
    ];
    let messages: Vec<Bytes> = (0u8..100)
        .flat_map(|round| sizes.map(|size| message(round, size)))
        .collect();
    let bytes: usize = messages.iter().map(Bytes::len).sum();

    let (from, to) = (offering.bulk(), answering.bulk());
    let send = async {
        for message in &messages {
            from.send(message.clone()).await.unwrap();
        }
    };
    let receive = async {
        for message in &messages {
            assert_eq!(to.receive().await.as_ref(), Some(message));
        }
    };
    tokio::join!(send, receive);

    let expected = Statistics {
        sent_bytes: bytes as u64,
        sent_messages: messages.len() as u64,
        ..Statistics::default()
    };
    assert_eq!(offering.statistics(), expected);
    let received = answering.statistics();
    assert_eq!(received.received_bytes, expected.sent_bytes);
    assert_eq!(received.received_messages, expected.sent_messages);
}

/// One side is done connecting, and speaks, before the other has begun to look.
#[tokio::test]
async fn what_a_fast_peer_says_first_is_not_lost() {
    for _ in 0..20 {
        let (mut offering, offer) = Connection::offer(config(V4)).await.unwrap();
        let (answering, answer) = Connection::answer(config(V4), &offer).await.unwrap();
        offering.accept_answer(&answer).await.unwrap();
        let offering = offering.connect().await.unwrap();
        offering
            .control()
            .send(Bytes::from_static(b"first"))
            .await
            .unwrap();
        offering
            .control()
            .send(Bytes::from_static(b"second"))
            .await
            .unwrap();
        let answering = answering.connect().await.unwrap();
        assert_eq!(answering.control().receive().await.unwrap(), "first");
        assert_eq!(answering.control().receive().await.unwrap(), "second");
    }
}

#[tokio::test]
async fn a_message_beyond_the_limit_is_refused() {
    let (offering, answering) = connect().await;
    let long = Bytes::from(vec![0; limits::CHANNEL_MESSAGE_BYTES + 1]);
    assert_eq!(offering.control().send(long).await, Err(SendError::TooLong));
    offering
        .control()
        .send(Bytes::from_static(b"next"))
        .await
        .unwrap();
    assert_eq!(answering.control().receive().await.unwrap(), "next");
}

/// What nobody reads is bounded: 512 messages in the stack's queues, and SCTP's window.
#[tokio::test]
async fn a_reader_that_does_not_read_stops_the_sender() {
    let (offering, answering) = connect().await;
    let from = offering.bulk();
    let mut sent = 0;
    while let Ok(done) =
        tokio::time::timeout(Duration::from_secs(3), from.send(message(1, MESSAGE))).await
    {
        done.unwrap();
        sent += 1;
        assert!(sent * MESSAGE < 64 << 20, "the sender is never stopped");
    }

    let to = answering.bulk();
    for _ in 0..sent {
        assert_eq!(to.receive().await, Some(message(1, MESSAGE)));
    }
    drained(&from).await;
}

const MESSAGE: usize = limits::CHANNEL_MESSAGE_BYTES;

async fn drained(channel: &Channel) {
    while channel.buffered_bytes().await > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn message(seed: u8, size: usize) -> Bytes {
    let byte = |index: usize| seed.wrapping_add(index.to_le_bytes()[0]).wrapping_mul(31);
    (0..size).map(byte).collect()
}
