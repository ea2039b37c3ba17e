use super::*;
use proptest::prelude::*;

const HEAD: BulkHead = BulkHead { token: 7, round: 3 };

proptest! {
    #[test]
    fn chunks_that_were_packed_come_out_whole_and_in_order(
        sizes in prop::collection::vec(1usize..200_000, 1..12),
        flushes in prop::collection::vec(any::<bool>(), 12),
    ) {
        let mut packer = Packer::new(HEAD);
        let mut messages = Vec::new();
        let chunks: Vec<Vec<u8>> = sizes.iter().map(|&size| (0..=250).cycle().take(size).collect()).collect();
        for ((entry, chunk), flush) in (0..).zip(&chunks).zip(&flushes) {
            let name = ChunkName { entry, version: 1, chunk: 5 };
            packer.push(name, chunk, |message| messages.push(message));
            if *flush {
                messages.extend(packer.flush());
            }
        }
        messages.extend(packer.flush());

        let mut unpacked = vec![Vec::new(); chunks.len()];
        for message in messages {
            prop_assert!(message.len() <= CHANNEL_MESSAGE_BYTES);
            prop_assert_eq!(token(&message), Some(7));
            let (head, records) = records(message).unwrap();
            prop_assert_eq!(head, HEAD);
            for record in records {
                let chunk = &mut unpacked[record.name.entry as usize];
                prop_assert_eq!(record.offset as usize, chunk.len());
                chunk.extend_from_slice(&record.data);
            }
        }
        prop_assert_eq!(unpacked, chunks);
    }

    #[test]
    fn arbitrary_bytes_are_read_or_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let length = bytes.len();
        if let Ok((_, records)) = records(Bytes::from(bytes)) {
            let total: usize = records.map(|record| record.data.len() + RECORD_BYTES).sum();
            prop_assert_eq!(total + HEAD_BYTES, length);
        }
    }

    #[test]
    fn a_message_that_was_cut_or_bent_is_read_or_refused_without_panic(
        cut in 0usize..2_000, place in 0usize..60, value: u8,
    ) {
        let mut packer = Packer::new(HEAD);
        for entry in 0..3 {
            packer.push(ChunkName { entry, version: 0, chunk: 0 }, &[9; 500], |_| {});
        }
        let mut message = packer.flush().unwrap().to_vec();
        message[place] = value;
        message.truncate(cut);
        if let Ok((_, records)) = records(Bytes::from(message)) {
            for record in records {
                prop_assert!(!record.data.is_empty());
            }
        }
    }
}

#[test]
fn many_small_files_share_a_message() {
    let mut packer = Packer::new(HEAD);
    let mut messages = 0;
    for entry in 0..150 {
        packer.push(
            ChunkName {
                entry,
                version: 0,
                chunk: 0,
            },
            &[1; 4096],
            |_| messages += 1,
        );
    }
    assert_eq!(messages, 9);
}

#[test]
fn a_message_that_breaks_the_format_is_refused() {
    let message = |offset: u32, length: u32, bytes: usize| {
        let mut message = BytesMut::new();
        message.put_u64(1);
        message.put_u16(0);
        message.put_slice(&[0; 9]);
        message.put_u32(offset);
        message.put_u32(length);
        message.put_bytes(0, bytes);
        message.freeze()
    };
    let error = |message| records(message).map(|_| ()).unwrap_err();
    assert_eq!(error(Bytes::new()), BulkError::CutOff);
    assert_eq!(error(message(0, 1, 1).slice(..10)), BulkError::CutOff);
    assert_eq!(error(message(0, 2, 1)), BulkError::CutOff);
    assert_eq!(error(message(0, 0, 0)), BulkError::EmptyPiece);
    assert_eq!(error(message(0, 1, 2)), BulkError::CutOff);
    assert_eq!(error(message(1 << 20, 1, 1)), BulkError::OutsideChunk);
    assert_eq!(error(message(u32::MAX, 1, 1)), BulkError::OutsideChunk);
    let long = message(0, 1, CHANNEL_MESSAGE_BYTES);
    assert_eq!(error(long), BulkError::TooLong);
    assert!(records(message((1 << 20) - 1, 1, 1)).is_ok());
}
