//! Connections come, go and are noticed at different times: nothing is lost, doubled or reordered.

use std::time::Duration;

use proptest::prelude::*;
use session_proto::{ConnectionId, SessionInput};

use crate::world::{ANA, BEN, World, message};

/// One thing that happens in a careless world.
#[derive(Debug, Clone)]
enum Step {
    Say { side: usize, size: usize },
    Announce,
    Open { side: usize, pick: usize },
    Deliver { side: usize, pick: usize },
    Lose { side: usize, pick: usize },
    Wait { milliseconds: u64 },
    Renegotiate,
}

fn any_step() -> impl Strategy<Value = Step> {
    let side = || 0..2usize;
    let pick = any::<usize>;
    prop_oneof![
        6 => (side(), prop_oneof![4 => 0..50usize, 1 => 50_000..200_000usize])
            .prop_map(|(side, size)| Step::Say { side, size }),
        3 => Just(Step::Announce),
        6 => (side(), pick()).prop_map(|(side, pick)| Step::Open { side, pick }),
        16 => (side(), pick()).prop_map(|(side, pick)| Step::Deliver { side, pick }),
        3 => (side(), pick()).prop_map(|(side, pick)| Step::Lose { side, pick }),
        3 => (0..12_000u64).prop_map(|milliseconds| Step::Wait { milliseconds }),
        1 => Just(Step::Renegotiate),
    ]
}

/// The connections that exist, and which side has noticed each.
#[derive(Default)]
struct Announced(Vec<(u32, [bool; 2])>);

impl Announced {
    fn open_one(&mut self, world: &mut World, side: usize, pick: usize) {
        let mut unseen: Vec<_> = self.0.iter_mut().filter(|(_, seen)| !seen[side]).collect();
        if unseen.is_empty() {
            return;
        }
        let place = pick % unseen.len();
        let (connection, seen) = &mut unseen[place];
        seen[side] = true;
        world.open(side, *connection);
    }
}

fn step(world: &mut World, announced: &mut Announced, step: Step) {
    match step {
        Step::Say { side, size } => {
            let index = world.devices[side].sent.len();
            world.say(side, message(index, size));
        }
        Step::Announce => announced.0.push((world.announce(), [false; 2])),
        Step::Open { side, pick } => announced.open_one(world, side, pick),
        Step::Deliver { side, pick } => {
            let device = &world.devices[side];
            let open: Vec<u32> = device.open.iter().copied().collect();
            if let Some(connection) = open.get(pick % open.len().max(1)) {
                world.deliver(side, *connection);
            }
        }
        Step::Lose { side, pick } => {
            let open: Vec<u32> = world.devices[side].open.iter().copied().collect();
            if let Some(connection) = open.get(pick % open.len().max(1)) {
                world.lose(side, *connection);
            }
        }
        Step::Wait { milliseconds } => {
            world.wait_with(Duration::from_millis(milliseconds), |_| {});
        }
        Step::Renegotiate => {
            announced.0.clear();
            world.renegotiate();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_message_arrives_exactly_once_and_in_order(steps in prop::collection::vec(any_step(), 0..160)) {
        let mut world = World::established();
        let mut announced = Announced::default();
        for next in steps {
            step(&mut world, &mut announced, next);
            for (side, peer) in [(ANA, BEN), (BEN, ANA)] {
                let received = &world.devices[side].received;
                prop_assert_eq!(world.devices[side].end, None);
                prop_assert!(world.devices[peer].sent.starts_with(received));
            }
        }

        world.renegotiate();
        world.connect();
        world.wait(Duration::from_secs(1));
        for (side, peer) in [(ANA, BEN), (BEN, ANA)] {
            prop_assert_eq!(world.devices[side].end, None);
            prop_assert_eq!(&world.devices[side].received, &world.devices[peer].sent);
            prop_assert_eq!(world.devices[side].session.unacknowledged_bytes(), 0);
        }
    }

    #[test]
    fn the_first_handshake_survives_connections_that_come_and_go(
        steps in prop::collection::vec(any_step(), 0..60),
    ) {
        let mut world = World::new();
        let mut announced = Announced::default();
        for next in steps {
            if !matches!(next, Step::Wait { .. }) {
                step(&mut world, &mut announced, next);
            }
        }
        world.renegotiate();
        world.connect();
        world.wait(Duration::from_secs(1));
        for (side, peer) in [(ANA, BEN), (BEN, ANA)] {
            prop_assert_eq!(world.devices[side].end, None);
            prop_assert_eq!(&world.devices[side].received, &world.devices[peer].sent);
        }
    }

    #[test]
    fn the_same_inputs_make_the_same_bytes(steps in prop::collection::vec(any_step(), 0..60)) {
        let run = |steps: Vec<Step>| {
            let mut world = World::established();
            let mut announced = Announced::default();
            for next in steps {
                step(&mut world, &mut announced, next);
            }
            let [ana, ben] = world.devices;
            (ana.packets, ana.inbox, ana.received, ben.packets, ben.inbox, ben.received)
        };
        prop_assert_eq!(run(steps.clone()), run(steps));
    }
}

#[test]
fn control_moves_to_the_freshest_open_connection() {
    let mut world = World::established();
    let [second, third] = [world.connect(), world.connect()];
    world.run();
    world.lose(ANA, 0);
    world.lose(BEN, 0);
    world.say(ANA, message(0, 10));
    assert!(world.devices[BEN].inbox[&third].len() == 1);
    assert!(!world.devices[BEN].inbox.contains_key(&second));
    world.run();
    assert_eq!(world.devices[BEN].received, [message(0, 10)]);
    assert_eq!(world.devices[ANA].established, 2);
}

#[test]
fn a_handshake_that_a_later_one_overtook_is_ignored() {
    let mut world = World::established();
    let [second, third] = [world.connect(), world.connect()];
    world.run();
    world.lose(ANA, 0);
    world.lose(ANA, third);
    world.deliver(BEN, second);
    world.deliver(ANA, second);
    world.deliver(BEN, second);
    assert_eq!(world.devices[BEN].established, 2);
    world.deliver(BEN, third);
    world.say(ANA, message(0, 10));
    world.say(BEN, message(0, 20));
    world.run();
    assert_eq!(world.devices[BEN].received, [message(0, 10)]);
    assert_eq!(world.devices[ANA].received, [message(0, 20)]);
}

#[test]
fn a_move_needs_only_the_initiator_to_notice_the_loss() {
    let mut world = World::established();
    world.connect();
    world.say(BEN, message(0, 10));
    world.lose(ANA, 0);
    world.run();
    assert_eq!(world.devices[ANA].received, [message(0, 10)]);
    assert_eq!(world.devices[BEN].established, 2);
    world.lose(BEN, 0);
    world.say(ANA, message(0, 20));
    world.run();
    assert_eq!(world.devices[BEN].received, [message(0, 20)]);
}

#[test]
fn a_session_without_connections_waits_and_goes_on() {
    let mut world = World::established();
    world.lose(ANA, 0);
    world.lose(BEN, 0);
    assert_eq!(
        [world.devices[ANA].lonely, world.devices[BEN].lonely],
        [1, 1]
    );
    world.say(ANA, message(0, 300_000));
    world.say(BEN, message(0, 5));
    world.wait(Duration::from_secs(24 * 60 * 60));
    world.renegotiate();
    world.connect();
    world.run();
    assert_eq!(world.devices[BEN].received, [message(0, 300_000)]);
    assert_eq!(world.devices[ANA].received, [message(0, 5)]);
}

#[test]
fn late_bytes_of_a_lost_connection_are_ignored() {
    let mut world = World::established();
    world.say(ANA, message(0, 10));
    let late = world.devices[BEN].inbox[&0][0].clone();
    world.connect();
    world.lose(BEN, 0);
    world.arrive(BEN, 0, late);
    world.lose(ANA, 0);
    world.run();
    assert_eq!(world.devices[BEN].received, [message(0, 10)]);
    assert_eq!(world.devices[BEN].end, None);
}

#[test]
fn opening_or_losing_a_connection_twice_changes_nothing() {
    let mut world = World::established();
    world.open(ANA, 0);
    world.input(
        ANA,
        SessionInput::ConnectionLost {
            connection: ConnectionId(9),
        },
    );
    world.say(ANA, message(0, 10));
    world.run();
    assert_eq!(world.devices[BEN].received, [message(0, 10)]);
}
