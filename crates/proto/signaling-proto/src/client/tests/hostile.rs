//! A server that says anything at all.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::message::{CodeRefusal, PairingEnd};

fn message() -> impl Strategy<Value = Vec<u8>> {
    let number = 0u32..6;
    let message = prop_oneof![
        vec(0u16..3, 0..3).prop_map(|versions| ServerToClient::Challenge {
            versions,
            nonce: NONCE
        }),
        (any::<u32>(), any::<u32>(), any::<u32>(), any::<u16>()).prop_map(
            |(messages_per_second, message_burst, bytes_per_minute, keepalive_s)| {
                ServerToClient::Welcome(Pace {
                    messages_per_second,
                    message_burst,
                    bytes_per_minute,
                    keepalive_s,
                })
            }
        ),
        Just(ServerToClient::Welcome(Pace {
            messages_per_second: 0,
            message_burst: 0,
            bytes_per_minute: 0,
            keepalive_s: 0,
        })),
        number
            .clone()
            .prop_map(|request| ServerToClient::Subscribed {
                request,
                outcome: SubscribeOutcome::Done,
            }),
        number.clone().prop_map(|request| ServerToClient::Posted {
            request,
            outcome: PostOutcome::Offline,
        }),
        (0u16..3, any::<bool>()).prop_map(|(mailbox, foreign)| ServerToClient::MailboxReplaced {
            mailbox: direction(mailbox).mailbox(),
            foreign,
        }),
        (0u16..3).prop_map(|mailbox| ServerToClient::Envelope {
            mailbox: direction(mailbox).mailbox(),
            envelope: vec![1],
        }),
        (number.clone(), number.clone()).prop_map(|(request, nameplate)| {
            ServerToClient::CodeAllocated {
                request,
                nameplate,
                lifetime_s: 9,
            }
        }),
        number
            .clone()
            .prop_map(|request| ServerToClient::CodeRefused {
                request,
                reason: CodeRefusal::UnknownCode,
            }),
        number.prop_map(|nameplate| ServerToClient::PairingClosed {
            nameplate,
            end: PairingEnd::Paired,
        }),
        Just(ServerToClient::Pong),
        Just(ServerToClient::GoAway),
        Just(ServerToClient::Refused(ServerRefusal::TooFast)),
    ];
    prop_oneof![
        9 => message.prop_map(|message| message.encode()),
        1 => vec(any::<u8>(), 0..30),
    ]
}

#[derive(Debug, Clone)]
enum Act {
    Hear(Vec<u8>),
    Open,
    Close,
    Post,
    Allocate,
    SetMailboxes(Vec<u16>),
    Wait(u64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => message().prop_map(Act::Hear),
        3 => Just(Act::Open),
        1 => Just(Act::Close),
        2 => Just(Act::Post),
        2 => Just(Act::Allocate),
        1 => vec(0u16..3, 0..3).prop_map(Act::SetMailboxes),
        2 => (1u64..40).prop_map(Act::Wait),
    ]
}

proptest! {
    #[test]
    fn every_post_and_every_request_has_one_outcome_whatever_the_server_says(acts in vec(act(), 1..60)) {
        let mut device = Device::new();
        let (mut asked, mut outcomes) = (Vec::new(), Vec::new());
        let mut sent = 0;
        for (ticket, act) in (1_000u64..).zip(acts) {
            match act {
                Act::Hear(bytes) => device.feed(ClientInput::MessageReceived(bytes)),
                Act::Open => device.feed(ClientInput::SocketOpened),
                Act::Close => device.feed(ClientInput::SocketClosed),
                Act::Post => {
                    asked.push(ticket);
                    device.post(ticket, 50);
                }
                Act::Allocate => {
                    asked.push(ticket);
                    device.feed(ClientInput::AllocateCode { ticket });
                }
                Act::SetMailboxes(numbers) => {
                    device.feed(ClientInput::SetMailboxes(subscriptions(&numbers)));
                }
                Act::Wait(seconds) => device.wait(Duration::from_secs(seconds)),
            }
            sent += device.sent().len();
            outcomes.extend(device.told().iter().filter_map(finished));
        }
        device.wait(Duration::from_secs(120));
        device.feed(ClientInput::SocketClosed);
        outcomes.extend(device.told().iter().filter_map(finished));

        outcomes.sort_unstable();
        prop_assert_eq!(outcomes, asked);
        prop_assert!(sent < 1_000, "no server makes a device talk without end");
    }
}

fn finished(output: &ClientOutput) -> Option<u64> {
    match output {
        ClientOutput::Event(ClientEvent::PostFinished { ticket, .. })
        | ClientOutput::Event(ClientEvent::CodeAllocated { ticket, .. })
        | ClientOutput::Event(ClientEvent::CodeClaimed { ticket, .. })
        | ClientOutput::Event(ClientEvent::CodeRefused { ticket, .. }) => Some(*ticket),
        _ => None,
    }
}
