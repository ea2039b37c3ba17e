use super::*;
use model::DeviceKeys;
use proptest::prelude::*;

struct Counting(u8);

impl Entropy for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
    }
}

fn keys(seed: u8) -> (DeviceSecrets, DeviceKeys) {
    let secrets = DeviceSecrets::from_bytes(&[seed; 64]);
    let public = secrets.public();
    (secrets, public)
}

fn binding(role: Role) -> Binding {
    let (own, peer) = match role {
        Role::Initiator => (1, 2),
        Role::Responder => (2, 1),
    };
    Binding {
        role,
        session: SessionId([3; 16]),
        transcript: Digest([4; 32]),
        own: keys(own).0,
        peer: keys(peer).1.noise,
        psk: Zeroizing::new([5; 32]),
    }
}

const HERE: Fingerprints = Fingerprints {
    own: DtlsFingerprint([6; 32]),
    peer: DtlsFingerprint([7; 32]),
};
const THERE: Fingerprints = Fingerprints {
    own: HERE.peer,
    peer: HERE.own,
};

/// Runs a handshake to its end: `(what the responder learnt, what the initiator learnt)`.
fn shake(
    initiator: &Binding,
    responder: &Binding,
    here: Fingerprints,
    there: Fingerprints,
) -> Result<(u64, u64), HandshakeError> {
    let (handshake, message) =
        initiator.begin(here, Greeting { next: 11, round: 1 }, &mut Counting(0));
    let answer = responder.answer(
        there,
        Greeting { next: 22, round: 0 },
        &message,
        &mut Counting(90),
    )?;
    let (mut mine, greeting) = handshake.finish(&answer.message)?;
    let mut theirs = answer.noise;
    let mut sealed = [0; 64];
    let length = mine
        .write_message(b"proof", &mut sealed)
        .map_err(|_| HandshakeError::Malformed)?;
    theirs
        .read_message(&sealed[..length], &mut [0; 64])
        .map_err(|_| HandshakeError::NotAuthentic)?;
    Ok((answer.greeting.next, greeting.next))
}

#[test]
fn both_sides_learn_what_the_other_expects() {
    let result = shake(
        &binding(Role::Initiator),
        &binding(Role::Responder),
        HERE,
        THERE,
    );
    assert_eq!(result, Ok((11, 22)));
}

#[test]
fn anything_the_sides_disagree_on_prevents_the_session() {
    let differences: [fn(&mut Binding); 5] = [
        |binding| *binding.psk = [0; 32],
        |binding| binding.own = keys(9).0,
        |binding| binding.peer = keys(9).1.noise,
        |binding| binding.transcript = Digest([0; 32]),
        |binding| binding.session = SessionId([0; 16]),
    ];
    for (place, change) in differences.into_iter().enumerate() {
        for role in [Role::Initiator, Role::Responder] {
            let mut changed = binding(role);
            change(&mut changed);
            let result = match role {
                Role::Initiator => shake(&changed, &binding(Role::Responder), HERE, THERE),
                Role::Responder => shake(&binding(Role::Initiator), &changed, HERE, THERE),
            };
            assert_eq!(
                result,
                Err(HandshakeError::NotAuthentic),
                "{place} {role:?}"
            );
        }
    }
}

#[test]
fn certificates_of_a_man_in_the_middle_prevent_the_session() {
    let initiator = binding(Role::Initiator);
    let responder = binding(Role::Responder);
    let result = shake(&initiator, &responder, HERE, HERE);
    assert_eq!(result, Err(HandshakeError::NotAuthentic), "swapped");
    let foreign = Fingerprints {
        own: THERE.own,
        peer: DtlsFingerprint([8; 32]),
    };
    let result = shake(&initiator, &responder, HERE, foreign);
    assert_eq!(result, Err(HandshakeError::NotAuthentic), "foreign");
}

#[test]
fn a_reflected_message_proves_nothing() {
    let initiator = binding(Role::Initiator);
    let greeting = Greeting { next: 0, round: 0 };
    let (handshake, message) = initiator.begin(HERE, greeting, &mut Counting(0));
    let reflected = handshake.finish(&message);
    assert_eq!(reflected.err(), Some(HandshakeError::NotAuthentic));

    let mut twin = binding(Role::Initiator);
    twin.role = Role::Responder;
    let answer = twin.answer(THERE, greeting, &message, &mut Counting(1));
    assert_eq!(answer.err(), Some(HandshakeError::NotAuthentic));
}

#[test]
fn a_message_beyond_the_limit_is_refused_unread() {
    let responder = binding(Role::Responder);
    let long = vec![0; NOISE_BYTES + 1];
    let result = responder.answer(
        THERE,
        Greeting { next: 0, round: 0 },
        &long,
        &mut Counting(0),
    );
    assert_eq!(result.err(), Some(HandshakeError::TooLong));
}

#[test]
fn the_same_entropy_makes_the_same_bytes() {
    let begin = |seed| {
        binding(Role::Initiator)
            .begin(HERE, Greeting { next: 0, round: 0 }, &mut Counting(seed))
            .1
    };
    assert_eq!(begin(1), begin(1));
    assert_ne!(begin(1), begin(2));
}

proptest! {
    #[test]
    fn no_foreign_bytes_are_taken_for_a_handshake(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let responder = binding(Role::Responder);
        let result = responder.answer(THERE, Greeting { next: 0, round: 0 }, &bytes, &mut Counting(0));
        prop_assert!(result.is_err());
        let (handshake, _) = binding(Role::Initiator).begin(HERE, Greeting { next: 0, round: 0 }, &mut Counting(0));
        prop_assert!(handshake.finish(&bytes).is_err());
    }
}
