use super::*;
use crate::{Completion, PageHave, SinkFailure};

fn completion() -> Completion {
    Completion {
        digest: Digest([4; 32]),
        skipped: 0,
    }
}

fn started(start: ReceiverStart) -> Bench {
    let mut bench = Bench::of(1, 1, 5);
    let config = ReceiverConfig {
        transfer: TransferId([1; 16]),
        start,
        entropy: Box::new(Counter(9)),
        tuning: Tuning::default(),
    };
    bench.receiver = Receiver::new(config, bench.now);
    bench
}

#[test]
fn asks_once_and_accepts_when_the_person_does() {
    let mut bench = Bench::of(1, 1, 5);
    bench.tell(ReceiverInput::SessionUp);
    let outputs = bench.offer();
    assert!(matches!(outputs[..], [ReceiverOutput::Prompt(_)]));
    bench.tell(ReceiverInput::SessionDown);
    bench.tell(ReceiverInput::SessionUp);
    assert!(
        bench.offer().is_empty(),
        "the person is being asked already"
    );
    let outputs = bench.tell(ReceiverInput::Accept);
    let [ToSender::Accept(accept)] = said(&outputs)[..] else {
        panic!("{outputs:?}");
    };
    assert_eq!(accept.ceiling_bytes, 5 + GROWTH_BYTES);
}

#[test]
fn consent_given_between_sessions_counts_in_the_next() {
    let mut bench = Bench::of(1, 1, 5);
    bench.tell(ReceiverInput::SessionUp);
    bench.offer();
    bench.tell(ReceiverInput::SessionDown);
    assert!(bench.tell(ReceiverInput::Accept).is_empty());
    bench.tell(ReceiverInput::SessionUp);
    assert!(matches!(said(&bench.offer())[..], [ToSender::Accept(_)]));
}

#[test]
fn a_declined_offer_is_declined_again() {
    let mut bench = Bench::of(1, 1, 5);
    bench.tell(ReceiverInput::SessionUp);
    bench.offer();
    let outputs = bench.tell(ReceiverInput::Decline(DeclineReason::NoSpace));
    assert_eq!(said(&outputs), [&ToSender::Decline(DeclineReason::NoSpace)]);
    bench.tell(ReceiverInput::SessionDown);
    bench.tell(ReceiverInput::SessionUp);
    let outputs = bench.offer();
    assert_eq!(said(&outputs), [&ToSender::Decline(DeclineReason::NoSpace)]);
}

#[test]
fn a_known_transfer_goes_on_without_asking() {
    let bench = Bench::of(1, 1, 5);
    let mut bench = started(ReceiverStart::Resumed(ResumeState {
        summary: bench.summary,
        pages: 1,
        complete_pages: vec![CompletePage {
            page: 0,
            entries: 1,
            bytes: 5,
            files: 1,
            skipped: 0,
        }],
    }));
    assert_eq!(bench.receiver.bytes_done(), 5);
    bench.tell(ReceiverInput::SessionUp);
    let outputs = bench.offer();
    let [ToSender::Accept(accept)] = said(&outputs)[..] else {
        panic!("{outputs:?}");
    };
    assert!(accept.complete_pages.covers(1));
    let outputs = bench.hear(ToReceiver::AllSent);
    assert!(matches!(outputs[..], [ReceiverOutput::Commit]));
}

#[test]
fn a_finished_transfer_is_completed_again_and_commits_nothing() {
    let mut bench = started(ReceiverStart::Completed(completion()));
    for _ in 0..2 {
        bench.tell(ReceiverInput::SessionUp);
        let outputs = bench.offer();
        assert_eq!(said(&outputs), [&ToSender::Complete(completion())]);
        assert_eq!(outputs.len(), 1);
        assert!(bench.hear(ToReceiver::CompleteSeen).is_empty());
        bench.tell(ReceiverInput::SessionDown);
    }
}

#[test]
fn a_transfer_canceled_here_is_canceled_there_when_it_is_offered_again() {
    let mut bench = Bench::with(vec![file("a", 5)]);
    bench.tell(ReceiverInput::SessionDown);
    let outputs = bench.tell(ReceiverInput::Cancel);
    assert!(matches!(
        outputs[..],
        [ReceiverOutput::Discard, ReceiverOutput::Finished(_)]
    ));
    bench.tell(ReceiverInput::SessionUp);
    let outputs = bench.offer();
    assert_eq!(said(&outputs), [&ToSender::Cancel(CancelReason::Person)]);

    let mut bench = started(ReceiverStart::Canceled(CancelReason::Person));
    bench.tell(ReceiverInput::SessionUp);
    let outputs = bench.offer();
    assert_eq!(said(&outputs), [&ToSender::Cancel(CancelReason::Person)]);
}

#[test]
fn a_refused_name_ends_the_transfer() {
    let mut bench = Bench::of(1, 1, 5);
    bench.accept();
    bench.page(0, 0, vec![file("NUL", 5)]);
    let outputs = bench.tell(ReceiverInput::PageRefused { page: 0, entry: 0 });
    let reason = CancelReason::NameRefused { entry: 0 };
    assert_eq!(said(&outputs), [&ToSender::Cancel(reason)]);
}

#[test]
fn nothing_is_stored_before_its_digest_is_known() {
    let mut bench = Bench::with(vec![file("a", 5)]);
    assert!(bench.data(chunk(0, 0), 2, &[1; 3]).is_empty());
    assert!(bench.data(chunk(0, 0), 0, &[1; 2]).is_empty());
    let outputs = bench.digest(chunk(0, 0), &[1; 5]);
    let [ReceiverOutput::StoreChunk(store)] = &outputs[..] else {
        panic!("{outputs:?}");
    };
    assert_eq!(store.digest, Digest::of(&store.data));
}

#[test]
fn a_full_disk_pauses_and_what_was_dropped_is_asked_for_again() {
    let mut bench = Bench::with(vec![file("a", 5)]);
    bench.digest(chunk(0, 0), &[1; 5]);
    bench.data(chunk(0, 0), 0, &[1; 5]);
    let failure = SinkFailure::DiskFull;
    let name = chunk(0, 0);
    let outputs = bench.tell(ReceiverInput::WriteFailed { name, failure });
    assert_eq!(said(&outputs), [&ToSender::Pause(PauseReason::DiskFull)]);
    let outputs = bench.tell(ReceiverInput::SpaceAvailable);
    assert_eq!(
        said(&outputs),
        [&ToSender::Resume, &ToSender::ChunksWanted(vec![name])]
    );
}

#[test]
fn space_does_not_end_the_pause_of_a_person() {
    let mut bench = Bench::with(vec![file("a", 5)]);
    bench.tell(ReceiverInput::Pause);
    let failure = SinkFailure::DiskFull;
    bench.digest(chunk(0, 0), &[1; 5]);
    bench.data(chunk(0, 0), 0, &[1; 5]);
    let name = chunk(0, 0);
    bench.tell(ReceiverInput::WriteFailed { name, failure });
    let outputs = bench.tell(ReceiverInput::SpaceAvailable);
    assert!(!said(&outputs).contains(&&ToSender::Resume));
    let outputs = bench.tell(ReceiverInput::Resume);
    assert!(said(&outputs).contains(&&ToSender::Resume));
}

#[test]
fn a_page_a_file_and_the_commit_are_tried_again_when_there_is_space() {
    let failure = SinkFailure::DiskFull;
    let mut bench = Bench::of(1, 1, 0);
    bench.accept();
    bench.page(0, 0, vec![file("a", 0)]);
    bench.tell(ReceiverInput::PageFailed { page: 0, failure });
    let outputs = bench.tell(ReceiverInput::SpaceAvailable);
    let is_page = |output: &ReceiverOutput| matches!(output, ReceiverOutput::StorePage { .. });
    assert!(outputs.iter().any(is_page));

    let held = HeldPage::default();
    bench.tell(ReceiverInput::PageStored { page: 0, held });
    bench.tell(ReceiverInput::FinishFailed { entry: 0, failure });
    let outputs = bench.tell(ReceiverInput::SpaceAvailable);
    let is_finish = |output: &ReceiverOutput| matches!(output, ReceiverOutput::FinishEntry(_));
    assert!(outputs.iter().any(is_finish));

    bench.tell(ReceiverInput::EntryFinished { entry: 0 });
    bench.hear(ToReceiver::AllSent);
    bench.tell(ReceiverInput::CommitFailed { failure });
    let outputs = bench.tell(ReceiverInput::SpaceAvailable);
    assert!(matches!(outputs.last(), Some(ReceiverOutput::Commit)));
    let digest = Digest([4; 32]);
    let outputs = bench.tell(ReceiverInput::Committed { digest });
    assert_eq!(said(&outputs), [&ToSender::Complete(completion())]);
}

#[test]
fn a_transfer_of_which_every_file_vanished_fails() {
    let mut bench = Bench::with(vec![file("a", 5), entry("d", EntryKind::Directory)]);
    bench.tell(ReceiverInput::EntryFinished { entry: 1 });
    let reason = GoneReason::Vanished;
    let outputs = bench.hear(ToReceiver::EntryGone { entry: 0, reason });
    let is_drop =
        |output: &ReceiverOutput| matches!(output, ReceiverOutput::DropEntry { entry: 0 });
    assert!(outputs.iter().any(is_drop));
    let outputs = bench.hear(ToReceiver::AllSent);
    assert_eq!(
        said(&outputs),
        [&ToSender::Cancel(CancelReason::NothingLeft)]
    );
}

#[test]
fn an_entry_is_dropped_only_after_its_last_write() {
    let mut bench = Bench::with(vec![file("a", 5), file("b", 1)]);
    bench.digest(chunk(0, 0), &[1; 5]);
    bench.data(chunk(0, 0), 0, &[1; 5]);
    let reason = GoneReason::Vanished;
    let is_drop =
        |output: &ReceiverOutput| matches!(output, ReceiverOutput::DropEntry { entry: 0 });
    let outputs = bench.hear(ToReceiver::EntryGone { entry: 0, reason });
    assert!(!outputs.iter().any(is_drop));
    let outputs = bench.tell(ReceiverInput::ChunkStored { name: chunk(0, 0) });
    assert!(outputs.iter().any(is_drop));
}

#[test]
fn what_was_complete_stays_when_it_changes_at_the_sender_too_late() {
    let mut bench = Bench::with(vec![file("a", 5), file("b", 1)]);
    bench.store(chunk(0, 0), &[1; 5]);
    let outputs = bench.hear(ToReceiver::EntryChanged(EntryRevision {
        entry: 0,
        version: 1,
        size_bytes: 9,
        modified: None,
    }));
    assert_eq!(said(&outputs), [&ToSender::EntryKept { entry: 0 }]);
    let reason = GoneReason::Unreadable;
    let outputs = bench.hear(ToReceiver::EntryGone { entry: 0, reason });
    assert_eq!(said(&outputs), [&ToSender::EntryKept { entry: 0 }]);
}

#[test]
fn confirmations_are_gathered_for_a_moment() {
    let entries = (0..3).map(|at| file(&format!("{at}"), 5)).collect();
    let mut bench = Bench::with(entries);
    let outputs = bench.store(chunk(0, 0), &[1; 5]);
    assert!(said(&outputs).is_empty());
    bench.store(chunk(1, 0), &[1; 5]);
    bench.now = bench.receiver.deadline().unwrap();
    let outputs = bench.tell(ReceiverInput::Timeout);
    let both = ToSender::ChunksStored(vec![chunk(0, 0), chunk(1, 0)]);
    assert_eq!(said(&outputs), [&both]);
    assert_eq!(bench.receiver.deadline(), None);
}

#[test]
fn silence_in_the_middle_of_a_chunk_is_a_stall_and_three_are_a_pause() {
    let mut bench = Bench::with(vec![file("a", 5)]);
    bench.data(chunk(0, 0), 0, &[1; 2]);
    for _ in 1..STALLS_TO_PAUSE {
        bench.now += Tuning::default().stall_time;
        let outputs = bench.tell(ReceiverInput::Timeout);
        assert!(matches!(outputs[..], [ReceiverOutput::Stalled]));
    }
    bench.now += Tuning::default().stall_time;
    let outputs = bench.tell(ReceiverInput::Timeout);
    assert_eq!(said(&outputs), [&ToSender::Pause(PauseReason::Stalled)]);
    bench.now += Duration::from_secs(3_600);
    assert!(bench.tell(ReceiverInput::Timeout).is_empty());
}

#[test]
fn what_the_disk_holds_is_told_for_every_unfinished_page() {
    let mut bench = Bench::of(2, 1, 2 * CHUNK_BYTES + 5);
    bench.accept();
    bench.page(0, 0, vec![file("a", 5), file("b", 2 * CHUNK_BYTES)]);
    let mut held = HeldPage::default();
    held.finished.insert(0);
    let revision = EntryRevision {
        entry: 1,
        version: 0,
        size_bytes: 2 * CHUNK_BYTES,
        modified: None,
    };
    let mut chunks = model::ChunkSet::new();
    chunks.insert(1);
    held.partial.push(HeldEntry {
        revision,
        chunks: chunks.clone(),
        mixed: false,
    });
    let outputs = bench.tell(ReceiverInput::PageStored { page: 0, held });
    let [
        ToSender::PageStored(PageHave {
            finished, partial, ..
        }),
    ] = said(&outputs)[..]
    else {
        panic!("{outputs:?}");
    };
    assert!(finished.contains(0) && !finished.contains(1));
    assert_eq!(partial[0].chunks, chunks);
    assert_eq!(bench.receiver.bytes_done(), CHUNK_BYTES + 5);
    assert_eq!(bench.receiver.entries_done(), 1);
}

#[test]
fn a_limit_is_told_in_every_session_until_it_is_lifted() {
    let bytes_per_s = std::num::NonZeroU64::new(1_000_000);
    let mut bench = Bench::of(1, 1, 5);
    assert!(bench.tell(ReceiverInput::Limit { bytes_per_s }).is_empty());
    bench.tell(ReceiverInput::SessionUp);
    bench.offer();
    let outputs = bench.tell(ReceiverInput::Accept);
    let limit = ToSender::Limit { bytes_per_s };
    assert_eq!(said(&outputs)[1..], [&limit]);
    assert!(bench.tell(ReceiverInput::Limit { bytes_per_s }).is_empty());

    bench.tell(ReceiverInput::SessionDown);
    bench.tell(ReceiverInput::SessionUp);
    assert!(said(&bench.offer()).contains(&&limit));
    let bytes_per_s = None;
    let outputs = bench.tell(ReceiverInput::Limit { bytes_per_s });
    assert_eq!(said(&outputs), [&ToSender::Limit { bytes_per_s }]);
}
