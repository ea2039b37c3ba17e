use e2e::hostile::{
    Heard, RawEntry, RawKind, Stage, bulk_message, chunk_digest, offer_of, one_file, raw_page,
};
use model::{Digest, TransferId};
use session_proto::{CloseReason, SessionError};
use transfer_proto::{ToReceiver, ToSender};

const MIB: u64 = 1024 * 1024;
const VIOLATION: Heard = Heard::Closed(SessionError::ClosedByPeer(CloseReason::Violation));

fn transfer(number: u8) -> TransferId {
    TransferId([number; 16])
}

/// Offers a session and lets `attack` loose in it; the victim must close it and say why.
fn refused(stage: &mut Stage, code: &str, attack: impl FnOnce(&mut e2e::hostile::HostileSession)) {
    let mut session = stage.intruder.offer(&mut stage.friend, |_| {}).unwrap();
    attack(&mut session);
    assert_eq!(session.ended(), VIOLATION);
    assert_eq!(stage.refusal()["code"], code);
}

#[test]
fn data_before_consent_closes_the_session() {
    let mut stage = Stage::set();
    let mut session = stage.intruder.offer(&mut stage.friend, |_| {}).unwrap();
    session.send_bulk(bulk_message(4_711, 0, 0, b"unasked"));
    assert_eq!(session.ended(), VIOLATION, "nothing was even offered");

    // The consent is for one token, and this is not it.
    refused(&mut stage, "peer_violation", |session| {
        session.say(transfer(1), offer_of(1, 7, 1));
        session.accepted();
        session.send_bulk(bulk_message(4_711, 0, 0, b"guessed"));
    });
    // The consent is for entries that were told.
    refused(&mut stage, "peer_violation", |session| {
        session.say(transfer(2), offer_of(2, 14, 2));
        let token = session.accepted();
        session.say_raw(raw_page(transfer(2), 0, 0, &[RawEntry::file(&["a"], 7)]));
        session.told(|told| matches!(told, ToSender::PageStored(_)).then_some(()));
        session.send_bulk(bulk_message(token, 0, 1, b"untold!"));
    });
    assert!(e2e::visible_names(&stage.into).is_empty());
    stage.finish();
}

#[test]
fn sizes_that_do_not_fit_together_are_refused() {
    let mut stage = Stage::set();
    // The manifest holds more than was offered.
    refused(&mut stage, "peer_violation", |session| {
        session.say(transfer(1), offer_of(1, 10, 1));
        session.accepted();
        let page = [RawEntry::file(&["more"], 10 * MIB)];
        session.say_raw(raw_page(transfer(1), 0, 0, &page));
    });
    // The file is longer than its entry, by the digest's word.
    refused(&mut stage, "peer_violation", |session| {
        let token = told_file(session, transfer(2), "longer", 10);
        let data = vec![7; 20_000];
        session.say(
            transfer(2),
            ToReceiver::Digests(vec![chunk_digest(0, &data)]),
        );
        session.send_bulk(bulk_message(token, 0, 0, &data));
    });
    // The file is longer than its entry, behind the digest's back.
    refused(&mut stage, "peer_violation", |session| {
        let token = told_file(session, transfer(3), "behind", 10);
        session.say(
            transfer(3),
            ToReceiver::Digests(vec![chunk_digest(0, &[7; 10])]),
        );
        session.send_bulk(bulk_message(token, 0, 0, &[7; 20]));
    });
    // The chunk is shorter than the entry says it must be.
    refused(&mut stage, "peer_violation", |session| {
        let token = told_file(session, transfer(4), "shorter", MIB);
        session.say(
            transfer(4),
            ToReceiver::Digests(vec![chunk_digest(0, b"short")]),
        );
        session.send_bulk(bulk_message(token, 0, 0, b"short"));
    });
    // Everything is sent, it says, and half of it never came.
    let mut session = stage.intruder.offer(&mut stage.friend, |_| {}).unwrap();
    told_file(&mut session, transfer(5), "half", 2 * MIB);
    session.say(transfer(5), ToReceiver::AllSent);
    drop(session);
    // A page less than offered.
    refused(&mut stage, "peer_violation", |session| {
        session.say(transfer(6), offer_of(3, 0, 1));
        session.accepted();
        session.say_raw(raw_page(transfer(6), 0, 0, &[RawEntry::folder(&["few"])]));
        session.say(transfer(6), ToReceiver::AllSent);
    });
    assert!(e2e::visible_names(&stage.into).is_empty());
    stage.finish();
}

/// Offers one file of `size_bytes` and waits until the victim is ready for its data.
fn told_file(
    session: &mut e2e::hostile::HostileSession,
    transfer: TransferId,
    name: &str,
    size_bytes: u64,
) -> u64 {
    session.say(transfer, offer_of(1, size_bytes, 1));
    let token = session.accepted();
    let page = [RawEntry::file(&[name], size_bytes)];
    session.say_raw(raw_page(transfer, 0, 0, &page));
    session.told(|told| matches!(told, ToSender::PageStored(_)).then_some(()));
    token
}

#[test]
fn a_manifest_without_end_is_refused() {
    let mut stage = Stage::set();
    // More pages than offered, although every one is finished at once.
    refused(&mut stage, "peer_violation", |session| {
        session.say(transfer(1), offer_of(40, 0, 30));
        session.accepted();
        for number in 0..40 {
            let page = [RawEntry::folder(&[&format!("folder {number}")])];
            session.say_raw(raw_page(transfer(1), number, number, &page));
        }
    });
    // More entries than offered.
    refused(&mut stage, "peer_violation", |session| {
        session.say(transfer(2), offer_of(3, 0, 3));
        session.accepted();
        let page: Vec<RawEntry> = (0..4)
            .map(|number| RawEntry::folder(&[&format!("many {number}")]))
            .collect();
        session.say_raw(raw_page(transfer(2), 0, 0, &page));
    });
    // Page after page, none of which can be finished, each as large as allowed.
    refused(&mut stage, "peer_violation", |session| {
        session.say(transfer(3), offer_of(1_000_000, 1_000_000, 1_000));
        session.accepted();
        let mut first = 0;
        for number in 0..100 {
            let page = large_page(number);
            session.say_raw(raw_page(transfer(3), number, first, &page));
            first += u32::try_from(page.len()).unwrap();
        }
    });
    // A page that is larger than any may be.
    refused(&mut stage, "peer_violation", |session| {
        session.say(transfer(4), offer_of(20_000, 20_000, 1));
        session.accepted();
        let page: Vec<RawEntry> = (0..17_000)
            .map(|number| RawEntry::file(&[&format!("{number:x}")], 1))
            .collect();
        session.say_raw(raw_page(transfer(4), 0, 0, &page));
    });
    // Offers that cannot be.
    for (number, offer) in (5..).zip([
        offer_of(1_000_001, 0, 1),
        offer_of(u64::MAX, 0, u32::MAX),
        offer_of(1, u64::MAX, 1),
        offer_of(1, 1, 0),
        offer_of(1, 1, 2),
        offer_of(0, 0, 1),
    ]) {
        refused(&mut stage, "peer_violation", |session| {
            session.say(transfer(number), offer);
        });
    }
    assert!(e2e::visible_names(&stage.into).is_empty());
    stage.finish();
}

/// A page of 250 KiB whose files have one byte each.
fn large_page(number: u32) -> Vec<RawEntry> {
    let long = "n".repeat(230);
    (0..1_000)
        .map(|file| RawEntry::file(&[&format!("{number:04}{file:04}{long}")], 1))
        .collect()
}

#[test]
fn a_chunk_that_never_matches_ends_the_transfer() {
    let mut stage = Stage::set();
    let mut rejected = 0;
    refused(&mut stage, "integrity", |session| {
        let token = told_file(session, transfer(1), "rotten", 6);
        let digest = Digest::of(b"better");
        for round in 0.. {
            let mut told = chunk_digest(0, b"rotten");
            told.digest = digest;
            session.say(transfer(1), ToReceiver::Digests(vec![told]));
            session.send_bulk(bulk_message(token, round, 0, b"rotten"));
            if u32::from(round) == model::limits::CORRUPT_CHUNKS_PER_FILE {
                break;
            }
            session.told(|told| matches!(told, ToSender::ChunkRejected(_)).then_some(()));
            rejected += 1;
        }
    });
    assert_eq!(rejected, model::limits::CORRUPT_CHUNKS_PER_FILE);
    assert!(e2e::visible_names(&stage.into).is_empty());
    stage.finish();
}

#[test]
fn noise_in_the_place_of_messages_closes_the_session() {
    let mut stage = Stage::set();
    let noise: [&[u8]; 4] = [b"", b"\xFF\xFF\xFF\xFF", &[0; 300_000], b"\0\0\0"];
    for bytes in noise {
        let mut session = stage.intruder.offer(&mut stage.friend, |_| {}).unwrap();
        session.say_raw(bytes.to_vec());
        assert_eq!(session.ended(), VIOLATION);
    }
    // What only a receiver says.
    refused(&mut stage, "peer_violation", |session| {
        session.say(transfer(1), offer_of(1, 7, 1));
        session.accepted();
        session.reply(transfer(1), ToSender::Resume);
    });
    let mut session = stage.intruder.offer(&mut stage.friend, |_| {}).unwrap();
    let gift = [RawEntry {
        kind: RawKind::File {
            size_bytes: 4,
            executable: true,
        },
        ..RawEntry::file(&["gift.sh"], 4)
    }];
    let end = one_file(&mut session, transfer(2), &gift, b"good");
    assert_eq!(end, Some(Ok(())), "whoever behaves is served again");
    stage.finish();
}
