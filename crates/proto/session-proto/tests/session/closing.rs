//! How a session ends in good order.

use std::time::Duration;

use session_proto::{CLOSE_TIME, CloseReason, ControlMessage, SessionError};

use crate::world::{ANA, BEN, World, message};

const CLOSE: ControlMessage = ControlMessage::Close {
    reason: CloseReason::Idle,
};
const HERE: Option<SessionError> = Some(SessionError::ClosedHere(CloseReason::Idle));
const THERE: Option<SessionError> = Some(SessionError::ClosedByPeer(CloseReason::Idle));

#[test]
fn a_close_arrives_after_everything_before_it() {
    let mut world = World::established();
    world.say(BEN, message(0, 200_000));
    world.say(BEN, CLOSE);
    assert_eq!(world.devices[BEN].end, None);
    world.run();
    assert_eq!(world.devices[ANA].received, [message(0, 200_000), CLOSE]);
    assert_eq!(world.devices[ANA].end, THERE);
    assert_eq!(world.devices[BEN].end, HERE);
}

#[test]
fn nothing_follows_a_close() {
    let mut world = World::established();
    world.say(ANA, CLOSE);
    world.say(ANA, message(0, 10));
    world.run();
    assert_eq!(world.devices[BEN].received, [CLOSE]);
}

#[test]
fn a_peer_that_is_gone_delays_a_close_only_shortly() {
    let mut world = World::established();
    world.say(ANA, CLOSE);
    world.wait_with(CLOSE_TIME - Duration::from_millis(1), |_| {});
    assert_eq!(world.devices[ANA].end, None);
    world.wait_with(Duration::from_millis(1), |_| {});
    assert_eq!(world.devices[ANA].end, HERE);
}

#[test]
fn a_session_that_closes_does_not_move() {
    let mut world = World::established();
    world.connect();
    world.say(ANA, CLOSE);
    world.lose(ANA, 0);
    assert_eq!(world.devices[ANA].end, HERE);
}

#[test]
fn a_session_without_connections_closes_at_once() {
    let mut world = World::new();
    world.say(ANA, CLOSE);
    assert_eq!(world.devices[ANA].end, HERE);
}

#[test]
fn both_sides_may_close_at_once() {
    let mut world = World::established();
    world.say(ANA, CLOSE);
    world.say(BEN, CLOSE);
    world.run();
    assert_eq!(world.devices[ANA].end, THERE);
    assert_eq!(world.devices[BEN].end, THERE);
}
