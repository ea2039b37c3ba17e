use std::collections::BTreeMap;

use bytes::Bytes;
use model::{DeviceId, FolderId, SessionId, TransferId};
use sync_proto::AddressedToFolder;
use tokio::sync::{mpsc, watch};
use transfer_proto::{Addressed, bulk};

use crate::folders::FromMember;
use crate::transfer::{Inbound, TransferInbox};

/// Which transfer gets what.
#[derive(Debug)]
pub(super) struct Routes {
    transfers: BTreeMap<TransferId, TransferInbox>,
    folders: BTreeMap<FolderId, mpsc::Sender<FromMember>>,
    tokens: watch::Sender<BTreeMap<u64, mpsc::Sender<Bytes>>>,
}

/// Where bulk messages go, for the tasks that read them.
#[derive(Debug, Clone)]
pub(super) struct TokenRoutes {
    tokens: watch::Receiver<BTreeMap<u64, mpsc::Sender<Bytes>>>,
}

/// A message that no transfer took.
#[derive(Debug)]
pub(super) enum Undelivered {
    /// Nobody attached this transfer.
    Unknown(Addressed),
    /// The peer talks faster than any honest one.
    Flood,
}

impl Default for Routes {
    fn default() -> Self {
        Self {
            transfers: BTreeMap::new(),
            folders: BTreeMap::new(),
            tokens: watch::Sender::new(BTreeMap::new()),
        }
    }
}

impl Routes {
    pub(super) fn tokens(&self) -> TokenRoutes {
        TokenRoutes {
            tokens: self.tokens.subscribe(),
        }
    }

    pub(super) fn attach(&mut self, transfer: TransferId, inbox: TransferInbox) {
        // Transfers that ended leave closed inboxes behind.
        self.transfers.retain(|_, inbox| !inbox.is_closed());
        self.transfers.insert(transfer, inbox);
    }

    pub(super) fn attach_folder(&mut self, folder: FolderId, inbox: mpsc::Sender<FromMember>) {
        self.folders.insert(folder, inbox);
    }

    /// Hands a message to its folder as soon as that takes it, or gives it back.
    pub(super) async fn deliver_to_folder(
        &mut self,
        session: SessionId,
        device: DeviceId,
        message: AddressedToFolder,
    ) -> Option<AddressedToFolder> {
        let folder = message.folder;
        let Some(inbox) = self.folders.get(&folder) else {
            return Some(message);
        };
        let message = message.message;
        let from = FromMember {
            session,
            device,
            message,
        };
        let Err(refused) = inbox.send(from).await else {
            return None;
        };
        self.folders.remove(&folder);
        let message = refused.0.message;
        Some(AddressedToFolder { folder, message })
    }

    pub(super) fn expect(&mut self, token: u64, bulk: mpsc::Sender<Bytes>) {
        self.tokens.send_modify(|tokens| {
            // Transfers that ended leave closed routes behind.
            tokens.retain(|_, route| !route.is_closed());
            tokens.insert(token, bulk);
        });
    }

    /// Hands a message to its transfer, or gives it back.
    pub(super) fn deliver(&mut self, message: Addressed) -> Option<Undelivered> {
        let Some(inbox) = self.transfers.get(&message.transfer) else {
            return Some(Undelivered::Unknown(message));
        };
        match inbox.try_send(Inbound::Message(message.message)) {
            Ok(()) => None,
            Err(mpsc::error::TrySendError::Full(_)) => Some(Undelivered::Flood),
            Err(mpsc::error::TrySendError::Closed(inbound)) => {
                self.transfers.remove(&message.transfer);
                match inbound {
                    Inbound::Message(body) => Some(Undelivered::Unknown(Addressed {
                        transfer: message.transfer,
                        message: body,
                    })),
                    Inbound::SessionUp(_)
                    | Inbound::SessionDown(_)
                    | Inbound::ConnectionLost(_)
                    | Inbound::Steer(_)
                    | Inbound::Entries(_) => None,
                }
            }
        }
    }

    pub(super) fn connection_lost(&self, session: SessionId) {
        self.tell_all(|| Inbound::ConnectionLost(session));
    }

    pub(super) fn session_down(&self, session: SessionId) {
        self.tell_all(|| Inbound::SessionDown(session));
        self.tokens.send_replace(BTreeMap::new());
    }

    fn tell_all(&self, inbound: impl Fn() -> Inbound) {
        for inbox in self.transfers.values() {
            // A full inbox belongs to a transfer that will see its session closed.
            inbox.try_send(inbound()).ok();
        }
    }
}

impl TokenRoutes {
    pub(super) fn of(&self, message: &Bytes) -> Option<mpsc::Sender<Bytes>> {
        let token = bulk::token(message)?;
        self.tokens.borrow().get(&token).cloned()
    }
}
