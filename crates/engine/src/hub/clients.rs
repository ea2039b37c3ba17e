use std::collections::BTreeMap;

use api::{Destination, Event, Wishes};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

/// A face that is connected to the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClientId(pub(crate) u64);

/// Where a face runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientKind {
    /// In the owner's process: it has the owner's standard input and output.
    Own,
    /// In another process.
    Attached,
}

/// The faces and what they said about receiving.
#[derive(Debug, Default)]
pub(super) struct Clients {
    clients: BTreeMap<ClientId, Client>,
}

#[derive(Debug)]
struct Client {
    kind: ClientKind,
    events: mpsc::Sender<Event>,
    receiving: Option<Receiving>,
}

/// Where offers from contacts go.
#[derive(Debug, Clone)]
pub(super) struct Receiving {
    pub(super) destination: Destination,
    pub(super) accept: bool,
    pub(super) wishes: Wishes,
}

impl Clients {
    pub(super) fn join(&mut self, client: ClientId, kind: ClientKind, events: mpsc::Sender<Event>) {
        let client_state = Client {
            kind,
            events,
            receiving: None,
        };
        self.clients.insert(client, client_state);
    }

    pub(super) fn leave(&mut self, client: ClientId) {
        self.clients.remove(&client);
    }

    pub(super) fn kind(&self, client: ClientId) -> Option<ClientKind> {
        self.clients.get(&client).map(|client| client.kind)
    }

    pub(super) fn receive(&mut self, client: ClientId, receiving: Receiving) {
        if let Some(client) = self.clients.get_mut(&client) {
            client.receiving = Some(receiving);
        }
    }

    /// What the newest client that receives wants.
    pub(super) fn receiving(&self) -> Option<&Receiving> {
        let mut clients = self.clients.values().rev();
        clients.find_map(|client| client.receiving.as_ref())
    }

    /// Tells every face.
    pub(super) fn tell_all(&mut self, event: &Event) {
        self.clients.retain(|_, client| client.tell(event.clone()));
    }

    /// Tells one face; one that has left hears nothing.
    pub(super) fn tell(&mut self, client: ClientId, event: Event) {
        let Some(found) = self.clients.get(&client) else {
            return;
        };
        if !found.tell(event) {
            self.clients.remove(&client);
        }
    }
}

impl Client {
    /// Whether the face keeps up. Progress may be lost by a slow one; anything else ends it.
    fn tell(&self, event: Event) -> bool {
        match self.events.try_send(event) {
            Ok(()) => true,
            Err(TrySendError::Full(event)) => matches!(event, Event::TransferProgress { .. }),
            Err(TrySendError::Closed(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_face_that_does_not_listen_is_let_go_but_not_for_lost_progress() {
        let mut clients = Clients::default();
        let (events, mut receiver) = mpsc::channel(1);
        clients.join(ClientId(1), ClientKind::Own, events);
        clients.tell_all(&Event::Ready);
        clients.tell_all(&Event::TransferProgress {
            transfer: model::TransferId([0; 16]),
            bytes: 0,
            total_bytes: 0,
            rate_bytes_per_s: 0,
            eta_s: None,
            path: model::PathKind::Local,
        });
        assert_eq!(clients.kind(ClientId(1)), Some(ClientKind::Own));
        clients.tell_all(&Event::Ready);
        assert_eq!(clients.kind(ClientId(1)), None);
        assert_eq!(receiver.recv().await, Some(Event::Ready));
        assert_eq!(receiver.recv().await, None);
    }
}
