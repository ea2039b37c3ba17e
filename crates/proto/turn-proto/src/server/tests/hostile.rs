//! Messages that no honest client writes.

use proptest::prelude::*;

use super::scene::*;
use super::*;
use crate::attribute::{
    CHANNEL_NUMBER, LIFETIME, REQUESTED_ADDRESS_FAMILY, REQUESTED_TRANSPORT, XOR_PEER_ADDRESS,
};
use crate::message::long_term_key;

fn code(answer: &[u8]) -> Option<u16> {
    let answer = Message::from_bytes(answer).unwrap();
    answer.attribute::<ErrorCode>().ok().map(|it| it.code())
}

/// A hand-written request, signed with these credentials and the nonce the relay gave.
struct Forger {
    credentials: Credentials,
    nonce: String,
    next: u128,
}

impl Forger {
    fn new(relay: &mut Relay, credentials: Credentials) -> Self {
        let request = Draft::request(message::ALLOCATE, TransactionId::from(1)).finish();
        let answers = relay.ask(&request);
        let answer = Message::from_bytes(&answers[0]).unwrap();
        let nonce = answer.attribute::<Nonce>().unwrap();
        Self {
            credentials,
            nonce: nonce.nonce().to_owned(),
            next: 1,
        }
    }

    fn honest(relay: &mut Relay) -> Self {
        Self::new(relay, secret().issue("ana", UNIX_S + 600))
    }

    fn draft(&mut self, method: stun_types::message::Method) -> Draft {
        self.next += 1;
        Draft::request(method, TransactionId::from(self.next))
    }

    fn sign(&self, draft: Draft) -> Vec<u8> {
        let key = long_term_key(&self.credentials, "relay.test");
        draft
            .put(Username::TYPE, self.credentials.username.as_bytes())
            .put(Realm::TYPE, b"relay.test")
            .put(Nonce::TYPE, self.nonce.as_bytes())
            .sign(&key)
    }

    fn allocate(&mut self, relay: &mut Relay) -> Option<u16> {
        let draft = self
            .draft(message::ALLOCATE)
            .put(REQUESTED_TRANSPORT, &[17, 0, 0, 0]);
        let request = self.sign(draft);
        code(&relay.ask(&request)[0])
    }

    fn permit(&mut self, relay: &mut Relay, peers: &[SocketAddr]) -> Option<u16> {
        let mut draft = self.draft(message::CREATE_PERMISSION);
        let transaction = TransactionId::from(self.next);
        for peer in peers {
            let value = crate::attribute::address_value(*peer, transaction);
            draft = draft.put_again(XOR_PEER_ADDRESS, &value);
        }
        let request = self.sign(draft);
        code(&relay.ask(&request)[0])
    }

    fn bind(&mut self, relay: &mut Relay, number: u16, peer: SocketAddr) -> Option<u16> {
        let value = (u32::from(number) << 16).to_be_bytes();
        let draft = self.draft(message::CHANNEL_BIND);
        let draft = draft
            .put(CHANNEL_NUMBER, &value)
            .put_address(XOR_PEER_ADDRESS, peer);
        let request = self.sign(draft);
        code(&relay.ask(&request)[0])
    }
}

#[test]
fn expired_forged_and_endless_credentials_are_refused() {
    let other = Secret::new("some other secret, as long").unwrap();
    let mut forged = secret().issue("ana", UNIX_S + 600);
    forged.username = format!("{}:ana", UNIX_S + 6_000);
    for credentials in [
        secret().issue("ana", UNIX_S),
        secret().issue("ana", UNIX_S - 1),
        other.issue("ana", UNIX_S + 600),
        forged,
        secret().issue("ana", u64::MAX),
        secret().issue("", UNIX_S + 600),
        Credentials {
            username: "ana".to_owned(),
            password: "ana".to_owned(),
        },
    ] {
        let mut relay = Relay::new();
        let mut forger = Forger::new(&mut relay, credentials.clone());
        assert_eq!(
            forger.allocate(&mut relay),
            Some(401),
            "{}",
            credentials.username
        );
        assert_eq!(relay.allocations, 0);
        assert_eq!(relay.session.take_tally().unauthorized, 1);
    }
}

#[test]
fn a_request_that_was_overheard_is_worth_nothing_elsewhere_or_later() {
    let mut relay = Relay::new();
    let mut ana = Forger::honest(&mut relay);
    let draft = ana
        .draft(message::ALLOCATE)
        .put(REQUESTED_TRANSPORT, &[17, 0, 0, 0]);
    let request = ana.sign(draft);
    // From another address:
    relay.session = Session::new(([11, 0, 0, 66], 40_000).into(), false);
    assert_eq!(code(&relay.ask(&request)[0]), Some(438));
    // From the same address, after the nonce's time:
    relay.session = Session::new(client_address(), false);
    relay.now = later(relay.now, 600);
    assert_eq!(code(&relay.ask(&request)[0]), Some(438));
    assert_eq!(relay.allocations, 0);
}

#[test]
fn a_changed_byte_in_a_signed_request_is_noticed() {
    let mut relay = Relay::new();
    let mut ana = Forger::honest(&mut relay);
    let draft = ana
        .draft(message::ALLOCATE)
        .put(REQUESTED_TRANSPORT, &[17, 0, 0, 0]);
    let request = ana.sign(draft);
    for at in 8..request.len() {
        let mut changed = request.clone();
        changed[at] ^= 1;
        relay.ask(&changed);
        assert!(relay.session.is_idle(), "byte {at}");
    }
    assert_eq!(relay.allocations, 0);
}

#[test]
fn another_users_allocation_is_not_touched() {
    let mut relay = Relay::new();
    assert_eq!(Forger::honest(&mut relay).allocate(&mut relay), None);
    let mut ben = Forger::new(&mut relay, secret().issue("ben", UNIX_S + 600));
    assert_eq!(ben.permit(&mut relay, &[peer()]), Some(441));
    assert_eq!(ben.allocate(&mut relay), Some(437));
    let draft = ben.draft(message::REFRESH).put(LIFETIME, &[0; 4]);
    let request = ben.sign(draft);
    assert_eq!(code(&relay.ask(&request)[0]), Some(441));
    assert!(!relay.session.is_idle());
}

#[test]
fn forbidden_peers_get_a_403_and_take_the_whole_request_with_them() {
    let mut relay = Relay::new();
    let mut ana = Forger::honest(&mut relay);
    assert_eq!(ana.allocate(&mut relay), None);
    for forbidden in [
        "127.0.0.1:53",
        "169.254.169.254:80",
        "10.0.0.1:22",
        "224.0.0.251:5353",
    ] {
        let forbidden = forbidden.parse().unwrap();
        assert_eq!(ana.permit(&mut relay, &[forbidden]), Some(403));
        assert_eq!(ana.bind(&mut relay, 0x4000, forbidden), Some(403));
        assert_eq!(ana.permit(&mut relay, &[peer(), forbidden]), Some(403));
    }
    assert_eq!(
        relay.session.handle_peer(peer(), 1, relay.now),
        None,
        "nothing was granted"
    );
    assert_eq!(relay.session.take_tally().forbidden, 12);
    let mapped = "[::ffff:127.0.0.1]:53".parse().unwrap();
    assert_eq!(
        ana.permit(&mut relay, &[mapped]),
        Some(443),
        "another family"
    );
}

#[test]
fn a_send_indication_needs_a_permission() {
    let mut scene = Scene::new(false);
    scene.allocate();
    let draft = Draft::indication(message::SEND, TransactionId::from(3));
    let wire = draft
        .put_address(XOR_PEER_ADDRESS, peer())
        .put(crate::attribute::DATA, b"x")
        .finish();
    let frame = frame::of_datagram(&wire).unwrap();
    let result = scene
        .relay
        .session
        .handle_client(frame, &scene.relay.rules, scene.now);
    assert_eq!(result, FromClient::Handled);
    let mut wire = Vec::new();
    frame::push_channel_data(&mut wire, 0x4000, b"x", false);
    let frame = frame::of_datagram(&wire).unwrap();
    let result = scene
        .relay
        .session
        .handle_client(frame, &scene.relay.rules, scene.now);
    assert_eq!(result, FromClient::Handled);
}

#[test]
fn channels_are_not_bound_twice_and_stay_within_their_numbers() {
    let mut relay = Relay::new();
    let mut ana = Forger::honest(&mut relay);
    ana.allocate(&mut relay);
    let other = SocketAddr::from(([11, 0, 0, 10], 6_000));
    assert_eq!(ana.bind(&mut relay, 0x4000, peer()), None);
    assert_eq!(ana.bind(&mut relay, 0x4000, peer()), None, "a refresh");
    assert_eq!(ana.bind(&mut relay, 0x4000, other), Some(400));
    assert_eq!(ana.bind(&mut relay, 0x4001, peer()), Some(400));
    for number in [0, 0x3fff, 0x5000, 0xffff] {
        assert_eq!(ana.bind(&mut relay, number, other), Some(400), "{number:x}");
    }
}

#[test]
fn permissions_are_bounded_and_make_room_when_they_expire() {
    let mut relay = Relay::new();
    let mut ana = Forger::honest(&mut relay);
    ana.allocate(&mut relay);
    let at = |host: u8| SocketAddr::from(([11, 0, 1, host], 1));
    for host in 0..64 {
        assert_eq!(ana.permit(&mut relay, &[at(host)]), None);
    }
    assert_eq!(ana.permit(&mut relay, &[at(64)]), Some(508));
    assert_eq!(ana.permit(&mut relay, &[at(0)]), None, "a refresh");
    relay.now = later(relay.now, 301);
    assert_eq!(ana.permit(&mut relay, &[at(64)]), None);
}

#[test]
fn what_is_not_understood_is_said() {
    let mut relay = Relay::new();
    let mut ana = Forger::honest(&mut relay);
    let draft = ana
        .draft(message::ALLOCATE)
        .put(REQUESTED_TRANSPORT, &[17, 0, 0, 0]);
    let dont_fragment = AttributeType::new(0x001a);
    let request = ana.sign(draft.put(dont_fragment, &[]));
    let answers = relay.ask(&request);
    assert_eq!(code(&answers[0]), Some(420));
    for (transport, family, expected) in [(6, 1, 442), (17, 3, 440)] {
        let draft = ana.draft(message::ALLOCATE);
        let draft = draft
            .put(REQUESTED_TRANSPORT, &[transport, 0, 0, 0])
            .put(REQUESTED_ADDRESS_FAMILY, &[family, 0, 0, 0]);
        let request = ana.sign(draft);
        assert_eq!(code(&relay.ask(&request)[0]), Some(expected));
    }
    let draft = ana.draft(message::ALLOCATE);
    let request = ana.sign(draft);
    assert_eq!(code(&relay.ask(&request)[0]), Some(400));
    assert_eq!(ana.permit(&mut relay, &[peer()]), Some(437));
}

proptest! {
    #[test]
    fn arbitrary_frames_never_panic(datagram in proptest::collection::vec(any::<u8>(), 0..200), stun: bool) {
        let mut scene = Scene::new(false);
        scene.allocate();
        let mut datagram = datagram;
        if stun && datagram.len() >= 20 {
            let length = u16::try_from((datagram.len() - 20) & !3).unwrap();
            datagram.truncate(20 + usize::from(length));
            datagram[0] &= 1;
            datagram[2..4].copy_from_slice(&length.to_be_bytes());
            datagram[4..8].copy_from_slice(&[0x21, 0x12, 0xa4, 0x42]);
        }
        if let Some(frame) = frame::of_datagram(&datagram) {
            scene.relay.session.handle_client(frame, &scene.relay.rules, scene.now);
            scene.client.handle_frame(frame, scene.now.monotonic);
        }
        prop_assert!(!scene.relay.session.is_idle());
        prop_assert!(!scene.has_ended());
    }
}
