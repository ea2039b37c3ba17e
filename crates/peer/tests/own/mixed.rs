use bytes::Bytes;
use model::limits;
use peer::{CloseReason, Connection, ConnectionConfig, Engine};

use crate::pair::{V4, config};

async fn connect(offering: Engine, answering: Engine) -> (Connection, Connection) {
    let config = |engine| ConnectionConfig {
        engine,
        ..config(V4)
    };
    let (mut first, offer) = Connection::offer(config(offering)).await.unwrap();
    let (second, answer) = Connection::answer(config(answering), &offer).await.unwrap();
    first.accept_answer(&answer).await.unwrap();
    let (first, second) = tokio::join!(first.connect(), second.connect());
    (first.unwrap(), second.unwrap())
}

async fn carry(from: &Connection, to: &Connection) {
    const MESSAGES: u8 = 200;
    let (sender, receiver) = (from.bulk(), to.bulk());
    let send = async {
        for number in 0..MESSAGES {
            let message = vec![number; limits::CHANNEL_MESSAGE_BYTES];
            sender.send(message.into()).await.unwrap();
        }
    };
    let receive = async {
        for number in 0..MESSAGES {
            let message = receiver.receive().await.unwrap();
            assert_eq!(message.len(), limits::CHANNEL_MESSAGE_BYTES);
            assert!(message.iter().all(|&byte| byte == number));
        }
    };
    tokio::join!(send, receive);
}

#[tokio::test]
async fn both_engines_understand_each_other() {
    for (offering, answering) in [(Engine::Own, Engine::Stock), (Engine::Stock, Engine::Own)] {
        let (first, second) = connect(offering, answering).await;
        assert_eq!(first.fingerprints().own, second.fingerprints().peer);
        assert_eq!(first.fingerprints().peer, second.fingerprints().own);
        carry(&first, &second).await;
        carry(&second, &first).await;
        let control = first.control();
        control
            .send(Bytes::from_static(b"last words"))
            .await
            .unwrap();
        first.finish().await;
        assert_eq!(second.control().receive().await.unwrap(), "last words");
        assert_eq!(second.control().receive().await, None);
        assert_eq!(second.closed().await, CloseReason::ClosedByPeer);
    }
}
