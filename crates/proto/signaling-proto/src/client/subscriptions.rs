//! The mailboxes this device reads, and what the server knows of them.

use std::collections::BTreeMap;

use model::MailboxId;

use super::interface::MailboxSubscription;
use crate::message::{MAILBOXES_PER_MESSAGE, MailboxProof, subscription_message};

#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    wanted: BTreeMap<MailboxId, Wanted>,
}

#[derive(Debug)]
struct Wanted {
    subscription: MailboxSubscription,
    standing: Standing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Wanted,
    /// Another process took it: taking it back would only begin a quarrel.
    TakenAway,
}

/// What changed.
#[derive(Debug)]
pub(super) struct Difference {
    pub(super) added: Vec<MailboxId>,
    pub(super) removed: Vec<MailboxId>,
}

impl Subscriptions {
    pub(super) fn set(&mut self, subscriptions: Vec<MailboxSubscription>) -> Difference {
        let mut before = std::mem::take(&mut self.wanted);
        let mut added = Vec::new();
        for subscription in subscriptions {
            let mailbox = subscription.mailbox;
            let kept = before.remove(&mailbox);
            if kept.is_none() && !self.wanted.contains_key(&mailbox) {
                added.push(mailbox);
            }
            self.wanted.entry(mailbox).or_insert(kept.unwrap_or(Wanted {
                subscription,
                standing: Standing::Wanted,
            }));
        }
        let removed = before.into_keys().collect();
        Difference { added, removed }
    }

    /// Everything to subscribe to on a new socket.
    pub(super) fn all(&self) -> Vec<MailboxId> {
        let wanted = self.wanted.iter();
        let wanted = wanted.filter(|(_, wanted)| wanted.standing == Standing::Wanted);
        wanted.map(|(mailbox, _)| *mailbox).collect()
    }

    pub(super) fn contains(&self, mailbox: &MailboxId) -> bool {
        self.wanted.contains_key(mailbox)
    }

    pub(super) fn take_away(&mut self, mailbox: &MailboxId) {
        if let Some(wanted) = self.wanted.get_mut(mailbox) {
            wanted.standing = Standing::TakenAway;
        }
    }

    /// Proves the right to those of `mailboxes` that are still wanted.
    pub(super) fn prove(&self, mailboxes: &[MailboxId], nonce: &[u8; 32]) -> Vec<MailboxProof> {
        let wanted = mailboxes
            .iter()
            .filter_map(|mailbox| self.wanted.get(mailbox));
        let wanted = wanted.filter(|wanted| wanted.standing == Standing::Wanted);
        wanted
            .map(|wanted| wanted.subscription.proof(nonce))
            .collect()
    }
}

impl MailboxSubscription {
    fn proof(&self, nonce: &[u8; 32]) -> MailboxProof {
        let message = subscription_message(nonce, &self.mailbox);
        MailboxProof {
            public_key: self.public_key,
            signature: self.prove.sign_subscription(&message),
            token_hash: self.token_hash,
        }
    }
}

/// Cuts a list of mailboxes into messages.
pub(super) fn in_messages(mailboxes: &[MailboxId]) -> impl Iterator<Item = Vec<MailboxId>> {
    mailboxes
        .chunks(MAILBOXES_PER_MESSAGE)
        .map(<[MailboxId]>::to_vec)
}
