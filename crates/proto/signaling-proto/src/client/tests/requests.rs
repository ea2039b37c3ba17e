//! Mailboxes, posts and codes.

use model::limits::ENVELOPE_BYTES;
use model::{Digest, MailboxId};

use super::*;
use crate::message::{
    CodeRefusal, MAILBOXES_PER_MESSAGE, PairingEnd, PairingMood, subscription_message,
};

fn subscribed(sent: &[ClientToServer]) -> Vec<MailboxId> {
    let proofs = sent.iter().flat_map(|message| match message {
        ClientToServer::Subscribe { mailboxes, .. } => mailboxes.as_slice(),
        _ => &[],
    });
    proofs
        .map(|proof| MailboxId::of_key(&proof.public_key.0))
        .collect()
}

#[test]
fn a_subscription_is_proven_for_this_socket() {
    let mut device = Device::online();
    device.feed(ClientInput::SetMailboxes(subscriptions(&[1])));
    let [ClientToServer::Subscribe { mailboxes, .. }] = &device.sent()[..] else {
        panic!("it subscribes")
    };
    let keys = direction(1);
    let message = subscription_message(&NONCE, &keys.mailbox());
    let proof = &mailboxes[0];
    verify(
        &proof.public_key,
        Purpose::MailboxSubscription,
        &message,
        &proof.signature,
    )
    .unwrap();
    assert_eq!(proof.token_hash, Digest::of(&keys.post_token.0));
}

#[test]
fn only_what_changed_goes_over_the_wire() {
    let mut device = Device::online();
    device.feed(ClientInput::SetMailboxes(subscriptions(&[1, 2])));
    device.sent();
    device.feed(ClientInput::SetMailboxes(subscriptions(&[2, 3])));

    let sent = device.sent();
    assert_eq!(subscribed(&sent), mailboxes(&[direction(3)]));
    let left = ClientToServer::Unsubscribe {
        mailboxes: mailboxes(&[direction(1)]),
    };
    assert!(sent.contains(&left));
    device.feed(ClientInput::SetMailboxes(subscriptions(&[3, 2])));
    assert_eq!(device.sent(), []);
}

#[test]
fn after_a_reconnect_everything_is_subscribed_again() {
    let mut device = Device::new();
    device.feed(ClientInput::SetMailboxes(subscriptions(&[1, 2])));
    device.open();
    let mut wanted = mailboxes(&[direction(1), direction(2)]);
    wanted.sort();
    assert_eq!(subscribed(&device.sent()), wanted);

    device.feed(ClientInput::SocketClosed);
    device.wait(Duration::from_secs(5));
    device.open();
    assert_eq!(subscribed(&device.sent()), wanted);
}

#[test]
fn many_mailboxes_go_in_several_messages() {
    let mut device = Device::online();
    let numbers: Vec<u16> = (0..300).collect();
    device.feed(ClientInput::SetMailboxes(subscriptions(&numbers)));
    let lengths: Vec<usize> = device
        .sent()
        .iter()
        .map(|message| subscribed(std::slice::from_ref(message)).len())
        .collect();
    assert_eq!(
        lengths,
        [MAILBOXES_PER_MESSAGE, 300 - MAILBOXES_PER_MESSAGE]
    );
}

#[test]
fn a_mailbox_that_another_process_took_is_not_taken_back() {
    let mut device = Device::online();
    device.feed(ClientInput::SetMailboxes(subscriptions(&[1, 2])));
    device.sent();
    let mailbox = direction(1).mailbox();
    device.hear(ServerToClient::MailboxReplaced {
        mailbox,
        foreign: true,
    });
    assert_eq!(
        device.told(),
        [ClientOutput::Event(ClientEvent::MailboxReplaced {
            mailbox,
            foreign: true
        })]
    );

    device.feed(ClientInput::SetMailboxes(subscriptions(&[1, 2])));
    device.feed(ClientInput::SocketClosed);
    device.wait(Duration::from_secs(5));
    device.open();
    assert_eq!(subscribed(&device.sent()), mailboxes(&[direction(2)]));
}

#[test]
fn a_server_without_room_for_all_mailboxes_is_reported() {
    let mut device = Device::online();
    device.feed(ClientInput::SetMailboxes(subscriptions(&[1])));
    let outcome = SubscribeOutcome::TooMany;
    device.hear(ServerToClient::Subscribed {
        request: 1,
        outcome,
    });
    assert_eq!(
        device.told(),
        [ClientOutput::Event(ClientEvent::Refused(
            ServerRefusal::TooManyMailboxes
        ))]
    );
}

#[test]
fn a_post_finishes_with_what_the_server_says() {
    let mut device = Device::online();
    device.post(7, 60);
    let [(request, 7)] = device.posts()[..] else {
        panic!("it is sent")
    };
    let outcome = PostOutcome::Delivered;
    device.hear(ServerToClient::Posted { request, outcome });
    let finished = ClientOutput::Event(ClientEvent::PostFinished { ticket: 7, outcome });
    assert_eq!(device.told(), [finished]);
    device.hear(ServerToClient::Posted { request, outcome });
    assert_eq!(device.told(), [], "once");
}

#[test]
fn a_post_without_an_answer_is_sent_again_after_a_reconnect() {
    let mut device = Device::online();
    device.post(7, 60);
    assert_eq!(device.posts().len(), 1);
    device.feed(ClientInput::SocketClosed);
    device.wait(Duration::from_secs(5));
    device.open();
    assert!(matches!(device.posts()[..], [(_, 7)]));
}

#[test]
fn a_post_whose_lifetime_is_over_finishes_as_unknown() {
    let mut device = Device::new();
    device.post(7, 60);
    device.told();
    device.wait(Duration::from_secs(60));
    let outcome = PostOutcome::Unknown { retry_after_s: 0 };
    assert_eq!(
        device.told(),
        [ClientOutput::Event(ClientEvent::PostFinished {
            ticket: 7,
            outcome
        })]
    );
    device.open();
    assert_eq!(device.posts(), []);
}

#[test]
fn more_posts_than_may_wait_are_busy_at_once() {
    let mut device = Device::new();
    device.told();
    for ticket in 0..1_024 {
        device.post(ticket, 60);
    }
    assert_eq!(device.told(), []);
    device.post(9_999, 60);
    let outcome = PostOutcome::Busy;
    assert_eq!(
        device.told(),
        [ClientOutput::Event(ClientEvent::PostFinished {
            ticket: 9_999,
            outcome
        })]
    );
}

#[test]
fn more_bytes_than_may_wait_or_fit_are_busy_at_once() {
    let post = |device: &mut Device, bytes: usize| {
        device.told();
        let keys = direction(1);
        device.feed(ClientInput::Post {
            ticket: 1,
            mailbox: keys.mailbox(),
            token: keys.post_token,
            envelope: vec![0; bytes],
            lifetime: Duration::from_secs(60),
        });
        !device.told().is_empty()
    };
    let mut device = Device::new();
    assert!(post(&mut device, ENVELOPE_BYTES[3] + 1));
    let refused = (0..100)
        .filter(|_| post(&mut device, ENVELOPE_BYTES[3]))
        .count();
    assert_eq!(refused, 100 - 4 * 1024 * 1024 / ENVELOPE_BYTES[3]);
}

#[test]
fn codes_are_refused_while_there_is_no_connection() {
    let mut device = Device::new();
    device.told();
    device.feed(ClientInput::AllocateCode { ticket: 1 });
    device.feed(ClientInput::ClaimCode {
        ticket: 2,
        nameplate: 5,
    });
    let reason = CodeRefusal::NotConnected;
    let refused = |ticket| ClientOutput::Event(ClientEvent::CodeRefused { ticket, reason });
    assert_eq!(device.told(), [refused(1), refused(2)]);
}

/// A device that shows a code with this number.
fn showing(nameplate: u32) -> Device {
    let mut device = Device::online();
    device.feed(ClientInput::AllocateCode { ticket: 1 });
    let [ClientToServer::AllocateCode { request }] = device.sent()[..] else {
        panic!("it asks")
    };
    device.hear(ServerToClient::CodeAllocated {
        request,
        nameplate,
        lifetime_s: 600,
    });
    let lifetime = Duration::from_secs(600);
    assert_eq!(
        device.told(),
        [ClientOutput::Event(ClientEvent::CodeAllocated {
            ticket: 1,
            nameplate,
            lifetime
        })]
    );
    device
}

#[test]
fn a_code_carries_messages_both_ways_until_it_is_closed() {
    let mut device = showing(5);
    device.hear(ServerToClient::PairingPeerJoined { nameplate: 5 });
    let body = b"hello".to_vec();
    device.hear(ServerToClient::Pairing {
        nameplate: 5,
        body: body.clone(),
    });
    let received = ClientOutput::Event(ClientEvent::PairingReceived {
        nameplate: 5,
        body: body.clone(),
    });
    assert_eq!(
        device.told(),
        [
            ClientOutput::Event(ClientEvent::PairingPeerJoined { nameplate: 5 }),
            received
        ]
    );

    device.feed(ClientInput::SendPairing {
        nameplate: 5,
        body: body.clone(),
    });
    let mood = PairingMood::WrongCode;
    device.feed(ClientInput::ClosePairing { nameplate: 5, mood });
    device.feed(ClientInput::SendPairing {
        nameplate: 5,
        body: body.clone(),
    });
    let said = ClientToServer::Pairing { nameplate: 5, body };
    let closed = ClientToServer::ClosePairing { nameplate: 5, mood };
    assert_eq!(device.sent(), [said, closed]);
}

#[test]
fn after_the_other_side_succeeded_this_side_still_says_how_it_went_once() {
    let mut device = showing(5);
    let end = PairingEnd::Paired;
    device.hear(ServerToClient::PairingClosed { nameplate: 5, end });
    assert_eq!(
        device.told(),
        [ClientOutput::Event(ClientEvent::PairingClosed {
            nameplate: 5,
            end
        })]
    );
    let mood = PairingMood::Paired;
    device.feed(ClientInput::ClosePairing { nameplate: 5, mood });
    device.feed(ClientInput::ClosePairing { nameplate: 5, mood });
    assert_eq!(
        device.sent(),
        [ClientToServer::ClosePairing { nameplate: 5, mood }]
    );
}

#[test]
fn codes_end_with_the_socket() {
    let mut device = showing(5);
    device.feed(ClientInput::AllocateCode { ticket: 2 });
    device.feed(ClientInput::SocketClosed);
    let told = device.told();
    let end = PairingEnd::ConnectionLost;
    assert!(
        told.contains(&ClientOutput::Event(ClientEvent::PairingClosed {
            nameplate: 5,
            end
        }))
    );
    let reason = CodeRefusal::NotConnected;
    assert!(
        told.contains(&ClientOutput::Event(ClientEvent::CodeRefused {
            ticket: 2,
            reason
        }))
    );
}

#[test]
fn what_the_server_says_of_codes_and_mailboxes_that_are_not_ours_is_dropped() {
    let mut device = Device::online();
    let mailbox = direction(9).mailbox();
    device.hear(ServerToClient::Envelope {
        mailbox,
        envelope: vec![1],
    });
    device.hear(ServerToClient::MailboxReplaced {
        mailbox,
        foreign: true,
    });
    device.hear(ServerToClient::PairingPeerJoined { nameplate: 9 });
    device.hear(ServerToClient::Pairing {
        nameplate: 9,
        body: vec![1],
    });
    device.hear(ServerToClient::CodeAllocated {
        request: 9,
        nameplate: 9,
        lifetime_s: 1,
    });
    let end = PairingEnd::Paired;
    device.hear(ServerToClient::PairingClosed { nameplate: 9, end });
    assert_eq!(device.told(), []);
}
