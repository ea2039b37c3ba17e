//! A relay's session, asked by our own client and by messages that no honest client writes.

mod hostile;
mod scene;

use std::time::Duration;

use scene::*;

use super::*;
use crate::client::{ClientOutput, EndReason, Sending};

#[test]
fn anybody_learns_where_they_are_seen() {
    let mut relay = Relay::new();
    let request = Draft::request(BINDING, TransactionId::from(7)).finish();
    let answers = relay.ask(&request);
    let answer = Message::from_bytes(&answers[0]).unwrap();
    let seen = crate::attribute::address(&answer, XorMappedAddress::TYPE);
    assert_eq!(seen, Some(client_address()));
}

#[test]
fn a_client_with_credentials_gets_an_allocation_and_data_passes_both_ways() {
    let mut scene = Scene::new(false);
    assert_eq!(scene.allocate(), Some(relayed()));
    scene.client.permit(peer().ip(), scene.now.monotonic);
    scene.run();
    assert!(scene.said.contains(&ClientOutput::Permitted(peer().ip())));
    assert_eq!(scene.send(b"there"), Some((peer(), b"there".to_vec())));
    assert_eq!(
        scene.receive(b"and back"),
        Some((peer(), b"and back".to_vec()))
    );
}

#[test]
fn a_bound_channel_carries_the_same_data_with_four_bytes_before_it() {
    for is_stream in [false, true] {
        let mut scene = Scene::new(is_stream);
        scene.allocate();
        scene.client.bind(peer(), scene.now.monotonic);
        scene.run();
        let mut wire = Vec::new();
        assert_eq!(
            scene.client.wrap(peer(), b"there", &mut wire),
            Sending::Written
        );
        assert_eq!(wire.len(), if is_stream { 12 } else { 9 });
        assert_eq!(scene.send(b"there"), Some((peer(), b"there".to_vec())));
        assert_eq!(scene.receive(b"back"), Some((peer(), b"back".to_vec())));
        let wrapping = scene.relay.session.handle_peer(peer(), 4, scene.now);
        assert_eq!(wrapping, Some(Wrapping::Channel(0x4000)));
    }
}

#[test]
fn what_a_stranger_sends_does_not_reach_the_client() {
    let mut scene = Scene::new(false);
    scene.allocate();
    assert_eq!(scene.receive(b"hello?"), None);
    scene.client.permit(peer().ip(), scene.now.monotonic);
    scene.run();
    let stranger = SocketAddr::from(([11, 0, 0, 99], 9));
    assert_eq!(
        scene.relay.session.handle_peer(stranger, 5, scene.now),
        None
    );
    assert_eq!(scene.relay.session.take_tally().dropped, 2);
}

#[test]
fn an_allocation_lives_as_long_as_it_is_refreshed_and_outlives_its_credentials() {
    let mut scene = Scene::new(false);
    scene.allocate();
    scene.client.bind(peer(), scene.now.monotonic);
    scene.run();
    for _ in 0..300 {
        scene.pass(Duration::from_secs(60));
        assert_eq!(scene.send(b"still"), Some((peer(), b"still".to_vec())));
        assert!(scene.receive(b"here").is_some());
    }
    assert!(!scene.has_ended(), "five hours, with credentials for one");
}

#[test]
fn an_allocation_nobody_refreshes_is_over_after_its_time() {
    let mut scene = Scene::new(false);
    scene.allocate();
    scene.now = later(scene.now, 599);
    scene.relay.session.handle_timeout(scene.now);
    assert!(!scene.relay.session.is_idle());
    assert_eq!(
        scene.relay.session.deadline(),
        Some(scene.now.monotonic + Duration::from_secs(1))
    );
    scene.now = later(scene.now, 1);
    scene.relay.session.handle_timeout(scene.now);
    assert!(scene.relay.session.is_idle());
    assert_eq!(
        scene.relay.session.poll_output(),
        Some(SessionOutput::Release)
    );
}

#[test]
fn an_allocation_that_is_given_back_is_over_at_once() {
    let mut scene = Scene::new(false);
    scene.allocate();
    scene.client.release(scene.now.monotonic);
    scene.run();
    assert!(
        scene
            .said
            .contains(&ClientOutput::Ended(EndReason::Released))
    );
    assert!(scene.relay.session.is_idle());
}

#[test]
fn both_secrets_are_taken_while_one_replaces_the_other() {
    let mut scene = Scene::new(false);
    scene
        .relay
        .rules
        .secrets
        .insert(0, Secret::new("the new one, as long").unwrap());
    assert_eq!(scene.allocate(), Some(relayed()));
    // The old one is gone: what stands goes on, what is new does not.
    scene.relay.rules.secrets.pop();
    scene.pass(Duration::from_secs(900));
    assert!(!scene.has_ended());
    let mut other = Scene::new(false);
    other.relay.rules.secrets = scene.relay.rules.secrets.clone();
    assert_eq!(other.allocate(), None);
    assert!(
        other
            .said
            .contains(&ClientOutput::Ended(EndReason::Unauthorized))
    );
}

#[test]
fn a_relay_that_has_no_room_says_so() {
    for (refusal, reason) in [
        (AllocateRefusal::Quota, EndReason::NoRoom),
        (AllocateRefusal::Capacity, EndReason::NoRoom),
        (AllocateRefusal::Family, EndReason::NoFamily),
    ] {
        let mut scene = Scene::new(false);
        scene.relay.room = Err(refusal);
        assert_eq!(scene.allocate(), None);
        assert!(scene.said.contains(&ClientOutput::Ended(reason)));
    }
}

#[test]
fn a_cap_on_bytes_ends_the_allocation() {
    let mut scene = Scene::new(false);
    scene.relay.rules.limits.bytes = 10_000;
    scene.allocate();
    scene.client.permit(peer().ip(), scene.now.monotonic);
    scene.run();
    let passed = (0..100)
        .filter(|_| scene.send(&[7; 1_000]).is_some())
        .count();
    assert_eq!(passed, 10);
    assert!(scene.relay.session.is_idle());
    assert!(scene.relay.drain().contains(&SessionOutput::Release));
}

#[test]
fn a_cap_on_speed_drops_what_is_too_much() {
    let mut scene = Scene::new(false);
    scene.relay.rules.limits.bytes_per_s = 50_000;
    scene.allocate();
    scene.client.permit(peer().ip(), scene.now.monotonic);
    scene.run();
    let passed = (0..100)
        .filter(|_| scene.send(&[7; 1_000]).is_some())
        .count();
    assert_eq!(passed, 50);
    scene.now = later(scene.now, 1);
    assert!(scene.send(&[7; 1_000]).is_some());
}

#[test]
fn an_answer_that_was_lost_is_given_again() {
    let mut scene = Scene::new(false);
    scene.lose_next_answer_after = Some(1); // The challenge arrives, the success does not.
    assert_eq!(scene.allocate(), None);
    scene.pass(Duration::from_secs(1));
    assert!(
        scene
            .said
            .iter()
            .any(|it| matches!(it, ClientOutput::Allocated { .. }))
    );
    assert_eq!(scene.relay.allocations, 1);
}

#[test]
fn a_stale_nonce_is_replaced_without_anybody_noticing() {
    let mut scene = Scene::new(false);
    scene.allocate();
    scene.now = later(scene.now, 590);
    scene.relay.rules.limits.nonce_s = 1;
    scene.client.permit(peer().ip(), scene.now.monotonic);
    scene.run();
    assert!(scene.said.contains(&ClientOutput::Permitted(peer().ip())));
}

#[test]
fn a_silent_relay_is_given_up() {
    let mut scene = Scene::new(false);
    scene.is_cut = true;
    assert_eq!(scene.allocate(), None);
    scene.pass(Duration::from_secs(20));
    assert!(scene.said.contains(&ClientOutput::Ended(EndReason::Silent)));
    assert_eq!(scene.client.deadline(), None);
}

/// Sends, and lets the relay forget the client, as a restart does.
fn send_to_a_restarted_relay(scene: &mut Scene) {
    scene.relay.session = Session::new(client_address(), false);
    scene.client.note_sent(scene.now.monotonic);
}

#[test]
fn a_client_whose_relay_was_restarted_finds_out_soon_after_it_sends() {
    let mut scene = Scene::new(false);
    scene.allocate();
    send_to_a_restarted_relay(&mut scene);
    scene.pass(Duration::from_secs(1));
    assert_eq!(
        scene.said.last(),
        Some(&ClientOutput::Ended(EndReason::Lost))
    );
}

#[test]
fn a_client_that_hears_of_what_it_sends_asks_its_relay_nothing() {
    let mut scene = Scene::new(false);
    scene.allocate();
    scene.client.permit(peer().ip(), scene.now.monotonic);
    scene.run();
    for _ in 0..20 {
        scene.client.note_sent(scene.now.monotonic);
        scene.pass(Duration::from_millis(250));
        scene.receive(b"heard").unwrap();
    }
    send_to_a_restarted_relay(&mut scene);
    scene.receive(b"nobody").ok_or(()).unwrap_err();
    scene.client.handle_timeout(scene.now.monotonic);
    assert!(scene.client.poll_output().is_none() && !scene.has_ended());
}

#[test]
fn a_relay_that_answers_keeps_a_client_whose_peer_is_silent() {
    let mut scene = Scene::new(false);
    scene.allocate();
    for _ in 0..20 {
        scene.client.note_sent(scene.now.monotonic);
        scene.pass(Duration::from_secs(1));
    }
    assert!(!scene.has_ended());
}
