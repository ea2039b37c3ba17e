//! A peer that knows the code and then does not keep to the protocol.

use super::*;
use crate::confirmation::Agreement;
use crate::message::Verdict;
use crate::noise::{Handshake, Transport};
use crate::pairing::exchange::transcript;
use crate::{Pake, Spake2};

/// A claimer made by hand from the protocol's parts.
struct HostileClaimer {
    victim: Side,
    handshake: Handshake,
}

impl HostileClaimer {
    /// Goes through exchange and confirmation as an honest claimer would.
    fn confirmed() -> Self {
        let mut victim = Side::new(Role::Issuer, CODE, 2);
        let code = Code::parse(CODE).unwrap();
        let context = code.nameplate().to_be_bytes();
        let mut entropy = Seeded { seed: 1, drawn: 0 };
        let (pake, mine) = Spake2::start(Role::Claimer, &code.password(), &context, &mut entropy);
        let version = 1;
        let element = mine.clone();
        let replies = victim.receive(Message::Pake { version, element }.encode(), epoch());
        let Ok(Message::Pake { element, .. }) = Message::decode(&replies[0]) else {
            panic!("the issuer answers with its half");
        };
        let said = transcript(code.nameplate(), &mine, &element);
        let agreement = Agreement::new(&pake.finish(&element).unwrap(), said);
        let proof = Message::Confirmation(agreement.tag(Role::Claimer));
        let replies = victim.receive(proof.encode(), epoch());
        let Ok(Message::Confirmation(tag)) = Message::decode(&replies[0]) else {
            panic!("the issuer proves itself");
        };
        assert!(agreement.verify(Role::Issuer, &tag));

        let seed = Zeroizing::new([3; 32]);
        let private = own().noise_private();
        let handshake = Handshake::new(Role::Claimer, Some(&agreement), &private, &seed).unwrap();
        Self { victim, handshake }
    }

    fn shake(&mut self, payload: &[u8]) -> Vec<Vec<u8>> {
        let message = Message::Handshake(self.handshake.write(payload).unwrap());
        self.victim.receive(message.encode(), epoch())
    }

    /// Greets and introduces itself with `payload`.
    fn introduce(mut self, payload: &[u8]) -> (Side, Transport) {
        let replies = self.shake(&[]);
        let Ok(Message::Handshake(bytes)) = Message::decode(&replies[0]) else {
            panic!("the issuer introduces itself");
        };
        self.handshake.read(&bytes).unwrap();
        self.shake(payload);
        (self.victim, self.handshake.into_transport().unwrap())
    }
}

fn own() -> DeviceSecrets {
    DeviceSecrets::from_bytes(&[8; 64])
}

fn introduction() -> Introduction {
    Introduction {
        keys: own().public(),
        name: DisplayName::new("Mallory"),
        purpose: PairingPurpose::Contact,
        contribution: Contribution([4; 32]),
    }
}

fn sealed(transport: &mut Transport, payload: &[u8]) -> Vec<u8> {
    Message::Sealed(transport.write(payload).unwrap()).encode()
}

#[test]
fn the_parts_used_honestly_pair() {
    let (mut victim, mut transport) =
        HostileClaimer::confirmed().introduce(&introduction().encode());
    assert!(victim.compared.is_some());
    victim.receive(sealed(&mut transport, &Verdict::Added.encode()), epoch());
    assert_eq!(victim.paired().unwrap().keys, own().public());
}

#[test]
fn a_greeting_that_carries_something_is_refused() {
    let mut peer = HostileClaimer::confirmed();
    assert!(peer.shake(b"hello").is_empty(), "no introduction follows");
    assert_eq!(peer.victim.error(), PairingError::Malformed);
}

#[test]
fn an_introduction_of_another_shape_or_of_the_victim_itself_is_refused() {
    let (victim, _) = HostileClaimer::confirmed().introduce(b"hello");
    assert_eq!(victim.error(), PairingError::Malformed);

    let mut stolen = introduction();
    stolen.keys = Side::new(Role::Issuer, CODE, 2).keys();
    let (victim, _) = HostileClaimer::confirmed().introduce(&stolen.encode());
    assert_eq!(
        victim.error(),
        PairingError::Malformed,
        "it has not the Noise key"
    );
}

#[test]
fn adding_twice_or_saying_anything_else_ends_the_pairing() {
    for words in [
        vec![Verdict::Added.encode(), Verdict::Added.encode()],
        vec![vec![2]],
        vec![vec![]],
        vec![vec![0, 0]],
    ] {
        let mut peer = HostileClaimer::confirmed();
        peer.victim.answer = None;
        let (mut victim, mut transport) = peer.introduce(&introduction().encode());
        for word in words {
            victim.receive(sealed(&mut transport, &word), epoch());
        }
        assert_eq!(victim.error(), PairingError::Malformed);
    }
}

#[test]
fn a_plain_message_among_the_sealed_ones_ends_the_pairing() {
    let mut peer = HostileClaimer::confirmed();
    peer.victim.answer = None;
    let (mut victim, _) = peer.introduce(&introduction().encode());
    victim.receive(Message::WrongCode.encode(), epoch());
    assert_eq!(victim.error(), PairingError::Malformed);
}
