use bytes::Bytes;
use peer::{CloseReason, SendError};

use crate::pair::{connect_for, connect_unequally};

const MESSAGE_BYTES: usize = 65_536;

#[tokio::test]
async fn a_connection_carries_no_more_than_its_dtls_session_may() {
    const MESSAGES: usize = 8;
    let (offering, answering) = connect_for((MESSAGES * MESSAGE_BYTES) as u64).await;
    let message = || Bytes::from(vec![7; MESSAGE_BYTES]);
    for _ in 0..MESSAGES {
        offering.bulk().send(message()).await.unwrap();
        answering.bulk().receive().await.unwrap();
    }
    tokio::join!(offering.worn(), answering.worn());
    assert!(offering.is_spent() && !answering.is_spent());
    // The other direction has a key of its own.
    answering.bulk().send(message()).await.unwrap();
    offering.bulk().receive().await.unwrap();

    let one_more = offering.control().send(Bytes::from_static(b"x")).await;
    assert_eq!(one_more, Err(SendError::Closed));
    assert_eq!(offering.closed().await, CloseReason::Exhausted);
    assert_eq!(
        offering.statistics().sent_bytes,
        (MESSAGES * MESSAGE_BYTES) as u64
    );
}

#[tokio::test]
async fn a_peer_that_sends_more_than_its_key_may_encrypt_is_cut_off() {
    const KEY_BYTES: u64 = 100_000;
    let (offering, answering) = connect_unequally(1 << 30, KEY_BYTES).await;
    let message = || Bytes::from(vec![7; MESSAGE_BYTES]);
    for _ in 0..2 {
        offering.bulk().send(message()).await.unwrap();
    }
    answering.bulk().receive().await.unwrap();
    assert_eq!(answering.bulk().receive().await, None);
    assert_eq!(answering.closed().await, CloseReason::Exhausted);
}
