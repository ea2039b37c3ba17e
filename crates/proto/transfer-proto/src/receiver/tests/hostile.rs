use super::*;

const ONE: &[u8] = &[1];

#[track_caller]
fn is_violation(outputs: &[ReceiverOutput], expected: ReceiverViolation) {
    assert_eq!(violation(outputs), Some(expected));
}

#[test]
fn an_impossible_offer_is_a_violation() {
    for (entries, pages, files) in [
        (0, 0, 0),
        (0, 1, 0),
        (5, 0, 5),
        (5, 6, 5),
        (5, 1, 6),
        (MANIFEST_ENTRIES + 1, 1, 1),
    ] {
        let mut bench = Bench::of(entries, pages, 10);
        bench.summary.files = files;
        bench.tell(ReceiverInput::SessionUp);
        is_violation(&bench.offer(), ReceiverViolation::ImpossibleOffer);
    }
    let mut bench = Bench::of(1, 1, (1 << 60) + 1);
    bench.tell(ReceiverInput::SessionUp);
    is_violation(&bench.offer(), ReceiverViolation::ImpossibleOffer);
}

fn bench_of_text(bytes: u64) -> Bench {
    let mut bench = Bench::of(1, 1, bytes);
    bench.summary.kind = TransferKind::Text;
    bench
}

#[test]
fn a_text_is_one_file_of_at_most_sixty_four_kibibytes() {
    let longest = TEXT_BYTES as u64;
    let mut bench = bench_of_text(longest);
    bench.tell(ReceiverInput::SessionUp);
    assert_eq!(violation(&bench.offer()), None);
    let alter: [fn(&mut Bench); 4] = [
        |bench| bench.summary.bytes += 1,
        |bench| bench.summary.entries = 2,
        |bench| bench.summary.files = 0,
        |bench| bench.summary.stream = true,
    ];
    for alter in alter {
        let mut bench = bench_of_text(longest);
        alter(&mut bench);
        bench.tell(ReceiverInput::SessionUp);
        is_violation(&bench.offer(), ReceiverViolation::ImpossibleOffer);
    }
    let mut bench = bench_of_text(longest);
    bench.accept();
    let outputs = bench.page(0, 0, vec![file("text", longest + 1)]);
    is_violation(&outputs, ReceiverViolation::TooManyBytes);
}

#[test]
fn a_text_does_not_grow_beyond_its_limit() {
    let mut bench = bench_of_text(5);
    bench.accept();
    bench.page(0, 0, vec![file("text", 5)]);
    bench.tell(ReceiverInput::PageStored {
        page: 0,
        held: HeldPage::default(),
    });
    let outputs = bench.hear(ToReceiver::EntryChanged(EntryRevision {
        entry: 0,
        version: 1,
        size_bytes: TEXT_BYTES as u64 + 1,
        modified: None,
    }));
    is_violation(&outputs, ReceiverViolation::TooManyBytes);
}

#[test]
fn a_text_that_is_none_ends_the_transfer_on_both_sides() {
    let mut bench = bench_of_text(5);
    bench.accept();
    bench.page(0, 0, vec![file("text", 5)]);
    let outputs = bench.tell(ReceiverInput::TextRefused);
    let reason = CancelReason::NotText;
    let cancel = TransferMessage::ToSender(ToSender::Cancel(reason));
    assert!(outputs.iter().any(|output| matches!(output,
        ReceiverOutput::Send(message) if *message == cancel)));
    assert!(outputs.iter().any(|output| matches!(
        output,
        ReceiverOutput::Finished(ReceiverOutcome::Canceled {
            by: Side::Own,
            reason: CancelReason::NotText
        })
    )));
}

#[test]
fn half_of_a_receipt_is_no_message_of_a_running_transfer() {
    let secrets = model::DeviceSecrets::from_bytes(&[1; 64]);
    let statement = crate::Statement {
        version: crate::RECEIPT_VERSION,
        transfer: model::TransferId([1; 16]),
        sender: secrets.public().signing,
        receiver: secrets.public().signing,
        sender_name: model::DisplayName::new("a"),
        title: model::DisplayName::new("b"),
        contents: crate::Listing::default().finish(0),
        sent_at: model::Timestamp {
            seconds: 0,
            nanoseconds: 0,
        },
    };
    let mut bench = Bench::with(vec![file("a", 1)]);
    let outputs = bench.hear(ToReceiver::Receipt(Box::new(statement.sign(&secrets))));
    is_violation(&outputs, ReceiverViolation::UnexpectedMessage);
}

#[test]
fn an_offer_that_changes_after_the_question_is_a_violation() {
    let mut bench = Bench::of(5, 1, 10);
    bench.tell(ReceiverInput::SessionUp);
    bench.offer();
    bench.tell(ReceiverInput::SessionDown);
    bench.tell(ReceiverInput::SessionUp);
    bench.summary.bytes = 1 << 40;
    is_violation(&bench.offer(), ReceiverViolation::OfferChanged);
}

#[test]
fn offering_twice_in_a_session_is_a_violation() {
    let mut bench = Bench::of(5, 1, 10);
    bench.tell(ReceiverInput::SessionUp);
    bench.offer();
    is_violation(&bench.offer(), ReceiverViolation::UnexpectedMessage);
}

#[test]
fn data_before_consent_is_a_violation() {
    let mut bench = Bench::of(1, 1, 10);
    bench.tell(ReceiverInput::SessionUp);
    bench.offer();
    let outputs = bench.data(chunk(0, 0), 0, ONE);
    is_violation(&outputs, ReceiverViolation::DataBeforeAccept);

    let mut bench = Bench::of(1, 1, 10);
    bench.tell(ReceiverInput::SessionUp);
    bench.offer();
    let outputs = bench.page(0, 0, vec![file("a", 1)]);
    is_violation(&outputs, ReceiverViolation::UnexpectedMessage);
}

#[test]
fn data_with_a_wrong_token_or_form_is_a_violation() {
    let mut bench = Bench::with(vec![file("a", 1)]);
    let wrong = message(99, 0, chunk(0, 0), 0, ONE);
    let outputs = bench.tell(ReceiverInput::BulkReceived(wrong));
    is_violation(&outputs, ReceiverViolation::WrongToken);

    let mut bench = Bench::with(vec![file("a", 1)]);
    let outputs = bench.tell(ReceiverInput::BulkReceived(Bytes::from_static(ONE)));
    is_violation(&outputs, ReceiverViolation::MalformedBulk);
}

#[test]
fn a_token_of_an_earlier_session_opens_nothing() {
    let mut bench = Bench::with(vec![file("a", 1)]);
    let old = bench.receiver.token().unwrap();
    bench.tell(ReceiverInput::SessionDown);
    bench.accept();
    assert_ne!(bench.receiver.token(), Some(old));
    let late = message(old, 0, chunk(0, 0), 0, ONE);
    let outputs = bench.tell(ReceiverInput::BulkReceived(late));
    is_violation(&outputs, ReceiverViolation::WrongToken);
}

#[test]
fn data_for_what_was_never_told_is_a_violation() {
    let mut bench = Bench::with(vec![file("a", 1)]);
    let outputs = bench.data(chunk(1, 0), 0, ONE);
    is_violation(&outputs, ReceiverViolation::UnknownEntry);

    let mut bench = Bench::with(vec![file("a", 1)]);
    let outputs = bench.digest(chunk(7, 0), ONE);
    is_violation(&outputs, ReceiverViolation::UnknownEntry);

    // The page is told, and the disk has not answered.
    let mut bench = Bench::of(1, 1, 1);
    bench.accept();
    bench.page(0, 0, vec![file("a", 1)]);
    let outputs = bench.data(chunk(0, 0), 0, ONE);
    is_violation(&outputs, ReceiverViolation::UnknownEntry);
}

#[test]
fn data_outside_its_file_is_a_violation() {
    let folder = entry("d", EntryKind::Directory);
    for (name, offset) in [
        (chunk(0, 1), 0), // past the last chunk
        (chunk(0, 0), 5), // past the end of the last chunk
        (chunk(0, u32::MAX), 0),
    ] {
        let mut bench = Bench::with(vec![file("a", 5), folder.clone()]);
        let outputs = bench.data(name, offset, ONE);
        is_violation(&outputs, ReceiverViolation::OutsideFile);
    }
    let mut bench = Bench::with(vec![file("a", 5), folder]);
    let outputs = bench.data(chunk(1, 0), 0, ONE);
    is_violation(&outputs, ReceiverViolation::OutsideFile);

    let mut bench = Bench::with(vec![file("a", 5)]);
    let outputs = bench.digest(chunk(0, 0), &[0; 4]);
    is_violation(&outputs, ReceiverViolation::OutsideFile);
}

#[test]
fn a_version_that_was_not_told_is_a_violation() {
    let mut bench = Bench::with(vec![file("a", 5)]);
    let name = ChunkName {
        version: 1,
        ..chunk(0, 0)
    };
    let outputs = bench.data(name, 0, ONE);
    is_violation(&outputs, ReceiverViolation::UnknownVersion);

    for version in [0, 255] {
        let mut bench = Bench::with(vec![file("a", 5)]);
        let outputs = bench.hear(ToReceiver::EntryChanged(EntryRevision {
            entry: 0,
            version,
            size_bytes: 5,
            modified: None,
        }));
        is_violation(&outputs, ReceiverViolation::UnknownVersion);
    }
}

#[test]
fn overlapping_pieces_are_a_violation_and_those_of_a_new_round_are_not() {
    let mut bench = Bench::with(vec![file("a", 10)]);
    bench.data(chunk(0, 0), 0, &[1; 5]);
    let outputs = bench.data(chunk(0, 0), 4, &[1; 2]);
    is_violation(&outputs, ReceiverViolation::OverlappingPieces);

    let mut bench = Bench::with(vec![file("a", 10)]);
    bench.data(chunk(0, 0), 0, &[1; 5]);
    let token = bench.receiver.token().unwrap();
    let again = message(token, 1, chunk(0, 0), 0, &[2; 10]);
    assert!(bench.tell(ReceiverInput::BulkReceived(again)).is_empty());
    let outputs = bench.digest(chunk(0, 0), &[2; 10]);
    assert!(
        matches!(&outputs[..], [ReceiverOutput::StoreChunk(store)] if store.data == [2u8; 10][..])
    );
}

#[test]
fn a_chunk_in_crumbs_is_a_violation() {
    let mut bench = Bench::with(vec![file("a", 1_000)]);
    let pieces = (0..1_000).map(|at| violation(&bench.data(chunk(0, 0), at, ONE)));
    let first = pieces.flatten().next();
    assert_eq!(first, Some(ReceiverViolation::TooManyPieces));
}

#[test]
fn more_unfinished_chunks_than_the_window_are_a_violation() {
    let mut bench = Bench::with(vec![file("a", 100 * CHUNK_BYTES)]);
    let pieces: Vec<_> = (0..100)
        .map(|at| violation(&bench.data(chunk(0, at), 0, ONE)))
        .collect();
    let taken = pieces.iter().take_while(|found| found.is_none()).count();
    assert_eq!(taken, 5, "the window and one chunk for the end of a stream");
    assert_eq!(pieces[taken], Some(ReceiverViolation::WindowOverrun));
}

#[test]
fn more_tiny_chunks_than_the_window_are_a_violation() {
    let count = u32::try_from(UNCONFIRMED_CHUNKS).unwrap() + 1;
    let entries = (0..count).map(|at| file(&format!("{at}"), 2)).collect();
    let mut bench = Bench::with(entries);
    for at in 0..count - 1 {
        assert_eq!(violation(&bench.data(chunk(at, 0), 0, ONE)), None);
    }
    let outputs = bench.data(chunk(count - 1, 0), 0, ONE);
    is_violation(&outputs, ReceiverViolation::WindowOverrun);
}

#[test]
fn a_flood_of_digests_is_a_violation() {
    let chunks = u32::try_from(2 * UNCONFIRMED_CHUNKS).unwrap();
    let mut bench = Bench::with(vec![file("a", u64::from(chunks + 1) * CHUNK_BYTES)]);
    let whole = |at| ChunkDigest {
        name: chunk(0, at),
        length: 1 << 20,
        digest: Digest([0; 32]),
    };
    let outputs = bench.hear(ToReceiver::Digests((0..chunks).map(whole).collect()));
    assert_eq!(violation(&outputs), None);
    let outputs = bench.hear(ToReceiver::Digests(vec![whole(chunks)]));
    is_violation(&outputs, ReceiverViolation::WindowOverrun);
}

#[test]
fn a_flood_of_comparisons_is_a_violation() {
    let chunks = u32::try_from(2 * UNCONFIRMED_CHUNKS).unwrap();
    let mut bench = Bench::with(vec![file("a", u64::from(chunks + 1) * CHUNK_BYTES)]);
    let whole = |at| ChunkDigest {
        name: chunk(0, at),
        length: 1 << 20,
        digest: Digest([0; 32]),
    };
    let outputs = bench.hear(ToReceiver::Compare((0..=chunks).map(whole).collect()));
    is_violation(&outputs, ReceiverViolation::WindowOverrun);
}

#[test]
fn endless_repetition_is_a_violation() {
    let bytes = vec![3; 60_000];
    let mut bench = Bench::with(vec![file("a", 60_000), file("b", 1)]);
    bench.store(chunk(0, 0), &bytes);
    let repeated = (0..1_000).find_map(|_| violation(&bench.data(chunk(0, 0), 0, &bytes)));
    assert_eq!(repeated, Some(ReceiverViolation::TooMuchRepeated));
}

#[test]
fn pages_out_of_order_empty_or_too_many_are_a_violation() {
    let one = || vec![file("a", 1)];
    for (page, first, entries) in [
        (1, 0, one()),
        (0, 1, one()),
        (0, 0, Vec::new()),
        (9, 0, one()),
    ] {
        let mut bench = Bench::of(9, 9, 9);
        bench.accept();
        let outputs = bench.page(page, first, entries);
        is_violation(&outputs, ReceiverViolation::UnexpectedPage);
    }
    let mut bench = Bench::of(9, 9, 9);
    bench.accept();
    bench.page(0, 0, one());
    let outputs = bench.page(0, 0, one());
    is_violation(&outputs, ReceiverViolation::UnexpectedPage);
}

#[test]
fn a_page_with_too_many_or_too_long_entries_is_a_violation() {
    let many: Vec<Entry> = (0..=MANIFEST_PAGE_ENTRIES)
        .map(|at| file(&format!("{at}"), 0))
        .collect();
    let mut bench = Bench::of(1_000_000, 9, 9);
    bench.accept();
    let outputs = bench.page(0, 0, many[1..].to_vec());
    assert_eq!(violation(&outputs), None, "a full page is taken");
    let long: Vec<Entry> = (0..1_200)
        .map(|at| file(&format!("{at:0>240}"), 0))
        .collect();
    for entries in [many, long] {
        let mut bench = Bench::of(1_000_000, 9, 9);
        bench.accept();
        let outputs = bench.page(0, 0, entries);
        is_violation(&outputs, ReceiverViolation::UnexpectedPage);
    }
}

#[test]
fn more_open_pages_than_agreed_are_a_violation() {
    let mut bench = Bench::of(9, 9, 9);
    bench.accept();
    let limit = u32::try_from(OPEN_PAGES).unwrap();
    for page in 0..limit {
        assert_eq!(violation(&bench.page(page, page, vec![file("a", 1)])), None);
    }
    let outputs = bench.page(limit, limit, vec![file("a", 1)]);
    is_violation(&outputs, ReceiverViolation::TooManyPages);
}

#[test]
fn more_or_fewer_entries_than_announced_are_a_violation() {
    let mut bench = Bench::of(2, 1, 9);
    bench.accept();
    let entries = ["a", "b", "c"].map(|name| file(name, 1)).to_vec();
    let outputs = bench.page(0, 0, entries);
    is_violation(&outputs, ReceiverViolation::TooManyEntries);

    let mut bench = Bench::of(2, 1, 9);
    bench.accept();
    bench.page(0, 0, vec![file("a", 0)]);
    let held = HeldPage::default();
    bench.tell(ReceiverInput::PageStored { page: 0, held });
    bench.tell(ReceiverInput::EntryFinished { entry: 0 });
    let outputs = bench.hear(ToReceiver::AllSent);
    is_violation(&outputs, ReceiverViolation::TooFewEntries);
}

#[test]
fn more_bytes_than_announced_are_a_violation() {
    for size_bytes in [10, u64::MAX] {
        let mut bench = Bench::of(2, 1, 9);
        bench.accept();
        let outputs = bench.page(0, 0, vec![file("a", size_bytes), file("b", 1)]);
        is_violation(&outputs, ReceiverViolation::TooManyBytes);
    }
    let mut bench = Bench::of(1, 1, 9);
    bench.accept();
    let outputs = bench.page(0, 0, vec![entry("s", EntryKind::Stream)]);
    is_violation(&outputs, ReceiverViolation::TooManyBytes);
}

#[test]
fn a_second_stream_is_a_violation() {
    let stream = |name| entry(name, EntryKind::Stream);
    let mut bench = Bench::of(3, 2, 0);
    bench.summary.stream = true;
    bench.accept();
    let outputs = bench.page(0, 0, vec![stream("a"), file("b", 0)]);
    assert_eq!(violation(&outputs), None);
    let outputs = bench.page(1, 2, vec![stream("c")]);
    is_violation(&outputs, ReceiverViolation::TooManyStreams);

    let mut bench = Bench::of(2, 1, 0);
    bench.summary.stream = true;
    bench.accept();
    let outputs = bench.page(0, 0, vec![stream("a"), stream("b")]);
    is_violation(&outputs, ReceiverViolation::TooManyStreams);
}

#[test]
fn a_file_may_grow_to_the_ceiling_and_not_beyond() {
    let grown = |size_bytes, version| {
        ToReceiver::EntryChanged(EntryRevision {
            entry: 0,
            version,
            size_bytes,
            modified: None,
        })
    };
    let mut bench = Bench::with(vec![file("a", 100)]);
    let outputs = bench.hear(grown(100 + GROWTH_BYTES, 1));
    assert_eq!(violation(&outputs), None);
    let outputs = bench.hear(grown(101 + GROWTH_BYTES, 2));
    is_violation(&outputs, ReceiverViolation::TooManyBytes);
}

#[test]
fn damaged_chunks_are_asked_for_again_up_to_the_limit_of_a_file() {
    let mut bench = Bench::with(vec![file("a", 5)]);
    let corrupt = |bench: &mut Bench| {
        bench.digest(chunk(0, 0), &[1; 5]);
        bench.data(chunk(0, 0), 0, &[2; 5]);
        bench.tell(ReceiverInput::ChunkCorrupt { name: chunk(0, 0) })
    };
    for _ in 0..CORRUPT_CHUNKS_PER_FILE {
        let outputs = corrupt(&mut bench);
        assert_eq!(said(&outputs), [&ToSender::ChunkRejected(chunk(0, 0))]);
    }
    let outputs = corrupt(&mut bench);
    is_violation(&outputs, ReceiverViolation::TooManyCorrupt);
}

#[test]
fn damaged_chunks_are_asked_for_again_up_to_the_limit_of_a_session() {
    let entries = (0..20).map(|at| file(&format!("{at}"), 5)).collect();
    let mut bench = Bench::with(entries);
    let found: Vec<_> = (0..20)
        .map(|at| {
            bench.digest(chunk(at, 0), &[1; 5]);
            bench.data(chunk(at, 0), 0, &[2; 5]);
            violation(&bench.tell(ReceiverInput::ChunkCorrupt { name: chunk(at, 0) }))
        })
        .collect();
    let taken = found.iter().take_while(|found| found.is_none()).count();
    assert_eq!(taken, CORRUPT_CHUNKS_PER_SESSION as usize);
    assert_eq!(found[taken], Some(ReceiverViolation::TooManyCorrupt));
}

#[test]
fn a_stream_that_ends_before_its_data_is_a_violation() {
    let stream = || {
        let mut bench = Bench::of(1, 1, 0);
        bench.summary.stream = true;
        bench.accept();
        bench.page(0, 0, vec![entry("s", EntryKind::Stream)]);
        let held = HeldPage::default();
        bench.tell(ReceiverInput::PageStored { page: 0, held });
        bench
    };
    let end = |size_bytes| ToReceiver::StreamEnded {
        entry: 0,
        size_bytes,
    };
    let mut bench = stream();
    bench.store(chunk(0, 0), &[1; 1 << 15]);
    let outputs = bench.hear(end(7));
    is_violation(&outputs, ReceiverViolation::OutsideFile);

    let mut bench = stream();
    let outputs = bench.hear(end(u64::MAX));
    is_violation(&outputs, ReceiverViolation::OutsideFile);

    // Two chunks cannot both be the last.
    let mut bench = stream();
    bench.digest(chunk(0, 0), &[1; 100]);
    let outputs = bench.digest(chunk(0, 1), &[1; 100]);
    is_violation(&outputs, ReceiverViolation::OutsideFile);

    let mut bench = stream();
    bench.hear(end(50));
    let outputs = bench.hear(end(51));
    is_violation(&outputs, ReceiverViolation::OutsideFile);
}

#[test]
fn after_a_violation_nothing_is_heard_until_the_next_session() {
    let mut bench = Bench::with(vec![file("a", 5)]);
    bench.data(chunk(7, 0), 0, ONE);
    assert!(bench.digest(chunk(0, 0), &[1; 5]).is_empty());
    assert!(bench.data(chunk(0, 0), 0, &[1; 5]).is_empty());
    bench.tell(ReceiverInput::SessionDown);
    bench.tell(ReceiverInput::SessionUp);
    let outputs = bench.offer();
    assert!(matches!(
        said(&outputs)[..],
        [ToSender::Accept(_), ToSender::PageStored(_)]
    ));
}
