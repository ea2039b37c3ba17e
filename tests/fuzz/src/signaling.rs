//! What devices and the signaling server say to each other.

use model::{Digest, MailboxId, PostToken, Signature, SigningPublicKey};
use signaling_proto::message::{
    ClientToServer, CodeRefusal, MailboxProof, Pace, PairingEnd, PairingMood, PostOutcome,
    ServerRefusal, ServerToClient, SubscribeOutcome,
};

use crate::Verdict;

pub(crate) fn client_message(data: &[u8]) -> Verdict {
    let Ok(message) = ClientToServer::decode(data) else {
        return Verdict::Refused;
    };
    let again = ClientToServer::decode(&message.encode());
    assert_eq!(again.as_ref(), Ok(&message), "what we write, we read");
    Verdict::Accepted
}

pub(crate) fn client_message_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let proof = MailboxProof {
        public_key: SigningPublicKey([1; 32]),
        signature: Signature([2; 64]),
        token_hash: Digest([3; 32]),
    };
    let post = ClientToServer::Post {
        request: 3,
        mailbox: MailboxId([4; 32]),
        token: PostToken([5; 16]),
        lifetime_s: 60,
        envelope: vec![6; 1024],
    };
    let authenticate = ClientToServer::Authenticate {
        version: 1,
        account: SigningPublicKey([7; 32]),
        epoch: u64::MAX,
        signature: Signature([8; 64]),
    };
    let mood = PairingMood::WrongCode;
    vec![
        ("authenticate", authenticate),
        (
            "subscribe",
            ClientToServer::Subscribe {
                request: 1,
                mailboxes: vec![proof],
            },
        ),
        (
            "unsubscribe",
            ClientToServer::Unsubscribe {
                mailboxes: vec![MailboxId([9; 32])],
            },
        ),
        ("post", post),
        ("allocate-code", ClientToServer::AllocateCode { request: 4 }),
        (
            "claim-code",
            ClientToServer::ClaimCode {
                request: 5,
                nameplate: 7,
            },
        ),
        (
            "pairing",
            ClientToServer::Pairing {
                nameplate: 7,
                body: b"opaque".to_vec(),
            },
        ),
        (
            "close-pairing",
            ClientToServer::ClosePairing { nameplate: 7, mood },
        ),
        ("ping", ClientToServer::Ping),
    ]
    .into_iter()
    .map(|(name, message)| (name, message.encode()))
    .collect()
}

pub(crate) fn server_message(data: &[u8]) -> Verdict {
    let Ok(message) = ServerToClient::decode(data) else {
        return Verdict::Refused;
    };
    let again = ServerToClient::decode(&message.encode());
    assert_eq!(again.as_ref(), Ok(&message), "what we write, we read");
    Verdict::Accepted
}

pub(crate) fn server_message_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let answers = answers().into_iter();
    let messages = answers.chain(events());
    messages
        .map(|(name, message)| (name, message.encode()))
        .collect()
}

fn answers() -> Vec<(&'static str, ServerToClient)> {
    let pace = Pace {
        messages_per_second: 20,
        message_burst: 60,
        bytes_per_minute: 1 << 21,
        keepalive_s: 30,
    };
    let (nameplate, lifetime_s) = (7, 600);
    let full = SubscribeOutcome::TooMany;
    let outcome = PostOutcome::Unknown { retry_after_s: 300 };
    let reason = CodeRefusal::TooManyAttempts {
        retry_after_s: 3_600,
    };
    vec![
        ("welcome", ServerToClient::Welcome(pace)),
        (
            "subscribed",
            ServerToClient::Subscribed {
                request: 1,
                outcome: full,
            },
        ),
        (
            "posted",
            ServerToClient::Posted {
                request: 2,
                outcome,
            },
        ),
        (
            "code-allocated",
            ServerToClient::CodeAllocated {
                request: 3,
                nameplate,
                lifetime_s,
            },
        ),
        (
            "code-claimed",
            ServerToClient::CodeClaimed {
                request: 4,
                nameplate,
                lifetime_s,
            },
        ),
        (
            "code-refused",
            ServerToClient::CodeRefused { request: 5, reason },
        ),
        ("pong", ServerToClient::Pong),
    ]
}

fn events() -> Vec<(&'static str, ServerToClient)> {
    let mailbox = MailboxId([1; 32]);
    let (nameplate, body) = (7, b"opaque".to_vec());
    let (versions, nonce) = (vec![1, 2], [2; 32]);
    let (envelope, end) = (vec![3; 1024], PairingEnd::Expired);
    vec![
        ("challenge", ServerToClient::Challenge { versions, nonce }),
        ("envelope", ServerToClient::Envelope { mailbox, envelope }),
        (
            "mailbox-replaced",
            ServerToClient::MailboxReplaced {
                mailbox,
                foreign: true,
            },
        ),
        (
            "pairing-peer-joined",
            ServerToClient::PairingPeerJoined { nameplate },
        ),
        ("pairing", ServerToClient::Pairing { nameplate, body }),
        (
            "pairing-closed",
            ServerToClient::PairingClosed { nameplate, end },
        ),
        ("go-away", ServerToClient::GoAway),
        ("refused", ServerToClient::Refused(ServerRefusal::TooFast)),
    ]
}
