//! The seam between the nodes of one service.

use std::future::ready;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use model::MailboxId;
use signaling_proto::message::PostOutcome;
use signaling_proto::server::Post;
use tokio::sync::{mpsc, oneshot};

/// The way from this node to all others.
///
/// A bus also has the sending end of a channel of [`BusEvent`]s, whose receiving end the node reads.
pub trait Bus: Send + Sync + 'static {
    /// Hands a post to the node that holds its mailbox, and returns what became of it there.
    ///
    /// `Offline` only if it is certain that no node holds the mailbox; the node waits two seconds, then
    /// takes the outcome as `Unknown`.
    fn forward(&self, post: Post) -> BoxFuture<'static, PostOutcome>;

    /// Tells the other nodes that this one holds `mailbox` now, for the process of `epoch`.
    fn hold(&self, mailbox: MailboxId, epoch: u64);

    /// Tells the other nodes that this one does not hold `mailbox` any more.
    fn release(&self, mailbox: MailboxId);
}

/// What other nodes tell this one.
#[derive(Debug)]
pub enum BusEvent {
    /// A post to a mailbox of this node.
    PostReceived {
        /// The post.
        post: Post,
        /// Where its outcome goes.
        reply: oneshot::Sender<PostOutcome>,
    },
    /// Another node holds this mailbox now.
    HeldElsewhere {
        /// Which one.
        mailbox: MailboxId,
        /// Of the process that reads it.
        epoch: u64,
    },
}

/// The bus of a node that is alone: what it does not know, nobody knows.
#[derive(Debug)]
pub struct LocalBus {
    /// Held so that the channel stays open, and silent.
    _events: mpsc::Sender<BusEvent>,
}

impl LocalBus {
    /// Makes the bus and its silent channel.
    pub fn connect() -> (Arc<dyn Bus>, mpsc::Receiver<BusEvent>) {
        let (sender, receiver) = mpsc::channel(1);
        (Arc::new(Self { _events: sender }), receiver)
    }
}

impl Bus for LocalBus {
    fn forward(&self, _post: Post) -> BoxFuture<'static, PostOutcome> {
        Box::pin(ready(PostOutcome::Offline))
    }

    fn hold(&self, _mailbox: MailboxId, _epoch: u64) {}

    fn release(&self, _mailbox: MailboxId) {}
}
