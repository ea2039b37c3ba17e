//! What the clock does.

use std::time::Duration;

use model::limits::NOISE_TIME;
use session_proto::{
    ACKNOWLEDGE_TIME, ConnectionId, ControlMessage, HandshakeError, KEEP_ALIVE_TIME, SILENT_TIME,
    SessionError, SessionInput,
};

use crate::world::{ANA, BEN, World, message};

const TIMED_OUT: SessionError = SessionError::Handshake(HandshakeError::TimedOut);
const INSTANT: Duration = Duration::from_millis(1);

#[test]
fn a_first_handshake_that_takes_too_long_ends_the_session() {
    for side in [ANA, BEN] {
        let mut world = World::new();
        world.open(side, 0);
        world.wait_with(NOISE_TIME - INSTANT, |_| {});
        assert_eq!(world.devices[side].end, None);
        world.wait_with(INSTANT, |_| {});
        assert_eq!(world.devices[side].end, Some(TIMED_OUT));
        assert_eq!(world.devices[side].session.deadline(), None);
    }
}

#[test]
fn a_responder_whose_answer_is_never_confirmed_gives_up() {
    let mut world = World::new();
    world.connect();
    world.deliver(BEN, 0);
    world.wait_with(NOISE_TIME, |_| {});
    assert_eq!(world.devices[BEN].end, Some(TIMED_OUT));
    assert_eq!(world.devices[BEN].established, 0);
}

#[test]
fn a_later_handshake_that_takes_too_long_counts_as_a_dead_connection() {
    let mut world = World::established();
    world.connect();
    world.connect();
    world.lose(ANA, 0);
    world.lose(BEN, 0);
    world.say(ANA, message(0, 10));
    world.devices[BEN].inbox.clear();
    world.wait_with(NOISE_TIME, |_| {});
    assert_eq!(world.devices[ANA].silent, [2]);
    world.run();
    assert_eq!(world.devices[BEN].received, [message(0, 10)]);
    assert_eq!(world.devices[ANA].end, None);
}

#[test]
fn an_idle_session_stays_alive_with_few_messages() {
    let mut world = World::established();
    let before = world.devices.each_ref().map(|device| device.packets.len());
    let pings = 60;
    world.wait(KEEP_ALIVE_TIME * pings);
    for (side, before) in before.into_iter().enumerate() {
        assert!(world.devices[side].silent.is_empty());
        let packets = world.devices[side].packets.len() - before;
        let most = usize::try_from(pings).unwrap() * 2;
        assert!(packets <= most, "{packets} packets");
    }
}

#[test]
fn a_connection_without_any_byte_is_reported_and_left() {
    let mut world = World::established();
    world.wait_with(SILENT_TIME - INSTANT, |world| {
        world.devices[ANA].inbox.clear();
        world.devices[BEN].inbox.clear();
    });
    assert!(world.devices[ANA].silent.is_empty());
    world.wait_with(INSTANT, |_| {});
    for device in &world.devices {
        assert_eq!(device.silent, [0]);
        assert_eq!(device.lonely, 1);
        assert_eq!(device.end, None);
    }
}

#[test]
fn bulk_data_counts_as_a_sign_of_life_of_its_connection_only() {
    let mut world = World::established();
    for _ in 0..10 {
        world.wait_with(SILENT_TIME - INSTANT, |_| {});
        let connection = ConnectionId(0);
        world.input(ANA, SessionInput::BulkReceived { connection });
        let connection = ConnectionId(7);
        world.input(BEN, SessionInput::BulkReceived { connection });
    }
    assert!(world.devices[ANA].silent.is_empty());
    assert_eq!(world.devices[BEN].silent, [0]);
}

#[test]
fn a_responder_gives_up_connections_on_which_the_initiator_never_begins() {
    let mut world = World::established();
    world.lose(BEN, 0);
    world.open(BEN, 1);
    world.open(BEN, 2);
    world.wait_with(SILENT_TIME + NOISE_TIME, |_| {});
    assert_eq!(world.devices[BEN].silent, [1, 2]);
    assert_eq!(world.devices[BEN].lonely, 2);
    assert_eq!(world.devices[BEN].end, None);
}

#[test]
fn a_responder_that_loses_its_last_connection_while_it_waits_asks_for_one() {
    let mut world = World::established();
    world.open(BEN, 1);
    world.lose(BEN, 0);
    assert_eq!(world.devices[BEN].lonely, 0);
    world.lose(BEN, 1);
    assert_eq!(world.devices[BEN].lonely, 1);
}

#[test]
fn an_initiator_that_alone_missed_the_loss_moves_after_the_silence() {
    let mut world = World::established();
    world.connect();
    world.lose(BEN, 0);
    world.say(BEN, message(0, 10));
    world.wait_with(SILENT_TIME, |world| {
        world.devices[BEN].inbox.remove(&0);
        world.run();
    });
    assert_eq!(world.devices[ANA].silent, [0]);
    assert_eq!(world.devices[ANA].received, [message(0, 10)]);
}

#[test]
fn messages_are_acknowledged_soon_and_not_one_by_one() {
    let mut world = World::established();
    world.wait(Duration::from_secs(1));
    let before = world.devices[BEN].packets.len();
    for index in 0..40 {
        world.say(ANA, message(index, 10));
        world.run();
    }
    assert_eq!(world.devices[BEN].packets.len(), before);
    assert!(world.devices[ANA].session.unacknowledged_bytes() > 0);
    world.wait(ACKNOWLEDGE_TIME);
    assert_eq!(world.devices[BEN].packets.len(), before + 1);
    assert_eq!(world.devices[ANA].session.unacknowledged_bytes(), 0);
}

#[test]
fn an_answer_carries_the_acknowledgement() {
    let mut world = World::established();
    world.wait(Duration::from_secs(1));
    world.say(ANA, message(0, 10));
    world.run();
    let before = world.devices[BEN].packets.len();
    world.say(BEN, message(0, 10));
    world.run();
    assert_eq!(world.devices[BEN].packets.len(), before + 1);
    assert_eq!(world.devices[ANA].session.unacknowledged_bytes(), 0);
}

#[test]
fn a_ping_is_answered_at_once_and_only_its_driver_hears_of_it() {
    let mut world = World::established();
    let ping = ControlMessage::Ping { nonce: 42 };
    world.input(ANA, SessionInput::Send(ping));
    world.run();
    assert_eq!(
        world.devices[ANA].received,
        [ControlMessage::Pong { nonce: 42 }]
    );
    assert!(world.devices[BEN].received.is_empty());
}

#[test]
fn a_ping_without_a_connection_is_forgotten() {
    let mut world = World::established();
    world.lose(ANA, 0);
    world.lose(BEN, 0);
    world.input(ANA, SessionInput::Send(ControlMessage::Ping { nonce: 42 }));
    world.renegotiate();
    world.connect();
    world.wait(Duration::from_secs(60));
    assert!(world.devices[ANA].received.is_empty());
}
