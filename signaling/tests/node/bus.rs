//! Two nodes of one service, on a bus within this process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use model::MailboxId;
use signaling::{Bus, BusEvent};
use signaling_proto::message::{PostOutcome, ServerToClient};
use signaling_proto::server::Post;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

use super::device::{Device, direction};
use super::*;

/// Who holds which mailbox, and how to tell every node something.
#[derive(Default)]
struct Exchange {
    holders: Mutex<BTreeMap<MailboxId, usize>>,
    nodes: Mutex<Vec<mpsc::Sender<BusEvent>>>,
}

struct Stop {
    exchange: Arc<Exchange>,
    place: usize,
}

impl Exchange {
    fn join(self: &Arc<Self>) -> (Arc<dyn Bus>, mpsc::Receiver<BusEvent>) {
        let (sender, receiver) = mpsc::channel(64);
        let mut nodes = self.nodes.lock().unwrap();
        nodes.push(sender);
        let place = nodes.len() - 1;
        let exchange = Arc::clone(self);
        (Arc::new(Stop { exchange, place }), receiver)
    }

    fn node(&self, place: usize) -> mpsc::Sender<BusEvent> {
        self.nodes.lock().unwrap()[place].clone()
    }
}

impl Bus for Stop {
    fn forward(&self, post: Post) -> BoxFuture<'static, PostOutcome> {
        let holder = self
            .exchange
            .holders
            .lock()
            .unwrap()
            .get(&post.mailbox)
            .copied();
        let node = holder.map(|place| self.exchange.node(place));
        Box::pin(async move {
            let Some(node) = node else {
                return PostOutcome::Offline;
            };
            let (reply, answer) = oneshot::channel();
            node.send(BusEvent::PostReceived { post, reply })
                .await
                .unwrap();
            answer.await.unwrap()
        })
    }

    fn hold(&self, mailbox: MailboxId, epoch: u64) {
        let before = self
            .exchange
            .holders
            .lock()
            .unwrap()
            .insert(mailbox, self.place);
        if let Some(before) = before.filter(|before| *before != self.place) {
            let event = BusEvent::HeldElsewhere { mailbox, epoch };
            self.exchange.node(before).try_send(event).unwrap();
        }
    }

    fn release(&self, mailbox: MailboxId) {
        let mut holders = self.exchange.holders.lock().unwrap();
        if holders.get(&mailbox) == Some(&self.place) {
            holders.remove(&mailbox);
        }
    }
}

async fn start(exchange: &Arc<Exchange>) -> Server {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let shutdown = CancellationToken::new();
    Server::start(vec![listener], Config::default(), exchange.join(), shutdown)
        .await
        .unwrap()
}

#[tokio::test]
async fn devices_on_two_nodes_exchange_envelopes_and_the_newest_reader_wins() {
    let exchange = Arc::new(Exchange::default());
    let (first, second) = (start(&exchange).await, start(&exchange).await);
    let to_ben = direction(1);
    let mut ana = Device::join(first.local_addr(), 1).await;
    assert_eq!(ana.post(&to_ben, b"early").await, PostOutcome::Offline);

    let mut ben = Device::join(second.local_addr(), 2).await;
    ben.subscribe(&to_ben).await;
    assert_eq!(ana.post(&to_ben, b"hello").await, PostOutcome::Delivered);
    assert_eq!(ben.envelope().await, b"hello");

    let mut clone = Device::connect(first.local_addr()).await.unwrap();
    clone.authenticate(2, 99).await;
    clone.subscribe(&to_ben).await;
    let mailbox = to_ben.mailbox();
    let replaced = ServerToClient::MailboxReplaced {
        mailbox,
        foreign: true,
    };
    assert_eq!(ben.hear().await, Some(replaced));
    assert_eq!(ana.post(&to_ben, b"again").await, PostOutcome::Delivered);
    assert_eq!(clone.envelope().await, b"again");
}
