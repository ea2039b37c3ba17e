//! What a device may keep and say.

use model::limits::{
    CHANNEL_MESSAGE_BYTES, CONTROL_MESSAGE_BYTES, CONTROL_UNACKNOWLEDGED_BYTES, NOISE_BYTES,
    SDP_BYTES,
};
use session_proto::{
    ControlMessage, FRAGMENT_BYTES, FRAGMENT_OVERHEAD_BYTES, HandshakeError, SessionError,
    Violation,
};

use crate::world::{ANA, BEN, World, message};

#[test]
fn what_waits_for_acknowledgement_is_bounded() {
    let mut world = World::new();
    let mut index = 0;
    while world.devices[ANA].session.can_send() {
        world.say(ANA, message(index, FRAGMENT_BYTES));
        index += 1;
    }
    let kept = world.devices[ANA].session.unacknowledged_bytes();
    assert!(
        (CONTROL_UNACKNOWLEDGED_BYTES..CONTROL_UNACKNOWLEDGED_BYTES + 2 * FRAGMENT_BYTES)
            .contains(&kept)
    );
    assert_eq!(world.devices[ANA].end, None);

    world.connect();
    world.run();
    assert!(world.devices[ANA].session.can_send());
    assert_eq!(world.devices[BEN].received, world.devices[ANA].sent);
}

#[test]
fn a_driver_that_ignores_the_bound_ends_the_session() {
    let mut world = World::new();
    let most = CONTROL_UNACKNOWLEDGED_BYTES + 2 * CONTROL_MESSAGE_BYTES;
    for index in 0..=most / FRAGMENT_BYTES {
        world.say(ANA, message(index, FRAGMENT_BYTES));
    }
    assert_eq!(world.devices[ANA].end, Some(SessionError::QueueFull));
    assert!(world.devices[ANA].session.unacknowledged_bytes() <= most);
}

#[test]
fn small_messages_are_not_free() {
    let mut world = World::new();
    let mut count = 0;
    while world.devices[ANA].session.can_send() {
        world.say(ANA, ControlMessage::ConnectionRefused { connection: 0 });
        count += 1;
    }
    assert!(count <= CONTROL_UNACKNOWLEDGED_BYTES / FRAGMENT_OVERHEAD_BYTES);
}

#[test]
fn the_longest_message_passes_and_a_longer_one_ends_the_session() {
    let mut world = World::established();
    let longest = ControlMessage::Transfer(vec![1; CONTROL_MESSAGE_BYTES - 4]);
    world.say(ANA, longest.clone());
    world.run();
    assert_eq!(world.devices[BEN].received, [longest]);
    world.say(
        ANA,
        ControlMessage::Transfer(vec![1; CONTROL_MESSAGE_BYTES - 3]),
    );
    assert_eq!(world.devices[ANA].end, Some(SessionError::MessageTooLong));
}

#[test]
fn a_session_description_beyond_its_limit_is_not_sent() {
    let mut world = World::established();
    let sdp = "x".repeat(SDP_BYTES + 1);
    world.say(ANA, ControlMessage::ConnectionOffer { connection: 1, sdp });
    assert_eq!(world.devices[ANA].end, Some(SessionError::MessageTooLong));
}

#[test]
fn more_than_the_limit_before_the_peer_is_proven_ends_the_session() {
    let mut world = World::new();
    world.connect();
    world.arrive(BEN, 0, vec![0; NOISE_BYTES + 1]);
    let expected = SessionError::Handshake(HandshakeError::TooLong);
    assert_eq!(world.devices[BEN].end, Some(expected));
}

#[test]
fn a_message_beyond_what_a_channel_takes_ends_the_session() {
    let mut world = World::established();
    world.arrive(BEN, 0, vec![0; CHANNEL_MESSAGE_BYTES + 1]);
    let expected = SessionError::Violation(Violation::NotAuthentic);
    assert_eq!(world.devices[BEN].end, Some(expected));
}

#[test]
fn many_small_messages_share_one_channel_message() {
    let mut world = World::new();
    for index in 0..1000 {
        world.say(ANA, message(index, 10));
    }
    world.connect();
    world.run();
    assert_eq!(world.devices[BEN].received, world.devices[ANA].sent);
    // The handshake, and one message with everything.
    assert_eq!(world.devices[ANA].packets.len(), 2);
}
