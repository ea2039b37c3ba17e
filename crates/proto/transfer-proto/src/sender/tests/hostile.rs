use super::*;

#[track_caller]
fn is_violation(outputs: &[SenderOutput], expected: SenderViolation) {
    assert_eq!(violation(outputs), Some(expected));
}

#[test]
fn answers_before_consent_are_a_violation() {
    let completion = Completion {
        digest: Digest([1; 32]),
        skipped: 0,
    };
    for message in [
        ToSender::PageStored(nothing_of(0)),
        ToSender::PageFinished { page: 0 },
        ToSender::ChunksStored(vec![chunk(0, 0)]),
        ToSender::Complete(completion),
    ] {
        let mut bench = Bench::of(vec![file("a", 5)], 1);
        bench.tell(SenderInput::SessionUp);
        let outputs = bench.hear(message);
        is_violation(&outputs, SenderViolation::UnexpectedMessage);
    }
}

#[test]
fn consent_twice_and_completion_too_early_are_a_violation() {
    let (mut bench, _) = Bench::running(vec![file("a", 5)]);
    is_violation(&bench.accept(), SenderViolation::UnexpectedMessage);

    let (mut bench, _) = Bench::running(vec![file("a", 5)]);
    let completion = Completion {
        digest: Digest([1; 32]),
        skipped: 0,
    };
    let outputs = bench.hear(ToSender::Complete(completion));
    is_violation(&outputs, SenderViolation::UnexpectedMessage);
}

#[test]
fn pages_that_do_not_exist_are_a_violation() {
    for (complete, held) in [(2, 0), (0, 2), (0, 100)] {
        let mut bench = Bench::of(vec![file("a", 5)], 1);
        bench.tell(SenderInput::SessionUp);
        let outputs = bench.hear(ToSender::Accept(Accept {
            token: 7,
            ceiling_bytes: 5,
            window_bytes: 5,
            complete_pages: ChunkSet::full(complete),
            held_pages: ChunkSet::full(held),
            checksums: false,
        }));
        is_violation(&outputs, SenderViolation::UnknownPage);
    }
    for message in [
        ToSender::PageStored(nothing_of(0)),
        ToSender::PageStored(nothing_of(1)),
        ToSender::PageFinished { page: 1 },
    ] {
        let (mut bench, _) = Bench::running(vec![file("a", 5)]);
        is_violation(&bench.hear(message), SenderViolation::UnknownPage);
    }
}

#[test]
fn chunks_that_do_not_exist_are_a_violation() {
    for message in [
        ToSender::ChunksStored(vec![chunk(0, 1)]),
        ToSender::ChunksStored(vec![chunk(1, 0)]),
        ToSender::ChunksWanted(vec![chunk(0, 0)]),
        ToSender::ChunksWanted(vec![chunk(9, 0)]),
        ToSender::ChunkRejected(chunk(0, 0)),
    ] {
        let (mut bench, _) = Bench::running(vec![file("a", 5)]);
        is_violation(&bench.hear(message), SenderViolation::UnknownChunk);
    }
}

#[test]
fn having_what_was_never_told_is_a_violation() {
    let have = |entry, version, size_bytes, chunks| {
        let mut have = nothing_of(0);
        have.partial.push(EntryHave {
            revision: EntryRevision {
                entry,
                version,
                size_bytes,
                modified: None,
            },
            chunks: ChunkSet::full(chunks),
            compare: false,
        });
        have
    };
    let mut beyond = nothing_of(0);
    beyond.finished.insert(1);
    for have in [
        have(1, 0, 5, 1),
        have(0, 0, 5, 2),
        have(0, 0, 6, 1),
        have(0, 255, 5, 1),
        beyond,
    ] {
        let mut bench = Bench::of(vec![file("a", 5)], 1);
        bench.tell(SenderInput::SessionUp);
        bench.accept();
        let outputs = bench.hear(ToSender::PageStored(have));
        is_violation(&outputs, SenderViolation::UnknownChunk);
    }
}

#[test]
fn rejecting_the_same_file_without_end_is_a_violation() {
    let (mut bench, outputs) = Bench::running(vec![file("a", 5)]);
    let mut outputs = bench.answer(&reads(&outputs));
    for _ in 0..CORRUPT_CHUNKS_PER_FILE {
        outputs = bench.hear(ToSender::ChunkRejected(chunk(0, 0)));
        outputs = bench.answer(&reads(&outputs));
        assert!(bulk_bytes(&outputs) > 0);
    }
    assert_eq!(violation(&outputs), None);
    let outputs = bench.hear(ToSender::ChunkRejected(chunk(0, 0)));
    is_violation(&outputs, SenderViolation::TooManyRejected);
}

#[test]
fn rejecting_one_file_after_the_other_is_a_violation() {
    let entries = (0..20).map(|at| file(&format!("{at}"), 5)).collect();
    let (mut bench, outputs) = Bench::running(entries);
    bench.answer(&reads(&outputs));
    let found: Vec<_> = (0..20)
        .map(|at| violation(&bench.hear(ToSender::ChunkRejected(chunk(at, 0)))))
        .collect();
    let taken = found.iter().take_while(|found| found.is_none()).count();
    assert_eq!(taken, CORRUPT_CHUNKS_PER_SESSION as usize);
}

#[test]
fn after_a_violation_nothing_is_said_until_the_next_session() {
    let (mut bench, outputs) = Bench::running(vec![file("a", 5)]);
    bench.hear(ToSender::PageFinished { page: 9 });
    assert!(bench.answer(&reads(&outputs)).is_empty());
    assert!(bench.hear(ToSender::PageFinished { page: 9 }).is_empty());
    bench.tell(SenderInput::SessionDown);
    let outputs = bench.tell(SenderInput::SessionUp);
    assert!(matches!(said(&outputs)[..], [ToReceiver::Offer(_)]));
}

#[test]
fn a_message_meant_for_a_receiver_is_a_violation() {
    let (mut bench, _) = Bench::running(vec![file("a", 5)]);
    let message = TransferMessage::ToReceiver(ToReceiver::AllSent);
    let outputs = bench.tell(SenderInput::MessageReceived(message));
    is_violation(&outputs, SenderViolation::UnexpectedMessage);
}
