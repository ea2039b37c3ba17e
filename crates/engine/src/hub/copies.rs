//! Copied identities: how this device notices that it exists twice, and that a contact does.
//!
//! Every process reads a mailbox that only its own keys lead to. When a process with the same keys takes it
//! over, the older one writes into it, so that both know, and leaves the server. Two copies that are
//! never there together give themselves away by the counters of their envelopes: the contact that
//! sees one go backwards tells its person and the sender.

use std::collections::{BTreeMap, BTreeSet};

use api::{CommandError, ErrorCode, Event};
use model::{ContactId, Day, DayKeys, MailboxId, PairChain, PairSecret};
use signaling_proto::client::{ClientInput, MailboxSubscription};
use signaling_proto::envelope::{self, Incoming, Opened, Outgoing, Sealed};
use store::Contact;

use super::Hub;
use crate::clock;
use crate::entropy::OsEntropy;

/// What is known of copies.
#[derive(Debug, Default)]
pub(super) struct Copies {
    /// The mailboxes that lead from this device to itself.
    own: BTreeMap<MailboxId, Day>,
    /// A copy took this process's place: it stays away from the server.
    replaced: bool,
    /// The faces know of a copy.
    told: bool,
    /// Contacts whose copies the faces know of.
    contacts_told: BTreeSet<ContactId>,
}

impl Hub {
    /// The mailboxes of this device to itself; they come first, so that a copy is noticed first.
    pub(super) fn own_mailboxes(&mut self, today: Day) -> Vec<MailboxSubscription> {
        let mut subscriptions = Vec::new();
        self.identity.copies.own.clear();
        for day in today.window() {
            if let Some(keys) = self.keys_to_self(day) {
                let subscription = MailboxSubscription::of(keys.to_own);
                let own = &mut self.identity.copies.own;
                own.insert(subscription.mailbox, day);
                subscriptions.push(subscription);
            }
        }
        subscriptions
    }

    /// Whether this process may meet the server: not after a copy took its place.
    pub(super) fn check_not_copied(&self) -> Result<(), CommandError> {
        match self.identity.copies.replaced {
            true => Err(copied()),
            false => Ok(()),
        }
    }

    /// Another process with the same keys reads a mailbox that this one read.
    pub(super) fn mailbox_replaced(&mut self, mailbox: MailboxId) {
        let Some(&day) = self.identity.copies.own.get(&mailbox) else {
            return;
        };
        if self.identity.copies.replaced {
            return;
        }
        self.identity.copies.replaced = true;
        self.warn_copy(day);
        self.clients
            .tell_all(&Event::IdentityCopied { replaced: true });
        self.leave_server();
    }

    /// Something came to this device's own mailbox; returns whether it was one.
    pub(super) fn own_envelope(&mut self, mailbox: MailboxId, bytes: &[u8]) -> bool {
        let Some(&day) = self.identity.copies.own.get(&mailbox) else {
            return false;
        };
        let Some(keys) = self.keys_to_self(day) else {
            return true;
        };
        let secrets = &self.identity.secrets;
        let incoming = Incoming {
            keys: &keys.to_own,
            sender: &secrets.public().signing,
            own: &secrets.device_id(),
            day,
            last_counter: 0,
        };
        if let Ok(opened) = envelope::open(bytes, &incoming)
            && let Sealed::Copied { epoch } = opened.payload
            && epoch != self.signaling.epoch
        {
            self.tell_copied();
        }
        true
    }

    /// A contact's envelope came with a counter that was used before.
    ///
    /// The same one again is nothing new; another one shows that two devices have the contact's keys.
    pub(super) fn envelope_went_back(&mut self, contact: &Contact, opened: &Opened) {
        let known = self
            .store
            .took_envelope(contact.id, opened.counter, &opened.digest);
        let last = self.store.last_incoming_counter(contact.id);
        let (Ok(false), Ok(last)) = (known, last) else {
            return;
        };
        let behind = Sealed::Behind {
            counter: last,
            refused: opened.counter,
        };
        if let Err(error) = self.post(contact, &behind) {
            tracing::warn!(%error, "a device behind its counters could not be told");
        }
        if self.identity.copies.contacts_told.insert(contact.id) {
            self.clients.tell_all(&Event::ContactCopied {
                contact: contact.id,
                name: contact.name.clone(),
            });
        }
    }

    /// A contact took an envelope of this device with a counter that this home may never have used.
    pub(super) fn fell_behind(&mut self, contact: ContactId, counter: u64, refused: u64) {
        match self.store.skip_outgoing_counter(contact, counter) {
            Ok(is_news) => {
                if is_news || refused == counter {
                    self.tell_copied();
                }
            }
            Err(error) => tracing::warn!(%error, "a counter could not be kept"),
        }
        if !self.meetings.is_connected(contact) {
            self.end_meeting(contact);
            self.greet(contact); // What was refused is said again.
        }
    }

    /// A contact of which there are two is told whenever one of them shows up.
    pub(super) fn tell_of_copy(&mut self, contact: &Contact, opened: &Opened) {
        let shows_up = matches!(opened.payload, Sealed::Hello(_) | Sealed::Offer(_));
        if !shows_up || !self.identity.copies.contacts_told.contains(&contact.id) {
            return;
        }
        let epoch = self.signaling.epoch;
        if let Err(error) = self.post(contact, &Sealed::Copied { epoch }) {
            tracing::warn!(%error, "a copied device could not be told");
        }
    }

    pub(super) fn tell_copied(&mut self) {
        if !self.identity.copies.told {
            self.identity.copies.told = true;
            self.clients
                .tell_all(&Event::IdentityCopied { replaced: false });
        }
    }

    /// Writes to the process that took this one's place.
    fn warn_copy(&mut self, day: Day) {
        let Some(keys) = self.keys_to_self(day) else {
            return;
        };
        let own = self.identity.secrets.device_id();
        let outgoing = Outgoing {
            keys: &keys.to_peer,
            own: &self.identity.secrets,
            recipient: &own,
            day,
            counter: 1,
        };
        let epoch = self.signaling.epoch;
        let sealed = envelope::seal(&Sealed::Copied { epoch }, &outgoing, &mut OsEntropy);
        if let Ok(sealed) = sealed {
            self.signaling.send(ClientInput::Post {
                ticket: u64::MAX, // Whatever becomes of it, this process is about to leave.
                mailbox: keys.to_peer.mailbox(),
                token: keys.to_peer.post_token,
                envelope: sealed.bytes,
                lifetime: super::signaling::POST_LIFETIME,
            });
        }
    }

    fn keys_to_self(&self, day: Day) -> Option<DayKeys> {
        let secret = self.identity.secrets.derive("wherry 1 own mailbox", &[]);
        let own = self.identity.secrets.device_id();
        let chain = PairChain::start(&PairSecret(secret), clock::today());
        chain.keys(day, &own, &own)
    }
}

/// Why a process whose place was taken does nothing more.
pub(crate) fn copied() -> CommandError {
    CommandError::new(
        ErrorCode::IdentityCopied,
        "This device's identity was copied: another process uses it. Nothing was lost. Stop one of the two, or run wherry id renew in one home to make it a new device.",
    )
}
