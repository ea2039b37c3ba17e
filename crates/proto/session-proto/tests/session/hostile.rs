//! Somebody between the devices, or a device that is not what it says.

use std::time::Duration;

use model::{Digest, SessionId};
use proptest::prelude::*;
use session_proto::{HandshakeError, SessionConfig, SessionError, Violation};

use crate::world::{ANA, BEN, World, config, message};

/// What is done to one message on its way.
#[derive(Debug, Clone)]
enum Tampering {
    Flip { place: usize, bit: u8 },
    Drop,
    Repeat,
    Cut { keep: usize },
    Extend { by: Vec<u8> },
    Insert { bytes: Vec<u8> },
    Reflect,
    Delay,
}

fn any_tampering() -> impl Strategy<Value = Tampering> {
    let bytes = || prop::collection::vec(any::<u8>(), 1..80);
    prop_oneof![
        (any::<usize>(), 0..8u8).prop_map(|(place, bit)| Tampering::Flip { place, bit }),
        Just(Tampering::Drop),
        Just(Tampering::Repeat),
        any::<usize>().prop_map(|keep| Tampering::Cut { keep }),
        bytes().prop_map(|by| Tampering::Extend { by }),
        bytes().prop_map(|bytes| Tampering::Insert { bytes }),
        Just(Tampering::Reflect),
        Just(Tampering::Delay),
    ]
}

/// Does `tampering` to the oldest message on its way to `side`.
fn tamper(world: &mut World, side: usize, tampering: Tampering) {
    let inbox = world.devices[side].inbox.entry(0).or_default();
    let mut original = inbox.pop_front().expect("the caller saw a message");
    match tampering {
        Tampering::Flip { place, bit } => {
            let place = place % original.len();
            original[place] ^= 1 << bit;
            inbox.push_front(original);
        }
        Tampering::Drop => {}
        Tampering::Repeat => {
            inbox.push_front(original.clone());
            inbox.push_front(original);
        }
        Tampering::Cut { keep } => {
            original.truncate(keep % original.len());
            inbox.push_front(original);
        }
        Tampering::Extend { by } => inbox.push_front([original, by].concat()),
        Tampering::Insert { bytes } => {
            inbox.push_front(original);
            inbox.push_front(bytes);
        }
        Tampering::Reflect => {
            inbox.push_front(original.clone());
            let back = &mut world.devices[1 - side].inbox;
            back.entry(0).or_default().push_front(original);
        }
        Tampering::Delay if inbox.is_empty() => {} // Delayed for ever.
        Tampering::Delay => inbox.push_back(original),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Both sides talk; one message of either direction, handshake or later, is tampered with.
    #[test]
    fn whatever_is_changed_on_the_way_ends_the_session(
        side in 0..2usize,
        after in 0..12usize,
        tampering in any_tampering(),
    ) {
        let mut world = World::new();
        world.connect();
        let mut pending = Some(tampering);
        let mut seen = 0;
        for round in 0..20 {
            for device in [ANA, BEN, ANA, BEN] {
                let index = world.devices[device].sent.len();
                world.say(device, message(index, 30 * round));
            }
            if !world.devices[side].inbox.entry(0).or_default().is_empty() {
                if seen == after && let Some(tampering) = pending.take() {
                    tamper(&mut world, side, tampering);
                }
                seen += 1;
            }
            world.deliver(ANA, 0);
            world.deliver(BEN, 0);
        }
        prop_assume!(pending.is_none());
        world.run();
        world.wait(Duration::from_secs(120));

        let ends = [world.devices[ANA].end, world.devices[BEN].end];
        prop_assert!(ends.iter().any(|end| matches!(
            end,
            Some(SessionError::Handshake(_) | SessionError::Violation(_))
        )), "{ends:?}");
        for (side, peer) in [(ANA, BEN), (BEN, ANA)] {
            let received = &world.devices[side].received;
            prop_assert!(world.devices[peer].sent.starts_with(received), "nothing wrong is delivered");
        }
    }

    #[test]
    fn any_bytes_on_a_fresh_connection_end_the_session(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for side in [ANA, BEN] {
            let mut world = World::new();
            world.connect();
            world.arrive(side, 0, bytes.clone());
            let expected = HandshakeError::NotAuthentic.into();
            prop_assert_eq!(world.devices[side].end, Some(expected));
        }
    }
}

#[test]
fn whoever_differs_in_anything_gets_no_session() {
    type Change = fn(&mut SessionConfig);
    let changes: [(&str, Change); 5] = [
        ("pair secret", |config| config.psk = [0; 32]),
        ("own keys", |config| config.own = other_device()),
        ("peer's keys", |config| {
            config.peer = other_device().public()
        }),
        ("transcript", |config| config.transcript = Digest([9; 32])),
        ("session", |config| config.session = SessionId([9; 16])),
    ];
    for (name, change) in changes {
        for side in [ANA, BEN] {
            let mut configs = [config(ANA, 1), config(BEN, 2)];
            change(&mut configs[side]);
            let [ana, ben] = configs;
            let mut world = World::with(ana, ben);
            world.connect();
            world.say(ANA, message(0, 9));
            world.say(BEN, message(0, 9));
            world.run();
            let expected = SessionError::Handshake(HandshakeError::NotAuthentic);
            assert_eq!(world.devices[BEN].end, Some(expected), "{name} of {side}");
            world.wait(Duration::from_secs(60));
            let expected = SessionError::Handshake(HandshakeError::TimedOut);
            assert_eq!(world.devices[ANA].end, Some(expected), "{name} of {side}");
            for device in &world.devices {
                assert_eq!(device.established, 0);
                assert!(device.received.is_empty());
            }
        }
    }
}

#[test]
fn a_connection_with_other_certificates_carries_no_session() {
    let mut world = World::new();
    // A man in the middle shows certificates of his own: each side sees other ones.
    world.open(ANA, 0);
    world.open(BEN, 1);
    let begun = world.devices[BEN].inbox[&0][0].clone();
    world.arrive(BEN, 1, begun);
    let expected = SessionError::Handshake(HandshakeError::NotAuthentic);
    assert_eq!(world.devices[BEN].end, Some(expected));
}

#[test]
fn a_recorded_session_played_again_is_no_session() {
    let mut world = World::new();
    world.connect();
    world.say(ANA, message(0, 9));
    let mut record = Vec::new();
    for _ in 0..3 {
        record.extend(world.devices[BEN].inbox[&0].front().cloned());
        world.deliver(BEN, 0);
        world.deliver(ANA, 0);
    }
    assert_eq!(world.devices[BEN].received, [message(0, 9)]);

    let mut again = World::with(config(ANA, 1), config(BEN, 3));
    again.open(BEN, 0);
    for bytes in record {
        again.arrive(BEN, 0, bytes);
    }
    let expected = SessionError::Handshake(HandshakeError::NotAuthentic);
    assert_eq!(again.devices[BEN].end, Some(expected));
    assert_eq!(again.devices[BEN].established, 0);
    assert!(again.devices[BEN].received.is_empty());
}

#[test]
fn a_responder_that_speaks_first_is_refused() {
    let mut world = World::established();
    world.connect();
    world.arrive(ANA, 1, vec![0; 48]);
    let expected = SessionError::Violation(Violation::SpokeFirst);
    assert_eq!(world.devices[ANA].end, Some(expected));
}

#[test]
fn a_later_connection_of_another_negotiation_is_refused() {
    let mut world = World::established();
    world.renegotiate();
    let transcript = Digest([77; 32]);
    world.input(BEN, session_proto::SessionInput::Rebound { transcript });
    world.connect();
    world.run();
    let expected = SessionError::Handshake(HandshakeError::NotAuthentic);
    assert_eq!(world.devices[BEN].end, Some(expected));
}

fn other_device() -> model::DeviceSecrets {
    model::DeviceSecrets::from_bytes(&[99; 64])
}
