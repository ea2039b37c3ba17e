use super::*;

#[test]
fn pieces_join_to_messages_in_order() {
    let mut incoming = Incoming::default();
    let now = epoch();
    assert_eq!(incoming.accept(0, false, b"he", now), Ok(None));
    assert_eq!(
        incoming.accept(1, true, b"llo", now),
        Ok(Some(b"hello".to_vec()))
    );
    assert_eq!(incoming.accept(2, true, b"!", now), Ok(Some(b"!".to_vec())));
}

#[test]
fn a_skipped_or_repeated_number_is_a_violation() {
    let mut incoming = Incoming::default();
    let now = epoch();
    assert_eq!(incoming.accept(1, true, b"a", now), Err(Violation::Number));
    incoming.accept(0, true, b"a", now).unwrap();
    assert_eq!(incoming.accept(0, true, b"a", now), Err(Violation::Number));
}

#[test]
fn empty_and_oversized_pieces_are_malformed() {
    let mut incoming = Incoming::default();
    let now = epoch();
    assert_eq!(
        incoming.accept(0, false, b"", now),
        Err(Violation::Malformed)
    );
    let long = vec![0; FRAGMENT_BYTES + 1];
    assert_eq!(
        incoming.accept(0, false, &long, now),
        Err(Violation::Malformed)
    );
}

#[test]
fn a_message_that_never_ends_is_cut_off_at_the_limit() {
    let mut incoming = Incoming::default();
    let now = epoch();
    let piece = vec![0; FRAGMENT_BYTES];
    let fitting = u64::try_from(CONTROL_MESSAGE_BYTES / FRAGMENT_BYTES).unwrap();
    for number in 0..fitting {
        incoming.accept(number, false, &piece, now).unwrap();
    }
    let result = incoming.accept(fitting, false, &piece, now);
    assert_eq!(result, Err(Violation::MessageTooLong));
}

#[test]
fn an_acknowledgement_waits_for_company_but_not_for_long() {
    let mut incoming = Incoming::default();
    let now = epoch();
    incoming.accept(0, true, b"a", now).unwrap();
    assert_eq!(incoming.take_acknowledgement(false), None);
    assert_eq!(incoming.take_acknowledgement(true), Some(1));
    assert_eq!(incoming.take_acknowledgement(true), None);
    incoming.accept(1, true, b"b", now).unwrap();
    incoming.advance(now + ACKNOWLEDGE_TIME / 2);
    assert_eq!(incoming.take_acknowledgement(false), None);
    incoming.advance(now + ACKNOWLEDGE_TIME);
    assert_eq!(incoming.take_acknowledgement(false), Some(2));
}

#[test]
fn many_pieces_or_bytes_are_acknowledged_at_once_but_not_each() {
    let now = epoch();
    let mut incoming = Incoming::default();
    for number in 0..u64::from(ACKNOWLEDGE_FRAGMENTS) {
        assert_eq!(incoming.take_acknowledgement(false), None);
        incoming.accept(number, true, b"a", now).unwrap();
    }
    let all = u64::from(ACKNOWLEDGE_FRAGMENTS);
    assert_eq!(incoming.take_acknowledgement(false), Some(all));

    let mut incoming = Incoming::default();
    let piece = vec![0; FRAGMENT_BYTES];
    let mut number = 0;
    while incoming.take_acknowledgement(false).is_none() {
        incoming.accept(number, true, &piece, now).unwrap();
        number += 1;
    }
    assert_eq!(
        usize::try_from(number).unwrap(),
        ACKNOWLEDGE_BYTES.div_ceil(FRAGMENT_BYTES)
    );
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place a test may start its clock"
)]
fn epoch() -> Instant {
    Instant::now()
}
