use std::time::Duration;

use model::limits::STALL_TIME;

use super::*;
use crate::bulk;

#[test]
fn several_reads_are_in_flight_in_order() {
    let (_, outputs) = Bench::running(vec![file("a", 10 * CHUNK_BYTES), file("b", 5)]);
    let asked: Vec<_> = reads(&outputs).iter().map(|read| read.chunk).collect();
    assert_eq!(asked, [0, 1, 2, 3]);
}

#[test]
fn nothing_is_read_before_the_receiver_stored_the_page() {
    let mut bench = Bench::of(vec![file("a", 5)], 1);
    bench.tell(SenderInput::SessionUp);
    let outputs = bench.accept();
    assert!(matches!(said(&outputs)[..], [ToReceiver::Page(_)]));
    assert!(reads(&outputs).is_empty());
}

#[test]
fn pages_go_ahead_of_data_up_to_the_limit() {
    let entries = (0..10).map(|at| file(&format!("{at}"), 5)).collect();
    let mut bench = Bench::of(entries, 1);
    bench.tell(SenderInput::SessionUp);
    assert_eq!(said(&bench.accept()).len(), OPEN_PAGES);
    let outputs = bench.hear(ToSender::PageFinished { page: 0 });
    assert!(matches!(said(&outputs)[..], [ToReceiver::Page(page)] if page.page == 4));
}

#[test]
fn no_more_than_the_window_is_sent_unconfirmed() {
    let (mut bench, mut outputs) = Bench::running(vec![file("a", 20 * CHUNK_BYTES)]);
    let mut sent = 0;
    while !reads(&outputs).is_empty() {
        outputs = bench.answer(&reads(&outputs));
        let bytes = bulk_bytes(&outputs) as u64;
        sent += bytes;
        bench.tell(SenderInput::BulkSent { bytes });
    }
    assert_eq!(bench.sender.sent_bytes(), UNCONFIRMED_BYTES);
    assert!(sent > UNCONFIRMED_BYTES && sent < UNCONFIRMED_BYTES + 64 * 1024);
    let outputs = bench.hear(ToSender::ChunksStored(vec![chunk(0, 2)]));
    assert!(bulk_bytes(&outputs) as u64 > CHUNK_BYTES);
    assert_eq!(bench.sender.bytes_done(), CHUNK_BYTES);
}

#[test]
fn a_full_queue_of_the_channels_holds_data_back() {
    let (mut bench, outputs) = Bench::running(vec![file("a", 20 * CHUNK_BYTES)]);
    bench.sender.line.note_queued(8 << 20);
    let outputs = bench.answer(&reads(&outputs));
    assert_eq!(bulk_bytes(&outputs), 0);
    let outputs = bench.tell(SenderInput::BulkSent { bytes: 8 << 20 });
    assert!(bulk_bytes(&outputs) > 0);
}

#[test]
fn small_files_share_messages_which_go_out_when_nothing_more_comes() {
    let entries = (0..10).map(|at| file(&format!("{at}"), 100)).collect();
    let (mut bench, outputs) = Bench::running(entries);
    let reads = reads(&outputs);
    let outputs = bench.answer(&reads[..9]);
    assert_eq!(bulk_bytes(&outputs), 0, "one more read is under way");
    let outputs = bench.answer(&reads[9..]);
    assert!(matches!(
        said(&outputs)[..],
        [ToReceiver::Digests(digests), ToReceiver::AllSent] if digests.len() == 10
    ));
    let messages: Vec<_> = outputs
        .iter()
        .filter(|output| matches!(output, SenderOutput::SendBulk { .. }))
        .collect();
    assert_eq!(messages.len(), 1);
}

#[test]
fn a_slow_read_does_not_hold_back_what_was_read_before() {
    let entries = (0..2).map(|at| file(&format!("{at}"), 100)).collect();
    let (mut bench, outputs) = Bench::running(entries);
    let reads = reads(&outputs);
    assert_eq!(bulk_bytes(&bench.answer(&reads[..1])), 0);
    bench.now = bench.sender.deadline().unwrap();
    assert!(bulk_bytes(&bench.tell(SenderInput::Timeout)) > 100);
}

#[test]
fn after_a_lost_connection_the_unconfirmed_goes_again_in_a_new_round() {
    let (mut bench, outputs) = Bench::running(vec![file("a", 2 * CHUNK_BYTES)]);
    bench.answer(&reads(&outputs));
    bench.hear(ToSender::ChunksStored(vec![chunk(0, 0)]));
    let outputs = bench.tell(SenderInput::ConnectionLost);
    let again = reads(&outputs);
    assert_eq!(again.iter().map(|read| read.chunk).collect::<Vec<_>>(), [1]);
    let outputs = bench.answer(&again);
    let rounds: Vec<_> = outputs
        .iter()
        .filter_map(|output| match output {
            SenderOutput::SendBulk { message } => Some(bulk::records(message.clone()).unwrap().0),
            SenderOutput::Send(_)
            | SenderOutput::ReadPage { .. }
            | SenderOutput::ReadChunk(_)
            | SenderOutput::Event(_)
            | SenderOutput::Findings(_)
            | SenderOutput::Stalled
            | SenderOutput::Violation(_)
            | SenderOutput::Finished(_) => None,
        })
        .collect();
    assert!(rounds.len() > 16 && rounds.iter().all(|head| head.round == 1));
    assert_eq!(bench.sender.sent_bytes(), 3 * CHUNK_BYTES);
}

#[test]
fn a_changed_file_is_read_again_and_only_what_differs_is_sent() {
    let (mut bench, outputs) = Bench::running(vec![file("a", 2 * CHUNK_BYTES)]);
    let first = reads(&outputs);
    bench.answer(&first[..1]);
    bench.hear(ToSender::ChunksStored(vec![chunk(0, 0)]));
    let outputs = bench.answer_as(&first[1], version(2 * CHUNK_BYTES, 2));
    assert!(matches!(
        said(&outputs)[..],
        [ToReceiver::EntryChanged(EntryRevision { version: 1, .. })]
    ));
    let again = reads(&outputs);
    assert_eq!(again.len(), 2);
    assert_eq!(again[0].expected, Some(version(2 * CHUNK_BYTES, 2)));

    let mut outputs = bench.answer_as(&again[0], version(2 * CHUNK_BYTES, 2));
    outputs.extend(bench.answer_as(&again[1], version(2 * CHUNK_BYTES, 2)));
    assert!(matches!(
        said(&outputs)[..],
        [ToReceiver::Compare(_), ToReceiver::Compare(_)]
    ));
    assert!(
        bulk_bytes(&outputs) < 1_000,
        "no more than the rest of an earlier message"
    );
    let named = |chunk| ChunkName {
        entry: 0,
        version: 1,
        chunk,
    };
    bench.hear(ToSender::ChunksStored(vec![named(0)]));
    let outputs = bench.hear(ToSender::ChunksWanted(vec![named(1)]));
    let bytes = bulk_bytes(&outputs) as u64;
    assert!(bytes > CHUNK_BYTES && bytes < CHUNK_BYTES + 1_000);
}

#[test]
fn a_source_that_never_rests_is_given_up() {
    let (mut bench, mut outputs) = Bench::running(vec![file("a", 5), file("b", 5)]);
    for change in 0..SOURCE_VERSIONS {
        let read = reads(&outputs).into_iter().find(|read| read.entry == 0);
        outputs = bench.answer_as(&read.unwrap(), version(5, 10 + i64::from(change)));
        assert!(matches!(said(&outputs)[..], [ToReceiver::EntryChanged(_)]));
    }
    let read = reads(&outputs)[0].clone();
    let outputs = bench.answer_as(&read, version(5, 99));
    let reason = GoneReason::SourceKeepsChanging;
    assert_eq!(
        said(&outputs),
        [&ToReceiver::EntryGone { entry: 0, reason }]
    );
    assert_eq!(bench.sender.entries_skipped(), 1);
}

#[test]
fn a_source_that_outgrows_the_consent_is_given_up() {
    let (mut bench, outputs) = Bench::running(vec![file("a", 100)]);
    let outputs = bench.answer_as(&reads(&outputs)[0], version(101 + GROWTH_BYTES, 2));
    let reason = GoneReason::GrewTooMuch;
    assert!(said(&outputs).contains(&&ToReceiver::EntryGone { entry: 0, reason }));
}

#[test]
fn a_source_that_cannot_be_read_is_given_up() {
    for (failure, reason) in [
        (SourceFailure::Vanished, GoneReason::Vanished),
        (SourceFailure::NotAFile, GoneReason::NotAFile),
        (SourceFailure::Unreadable, GoneReason::Unreadable),
    ] {
        let (mut bench, outputs) = Bench::running(vec![file("a", 100)]);
        let ticket = reads(&outputs)[0].ticket;
        let outputs = bench.tell(SenderInput::ReadFailed { ticket, failure });
        let gone = ToReceiver::EntryGone { entry: 0, reason };
        assert_eq!(said(&outputs), [&gone, &ToReceiver::AllSent]);
    }
}

#[test]
fn late_answers_of_an_old_session_change_nothing() {
    let (mut bench, outputs) = Bench::running(vec![file("a", 5)]);
    bench.tell(SenderInput::SessionDown);
    assert!(bench.answer(&reads(&outputs)).is_empty());
}

#[test]
fn what_is_held_is_not_sent_again() {
    let mut bench = Bench::of(vec![file("a", 3 * CHUNK_BYTES), file("b", 5)], 2);
    bench.tell(SenderInput::SessionUp);
    bench.accept();
    let mut have = nothing_of(0);
    have.finished.insert(1);
    let mut chunks = ChunkSet::new();
    chunks.insert_range(0..2);
    let revision = EntryRevision {
        entry: 0,
        version: 0,
        size_bytes: 3 * CHUNK_BYTES,
        modified: Some(moment(1)),
    };
    let compare = false;
    have.partial.push(EntryHave {
        revision,
        chunks,
        compare,
    });
    let outputs = bench.hear(ToSender::PageStored(have));
    let asked: Vec<_> = reads(&outputs)
        .iter()
        .map(|read| (read.entry, read.chunk))
        .collect();
    assert_eq!(asked, [(0, 2)]);
    assert_eq!(bench.sender.bytes_done(), 2 * CHUNK_BYTES + 5);
    assert_eq!(bench.sender.entries_done(), 1);
}

#[test]
fn a_pause_of_either_side_stops_reading_and_sending() {
    for by_peer in [true, false] {
        let (mut bench, outputs) = Bench::running(vec![file("a", 20 * CHUNK_BYTES)]);
        if by_peer {
            bench.hear(ToSender::Pause(PauseReason::DiskFull));
        } else {
            let paused = bench.tell(SenderInput::Pause);
            assert_eq!(said(&paused), [&ToReceiver::Pause(PauseReason::Person)]);
        }
        let outputs = bench.answer(&reads(&outputs));
        assert!(reads(&outputs).is_empty() && bulk_bytes(&outputs) == 0);
        let outputs = if by_peer {
            bench.hear(ToSender::Resume)
        } else {
            bench.tell(SenderInput::Resume)
        };
        assert!(bulk_bytes(&outputs) > 0);
    }
}

#[test]
fn the_end_is_shown_only_after_the_receiver_said_so() {
    let (mut bench, outputs) = Bench::running(vec![file("a", 5)]);
    bench.answer(&reads(&outputs));
    bench.hear(ToSender::ChunksStored(vec![chunk(0, 0)]));
    assert_eq!(bench.sender.bytes_done(), 5);
    bench.hear(ToSender::PageFinished { page: 0 });
    let completion = Completion {
        digest: Digest([1; 32]),
        skipped: 0,
    };
    let outputs = bench.hear(ToSender::Complete(completion));
    assert_eq!(
        outcome(&outputs),
        Some(SenderOutcome::Completed(completion))
    );
    assert_eq!(said(&outputs), [&ToReceiver::CompleteSeen]);
    let outputs = bench.hear(ToSender::Complete(completion));
    assert_eq!(said(&outputs), [&ToReceiver::CompleteSeen]);
    assert_eq!(outcome(&outputs), None);
}

#[test]
fn a_transfer_that_completed_before_the_restart_completes() {
    let completion = Completion {
        digest: Digest([1; 32]),
        skipped: 0,
    };
    let mut bench = Bench::of(vec![file("a", 5)], 1);
    bench.sender.counts.was_accepted = true;
    let outputs = bench.tell(SenderInput::SessionUp);
    assert!(matches!(said(&outputs)[..], [ToReceiver::Offer(offer)] if offer.resume));
    let outputs = bench.hear(ToSender::Complete(completion));
    assert_eq!(
        outcome(&outputs),
        Some(SenderOutcome::Completed(completion))
    );
}

#[test]
fn a_declined_transfer_ends() {
    let mut bench = Bench::of(vec![file("a", 5)], 1);
    bench.tell(SenderInput::SessionUp);
    let outputs = bench.hear(ToSender::Decline(DeclineReason::Person));
    let declined = SenderOutcome::Declined(DeclineReason::Person);
    assert_eq!(outcome(&outputs), Some(declined));
    assert!(bench.tell(SenderInput::SessionUp).is_empty());
}

#[test]
fn a_cancel_between_sessions_is_told_in_the_next() {
    let mut bench = Bench::of(vec![file("a", 5)], 1);
    let outputs = bench.tell(SenderInput::Cancel);
    assert!(said(&outputs).is_empty() && outcome(&outputs).is_some());
    let outputs = bench.tell(SenderInput::SessionUp);
    assert_eq!(said(&outputs), [&ToReceiver::Cancel(CancelReason::Person)]);
}

#[test]
fn a_lost_manifest_ends_the_transfer() {
    let mut bench = Bench::of(vec![file("a", 5)], 1);
    bench.tell(SenderInput::SessionUp);
    bench.accept();
    let outputs = bench.tell(SenderInput::PageLost { page: 0 });
    let reason = CancelReason::ManifestLost;
    assert_eq!(said(&outputs), [&ToReceiver::Cancel(reason)]);
}

#[test]
fn unconfirmed_data_is_a_stall_and_three_are_a_pause() {
    let (mut bench, outputs) = Bench::running(vec![file("a", 5)]);
    assert_eq!(bench.sender.deadline(), None);
    bench.answer(&reads(&outputs));
    for _ in 1..STALLS_TO_PAUSE {
        bench.now = bench.sender.deadline().unwrap();
        let outputs = bench.tell(SenderInput::Timeout);
        assert!(matches!(outputs[..], [SenderOutput::Stalled]));
    }
    bench.now = bench.sender.deadline().unwrap();
    let outputs = bench.tell(SenderInput::Timeout);
    assert_eq!(said(&outputs), [&ToReceiver::Pause(PauseReason::Stalled)]);
    assert_eq!(bench.sender.deadline(), None);
}

#[test]
fn a_million_entries_keep_a_few_pages_in_memory() {
    let entries: Vec<Entry> = (0..4_000).map(|at| file(&format!("{at}"), 0)).collect();
    let mut bench = Bench::of(Vec::new(), 1);
    bench.sender.config.pages = 250;
    bench.sender.config.summary.entries = 1_000_000;
    bench.sender.manifest = Manifest::new(250);
    bench.tell(SenderInput::SessionUp);
    bench.sender.handle_input(
        SenderInput::MessageReceived(TransferMessage::ToSender(ToSender::Accept(Accept {
            token: 7,
            ceiling_bytes: 0,
            window_bytes: UNCONFIRMED_BYTES,
            complete_pages: ChunkSet::new(),
            held_pages: ChunkSet::new(),
            checksums: false,
        }))),
        bench.now,
    );
    let mut told = 0;
    let mut open = std::collections::VecDeque::new();
    while told < 250 || !open.is_empty() {
        match bench.sender.poll_output() {
            Some(SenderOutput::ReadPage { page }) => {
                let entries = entries.clone();
                let input = SenderInput::PageRead { page, entries };
                bench.sender.handle_input(input, bench.now);
            }
            Some(SenderOutput::Send(TransferMessage::ToReceiver(ToReceiver::Page(page)))) => {
                assert_eq!(page.first_entry, page.page * 4_000);
                told += 1;
                open.push_back(page.page);
                assert!(open.len() <= OPEN_PAGES);
            }
            Some(_) => {}
            None => {
                let page = open.pop_front().unwrap();
                for message in [
                    ToSender::PageStored(nothing_of(page)),
                    ToSender::PageFinished { page },
                ] {
                    let message = TransferMessage::ToSender(message);
                    let input = SenderInput::MessageReceived(message);
                    bench.sender.handle_input(input, bench.now);
                }
            }
        }
    }
    assert_eq!(bench.sender.entries_done(), 1_000_000);
}

#[test]
fn the_path_of_a_read_is_shared_and_not_copied() {
    let (bench, outputs) = Bench::running(vec![file("a", 2 * CHUNK_BYTES)]);
    let reads = reads(&outputs);
    assert!(Arc::ptr_eq(&reads[0].path, &reads[1].path));
    drop(bench);
}

#[test]
fn data_that_leaves_slowly_is_no_stall_but_a_black_hole_is() {
    let (mut bench, outputs) = Bench::running(vec![file("a", 5)]);
    bench.answer(&reads(&outputs));
    for _ in 0..10 {
        let before = bench.sender.deadline().unwrap();
        bench.now = before - Duration::from_secs(1);
        assert!(bench.tell(SenderInput::BulkSent { bytes: 1 }).is_empty());
        assert_eq!(bench.sender.deadline(), Some(bench.now + STALL_TIME));
    }
    for _ in 1..STALLS_TO_PAUSE {
        bench.now = bench.sender.deadline().unwrap();
        assert!(matches!(
            bench.tell(SenderInput::Timeout)[..],
            [SenderOutput::Stalled]
        ));
        bench.tell(SenderInput::BulkSent { bytes: 1 });
    }
    bench.now = bench.sender.deadline().unwrap();
    let outputs = bench.tell(SenderInput::Timeout);
    assert_eq!(said(&outputs), [&ToReceiver::Pause(PauseReason::Stalled)]);
}

#[test]
fn the_receivers_limit_is_told() {
    let (mut bench, _) = Bench::running(vec![file("a", 5)]);
    let bytes_per_s = std::num::NonZeroU64::new(70_000);
    let outputs = bench.hear(ToSender::Limit { bytes_per_s });
    let [SenderOutput::Event(event)] = outputs[..] else {
        panic!("{outputs:?}");
    };
    assert_eq!(event, SenderEvent::Limited { bytes_per_s });
}

#[test]
fn whoever_looks_sees_how_far_each_file_is() {
    use EntryStanding::{Done, LeftOut, Moving, Waiting};

    let entries = (0..6).map(|at| file(&format!("{at}"), CHUNK_BYTES));
    let (mut bench, outputs) = Bench::running(entries.collect());
    let look = |bench: &Bench| [0, 1, 5, 6, u32::MAX].map(|it| bench.sender.standing(it));
    assert_eq!(look(&bench), [Moving, Moving, Waiting, Waiting, Waiting]);
    let reads = reads(&outputs);
    bench.answer(&reads[..1]);
    assert_eq!(look(&bench)[0], Moving, "it is not confirmed");
    bench.hear(ToSender::ChunksStored(vec![chunk(0, 0)]));
    bench.tell(SenderInput::ReadFailed {
        ticket: reads[1].ticket,
        failure: SourceFailure::Vanished,
    });
    assert_eq!(look(&bench)[..2], [Done, LeftOut]);
    bench.tell(SenderInput::SessionDown);
    assert_eq!(look(&bench)[..2], [Done, LeftOut]);
}
