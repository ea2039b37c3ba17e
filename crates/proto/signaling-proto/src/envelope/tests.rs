use model::{PairChain, PairSecret, SessionId};
use proptest::prelude::*;

use super::*;
use crate::negotiation::{RefusalReason, Versions};

const TODAY: Day = Day(21_000);

/// Repeatable bytes: SHA-256 over seed and counter.
struct Seeded(u64, u64);

impl Entropy for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            self.1 += 1;
            let block = Digest::of_parts(&[&self.0.to_be_bytes(), &self.1.to_be_bytes()]);
            chunk.copy_from_slice(&block.0[..chunk.len()]);
        }
    }
}

struct Pair {
    ana: DeviceSecrets,
    ben: DeviceSecrets,
    chain: PairChain,
}

impl Pair {
    fn new(secret: u8) -> Self {
        Self {
            ana: DeviceSecrets::from_bytes(&[1; 64]),
            ben: DeviceSecrets::from_bytes(&[2; 64]),
            chain: PairChain::start(&PairSecret([secret; 32]), TODAY),
        }
    }

    fn keys_to_ben(&self, day: Day) -> DirectionKeys {
        let (ana, ben) = (self.ana.device_id(), self.ben.device_id());
        self.chain.keys(day, &ana, &ben).unwrap().to_peer
    }

    /// Ana seals for Ben.
    fn seal(&self, payload: &Sealed, counter: u64) -> SealedEnvelope {
        let outgoing = Outgoing {
            keys: &self.keys_to_ben(TODAY),
            own: &self.ana,
            recipient: &self.ben.device_id(),
            day: TODAY,
            counter,
        };
        seal(payload, &outgoing, &mut Seeded(counter, 0)).unwrap()
    }

    /// Ben opens what Ana sealed.
    fn open(&self, bytes: &[u8], last_counter: u64) -> Result<Opened, OpenError> {
        self.incoming(TODAY, &self.keys_to_ben(TODAY), |incoming| {
            open(
                bytes,
                &Incoming {
                    last_counter,
                    ..incoming
                },
            )
        })
    }

    /// What Ben expects of Ana on `day`.
    fn incoming<T>(
        &self,
        day: Day,
        keys: &DirectionKeys,
        then: impl FnOnce(Incoming<'_>) -> T,
    ) -> T {
        then(Incoming {
            keys,
            sender: &self.ana.public().signing,
            own: &self.ben.device_id(),
            day,
            last_counter: 0,
        })
    }

    /// What a thief of the pair's keys can do: seal any plaintext, without the identity key.
    fn seal_raw(&self, plaintext: &[u8]) -> Vec<u8> {
        let aad = associated_data(TODAY, &self.ben.device_id());
        let payload = Payload {
            msg: plaintext,
            aad: &aad,
        };
        let key = self.keys_to_ben(TODAY).envelope;
        let sealed = XChaCha20Poly1305::new(&key.into())
            .encrypt(XNonce::from_slice(&[7; NONCE_BYTES]), payload)
            .unwrap();
        [[7; NONCE_BYTES].as_slice(), &sealed].concat()
    }
}

fn hello(epoch: u64) -> Sealed {
    Sealed::Hello(Hello {
        versions: Versions::supported(),
        wants_session: true,
        epoch,
    })
}

fn offer(sdp: String) -> Sealed {
    Sealed::Offer(Offer {
        session: SessionId([5; 16]),
        versions: Versions::supported(),
        sdp,
        relayed: None,
        resumes: None,
    })
}

fn body_by_ana(pair: &Pair, change: impl Fn(&mut Body<Sealed>)) -> Vec<u8> {
    let mut body = Body {
        sender: pair.ana.device_id(),
        recipient: pair.ben.device_id(),
        day: TODAY,
        counter: 9,
        payload: hello(1),
    };
    change(&mut body);
    wire::encode(&body)
}

fn signed_by_ana(pair: &Pair, body: &[u8]) -> Vec<u8> {
    pair.seal_raw(&padding::pad(body, &pair.ana.sign(Purpose::Envelope, body)))
}

fn payloads() -> impl Strategy<Value = Sealed> {
    let refusal = any::<([u8; 16], [u8; 32], bool)>().prop_map(|(session, offer, busy)| {
        let reason = if busy {
            RefusalReason::Busy
        } else {
            RefusalReason::UnsupportedVersion {
                versions: Versions::supported(),
            }
        };
        Sealed::Refusal(Refusal {
            session: SessionId(session),
            offer: Digest(offer),
            reason,
        })
    });
    prop_oneof![
        any::<u64>().prop_map(hello),
        any::<u64>().prop_map(|epoch| Sealed::Bye { epoch }),
        any::<u64>().prop_map(|epoch| Sealed::Copied { epoch }),
        any::<(u64, u64)>().prop_map(|(counter, refused)| Sealed::Behind { counter, refused }),
        any::<u64>().prop_map(|number| Sealed::NoticeTaken { number }),
        (any::<u64>(), prop::collection::vec(any::<u8>(), 0..2_000))
            .prop_map(|(number, body)| Sealed::Notice { number, body }),
        "[a-z\r\n]{0,8192}".prop_map(offer),
        refusal,
    ]
}

#[test]
fn a_notice_has_a_bound() {
    let pair = Pair::new(1);
    let notice = |bytes| Sealed::Notice {
        number: u64::MAX,
        body: vec![7; bytes],
    };
    let sealed = pair.seal(&notice(limits::NOTICE_BYTES), 1);
    assert_eq!(
        pair.open(&sealed.bytes, 0).unwrap().payload,
        notice(limits::NOTICE_BYTES)
    );
    let longer = notice(limits::NOTICE_BYTES + 1);
    assert_eq!(check_limits(&longer), Err(SealError::NoticeTooLong));
}

proptest! {
    #[test]
    fn what_is_sealed_is_opened_with_the_same_digest(payload in payloads(), counter in 1u64..) {
        let pair = Pair::new(1);
        let sealed = pair.seal(&payload, counter);
        let opened = pair.open(&sealed.bytes, counter - 1).unwrap();
        prop_assert_eq!(&opened.payload, &payload);
        prop_assert_eq!(opened.counter, counter);
        prop_assert_eq!(opened.digest, sealed.digest);
    }

    #[test]
    fn a_size_reveals_only_the_bucket(length in 0usize..=limits::SDP_BYTES) {
        let sealed = Pair::new(1).seal(&offer("x".repeat(length)), 1);
        let bucket = limits::ENVELOPE_BYTES.iter().position(|&size| size == sealed.bytes.len());
        let overhead = 400;
        let roomy = limits::ENVELOPE_BYTES.iter().position(|&size| size >= length + overhead);
        prop_assert!(bucket.is_some());
        prop_assert!(bucket <= roomy, "{length} bytes took {}", sealed.bytes.len());
    }

    #[test]
    fn any_changed_byte_is_noticed(place in any::<prop::sample::Index>(), flip in 1u8..) {
        let pair = Pair::new(1);
        let mut bytes = pair.seal(&hello(1), 1).bytes;
        let place = place.index(bytes.len());
        bytes[place] ^= flip;
        prop_assert_eq!(pair.open(&bytes, 0), Err(OpenError::NotForTheseKeys));
    }

    #[test]
    fn random_bytes_are_refused_at_every_depth(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let pair = Pair::new(1);
        prop_assert!(pair.open(&bytes, 0).is_err());
        let mut fitting = bytes.clone();
        fitting.resize(limits::ENVELOPE_BYTES[0], 0);
        prop_assert_eq!(pair.open(&fitting, 0), Err(OpenError::NotForTheseKeys));

        let mut inside = bytes.clone();
        inside.resize(limits::ENVELOPE_BYTES[0] - NONCE_BYTES - TAG_BYTES, 0);
        prop_assert!(pair.open(&pair.seal_raw(&inside), 0).is_err());
        if let Ok(payload) = decode_payload(&bytes) {
            prop_assert!(check_limits(&payload).is_ok());
        }
    }

    #[test]
    fn replayed_and_overtaken_envelopes_are_refused(counter in 1u64..1_000, last in 1u64..1_000) {
        let pair = Pair::new(1);
        let opened = pair.open(&pair.seal(&hello(1), counter).bytes, last);
        if counter > last {
            prop_assert!(opened.is_ok());
        } else {
            prop_assert_eq!(opened, Err(OpenError::Replayed));
        }
    }
}

#[test]
fn an_envelope_of_another_pair_day_direction_or_recipient_does_not_open() {
    let pair = Pair::new(1);
    let bytes = pair.seal(&hello(1), 1).bytes;
    let keys = pair.keys_to_ben(TODAY);
    let tomorrow = Day(TODAY.0 + 1);
    let (ana, ben) = (pair.ana.device_id(), pair.ben.device_id());
    let to_ana = pair.chain.keys(TODAY, &ana, &ben).unwrap().to_own;
    let refused = Err(OpenError::NotForTheseKeys);

    assert!(
        pair.incoming(TODAY, &keys, |incoming| open(&bytes, &incoming))
            .is_ok()
    );
    assert_eq!(Pair::new(2).open(&bytes, 0), refused);
    for (day, keys) in [
        (tomorrow, &keys),
        (TODAY, &pair.keys_to_ben(tomorrow)),
        (tomorrow, &pair.keys_to_ben(tomorrow)),
        (TODAY, &to_ana),
    ] {
        let opened = pair.incoming(day, keys, |incoming| open(&bytes, &incoming));
        assert_eq!(opened, refused);
    }
    let stranger = DeviceId([9; 32]);
    let opened = pair.incoming(TODAY, &keys, |incoming| {
        let own = &stranger;
        open(&bytes, &Incoming { own, ..incoming })
    });
    assert_eq!(opened, refused);
}

#[test]
fn a_thief_of_the_pair_keys_cannot_speak_for_the_contact() {
    let pair = Pair::new(1);
    let body = body_by_ana(&pair, |_| {});
    let forged = pair.ben.sign(Purpose::Envelope, &body);
    let bytes = pair.seal_raw(&padding::pad(&body, &forged));
    assert_eq!(pair.open(&bytes, 0), Err(OpenError::BadSignature));

    let for_another_purpose = pair.ana.sign(Purpose::SignalingChallenge, &body);
    let bytes = pair.seal_raw(&padding::pad(&body, &for_another_purpose));
    assert_eq!(pair.open(&bytes, 0), Err(OpenError::BadSignature));
}

#[test]
fn a_signed_body_moved_to_another_sender_recipient_or_day_is_refused() {
    let pair = Pair::new(1);
    let mallory = DeviceSecrets::from_bytes(&[3; 64]).public();

    let body = body_by_ana(&pair, |body| body.sender = mallory.device_id());
    let opened = pair.open(&signed_by_ana(&pair, &body), 0);
    assert_eq!(opened, Err(OpenError::WrongSender));

    let body = body_by_ana(&pair, |body| body.recipient = mallory.device_id());
    let opened = pair.open(&signed_by_ana(&pair, &body), 0);
    assert_eq!(opened, Err(OpenError::WrongRecipient));

    let body = body_by_ana(&pair, |body| body.day = Day(TODAY.0 - 1));
    let opened = pair.open(&signed_by_ana(&pair, &body), 0);
    assert_eq!(opened, Err(OpenError::WrongDay));

    let body = [body_by_ana(&pair, |_| {}), vec![0]].concat();
    let opened = pair.open(&signed_by_ana(&pair, &body), 0);
    assert_eq!(opened, Err(OpenError::Malformed));
}

#[test]
fn padding_that_is_not_zero_or_not_the_smallest_is_refused() {
    let pair = Pair::new(1);
    let body = body_by_ana(&pair, |_| {});
    let signature = pair.ana.sign(Purpose::Envelope, &body);

    let mut dirty = padding::pad(&body, &signature);
    *dirty.last_mut().unwrap() = 1;
    let opened = pair.open(&pair.seal_raw(&dirty), 0);
    assert_eq!(opened, Err(OpenError::Malformed));

    let mut wide = padding::pad(&body, &signature);
    wide.resize(limits::ENVELOPE_BYTES[1] - NONCE_BYTES - TAG_BYTES, 0);
    let opened = pair.open(&pair.seal_raw(&wide), 0);
    assert_eq!(opened, Err(OpenError::Malformed));
}

#[test]
fn a_description_beyond_its_limit_is_neither_sealed_nor_opened() {
    let pair = Pair::new(1);
    let long = offer("x".repeat(limits::SDP_BYTES + 1));
    let outgoing = Outgoing {
        keys: &pair.keys_to_ben(TODAY),
        own: &pair.ana,
        recipient: &pair.ben.device_id(),
        day: TODAY,
        counter: 1,
    };
    let sealed = seal(&long, &outgoing, &mut Seeded(1, 0));
    assert_eq!(sealed, Err(SealError::SdpTooLong));
    let uncounted = Outgoing {
        counter: 0,
        ..outgoing
    };
    let sealed = seal(&hello(1), &uncounted, &mut Seeded(1, 0));
    assert_eq!(sealed, Err(SealError::ZeroCounter));

    let body = body_by_ana(&pair, |body| body.payload = long.clone());
    let opened = pair.open(&signed_by_ana(&pair, &body), 0);
    assert_eq!(opened, Err(OpenError::Malformed));
}

#[test]
fn logs_show_neither_descriptions_nor_keys() {
    let pair = Pair::new(1);
    let sealed = pair.seal(&offer("v=0 secret".into()), 1);
    let opened = pair.open(&sealed.bytes, 0).unwrap();
    assert!(!format!("{sealed:?}{opened:?}").contains("secret"));
}
