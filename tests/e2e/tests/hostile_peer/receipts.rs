//! Texts that are none, and receipts that nobody should sign.

use e2e::hostile::{
    Heard, RawEntry, Stage, bulk_message, chunk_digest, offer_of, one_file, raw_page,
};
use model::{Digest, FileDigest, Name, RelPath, TransferId};
use session_proto::{CloseReason, SessionError};
use transfer_proto::{
    CancelReason, Contents, ListedFile, Listing, ReceiptContent, ReceiptLine, ToReceiver, ToSender,
    TransferKind,
};

const VIOLATION: Heard = Heard::Closed(SessionError::ClosedByPeer(CloseReason::Violation));
const GIFT: &[u8] = b"a gift";

fn transfer(number: u8) -> TransferId {
    TransferId([number; 16])
}

fn text_offer(bytes: u64) -> ToReceiver {
    let mut offer = offer_of(1, bytes, 1);
    if let ToReceiver::Offer(offer) = &mut offer {
        offer.summary.kind = TransferKind::Text;
    }
    offer
}

#[test]
fn what_only_claims_to_be_a_text_is_shown_to_nobody() {
    let mut stage = Stage::set();
    let mut session = stage.intruder.offer(&mut stage.friend, |_| {}).unwrap();
    let noise = b"\xFF\xFE\x1B[2J";
    session.say(transfer(1), text_offer(noise.len() as u64));
    let token = session.accepted();
    let page = [RawEntry::file(&["text.txt"], noise.len() as u64)];
    session.say_raw(raw_page(transfer(1), 0, 0, &page));
    session.told(|told| matches!(told, ToSender::PageStored(_)).then_some(()));
    session.say(
        transfer(1),
        ToReceiver::Digests(vec![chunk_digest(0, noise)]),
    );
    session.send_bulk(bulk_message(token, 0, 0, noise));
    let reason = session.told(|told| {
        let ToSender::Cancel(reason) = told else {
            return None;
        };
        Some(*reason)
    });
    assert_eq!(reason, CancelReason::NotText);
    assert_eq!(stage.refusal()["code"], "peer_violation");

    // More than a text may have is refused before anybody is asked.
    session.say(transfer(2), text_offer(64 * 1024 + 1));
    assert_eq!(session.ended(), VIOLATION);
    assert!(e2e::visible_names(&stage.into).is_empty());
    stage.finish();
}

#[test]
fn nobody_signs_for_what_did_not_arrive() {
    let mut stage = Stage::set();
    let mut session = stage.intruder.offer(&mut stage.friend, |_| {}).unwrap();
    let page = [RawEntry::file(&["gift"], GIFT.len() as u64)];
    assert_eq!(
        one_file(&mut session, transfer(1), &page, GIFT),
        Some(Ok(()))
    );
    let genuine = contents(GIFT);
    for lie in [
        contents(b"a horse"),
        Contents {
            sums: Some(Digest([1; 32])),
            ..genuine
        },
        Contents {
            skipped: 1,
            ..genuine
        },
    ] {
        let statement = stage.intruder.state(&stage.friend, transfer(1), lie);
        session.say(transfer(1), ToReceiver::Receipt(Box::new(statement)));
    }
    let unknown = stage.intruder.state(&stage.friend, transfer(9), genuine);
    session.say(transfer(9), ToReceiver::Receipt(Box::new(unknown)));
    // Of all these only the truth is answered, and only once it was said.
    let truth = stage.intruder.state(&stage.friend, transfer(1), genuine);
    session.say(transfer(1), ToReceiver::Receipt(Box::new(truth.clone())));
    let signed = session.told(|told| {
        let ToSender::Receipt(signed) = told else {
            return None;
        };
        Some(signed.clone())
    });
    let receipt = transfer_proto::Receipt {
        statement: truth,
        acknowledgement: signed,
    };
    assert_eq!(receipt.check(), Ok(()));
    stage.finish();
}

#[test]
fn a_forged_signature_ends_the_session() {
    let mut stage = Stage::set();
    let mut session = stage.intruder.offer(&mut stage.friend, |_| {}).unwrap();
    let page = [RawEntry::file(&["gift"], GIFT.len() as u64)];
    assert_eq!(
        one_file(&mut session, transfer(1), &page, GIFT),
        Some(Ok(()))
    );
    let mut forged = stage
        .intruder
        .state(&stage.friend, transfer(1), contents(GIFT));
    forged.signature.0[0] ^= 1;
    session.say(transfer(1), ToReceiver::Receipt(Box::new(forged)));
    assert_eq!(session.ended(), VIOLATION);
    stage.finish();
}

/// What the victim knows of one file called `gift`.
fn contents(data: &[u8]) -> Contents {
    let size_bytes = data.len() as u64;
    let mut digest = FileDigest::new(size_bytes);
    digest.push(size_bytes, &hashing::chunk_digest(data));
    let mut listing = Listing::default();
    listing.push(&ReceiptLine {
        path: RelPath::of_name(Name::parse("gift").expect("a plain name")),
        content: ReceiptContent::File(ListedFile {
            size_bytes,
            digest: digest.finish(),
            sha256: None,
        }),
    });
    listing.finish(0)
}
