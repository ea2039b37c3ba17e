//! What contacts post to each other's mailboxes.

use model::{Digest, Purpose, SessionId, wire};
use signaling_proto::envelope::{self, Incoming, Outgoing, Sealed};
use signaling_proto::negotiation::{Answer, Hello, Offer, Refusal, RefusalReason, Versions};

use crate::Verdict;
use crate::pair::{DAY, PAIR, Pair};
use crate::repeatable::Repeatable;

/// An envelope as it comes from a mailbox, its inside, and the inside's signed body: whichever it may be.
pub(crate) fn envelope(data: &[u8]) -> Verdict {
    let pair = &*PAIR;
    let incoming = Incoming {
        keys: &pair.ben_keys.to_own,
        sender: &pair.ana.public().signing,
        own: &pair.ben.device_id(),
        day: DAY,
        last_counter: 0,
    };
    let opened = envelope::open(data, &incoming).is_ok();
    let inside = envelope::open_plaintext(data, &incoming).is_ok();
    let body = envelope::decode_payload(data);
    if let Ok(payload) = &body {
        let bytes = wire::encode(payload);
        assert_eq!(
            wire::decode(&bytes, bytes.len()).as_ref(),
            Ok(payload),
            "what we write, we read"
        );
    }
    Verdict::of(opened || inside || body.is_ok())
}

pub(crate) fn envelope_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let pair = &*PAIR;
    let sealed = |payload: &Sealed| {
        let outgoing = Outgoing {
            keys: &pair.ana_keys.to_peer,
            own: &pair.ana,
            recipient: &pair.ben.device_id(),
            day: DAY,
            counter: 1,
        };
        let envelope = envelope::seal(payload, &outgoing, &mut Repeatable::seeded(1));
        envelope.expect("the payload is within its limits").bytes
    };
    let body = |payload: &Sealed| {
        let (ana, ben) = (pair.ana.device_id(), pair.ben.device_id());
        wire::encode(&(ana, ben, DAY, 1u64, payload))
    };
    let inside = |payload: &Sealed| {
        let body = body(payload);
        let length = u32::try_from(body.len()).expect("a body is short");
        let signature = pair.ana.sign(Purpose::Envelope, &body);
        let mut inside = [&length.to_be_bytes(), body.as_slice(), &signature.0].concat();
        inside.resize(model::limits::ENVELOPE_BYTES[0] - 40, 0);
        inside
    };
    let [hello, offer, answer, refusal, bye, ..] = payloads(pair);
    vec![
        ("sealed-hello", sealed(&hello)),
        ("inside-hello", inside(&hello)),
        ("body-hello", body(&hello)),
        ("sealed-offer", sealed(&offer)),
        ("body-offer", body(&offer)),
        ("body-answer", body(&answer)),
        ("body-refusal", body(&refusal)),
        ("body-bye", body(&bye)),
    ]
}

fn payloads(pair: &Pair) -> [Sealed; 9] {
    let versions = Versions::supported();
    let session = SessionId([1; 16]);
    let offer = Digest([2; 32]);
    let sdp = "v=0\r\n".to_owned();
    let reason = RefusalReason::UnsupportedVersion {
        versions: versions.clone(),
    };
    [
        Sealed::Hello(Hello {
            versions: versions.clone(),
            wants_session: true,
            epoch: 3,
        }),
        Sealed::Offer(Offer {
            session,
            versions: versions.clone(),
            sdp: sdp.clone(),
            relayed: Some(sdp.clone()),
            resumes: Some(SessionId([4; 16])),
        }),
        Sealed::Answer(Answer {
            session,
            offer,
            version: 1,
            versions,
            sdp,
            relayed: None,
            offerer: pair.ana.device_id(),
            answerer: pair.ben.device_id(),
        }),
        Sealed::Refusal(Refusal {
            session,
            offer,
            reason,
        }),
        Sealed::Bye { epoch: 5 },
        Sealed::Copied { epoch: 6 },
        Sealed::Behind {
            counter: 7,
            refused: 7,
        },
        Sealed::Notice {
            number: 8,
            body: b"notice".to_vec(),
        },
        Sealed::NoticeTaken { number: 8 },
    ]
}
