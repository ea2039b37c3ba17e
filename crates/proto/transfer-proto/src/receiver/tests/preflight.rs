use super::*;
use crate::{Finding, FindingKind, Findings, LeftOut, LeftOutEntry, LeftOutReason};
use model::Existing;
use model::limits::PREFLIGHT_NAMED;

#[test]
fn findings_are_told_before_data_may_come_and_in_every_session() {
    let findings = Findings {
        page: 0,
        missing_bytes: 4,
        named: vec![Finding {
            entry: 0,
            kind: FindingKind::Taken(Existing::KeepBoth),
        }],
        more: 0,
    };
    let mut bench = Bench::of(1, 1, 5);
    bench.accept();
    bench.page(0, 0, vec![file("one", 5)]);
    let outputs = bench.tell(ReceiverInput::PageStored {
        page: 0,
        held: HeldPage {
            findings: Some(findings.clone()),
            ..HeldPage::default()
        },
    });
    assert!(matches!(
        said(&outputs)[..],
        [ToSender::Findings(told), ToSender::PageStored(_)] if *told == findings
    ));
    bench.tell(ReceiverInput::SessionDown);
    bench.tell(ReceiverInput::SessionUp);
    let outputs = bench.offer();
    assert!(matches!(
        said(&outputs)[..],
        [ToSender::Accept(_), ToSender::Findings(told), ToSender::PageStored(_)] if *told == findings
    ));
}

#[test]
fn more_named_problems_than_the_limit_are_a_violation() {
    let entry = LeftOutEntry {
        path: DisplayName::new("tree/link"),
        reason: LeftOutReason::Link,
    };
    let says = |number: usize| {
        ToReceiver::LeftOut(LeftOut {
            named: vec![entry.clone(); number],
            more: 0,
        })
    };
    let refused = Some(ReceiverViolation::UnexpectedMessage);
    let mut bench = Bench::with(vec![file("one", 1)]);
    let outputs = bench.hear(says(PREFLIGHT_NAMED));
    assert!(matches!(outputs[..], [ReceiverOutput::LeftOut(_)]));
    assert_eq!(violation(&bench.hear(says(1))), refused, "said twice");
    let mut bench = Bench::with(vec![file("one", 1)]);
    assert_eq!(violation(&bench.hear(says(PREFLIGHT_NAMED + 1))), refused);
}
