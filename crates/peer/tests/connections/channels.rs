use std::time::Duration;

use bytes::Bytes;
use model::{Description, limits};
use peer::{Channel, Connection, SendError, Statistics};
use tokio::sync::oneshot;

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

/// A side that is slow to look finds the end of the handshake and the first messages in one read.
#[tokio::test]
async fn what_a_fast_peer_says_first_is_not_lost() {
    for _ in 0..10 {
        let (mut offering, offer) = Connection::offer(config(V4)).await.unwrap();
        let (answer_out, answer_in) = oneshot::channel();
        let slow = std::thread::spawn(move || answer_slowly(&offer, answer_out));
        offering
            .accept_answer(&answer_in.await.unwrap())
            .await
            .unwrap();
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
        assert_eq!(offering.control().receive().await.unwrap(), "firstsecond");
        offering.close().await;
        slow.join().unwrap();
    }
}

/// Answers on a runtime of its own that pauses between any two steps, and repeats what it hears.
#[tokio::main(flavor = "current_thread")]
async fn answer_slowly(offer: &Description, answer_out: oneshot::Sender<Description>) {
    let mut pauses = tokio::task::JoinSet::new();
    pauses.spawn(async {
        loop {
            std::thread::sleep(Duration::from_millis(4));
            tokio::task::yield_now().await;
        }
    });
    let (answering, answer) = Connection::answer(config(V4), offer).await.unwrap();
    answer_out.send(answer).unwrap();
    let answering = answering.connect().await.unwrap();
    let control = answering.control();
    let first = control.receive().await.unwrap();
    let second = control.receive().await.unwrap();
    control.send([first, second].concat().into()).await.unwrap();
    assert_eq!(control.receive().await, None);
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
