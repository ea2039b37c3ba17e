use model::limits::ENVELOPE_BYTES;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn mailbox() -> impl Strategy<Value = MailboxId> {
    any::<[u8; 32]>().prop_map(MailboxId)
}

fn signature() -> impl Strategy<Value = Signature> {
    any::<([u8; 32], [u8; 32])>().prop_map(|(head, tail)| {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&head);
        bytes[32..].copy_from_slice(&tail);
        Signature(bytes)
    })
}

fn proof() -> impl Strategy<Value = MailboxProof> {
    (any::<[u8; 32]>(), signature(), any::<[u8; 32]>()).prop_map(|(key, signature, token)| {
        MailboxProof {
            public_key: SigningPublicKey(key),
            signature,
            token_hash: Digest(token),
        }
    })
}

fn mood() -> impl Strategy<Value = PairingMood> {
    prop_oneof![
        Just(PairingMood::Paired),
        Just(PairingMood::WrongCode),
        Just(PairingMood::GaveUp),
    ]
}

fn client_message() -> impl Strategy<Value = ClientToServer> {
    prop_oneof![
        (any::<u16>(), any::<[u8; 32]>(), any::<u64>(), signature()).prop_map(
            |(version, key, epoch, signature)| ClientToServer::Authenticate {
                version,
                account: SigningPublicKey(key),
                epoch,
                signature,
            }
        ),
        (any::<u32>(), vec(proof(), 0..5))
            .prop_map(|(request, mailboxes)| { ClientToServer::Subscribe { request, mailboxes } }),
        vec(mailbox(), 0..5).prop_map(|mailboxes| ClientToServer::Unsubscribe { mailboxes }),
        (
            any::<u32>(),
            mailbox(),
            any::<[u8; 16]>(),
            any::<u16>(),
            vec(any::<u8>(), 0..99)
        )
            .prop_map(|(request, mailbox, token, lifetime_s, envelope)| {
                ClientToServer::Post {
                    request,
                    mailbox,
                    token: PostToken(token),
                    lifetime_s,
                    envelope,
                }
            }),
        any::<u32>().prop_map(|request| ClientToServer::AllocateCode { request }),
        any::<(u32, u32)>()
            .prop_map(|(request, nameplate)| ClientToServer::ClaimCode { request, nameplate }),
        (any::<u32>(), vec(any::<u8>(), 0..99))
            .prop_map(|(nameplate, body)| ClientToServer::Pairing { nameplate, body }),
        (any::<u32>(), mood())
            .prop_map(|(nameplate, mood)| ClientToServer::ClosePairing { nameplate, mood }),
        Just(ClientToServer::Ping),
        any::<u32>().prop_map(|request| ClientToServer::AskRelays { request }),
    ]
}

fn grant() -> impl Strategy<Value = RelayGrant> {
    let relay = ("[a-z0-9.:-]{0,40}", any::<u16>(), 0..3u8).prop_map(|(host, port, transport)| {
        let transport = match transport {
            0 => RelayTransport::Udp,
            1 => RelayTransport::Tcp,
            _ => RelayTransport::Tls,
        };
        RelayAddress {
            host,
            port,
            transport,
        }
    });
    (vec(relay, 0..9), ".{0,80}", ".{0,80}", any::<u32>()).prop_map(
        |(relays, username, password, lifetime_s)| RelayGrant {
            relays,
            username,
            password,
            lifetime_s,
        },
    )
}

fn server_message() -> impl Strategy<Value = ServerToClient> {
    prop_oneof![
        (vec(any::<u16>(), 0..4), any::<[u8; 32]>())
            .prop_map(|(versions, nonce)| ServerToClient::Challenge { versions, nonce }),
        any::<(u32, u16)>().prop_map(|(number, seconds)| ServerToClient::Welcome(Pace {
            messages_per_second: number,
            message_burst: number,
            bytes_per_minute: number,
            keepalive_s: seconds,
        })),
        any::<u32>().prop_map(|request| ServerToClient::Subscribed {
            request,
            outcome: SubscribeOutcome::TooMany,
        }),
        any::<(u32, u16)>().prop_map(|(request, retry_after_s)| ServerToClient::Posted {
            request,
            outcome: PostOutcome::Unknown { retry_after_s },
        }),
        (mailbox(), vec(any::<u8>(), 0..99))
            .prop_map(|(mailbox, envelope)| ServerToClient::Envelope { mailbox, envelope }),
        (mailbox(), any::<bool>())
            .prop_map(|(mailbox, foreign)| ServerToClient::MailboxReplaced { mailbox, foreign }),
        any::<(u32, u32, u16)>().prop_map(|(request, nameplate, lifetime_s)| {
            ServerToClient::CodeAllocated {
                request,
                nameplate,
                lifetime_s,
            }
        }),
        any::<(u32, u16)>().prop_map(|(request, retry_after_s)| ServerToClient::CodeRefused {
            request,
            reason: CodeRefusal::TooManyAttempts { retry_after_s },
        }),
        (any::<u32>(), mood()).prop_map(|(nameplate, mood)| ServerToClient::PairingClosed {
            nameplate,
            end: mood.into(),
        }),
        Just(ServerToClient::GoAway),
        (any::<u32>(), grant())
            .prop_map(|(request, grant)| ServerToClient::Relays { request, grant }),
        Just(ServerToClient::Refused(ServerRefusal::TooFast)),
    ]
}

proptest! {
    #[test]
    fn what_a_device_writes_the_server_reads(message in client_message()) {
        prop_assert_eq!(ClientToServer::decode(&message.encode()), Ok(message));
    }

    #[test]
    fn what_the_server_writes_a_device_reads(message in server_message()) {
        prop_assert_eq!(ServerToClient::decode(&message.encode()), Ok(message));
    }

    #[test]
    fn random_bytes_are_a_message_or_an_error_but_never_a_panic(bytes in vec(any::<u8>(), 0..300)) {
        if let Ok(message) = ClientToServer::decode(&bytes) {
            prop_assert!(message.encode().len() <= bytes.len(), "decoding invents nothing");
        }
        if let Ok(message) = ServerToClient::decode(&bytes) {
            prop_assert!(message.encode().len() <= bytes.len(), "decoding invents nothing");
        }
    }

    #[test]
    fn a_message_that_is_cut_short_is_refused(message in client_message(), cut in 1usize..40) {
        let bytes = message.encode();
        let kept = bytes.len().saturating_sub(cut);
        prop_assert!(ClientToServer::decode(&bytes[..kept]).is_err());
    }
}

#[test]
fn the_largest_envelope_fits_into_one_message_both_ways() {
    let envelope = vec![0; ENVELOPE_BYTES[3]];
    let posted = ClientToServer::Post {
        request: u32::MAX,
        mailbox: MailboxId([0xFF; 32]),
        token: PostToken([0xFF; 16]),
        lifetime_s: u16::MAX,
        envelope: envelope.clone(),
    };
    assert!(posted.encode().len() <= SIGNALING_MESSAGE_BYTES);
    let delivered = ServerToClient::Envelope {
        mailbox: MailboxId([0xFF; 32]),
        envelope,
    };
    assert!(delivered.encode().len() <= SIGNALING_MESSAGE_BYTES);
}

#[test]
fn a_full_subscription_fits_into_one_message() {
    let proof = MailboxProof {
        public_key: SigningPublicKey([0xFF; 32]),
        signature: Signature([0xFF; 64]),
        token_hash: Digest([0xFF; 32]),
    };
    let message = ClientToServer::Subscribe {
        request: u32::MAX,
        mailboxes: vec![proof; MAILBOXES_PER_MESSAGE],
    };
    assert!(message.encode().len() <= SIGNALING_MESSAGE_BYTES);
}

#[test]
fn a_message_over_the_limit_is_refused_before_it_is_parsed() {
    let bytes = vec![0; SIGNALING_MESSAGE_BYTES + 1];
    assert_eq!(ClientToServer::decode(&bytes), Err(WireError::TooLong));
    assert_eq!(ServerToClient::decode(&bytes), Err(WireError::TooLong));
}

/// The layouts that every version must be able to read, byte for byte as the protocol page shows them.
#[test]
fn the_frozen_messages_keep_their_bytes() {
    let challenge = ServerToClient::Challenge {
        versions: vec![1],
        nonce: [7; 32],
    };
    assert_eq!(challenge.encode(), [&[0, 1, 1][..], &[7; 32]].concat());
    let refused = ServerToClient::Refused(ServerRefusal::Version);
    assert_eq!(refused.encode(), [14, 0]);
    assert_eq!(ClientToServer::Ping.encode(), [8]);
}

#[test]
fn a_grant_that_is_too_long_or_names_no_place_is_not_well_formed() {
    let relay = |host: &str, port| RelayAddress {
        host: host.to_owned(),
        port,
        transport: RelayTransport::Udp,
    };
    let grant = |relays| RelayGrant {
        relays,
        ..RelayGrant::default()
    };
    for relays in [
        vec![],
        vec![relay("", 3_478)],
        vec![relay("relay-1.example.org", 443); RELAYS_PER_GRANT],
        vec![relay("2001:db8::1", 3_478)],
        vec![relay(&"a".repeat(RELAY_HOST_BYTES), 1)],
    ] {
        assert!(grant(relays.clone()).is_well_formed(), "{relays:?}");
    }
    for relays in [
        vec![relay("", 0)],
        vec![relay("a b", 1)],
        vec![relay("a/b", 1)],
        vec![relay("a\n", 1)],
        vec![relay("h\u{f6}st", 1)],
        vec![relay(&"a".repeat(RELAY_HOST_BYTES + 1), 1)],
        vec![relay("a", 1); RELAYS_PER_GRANT + 1],
    ] {
        assert!(!grant(relays.clone()).is_well_formed(), "{relays:?}");
    }
    let long = "x".repeat(RELAY_CREDENTIAL_BYTES + 1);
    let mut other = grant(vec![]);
    other.username.clone_from(&long);
    assert!(!other.is_well_formed());
    let mut other = grant(vec![]);
    other.password = long;
    assert!(!other.is_well_formed());
}
