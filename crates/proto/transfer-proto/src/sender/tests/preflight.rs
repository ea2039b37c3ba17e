use super::*;
use crate::{Finding, FindingKind, Findings, LeftOutEntry, LeftOutReason};
use model::Existing;
use model::limits::PREFLIGHT_NAMED;

fn findings(page: u32, entry: u32, number: usize) -> Findings {
    let finding = Finding {
        entry,
        kind: FindingKind::Taken(Existing::KeepBoth),
    };
    Findings {
        page,
        missing_bytes: 0,
        named: vec![finding; number],
        more: 0,
    }
}

#[test]
fn nothing_is_sent_of_a_page_while_a_person_thinks_about_what_was_found() {
    let mut bench = Bench::of(vec![file("a", 5)], 1);
    bench.tell(SenderInput::SessionUp);
    bench.accept();
    let outputs = bench.hear(ToSender::Findings(findings(0, 0, 1)));
    assert!(matches!(outputs[..], [SenderOutput::Findings(_)]));
    bench.tell(SenderInput::Pause);
    let outputs = bench.hear(ToSender::PageStored(nothing_of(0)));
    assert!(reads(&outputs).is_empty());
    let outputs = bench.tell(SenderInput::Resume);
    assert_eq!(reads(&outputs).len(), 1);
}

#[test]
fn what_is_left_out_is_told_after_every_consent() {
    let mut bench = Bench::of(vec![file("a", 5)], 1);
    let left_out = LeftOut {
        named: vec![LeftOutEntry {
            path: DisplayName::new("tree/link"),
            reason: LeftOutReason::Link,
        }],
        more: 0,
    };
    bench.sender.config.left_out = left_out.clone();
    for _ in 0..2 {
        bench.tell(SenderInput::SessionUp);
        let outputs = bench.accept();
        let told = said(&outputs);
        assert!(
            told.iter()
                .any(|told| matches!(told, ToReceiver::LeftOut(told) if *told == left_out))
        );
        bench.tell(SenderInput::SessionDown);
    }
}

#[test]
fn findings_that_make_no_sense_are_a_violation() {
    for (wrong, expected) in [
        (findings(1, 0, 1), SenderViolation::UnknownPage),
        (findings(0, 1, 1), SenderViolation::UnknownPage),
        (
            findings(0, 0, PREFLIGHT_NAMED + 1),
            SenderViolation::UnknownPage,
        ),
    ] {
        let mut bench = Bench::of(vec![file("a", 5)], 1);
        bench.tell(SenderInput::SessionUp);
        bench.accept();
        let outputs = bench.hear(ToSender::Findings(wrong));
        assert_eq!(violation(&outputs), Some(expected));
    }
    let mut bench = Bench::of(vec![file("a", 5)], 1);
    bench.tell(SenderInput::SessionUp);
    bench.accept();
    let right = ToSender::Findings(findings(0, 0, PREFLIGHT_NAMED));
    assert_eq!(violation(&bench.hear(right.clone())), None);
    let again = violation(&bench.hear(right));
    assert_eq!(again, Some(SenderViolation::UnexpectedMessage));
}
