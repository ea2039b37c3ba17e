//! The socket to a signaling server, as the device sees it: the server may be anybody.

use std::time::{Duration, Instant};

use signaling_proto::client::{
    Client, ClientEvent, ClientInput, ClientOutput, MailboxSubscription,
};
use signaling_proto::message::{Pace, PairingMood, PostOutcome, ServerToClient, SubscribeOutcome};

use crate::Verdict;
use crate::pair::PAIR;
use crate::repeatable::Repeatable;
use crate::script::{Script, steps};

/// Plays what a server says to a device that wants something; accepted once the device is online.
pub(crate) fn device_socket(data: &[u8]) -> Verdict {
    let mut device = Device::new();
    for (kind, bytes) in steps(data) {
        match kind {
            OPENS => device.tell(ClientInput::SocketOpened),
            CLOSES => device.tell(ClientInput::SocketClosed),
            SAYS => device.tell(ClientInput::MessageReceived(bytes.to_vec())),
            POSTS => device.post(),
            ALLOCATES => device.tell(ClientInput::AllocateCode { ticket: 1 }),
            CLAIMS => device.tell(ClientInput::ClaimCode {
                ticket: 2,
                nameplate: 7,
            }),
            PAIRS => device.pair(bytes),
            _ => device.pass_time(),
        }
    }
    Verdict::of(device.was_online)
}

pub(crate) fn device_socket_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let mut posting = welcomed();
    posting.add(POSTS, &[]);
    let posted = ServerToClient::Posted {
        request: 2,
        outcome: PostOutcome::Delivered,
    };
    posting.add(SAYS, &posted.encode());
    posting.add(CLOSES, &[]);
    posting.add(TIME_PASSES, &[]);

    let mut coding = welcomed();
    coding.add(ALLOCATES, &[]);
    let allocated = ServerToClient::CodeAllocated {
        request: 2,
        nameplate: 7,
        lifetime_s: 600,
    };
    coding.add(SAYS, &allocated.encode());
    coding.add(
        SAYS,
        &ServerToClient::PairingPeerJoined { nameplate: 7 }.encode(),
    );
    coding.add(PAIRS, b"opaque");
    let body = b"opaque".to_vec();
    coding.add(
        SAYS,
        &ServerToClient::Pairing { nameplate: 7, body }.encode(),
    );
    vec![("posting", posting.finish()), ("coding", coding.finish())]
}

fn welcomed() -> Script {
    let pace = Pace {
        messages_per_second: 20,
        message_burst: 60,
        bytes_per_minute: 1 << 21,
        keepalive_s: 30,
    };
    let challenge = ServerToClient::Challenge {
        versions: vec![1],
        nonce: [1; 32],
    };
    let subscribed = ServerToClient::Subscribed {
        request: 1,
        outcome: SubscribeOutcome::Done,
    };
    let mut script = Script::default();
    script.add(OPENS, &[]);
    for message in [challenge, ServerToClient::Welcome(pace), subscribed] {
        script.add(SAYS, &message.encode());
    }
    script
}

/// A device with one contact and a driver that does nothing.
struct Device {
    client: Client,
    was_online: bool,
    now: Instant,
}

impl Device {
    fn new() -> Self {
        let client = Client::new([8; 32], 9, Box::new(Repeatable::seeded(5)));
        let mut device = Self {
            client,
            was_online: false,
            now: Instant::now(),
        };
        let subscription = MailboxSubscription::of(PAIR.ana_keys.to_own.clone());
        device.tell(ClientInput::SetMailboxes(vec![subscription]));
        device
    }

    fn tell(&mut self, input: ClientInput) {
        self.client.handle_input(input, self.now);
        while let Some(output) = self.client.poll_output() {
            if let ClientOutput::Send(bytes) = &output {
                assert!(
                    bytes.len() <= model::limits::SIGNALING_MESSAGE_BYTES,
                    "a message is bounded"
                );
            }
            self.was_online |= output == ClientOutput::Event(ClientEvent::Online);
        }
    }

    fn post(&mut self) {
        let to = &PAIR.ana_keys.to_peer;
        self.tell(ClientInput::Post {
            ticket: 3,
            mailbox: to.mailbox(),
            token: to.post_token,
            envelope: vec![7; model::limits::ENVELOPE_BYTES[0]],
            lifetime: Duration::from_secs(60),
        });
    }

    fn pair(&mut self, bytes: &[u8]) {
        self.tell(match bytes {
            [] => ClientInput::ClosePairing {
                nameplate: 7,
                mood: PairingMood::GaveUp,
            },
            body => ClientInput::SendPairing {
                nameplate: 7,
                body: body.to_vec(),
            },
        });
    }

    fn pass_time(&mut self) {
        self.now += Duration::from_secs(7);
        if self.client.deadline().is_some_and(|due| due <= self.now) {
            self.tell(ClientInput::Timeout);
        }
    }
}

// What a step of a script does.
const OPENS: u8 = 0;
const CLOSES: u8 = 1;
const SAYS: u8 = 2;
const POSTS: u8 = 3;
const ALLOCATES: u8 = 4;
const CLAIMS: u8 = 5;
const PAIRS: u8 = 6;
const TIME_PASSES: u8 = 7;
