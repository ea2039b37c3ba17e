//! What the client does with requests of this device and with their answers.

use std::time::{Duration, Instant};

use model::limits::PAIRING_MESSAGE_BYTES;

use super::interface::{ClientEvent, ClientOutput, MailboxSubscription};
use super::posts::Post;
use super::queue::Waiting;
use super::subscriptions::in_messages;
use super::{Client, Online, Socket};
use crate::message::{
    ClientToServer, CodeRefusal, PairingEnd, PairingMood, PostOutcome, RelayGrant, ServerToClient,
};

impl Client {
    pub(super) fn set_mailboxes(&mut self, wanted: Vec<MailboxSubscription>) {
        let difference = self.subscriptions.set(wanted);
        let Some(online) = self.online() else {
            return;
        };
        for mailboxes in in_messages(&difference.removed) {
            let message = ClientToServer::Unsubscribe { mailboxes };
            online.queue.push(Waiting::Message(message));
        }
        for mailboxes in in_messages(&difference.added) {
            online.queue.push(Waiting::Subscribe { mailboxes });
        }
    }

    pub(super) fn post(&mut self, post: Post) {
        let request = self.next_request();
        let ticket = post.ticket;
        if self.posts.add(request, post).is_err() {
            let outcome = PostOutcome::Busy;
            self.tell(ClientEvent::PostFinished { ticket, outcome });
            return;
        }
        if let Some(online) = self.online() {
            online.queue.push(Waiting::Post { request });
        }
    }

    pub(super) fn finish_post(&mut self, request: u32, outcome: PostOutcome) {
        self.answered(request);
        if let Some(ticket) = self.posts.finish(request) {
            self.tell(ClientEvent::PostFinished { ticket, outcome });
        }
    }

    pub(super) fn ask_for_code(&mut self, ticket: u64, ask: impl FnOnce(u32) -> ClientToServer) {
        let request = self.next_request();
        let asked = match &mut self.socket {
            Socket::Online(_) if !self.codes.ask(request, ticket) => Err(CodeRefusal::ServerBusy),
            Socket::Online(online) => {
                online.queue.push(Waiting::Message(ask(request)));
                Ok(())
            }
            Socket::Opening
            | Socket::AwaitingChallenge { .. }
            | Socket::AwaitingWelcome { .. }
            | Socket::Waiting { .. }
            | Socket::Stopped => Err(CodeRefusal::NotConnected),
        };
        if let Err(reason) = asked {
            self.tell(ClientEvent::CodeRefused { ticket, reason });
        }
    }

    pub(super) fn ask_relays(&mut self) {
        let request = self.next_request();
        if let Some(online) = self.online() {
            let message = ClientToServer::AskRelays { request };
            online.queue.push(Waiting::Message(message));
        }
    }

    /// New credentials are asked for when half of their time is over.
    pub(super) fn relays_received(&mut self, grant: RelayGrant, now: Instant) {
        let half = Duration::from_secs(grant.lifetime_s.into()) / 2;
        if let Some(online) = self.online()
            && !grant.relays.is_empty()
        {
            online.relays_at = Some(now + half.max(SHORTEST_GRANT));
        }
        self.tell(ClientEvent::RelaysReceived(grant));
    }

    pub(super) fn send_pairing(&mut self, nameplate: u32, body: Vec<u8>) {
        debug_assert!(
            body.len() <= PAIRING_MESSAGE_BYTES,
            "pairing messages are short"
        );
        if !self.codes.is_open(nameplate) {
            return; // It ended while this was on its way.
        }
        if let Some(online) = self.online() {
            let message = ClientToServer::Pairing { nameplate, body };
            online.queue.push(Waiting::Message(message));
        }
    }

    pub(super) fn close_pairing(&mut self, nameplate: u32, mood: PairingMood) {
        if !self.codes.close(nameplate) {
            return;
        }
        if let Some(online) = self.online() {
            let message = ClientToServer::ClosePairing { nameplate, mood };
            online.queue.push(Waiting::Message(message));
        }
    }

    pub(super) fn handle_code_message(&mut self, message: ServerToClient) {
        let event = match message {
            ServerToClient::CodeAllocated {
                request,
                nameplate,
                lifetime_s,
            } => {
                self.answered(request);
                self.codes.answered(request).map(|ticket| {
                    self.codes.open(nameplate);
                    let lifetime = Duration::from_secs(lifetime_s.into());
                    ClientEvent::CodeAllocated {
                        ticket,
                        nameplate,
                        lifetime,
                    }
                })
            }
            ServerToClient::CodeClaimed {
                request, nameplate, ..
            } => {
                self.answered(request);
                self.codes.answered(request).map(|ticket| {
                    self.codes.open(nameplate);
                    ClientEvent::CodeClaimed { ticket, nameplate }
                })
            }
            ServerToClient::CodeRefused { request, reason } => {
                self.answered(request);
                let ticket = self.codes.answered(request);
                ticket.map(|ticket| ClientEvent::CodeRefused { ticket, reason })
            }
            ServerToClient::PairingPeerJoined { nameplate } => {
                let joined = ClientEvent::PairingPeerJoined { nameplate };
                self.codes.is_open(nameplate).then_some(joined)
            }
            ServerToClient::Pairing { nameplate, body } => {
                let received = ClientEvent::PairingReceived { nameplate, body };
                self.codes.is_open(nameplate).then_some(received)
            }
            ServerToClient::PairingClosed { nameplate, end } => {
                let was_open = match end {
                    PairingEnd::Paired => self.codes.end(nameplate),
                    PairingEnd::WrongCode
                    | PairingEnd::GaveUp
                    | PairingEnd::Expired
                    | PairingEnd::ConnectionLost => self.codes.close(nameplate),
                };
                was_open.then_some(ClientEvent::PairingClosed { nameplate, end })
            }
            ServerToClient::Challenge { .. }
            | ServerToClient::Welcome(_)
            | ServerToClient::Subscribed { .. }
            | ServerToClient::Posted { .. }
            | ServerToClient::Envelope { .. }
            | ServerToClient::MailboxReplaced { .. }
            | ServerToClient::Pong
            | ServerToClient::GoAway
            | ServerToClient::Relays { .. }
            | ServerToClient::Refused(_) => None,
        };
        if let Some(event) = event {
            self.tell(event);
        }
    }

    /// Sends what waits, as far as the pace allows.
    pub(super) fn send_waiting(&mut self, now: Instant) {
        while let Some(waiting) = self.online().and_then(|online| online.queue.next(now)) {
            let message = self.write(&waiting, now);
            let Some(online) = self.online() else {
                return;
            };
            let Some(message) = message else {
                online.queue.skip(now);
                continue;
            };
            let bytes = message.encode();
            if !online.queue.pay(bytes.len(), now) {
                online.queue.put_back(waiting, now);
                return;
            }
            if let Some(request) = answered_request(&message) {
                online.queue.expect_answer(request);
            }
            self.outputs.push_back(ClientOutput::Send(bytes));
        }
    }

    fn write(&mut self, waiting: &Waiting, now: Instant) -> Option<ClientToServer> {
        match waiting {
            Waiting::Message(message) => Some(message.clone()),
            Waiting::Post { request } => self.posts.message(*request, now),
            Waiting::Subscribe { mailboxes } => {
                let request = self.next_request();
                let nonce = self.online()?.nonce;
                let mailboxes = self.subscriptions.prove(mailboxes, &nonce);
                let some = !mailboxes.is_empty();
                some.then_some(ClientToServer::Subscribe { request, mailboxes })
            }
        }
    }

    fn online(&mut self) -> Option<&mut Online> {
        match &mut self.socket {
            Socket::Online(online) => Some(online),
            Socket::Opening
            | Socket::AwaitingChallenge { .. }
            | Socket::AwaitingWelcome { .. }
            | Socket::Waiting { .. }
            | Socket::Stopped => None,
        }
    }
}

fn answered_request(message: &ClientToServer) -> Option<u32> {
    match message {
        ClientToServer::Subscribe { request, .. }
        | ClientToServer::Post { request, .. }
        | ClientToServer::AllocateCode { request }
        | ClientToServer::AskRelays { request }
        | ClientToServer::ClaimCode { request, .. } => Some(*request),
        ClientToServer::Authenticate { .. }
        | ClientToServer::Unsubscribe { .. }
        | ClientToServer::Pairing { .. }
        | ClientToServer::ClosePairing { .. }
        | ClientToServer::Ping => None,
    }
}

/// Whatever the server says: more often would only cost.
const SHORTEST_GRANT: Duration = Duration::from_secs(5);
