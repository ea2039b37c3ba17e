//! A device, driven by hand against a server that says whatever a test wants.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test picks the messages it is about"
)]

mod hostile;
mod lines;
mod pace;
mod requests;

use model::{DirectionKeys, MailboxId, Purpose, verify};

use super::*;
use crate::fixtures::{Seeded, account, direction, start};

const NONCE: [u8; 32] = [9; 32];
const EPOCH: u64 = 42;
const PACE: Pace = Pace {
    messages_per_second: 20,
    message_burst: 60,
    bytes_per_minute: 2 * 1024 * 1024,
    keepalive_s: 25,
};

struct Device {
    client: Client,
    now: Instant,
    /// What it sent, not yet looked at.
    sent: Vec<ClientToServer>,
    /// What it told, not yet looked at.
    told: Vec<ClientOutput>,
}

impl Device {
    fn new() -> Self {
        Self::seeded(1)
    }

    fn seeded(seed: u64) -> Self {
        let mut device = Self {
            client: Client::new([1; 32], EPOCH, Box::new(Seeded(seed))),
            now: start(),
            sent: Vec::new(),
            told: Vec::new(),
        };
        device.drain();
        device
    }

    /// A device that is welcome at its server, with nothing left to look at.
    fn online() -> Self {
        let mut device = Self::new();
        device.open();
        device.sent();
        device.told();
        device
    }

    /// Opens the socket it asked for, and welcomes it.
    fn open(&mut self) {
        self.feed(ClientInput::SocketOpened);
        self.hear(ServerToClient::Challenge {
            versions: vec![VERSION],
            nonce: NONCE,
        });
        self.hear(ServerToClient::Welcome(PACE));
    }

    fn feed(&mut self, input: ClientInput) {
        self.client.handle_input(input, self.now);
        self.drain();
    }

    fn hear(&mut self, message: ServerToClient) {
        self.feed(ClientInput::MessageReceived(message.encode()));
    }

    fn post(&mut self, ticket: u64, lifetime_s: u64) {
        let keys = direction(1);
        self.feed(ClientInput::Post {
            ticket,
            mailbox: keys.mailbox(),
            token: keys.post_token,
            envelope: ticket.to_be_bytes().to_vec(),
            lifetime: Duration::from_secs(lifetime_s),
        });
    }

    /// Lets time pass; every deadline on the way is met.
    fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(deadline) = self.client.deadline().filter(|deadline| *deadline <= end) {
            self.now = self.now.max(deadline);
            self.feed(ClientInput::Timeout);
        }
        self.now = end;
    }

    fn sent(&mut self) -> Vec<ClientToServer> {
        std::mem::take(&mut self.sent)
    }

    fn told(&mut self) -> Vec<ClientOutput> {
        std::mem::take(&mut self.told)
    }

    /// The requests of the posts it sent, with their tickets.
    fn posts(&mut self) -> Vec<(u32, u64)> {
        let sent = self.sent().into_iter();
        let posts = sent.filter_map(|message| match message {
            ClientToServer::Post {
                request, envelope, ..
            } => Some((request, u64::from_be_bytes(envelope.try_into().unwrap()))),
            _ => None,
        });
        posts.collect()
    }

    fn drain(&mut self) {
        while let Some(output) = self.client.poll_output() {
            match output {
                ClientOutput::Send(bytes) => {
                    self.sent.push(ClientToServer::decode(&bytes).unwrap())
                }
                output => self.told.push(output),
            }
        }
    }
}

fn subscriptions(numbers: &[u16]) -> Vec<MailboxSubscription> {
    numbers
        .iter()
        .map(|number| MailboxSubscription::of(direction(*number)))
        .collect()
}

fn mailboxes(keys: &[DirectionKeys]) -> Vec<MailboxId> {
    keys.iter().map(DirectionKeys::mailbox).collect()
}
